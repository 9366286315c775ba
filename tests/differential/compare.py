"""Compares two outcomes of one case and explains a difference to the person who has to fix it."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

PARTS = ("result", "printed", "arguments", "globals")


def differences(expected: dict, actual: dict) -> list[str]:
    """What is not as in the reference, as readable lines; empty if nothing."""
    if "hung" in actual:
        return ["the case did not end; it was here:", *actual["hung"].splitlines()]
    if "died" in actual:
        return ["the process that ran the case died:", *actual["died"].splitlines()]
    found = []
    for part in PARTS:
        if expected[part] != actual[part]:
            found.append(f"{part} differs (- sequential, + Pydron):")
            found += ["  " + line for line in difflib.unified_diff(expected[part], actual[part], lineterm="", n=3)][2:]
    if found and "traceback" in actual:
        found += ["traceback under Pydron:", *("  " + line for line in actual["traceback"].splitlines()[-40:])]
    return found


def too_little_overlap(wanted: int, actual: dict) -> list[str]:
    """A complaint if fewer functional calls ran at one time than the case promises."""
    seen = actual.get("overlap", 0)
    return [] if seen >= wanted else [f"at most {seen} functional calls overlapped, {wanted} should"]


def program_text(path: Path, function: str) -> str:
    """The source of the case's function and of what it uses, with line numbers."""
    source = path.read_text()
    lines = source.splitlines()
    definitions = {
        node.name: node
        for node in ast.parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    wanted: list[str] = []
    queue = [function]
    while queue:
        name = queue.pop()
        if name in wanted or name not in definitions:
            continue
        wanted.append(name)
        queue += [node.id for node in ast.walk(definitions[name]) if isinstance(node, ast.Name)]
    shown = []
    for name in sorted(wanted, key=lambda n: definitions[n].lineno):
        node = definitions[name]
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        shown += [f"{number:4} {lines[number - 1]}" for number in range(first, (node.end_lineno or first) + 1)] + [""]
    return "\n".join(shown)
