"""`pydron graph`: pictures that can be read."""

from __future__ import annotations

import itertools
import struct
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from staging import ROOT

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = sorted(
    [*(ROOT / "examples").glob("*/pipeline.py"), ROOT / "examples" / "demo.py"], key=lambda path: str(path)
)


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of everything that is neither the background nor a frame (these have a thin line)."""
    found = []
    for shape in ElementTree.fromstring(svg).iter():
        if shape.get("stroke-width") != "1.3":
            continue
        if shape.tag == SVG + "rect":
            x, y, w, h = (float(shape.get(name)) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
        elif shape.tag == SVG + "polygon":
            points = [tuple(map(float, point.split(","))) for point in shape.get("points").split()]
            xs, ys = zip(*points)
            found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def assert_readable(svg: str) -> None:
    found = boxes(svg)
    assert found
    for a, b in itertools.combinations(found, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], f"boxes overlap: {a} {b}"
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1 in found)
    assert not [text for text in root.itertext() if "$" in text], "names of ours"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_in_every_format(stage, pydron, example):
    if example.parent.name == "astronomy":
        pytest.importorskip("astropy", reason="astropy is not installed: the astronomy picture was NOT tested")
    for kind in ("svg", "png", "dot", "txt"):
        done = pydron("graph", "--python", sys.executable, example, "-o", f"graph.{kind}")
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert_readable((stage.folder / "graph.svg").read_text())
    png = (stage.folder / "graph.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert all(300 < side < 6000 for side in struct.unpack(">II", png[16:24]))
    assert (stage.folder / "graph.dot").read_text().startswith("digraph")
    assert "task  " in (stage.folder / "graph.txt").read_text()


def test_long_pipeline(stage, pydron):
    """What is read everywhere is said in words: with an arrow to each reader there would be nothing but arrows."""
    lines = [f"    x{i} = f(x{i - 1}, other)" for i in range(1, 60)]
    script = stage.script(
        "import pydron\n\n@pydron.functional\ndef f(a, b):\n    return a\n\n"
        "@pydron.schedule\ndef p(x0, other):\n" + "\n".join(lines) + "\n    return x59\n"
    )
    svg = pydron("graph", script, "--format", "svg").stdout
    assert_readable(svg)
    assert "other: to 59 boxes" in svg
    assert float(ElementTree.fromstring(svg).get("width")) < 600


def test_targets_are_the_users(stage, pydron):
    script = stage.script("""
        import pydron

        @pydron.functional
        def f(a, b):
            return a

        @pydron.schedule
        def p(items):
            out = []
            for a, (b, c) in f(items, 1):
                out.append(f(a, c))
            return out
    """)
    svg = pydron("graph", script, "--format", "svg").stdout
    assert "for a, (b, c) in f(items, 1)" in svg
    assert_readable(svg)


def test_to_standard_output_and_what_is_wrong(stage, pydron):
    script = stage.script("import pydron\n\n@pydron.schedule\ndef p(x):\n    return x\n\nprint('noise')\n")
    assert pydron("graph", script).stdout.startswith("p\n"), "what the script prints is not in it"
    assert pydron("graph", script, "--function", "p", "--format", "dot").stdout.startswith("digraph")
    assert pydron("graph", script, "-o", "graph.xyz").returncode == 2
    assert pydron("graph", "nowhere.py").returncode == 127
    assert pydron("graph", script, "--function", "q").returncode == 126
    broken = stage.script("import nonesuch\n", "broken.py")
    done = pydron("graph", broken)
    assert done.returncode == 126 and "No module named 'nonesuch'" in done.stderr
    done = pydron("graph", script, "-o", "/proc/graph.svg")
    assert done.returncode == 125 and "Java" not in done.stderr
