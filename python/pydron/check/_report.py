"""Findings as text, JSON, SARIF (2.1.0) and annotations for GitHub."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from pydron.check._functionals import Finding
from pydron.check._libraries import CATEGORIES

_SARIF_LEVELS = {"certain": "error", "likely": "warning", "possible": "note"}
_GITHUB_LEVELS = {"certain": "error", "likely": "warning", "possible": "notice"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Outcome(NamedTuple):
    findings: list[Finding]  # those that are shown
    hidden: int  # those that are less sure
    functions: int  # functional functions checked
    pipelines: int


def text(outcome: Outcome) -> str:
    lines = []
    for f in outcome.findings:
        lines.append(f"{f.path}:{f.line}: {f.confidence}: '{f.function}' {f.message} [{f.category}]")
        lines.append(f"    {f.source}")
        if f.steps:
            way = " -> ".join([f.function, *(f"{step.name} ({step.path}:{step.line})" for step in f.steps)])
            lines.append(f"    by way of: {way}")
    categories = [category for category in CATEGORIES if any(f.category == category for f in outcome.findings)]
    if categories:
        lines += ["", "What to do:"]
        lines += [f"  {category}: {CATEGORIES[category]}" for category in categories]
        lines += ["A comment '# pydron: ok' at the line, or at the function, says that it is meant.", ""]
    lines.append(summary(outcome))
    return "\n".join(lines) + "\n"


def summary(outcome: Outcome) -> str:
    broken = len({f.defined for f in outcome.findings})
    checked = f"{_count(outcome.functions, '@functional function')}, {_count(outcome.pipelines, '@schedule function')}"
    found = f"{_count(len(outcome.findings), 'finding')} in {_count(broken, 'function')}" if broken else "no findings"
    less = f"; {outcome.hidden} less sure not shown (--min-confidence possible)" if outcome.hidden else ""
    return f"{checked} checked: {found}{less}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def as_json(outcome: Outcome) -> str:
    document = {
        "version": 1,
        "functionals": outcome.functions,
        "pipelines": outcome.pipelines,
        "hidden": outcome.hidden,
        "findings": [_object(f) for f in outcome.findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _object(f: Finding) -> dict[str, Any]:
    return {
        "file": f.path,
        "line": f.line,
        "column": f.column + 1,
        "function": f.function,
        "defined": f.defined,
        "category": f.category,
        "confidence": f.confidence,
        "message": f.message,
        "source": f.source,
        "chain": [{"function": s.name, "file": s.path, "line": s.line} for s in f.steps],
        "advice": f.advice,
    }


def sarif(outcome: Outcome) -> str:
    rules = [
        {"id": category, "shortDescription": {"text": category}, "help": {"text": advice}}
        for category, advice in CATEGORIES.items()
    ]
    results = [
        {
            "ruleId": f.category,
            "level": _SARIF_LEVELS[f.confidence],
            "message": {"text": f"'{f.function}' {f.message}"},
            "locations": [_location(f.path, f.line, f.column)],
            "relatedLocations": [
                {**_location(s.path, s.line, 0), "message": {"text": f"calls {s.name}"}} for s in f.steps
            ],
        }
        for f in outcome.findings
    ]
    run = {"tool": {"driver": {"name": "pydron check", "rules": rules}}, "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _location(path: str, line: int, column: int) -> dict[str, Any]:
    region = {"startLine": max(1, line), "startColumn": column + 1}
    return {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}


def github(outcome: Outcome) -> str:
    lines = []
    for f in outcome.findings:
        place = f"file={_property(f.path)},line={f.line},col={f.column + 1},title={_property('pydron: ' + f.category)}"
        message = f"'{f.function}' {f.message}. {f.advice}"
        lines.append(f"::{_GITHUB_LEVELS[f.confidence]} {place}::{_data(message)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS = {"text": text, "json": as_json, "sarif": sarif, "github": github}
