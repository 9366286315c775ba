"""Measures the sources of Python's standard library and finds files that are near copies of each other.

Needs nothing but Python: the input is the library of the Python that runs it.

    pydron run examples/stdlib_similarity/pipeline.py [--files 300]
"""

import argparse
import ast
import hashlib
import lzma
import sysconfig
import time
from pathlib import Path

import pydron

SIGNATURE = 24
BAND = 4
NEAR = 0.45


@pydron.functional
def measure(path):
    """Size, complexity and a signature: min-hashes of the file's lines, equal where two files share most of them."""
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return {"path": path, "parsed": False, "lines": len(lines)}
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    branches = sum(isinstance(node, (ast.If, ast.For, ast.While, ast.Try, ast.BoolOp, ast.IfExp)) for node in nodes)
    return {
        "path": path,
        "parsed": True,
        "lines": len(lines),
        "code": sum(1 for line in lines if line and not line.startswith("#")),
        "functions": len(functions),
        "documented": sum(1 for function in functions if ast.get_docstring(function)),
        "branches": branches,
        "signature": signature(lines),
    }


def signature(lines):
    shingles = {" ".join(lines[i : i + 2]).encode() for i in range(len(lines) - 1) if lines[i]}
    if len(shingles) < 8:
        return []
    return [
        min(hashlib.blake2b(shingle, digest_size=8, salt=bytes([k])).hexdigest() for shingle in shingles)
        for k in range(SIGNATURE)
    ]


@pydron.functional
def candidates(signatures):
    """Pairs of files that agree in at least one band of their signatures."""
    groups = {}
    for path, hashes in signatures:
        for i in range(0, len(hashes), BAND):
            groups.setdefault((i, tuple(hashes[i : i + BAND])), []).append(path)
    pairs = {(a, b) for group in groups.values() for k, a in enumerate(group) for b in group[k + 1 :]}
    return sorted(pairs)


def packed(content):
    return len(lzma.compress(content, format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 6}]))


@pydron.functional
def compression_distance(a, b):
    """The normalised compression distance of Cilibrasi and Vitányi: near 0 for copies, near 1 for strangers."""
    first, second = Path(a).read_bytes(), Path(b).read_bytes()
    alone = packed(first), packed(second)
    return (packed(first + second) - min(alone)) / max(alone)


@pydron.functional
def shared_lines(a, b):
    """How much of the shorter file's lines is found, in the same order, in the other (longest common subsequence)."""
    first, second = (Path(path).read_text(encoding="utf-8", errors="replace").splitlines() for path in (a, b))
    if len(first) > len(second):
        first, second = second, first
    row = [0] * (len(second) + 1)
    for line in first[:400]:
        diagonal = 0
        for j, other in enumerate(second[:800], 1):
            above = row[j]
            row[j] = diagonal + 1 if line == other else max(above, row[j - 1])
            diagonal = above
    return max(row) / max(1, len(first[:400]))


@pydron.schedule
def survey(paths):
    """Everything about the files: totals, the most branched one, and the near copies."""
    measured = []
    unreadable = []
    for path in paths:
        file = measure(path)
        if file["parsed"]:
            measured.append(file)
        else:
            unreadable.append(path)

    totals = {"lines": 0, "code": 0, "functions": 0, "documented": 0}
    for file in measured:
        for key in totals:
            totals[key] += file[key]
    most_branched = max(measured, key=lambda file: file["branches"])

    copies = []
    for a, b in candidates([(file["path"], file["signature"]) for file in measured]):
        distance = compression_distance(a, b)
        if distance < NEAR:
            copies.append((distance, shared_lines(a, b), a, b))
    copies.sort()
    return {
        "files": len(measured),
        "unreadable": unreadable,
        "totals": totals,
        "copies": copies,
        "most_branched": (most_branched["path"], most_branched["branches"]),
    }


def library_files(root, most):
    """The library's own modules: no tests, nothing that was installed later."""
    skipped = {"test", "tests", "site-packages", "idlelib", "__pycache__", "turtledemo", "dist-packages", "ensurepip"}
    files = [
        path
        for path in sorted(Path(root).rglob("*.py"))
        if not skipped.intersection(path.relative_to(root).parts) and path.stat().st_size < 120_000
    ]
    stride = max(1, len(files) // most) if most else 1
    return [str(path) for path in files[::stride]]


def check(result, paths):
    """Counts again, in another way, what can be counted again, and looks at one pair that is known to be alike."""
    lines = sum(
        len(Path(path).read_text(encoding="utf-8", errors="replace").splitlines())
        for path in paths
        if path not in result["unreadable"]
    )
    assert result["totals"]["lines"] == lines, (result["totals"]["lines"], lines)
    assert result["files"] + len(result["unreadable"]) == len(paths)
    assert result["totals"]["documented"] <= result["totals"]["functions"]
    assert all(0 <= distance < NEAR and 0 <= shared <= 1 for distance, shared, _, _ in result["copies"])
    pairs = {(Path(a).name, Path(b).name) for _, _, a, b in result["copies"]}
    names = {Path(path).name for path in paths}
    if {"big5.py", "gbk.py"} <= names:
        assert ("big5.py", "gbk.py") in pairs, "two codecs made from one template"
    assert ("ast.py", "socket.py") not in pairs


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=0, help="look at about this many files (default: all)")
    options.add_argument("--root", default=sysconfig.get_paths()["stdlib"], help="folder with Python files")
    chosen = options.parse_args()
    paths = library_files(chosen.root, chosen.files)
    start = time.perf_counter()
    result = survey(paths)
    seconds = time.perf_counter() - start
    check(result, paths)
    totals = result["totals"]
    print(
        f"{result['files']} files, {totals['lines']} lines, {totals['code']} of code; "
        f"{totals['documented']} of {totals['functions']} functions are documented"
    )
    path, branches = result["most_branched"]
    print(f"most branches: {Path(path).relative_to(chosen.root)} ({branches})")
    print(f"{len(result['copies'])} pairs are near copies, the nearest:")
    for distance, shared, a, b in result["copies"][:8]:
        names = [str(Path(path).relative_to(chosen.root)) for path in (a, b)]
        print(f"  {distance:.3f}  {shared:4.0%} of lines  {'  '.join(names)}")
    print(f"{seconds:.2f} s")


if __name__ == "__main__":
    main()
