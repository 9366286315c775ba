"""Functional functions and pipelines that live in an imported module."""

import imported_module
from imported_module import ModuleError, from_module

import pydron
from case import case


@case([1, 2, 3], paced=False)
@pydron.schedule
def functions_of_a_module(items):
    out = []
    for x in items:
        out.append(from_module(x))
        out.append(imported_module.from_module(-x))
    return out


@case([1, 2, 3], paced=False)
@pydron.schedule
def pipeline_of_a_module(items):
    return imported_module.module_pipeline(items), [from_module(x) for x in imported_module.module_pipeline(items)]


@case(1, paced=False)
@pydron.schedule
def exception_class_of_a_module(x):
    try:
        imported_module.raises_from_module(x)
    except ModuleError as e:
        return e.args, type(e) is ModuleError


@case(1, paced=False)
@pydron.schedule
def exception_of_a_module_surfaces(x):
    return imported_module.raises_from_module(x)
