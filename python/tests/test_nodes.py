"""What walks and copies trees does it as `ast` does."""

from __future__ import annotations

import ast
import inspect
import random

import pytest

from pydron import _nodes


@pytest.fixture(scope="module", params=[ast, inspect, random])
def tree(request):
    return ast.parse(inspect.getsource(request.param))


def test_children(tree):
    for node in ast.walk(tree):
        assert _nodes.children(node) == list(ast.iter_child_nodes(node))


def test_walk(tree):
    assert _nodes.walk(tree) == list(ast.walk(tree))
    assert _nodes.walk(*tree.body[:3])[:3] == tree.body[:3]
    assert _nodes.walk() == []


def test_a_copy_is_the_same_and_shares_no_node_that_is_numbered(tree):
    definition = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    copied = _nodes.definition_copy(definition)
    assert ast.dump(copied, include_attributes=True) == ast.dump(definition, include_attributes=True)
    own = {id(node) for node in ast.walk(definition)}
    for node in ast.walk(copied):
        if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler, ast.comprehension, ast.arguments, ast.arg)):
            assert id(node) not in own or not node.__dict__
