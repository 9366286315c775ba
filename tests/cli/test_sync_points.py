"""The table in docs/explain.md says what the original sync points are today: a loop is made of each row, and asked."""

from __future__ import annotations

import json
import re

from staging import ROOT

HEAD = """
import json, math, subprocess
import pydron

class Database: pass
db = Database()

@pydron.functional
def f(x):
    return x
"""
LOOP = """
@pydron.schedule
def p{number}(xs, outside):
    out, table, total, text = [0], {{}}, 0, ""
    for x in xs:
        y = f(x)
        {code}
    return out, table, total, text
"""


def rows() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "explain.md").read_text()
    section = text.split("## What the original Pydron waited for")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.*)` \| (goes on|waits) \|", section, re.M)


def test_table(stage, pydron):
    table = rows()
    for part in ("len(", "math.", "y.real", "y[0]", "total += y", "outside[x] ="):
        assert any(part in code for code, _ in table), f"no row with {part}"
    script = stage.folder / "rows.py"
    script.write_text(HEAD + "".join(LOOP.format(number=i, code=code) for i, (code, _) in enumerate(table)))
    report = json.loads(pydron("explain", script, "--format", "json").stdout)
    held_up = {each["pipeline"] for each in report["findings"] if each["sync_point_in_loop"]}
    today = [(code, "waits" if f"p{i}" in held_up else "goes on") for i, (code, _) in enumerate(table)]
    assert today == table
