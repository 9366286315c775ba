"""Bars on a log scale, and memory over time, as SVG. A few dozen lines are less than a plotting library to install."""

from __future__ import annotations

import math
from html import escape

from suite.figures import Figure, Workload
from suite.report import Samples, rows, shown

COLOURS = {
    "pydron": "#c0392b",
    "pipe": "#7f8c8d",
    "futures": "#2980b9",
    "pool": "#16a085",
    "joblib": "#8e44ad",
    "ray": "#f39c12",
    "dask": "#d35400",
    "parsl": "#27ae60",
    "ipyparallel": "#2c3e50",
}
_LEFT, _WIDTH, _BAR, _RIGHT = 260, 620, 13, 150


def _text(x: float, y: float, words: str, **more: object) -> str:
    options = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{options}>{escape(words)}</text>'


def _document(width: float, height: float, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="11">'
        '<rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head, *parts, "</svg>"]) + "\n"


def bars(workloads: list[Workload], contestants: list[str], samples: Samples, title: str) -> str:
    """One group of bars a figure, each on a log scale of its own; a dashed line is the target."""
    parts = [_text(10, 20, title, font_size=14, font_weight="bold")]
    x = 10.0
    for name in contestants:
        parts.append(f'<rect x="{x}" y="32" width="10" height="10" fill="{COLOURS.get(name, "#999")}"/>')
        parts.append(_text(x + 14, 41, name))
        x += 34 + 7 * len(name)
    y = 64.0
    for _, figure in rows(workloads):
        found = [(name, samples.median(figure.name, name)) for name in contestants]
        positive = [(name, value) for name, value in found if value is not None and value > 0]
        if not positive:
            continue
        y = _group(parts, y, figure, positive)
    return _document(_LEFT + _WIDTH + _RIGHT, y + 10, parts)


def _group(parts: list[str], y: float, figure: Figure, found: list[tuple[str, float]]) -> float:
    values = [value for _, value in found] + ([figure.target] if figure.target else [])
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    if low == high or min(values) <= 10**low:
        low -= 1
    scale = _WIDTH / (high - low)

    def place(value: float) -> float:
        return _LEFT + (math.log10(value) - low) * scale

    better = "more is better" if figure.more_is_better else "less is better"
    parts.append(_text(10, y + 10, figure.title.strip(), font_weight="bold"))
    parts.append(_text(10, y + 23, f"{figure.unit or 'ratio'}, {better}", fill="#666"))
    height = max(_BAR * len(found), 28)
    for power in range(low, high + 1):
        at = _LEFT + (power - low) * scale
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y}" y2="{y + height}" stroke="#ddd"/>')
    for number, (name, value) in enumerate(found):
        top = y + number * _BAR
        length = place(value) - _LEFT
        colour = COLOURS.get(name, "#999")
        parts.append(f'<rect x="{_LEFT}" y="{top}" width="{length:.1f}" height="{_BAR - 2}" fill="{colour}"/>')
        parts.append(_text(_LEFT + length + 4, top + _BAR - 3, f"{shown(value)} {figure.unit}".strip()))
    if figure.target:
        at = place(figure.target)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y - 2}" y2="{y + height}" stroke="black" stroke-dasharray="4 2"/>'
        )
    return y + height + 14


def over_time(memory: dict[str, list[tuple[float, float]]], title: str) -> str:
    """MB of all processes together, one curve a workload."""
    height, top, names = 300.0, 50.0, list(COLOURS.values())
    parts = [_text(10, 20, title, font_size=14, font_weight="bold")]
    longest = max((points[-1][0] for points in memory.values() if points), default=1.0)
    most = max((mb for points in memory.values() for _, mb in points), default=1.0) * 1.1
    for step in range(5):
        y = top + height - height * step / 4
        parts.append(f'<line x1="70" x2="{70 + _WIDTH}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(_text(64, y + 4, f"{most * step / 4:.0f} MB", text_anchor="end"))
        x = 70 + _WIDTH * step / 4
        parts.append(_text(x, top + height + 16, f"{longest * step / 4:.0f} s", text_anchor="middle"))
    for number, (name, points) in enumerate(memory.items()):
        colour = names[number % len(names)]
        path = " ".join(
            f"{70 + _WIDTH * t / longest:.1f},{top + height - height * mb / most:.1f}" for t, mb in _thin(points)
        )
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<rect x="{70 + 150 * number}" y="30" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(84 + 150 * number, 39, name))
    return _document(70 + _WIDTH + 40, top + height + 30, parts)


def _thin(points: list[tuple[float, float]], most: int = 600) -> list[tuple[float, float]]:
    step = max(1, len(points) // most)
    return points[::step]
