"""A random program for a seed: `python generate.py SEED` prints it.

A program ends by itself (loops are bounded, recursion counts down), says the same each time, and its functional
functions keep their promise. Its entry is the pipeline `main`, called with `ARGS` as often as `REPEAT` says.
"""

from __future__ import annotations

import ast
import sys
import warnings
from random import Random

import prelude
from expressions import KINDS, POOL
from statements import Statements

LITERALS = {
    "int": ["0", "1", "2", "3", "5", "8"],
    "bool": ["True", "False"],
    "list": ["[]", "[1]", "[1, 2, 3]", "[3, 0, 2]"],
    "nest": ["[[1], [2]]", "[[], [1, 2], [3]]", "[[0] * 2] * 2"],
    "dict": ["{}", "{'a': 1}", "{'a': 1, 'b': 2, 'c': 0}"],
    "str": ["''", "'x'", "'abc'"],
    "tuple": ["(1, 2)", "(0, 3)"],
    "box": ["Box(1)", "Box(2, [1, 2])"],
    "num": ["Num(1)", "Num(2)"],
    "vec": ["np.arange(4.0)", "np.array([3.0, 1, 2, 0])"],
    "mat": ["np.arange(8.0).reshape(2, 4)"],
}


class Program(Statements):
    """Builds the text of one program."""

    def text(self) -> str:
        self.functionals = prelude.functionals(self.rng, self.arrays)
        parts = [
            ("import numpy as np\n\n" if self.arrays else "") + prelude.HEAD.rstrip(),
            *(each.text for each in self.functionals),
        ]
        helpers = self.rng.choice((0, 0, 1, 2))
        for number in range(helpers):
            parts.append(self.pipeline(f"sub{number}", self.rng.randint(2, 5), self.rng.randint(1, 2)))
        args = self.rng.randint(0, 3)
        parts.append(self.pipeline("main", self.rng.randint(4, 11), args))
        literals = [self.rng.choice(LITERALS[kind]) for kind in self.kinds]
        shared = ""
        if self.rng.random() < 0.2 and "list" in self.kinds:  # the argument is also reachable by another way
            literals[self.kinds.index("list")] = "SHARED"
        if len(literals) > 1 and self.kinds[0] == "list" == self.kinds[1]:
            literals[1] = literals[0] = "BOTH"
            shared = "BOTH = [2, 1]\n"
        tail = f"{shared}ARGS = ({''.join(text + ', ' for text in literals)})\n"
        tail += f"REPEAT = {self.rng.choice((1, 1, 2))}\n"
        return pruned("\n\n\n".join([*parts, tail]))

    def pipeline(self, name: str, length: int, parameters: int) -> str:
        """A pipeline; later ones may call it."""
        self.scope = {}
        self.kinds = [
            self.rng.choice(("int", "list", "list", "nest", "dict", "box", "str", "num", *["vec", "mat"] * self.arrays))
            for _ in range(parameters)
        ]
        recursive = name != "main" and self.rng.random() < 0.3 * self.weight["recursion"]
        if recursive:
            self.kinds[0] = "int"
        signature = []
        for number, kind in enumerate(self.kinds):
            self.scope[f"p{number}"] = kind
            signature.append(f"p{number}")
        if name != "main" and parameters > 1 and self.rng.random() < 0.3 * self.weight["kwargs"]:
            signature[-1] += "=" + self.rng.choice(LITERALS[self.kinds[-1]])
        result = self.rng.choice(("int", "int", "list", "dict", "box", "any"))
        self.start_function(result)
        body = []
        if recursive:
            body.append("if p0 <= 0 or p0 > 3:")
            body.append(f"    return {self.expression(result, 1)}")
            kinds = self.kinds
            self.pipelines.append((name, kinds, result))
        body += self.block(length, 0)
        if recursive:
            self.pipelines.pop()
            rest = "".join(", " + self.expression(kind, 1) for kind in self.kinds[1:])
            body.append(f"{POOL['any'][0]} = {name}(p0 - 1{rest})")
            self.scope[POOL["any"][0]] = result
        body.append(self.ending(result))
        # Calls of itself other than that one would not end.
        lines = [f"@pydron.schedule\ndef {name}({', '.join(signature)}):"]
        lines += ["    " + line for line in self.declarations() + body]
        if name != "main":
            self.pipelines.append((name, list(self.kinds), result))
        return "\n".join(lines)

    def ending(self, result: str) -> str:
        names = [name for name in self.scope if self.scope[name] in KINDS or name.startswith("p")]
        shown = self.rng.sample(names, min(len(names), self.rng.randint(1, 4)))
        first = self.expression(result if result != "any" else "int", 1)
        if result == "any" or (self.function == "main" and self.rng.random() < 0.7):
            return f"return {', '.join([first, *shown])}"
        return f"return {first}"


def pruned(text: str) -> str:
    """Without the definitions that nothing uses."""
    tree = ast.parse(text)
    while True:
        used = set()
        for statement in tree.body:
            own = getattr(statement, "name", None)
            used |= {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != own
            } | {name for node in ast.walk(statement) if isinstance(node, ast.Global) for name in node.names}
        keep = []
        for statement in tree.body:
            name = getattr(statement, "name", None)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
            if name is None or name in used or name in ("main", "ARGS", "REPEAT", "LOG"):
                keep.append(statement)
        if len(keep) == len(tree.body):
            break
        tree.body = keep
    lines = text.splitlines()
    shown = []
    for statement in tree.body:
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            shown.append("")
        shown += lines[first - 1 : statement.end_lineno]
    return "\n".join(shown) + "\n"


def program(seed: int) -> str:
    """The program of this seed, which depends on nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return Program(Random(seed)).text()


if __name__ == "__main__":
    print(program(int(sys.argv[1])))
