"""Random expressions of a wanted kind, from the names that are in scope.

Kinds keep most programs from failing with a TypeError in their first line: int, bool, list (of int), nest (list of
lists), dict (str to int), str, tuple (of two int), box, num, group (dict of int to list of int), rec (dataclass), fun
(int to int), iter (an iterator or view of int), any. Values stay small however often an
expression is evaluated: numbers are reduced, lists and strings are cut.
"""

from __future__ import annotations

from random import Random

from arrays import Arrays
from prelude import Functional

POOL = {
    "int": ["a", "b", "c", "k"],
    "bool": ["p", "q"],
    "list": ["xs", "ys", "zs"],
    "nest": ["rows", "grid"],
    "dict": ["d", "m"],
    "str": ["s", "t"],
    "tuple": ["pair", "two"],
    "box": ["box", "bag"],
    "num": ["u", "v"],
    "group": ["groups", "bins"],
    "rec": ["rec", "star"],
    "vec": ["va", "vb", "vc"],
    "mat": ["ma", "mb"],
    "fun": ["g", "h"],
    "iter": ["it", "left"],
    "any": ["o", "w"],
}
KINDS = [kind for kind in POOL if kind not in ("any", "fun", "iter", "vec", "mat")]
# fmt: off
FEATURES = [
    "walrus", "ternary", "lambda", "closure", "comprehension", "star", "note", "bump",
    "keep", "push", "print", "log", "global", "mutate", "alias", "identity",
    "if", "for", "while", "between", "break", "try", "finally", "raise", "with",
    "return", "nested", "del", "unpack", "swap", "augment", "slice", "box",
    "num", "gen", "pipeline", "recursion", "check", "where", "assert", "string",
    "set", "sort", "match", "kwargs", "setitem", "functional", "condition", "class",
    "shared", "iter", "group", "rec", "helper", "array",
]
# fmt: on


class Expressions(Arrays):
    """The part of the generator that makes expressions. `scope` maps names to kinds."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        # Each program does without some features and overuses others: interactions are found sooner that way.
        self.weight = {feature: rng.choice((0, 0.3, 1, 1, 1, 3)) for feature in FEATURES}
        self.arrays = rng.random() < 0.2  # those programs have little else
        for always in ("functional", "if", "for"):
            self.weight[always] = max(1, self.weight[always])
        self.scope: dict[str, str] = {}
        self.functionals: list[Functional] = []
        self.pipelines: list[tuple[str, list[str], str]] = []
        self.bound_here = True  # may expressions bind (walrus)?
        self.in_pure = 0

    # --- choosing

    def pick(self, options):
        """One of (weight, feature or "", thunk), by weight; thunks are only called when chosen."""
        weights = [weight * (self.weight[feature] if feature else 1) for weight, feature, _ in options]
        return self.rng.choices([thunk for _, _, thunk in options], weights)[0]()

    def names(self, kind: str) -> list[str]:
        return [name for name, its in self.scope.items() if its == kind]

    def name(self, kind: str) -> str | None:
        names = self.names(kind)
        return self.rng.choice(names) if names else None

    def small(self) -> int:
        return self.rng.choice((0, 1, 2, 3, 4, 5, 7))

    def key(self) -> str:
        return self.rng.choice(("'a'", "'b'", "'c'", "'a'"))

    def expression(self, kind: str, depth: int = 2) -> str:
        if self.rng.random() < 0.001:  # now and then of the wrong kind, or a name that may be unbound
            # Only what cannot be changed: a functional function that gave back an argument would give back a copy.
            kind = self.rng.choice(("int", "str", "bool", "tuple"))
            if self.rng.random() < 0.5:
                return self.rng.choice(POOL[kind])
            return f"({getattr(self, kind)(depth)})"
        if kind == "any":
            kind = self.rng.choice([*KINDS, "vec", "vec", "mat"] if self.arrays else KINDS)
        return getattr(self, kind)(depth)

    # --- calls that any kind can come from

    def call_of(self, kind: str, depth: int) -> str | None:
        """A functional call with a result of this kind."""
        makers = [made for made in self.functionals if made.result == kind]
        if not makers:
            return None
        made = self.rng.choices(makers, [each.weight for each in makers])[0]
        args = [self.expression(k, depth - 1) for k in made.kinds]
        if made.name in ("f2", "div") and self.rng.random() < 0.4:
            args = args[:1] if self.rng.random() < 0.5 else [args[0], "y=" + args[1]]
        if made.name == "f_star" and self.rng.random() < 0.5:
            args = ["*" + self.expression("list", depth - 1), "scale=" + args[0]]
        return f"{made.name}({', '.join(args)})"

    def pipeline_call(self, kind: str, depth: int) -> str | None:
        makers = [(name, kinds) for name, kinds, result in self.pipelines if result == kind]
        if not makers:
            return None
        name, kinds = self.rng.choice(makers)
        args = [self.expression(k, depth - 1) for k in kinds]
        if len(args) > 1 and self.rng.random() < 0.2 * self.weight["kwargs"]:
            args[-1] = f"p{len(args) - 1}={args[-1]}"
        return f"{name}({', '.join(args)})"

    def leaf(self, kind: str, otherwise: str) -> str:
        name = self.name(kind)
        return name if name and self.rng.random() < 0.8 else otherwise

    def general(self, kind: str, depth: int, options: list, otherwise: str) -> str:
        """Options of the kind's own plus those every kind has."""
        if depth <= 0:
            return self.leaf(kind, otherwise)
        found = self.pick(
            [
                *options,
                (6, "", lambda: self.name(kind)),
                (8, "functional", lambda: self.call_of(kind, depth)),
                (1.2, "pipeline", lambda: None if self.in_pure else self.pipeline_call(kind, depth)),
                (0.5, "ternary", lambda: self.ternary(kind, depth)),
                (0.4, "walrus", lambda: self.walrus(kind, depth)),
                (0.2, "walrus", lambda: self.rebound(kind, depth)),
                (0.3, "note", lambda: f"note({self.expression(kind, depth - 1)})"),
                (0.15, "lambda", lambda: f"(lambda z: z)({self.expression(kind, depth - 1)})"),
                (0.2, "", lambda: self.either(kind, depth)),
            ]
        )
        return found or self.leaf(kind, otherwise)

    def ternary(self, kind: str, depth: int) -> str:
        parts = (self.expression(kind, depth - 1), self.expression("bool", depth - 1), self.expression(kind, depth - 1))
        return "({} if {} else {})".format(*parts)

    def either(self, kind: str, depth: int) -> str:
        return (
            f"({self.expression(kind, depth - 1)} {self.rng.choice(('or', 'and'))} {self.expression(kind, depth - 1)})"
        )

    def walrus(self, kind: str, depth: int) -> str | None:
        if not self.bound_here:
            return None
        value = self.expression(kind, depth - 1)
        name = self.rng.choice(POOL[kind])
        self.scope[name] = kind
        return f"({name} := {value})"

    def rebound(self, kind: str, depth: int) -> str | None:
        """A name on both sides of where it gets another value."""
        name = self.name(kind)
        if name is None or not self.bound_here:
            return None
        value = self.expression(kind, depth - 1)
        if kind in ("int", "str", "list") and self.rng.random() < 0.5:
            return f"({name} + ({name} := {value}))" + ("" if kind == "int" else "[:6]")
        return f"({name}, ({name} := {value}), {name})[{self.rng.randint(0, 2)}]"

    # --- kinds

    def int(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "int",
            depth,
            [
                (3, "", lambda: str(self.small())),
                (3, "", lambda: f"{e('int', low)} {self.rng.choice('+-')} {e('int', low)}"),
                (1, "", lambda: f"({e('int', low)} * {e('int', low)}) % 97"),
                (0.1, "", lambda: f"{e('int', low)} {self.rng.choice(('//', '%'))} {e('int', low)}"),
                (0.4, "", lambda: f"{e('int', low)} {self.rng.choice(('//', '%'))} {self.small() + 1}"),
                (1, "", lambda: f"len({e(self.rng.choice(('list', 'dict', 'nest', 'str')), low)})"),
                (1.2, "", lambda: f"{e('list', low)}[{self.rng.choice(('0', '-1'))}]"),
                (0.2, "", lambda: f"{e('list', low)}[{e('int', 0)}]"),
                (0.5, "", lambda: f"{e('dict', low)}[{self.key()}]"),
                (1.2, "", lambda: f"{e('dict', low)}.get({self.key()}, {e('int', low)})"),
                (1, "box", lambda: f"{e('box', low)}.{self.rng.choice(('value', 'value', 'total()'))}"),
                (0.5, "", lambda: f"sum({e('list', low)})"),
                (0.4, "comprehension", lambda: f"sum({self.comprehension('int', low)})"),
                (0.4, "comprehension", lambda: f"{self.rng.choice(('max', 'min'))}({e('list', low)}, default=0)"),
                (0.4, "", lambda: f"{self.rng.choice(('max', 'min'))}({e('int', low)}, {e('int', low)})"),
                (0.7, "bump", lambda: f"bump({self.rng.choice(('', e('int', 0)))})"),
                (0.3, "keep", lambda: f"keep({e(self.rng.choice(('int', 'list')), low)})"),
                (0.25, "check", lambda: f"check({e('int', low)})"),
                (0.3, "global", lambda: "COUNT"),
                (0.2, "", lambda: f"-{e('int', 0)}"),
                (1, "closure", lambda: f"{self.name('fun')}({e('int', low)})" if self.name("fun") else None),
                (
                    0.3,
                    "lambda",
                    lambda: (
                        f"(lambda z, y={e('int', low)}: {self.rng.choice(('z + y', 'f(z) + y', 'y'))})({e('int', low)})"
                    ),
                ),
                (0.4, "", lambda: f"{e('tuple', low)}[{self.rng.randint(0, 1)}]"),
                (0.15, "mutate", lambda: f"{e('list', low)}.pop()"),
                (0.6, "rec", lambda: f"{e('rec', low)}.{self.rng.choice(('value', 'value', 'items[0]'))}"),
                (0.3, "group", lambda: f"len({e('group', low)})"),
                (0.3, "group", lambda: f"sum({e('group', low)}.get({self.small()}, []))"),
                (2 if self.arrays else 0, "", lambda: self.number_of_array(low)),
                (0.4, "iter", lambda: f"sum({self.iterator(low)})"),
                (0.3, "iter", lambda: f"next({self.iterator(low)}, {self.small()})"),
                (0.2, "iter", lambda: f"max({self.iterator(low)}, default=0)"),
                (0.5, "helper", lambda: f"{self.rng.choice(('pure', 'clip', 'signed'))}({e('int', low)})"),
                (0.3, "helper", lambda: f"{self.rng.choice(('total', 'first', 'use_up'))}({e('list', low)})"),
                (0.2, "helper", lambda: f"use_up({self.iterator(low)})"),
                (0.2, "helper", lambda: f"plus({e('int', low)}, {e(self.rng.choice(('int', 'int', 'num')), low)})"),
                (0.15, "helper", lambda: f"counted({e('int', low)})"),
                (0.2, "num", lambda: f"{e('num', low)}.n"),
                (0.2, "num", lambda: f"{e('num', low)}[{self.small()}]"),
                (0.15, "gen", lambda: f"next(iter({e('list', low)}))"),
                (0.15, "set", lambda: f"len({{{e('int', low)}, {e('int', low)}}})"),
                (0.2, "", lambda: f"int({e('bool', low)})"),
            ],
            str(self.small()),
        )

    def bool(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        compare = lambda: self.rng.choice(("<", "<=", "==", "!=", ">"))  # noqa: E731
        same = lambda: self.rng.choice(("is", "is not"))  # noqa: E731
        kind = self.rng.choice(("list", "dict", "box", "nest"))
        return self.general(
            "bool",
            depth,
            [
                (5, "condition", lambda: f"{e('int', low)} {compare()} {e('int', low)}"),
                (0.5, "", lambda: f"{e('int', 0)} {compare()} {e('int', low)} {compare()} {e('int', low)}"),
                (0.7, "", lambda: f"not {e('bool', low)}"),
                (1, "", lambda: f"{e('int', low)} in {e('list', low)}"),
                (0.5, "", lambda: f"{self.key()} in {e('dict', low)}"),
                (1.5, "identity", lambda: f"{e(kind, low)} {same()} {e(kind, low)}"),
                (0.6, "", lambda: f"{e('any', low)} {same()} None"),
                (0.5, "", lambda: f"{e(kind, low)} == {e(kind, low)}"),
                (
                    0.3,
                    "",
                    lambda: f"isinstance({e('any', low)}, {self.rng.choice(('int', 'list', 'Box', '(int, str)'))})",
                ),
                (0.4, "comprehension", lambda: f"{self.rng.choice(('any', 'all'))}({self.comprehension('bool', low)})"),
                (0.3, "num", lambda: f"{e('num', low)} < {e('int', low)}"),
            ],
            self.rng.choice(("True", "False")),
        )

    def list(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "list",
            depth,
            [
                (3, "", lambda: "[" + ", ".join(e("int", low) for _ in range(self.rng.randint(0, 3))) + "]"),
                (0.5, "star", lambda: f"[{e('int', low)}, *{e('list', low)}]"),
                (0.8, "", lambda: f"({e('list', low)} + {e('list', low)})[:6]"),
                (0.8, "slice", lambda: f"{e('list', low)}[{self.rng.choice((':2', '1:', '::-1', ':', '-2:'))}]"),
                (1.2, "comprehension", lambda: f"[{self.comprehension('int', low)}]"),
                (0.6, "nested", lambda: f"{e('nest', low)}[{self.rng.choice(('0', '-1', '0', e('int', 0)))}]"),
                (0.3, "sort", lambda: f"sorted({e('list', low)})"),
                (
                    0.3,
                    "lambda",
                    lambda: f"list(map({self.rng.choice(('f', 'lambda z: f(z)', 'pure'))}, {e('list', low)}))",
                ),
                (0.4, "box", lambda: f"{e('box', low)}.items"),
                (0.4, "push", lambda: f"push({e('list', low)}, {e('int', low)})"),
                (0.3, "shared", lambda: "SHARED"),
                (0.2, "gen", lambda: f"list(count_to({e('int', low)}))"),
                (0.5, "group", lambda: f"{e('group', low)}[{self.small()}]"),
                (0.2, "group", lambda: f"sorted({e('group', low)})"),
                (0.3, "rec", lambda: f"{e('rec', low)}.items"),
                (0.5, "iter", lambda: f"list({self.iterator(low)})"),
                (
                    0.5,
                    "helper",
                    lambda: f"{self.rng.choice(('scaled', 'scaled', 'same', 'push_all'))}({e('list', low)})",
                ),
                (0.2, "", lambda: f"list({e(self.rng.choice(('list', 'tuple')), low)})"),
                (0.2, "", lambda: f"list({e('dict', low)}.values())"),
                (0.15, "set", lambda: f"sorted({{{self.comprehension('int', low)}}})"),
            ],
            "[" + ", ".join(str(self.small()) for _ in range(self.rng.choice((0, 1, 2, 3, 3)))) + "]",
        )

    def nest(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        twice = self.name("list") or "[1]"
        return self.general(
            "nest",
            depth,
            [
                (2, "", lambda: "[" + ", ".join(e("list", low) for _ in range(self.rng.randint(1, 3))) + "]"),
                (1, "alias", lambda: f"[{twice}, {twice}]"),
                (1, "comprehension", lambda: f"[{self.comprehension('list', low)}]"),
                (0.3, "slice", lambda: f"{e('nest', low)}[{self.rng.choice((':1', '1:', '::-1'))}]"),
            ],
            "[[1], [2, 3]]",
        )

    def dict(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "dict",
            depth,
            [
                (
                    3,
                    "",
                    lambda: (
                        "{" + ", ".join(f"{self.key()}: {e('int', low)}" for _ in range(self.rng.randint(1, 3))) + "}"
                    ),
                ),
                (0.5, "star", lambda: f"{{{self.key()}: {e('int', low)}, **{e('dict', low)}}}"),
                (
                    0.5,
                    "comprehension",
                    lambda: f"{{str(i): {self.inner('int', low, 'i')} for i in range({self.rng.randint(1, 3)})}}",
                ),
                (0.3, "kwargs", lambda: f"dict(a={e('int', low)}, b={e('int', low)})"),
                (0.3, "shared", lambda: "TABLE"),
            ],
            "{'a': 1, 'b': 2}",
        )

    def str(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "str",
            depth,
            [
                (2, "string", lambda: f"f'{{{self.field(low)}}}-{{{self.field(low)}}}'[-12:]"),
                (1, "", lambda: f"str({e('int', low)})"),
                (1, "", lambda: f"({e('str', low)} + {e('str', low)})[-8:]"),
                (0.5, "", lambda: f"repr({e('any', low)})[:20]"),
                (0.3, "", lambda: f"'{{}}/{{}}'.format({e('int', low)}, {e('int', low)})"),
                (0.3, "comprehension", lambda: f"','.join([str(z) for z in {e('list', low)}])"),
            ],
            self.rng.choice(("'x'", "'yz'", "''")),
        )

    def field(self, depth: int) -> str:
        """Something for the braces of an f-string: no quotes, no braces, no lambda before Python 3.12."""
        text = self.expression("int", depth)
        return text if not any(sign in text for sign in "'{}:!") else self.leaf("int", "1")

    def tuple(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general("tuple", depth, [(3, "", lambda: f"({e('int', low)}, {e('int', low)})")], "(1, 2)")

    def box(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "box",
            depth,
            [
                (2, "", lambda: f"Box({e('int', low)})"),
                (1, "", lambda: f"Box({e('int', low)}, {e('list', low)})"),
                (0.5, "box", lambda: f"{e('box', low)}.add({e('int', low)})"),
            ],
            "Box(1)",
        )

    def num(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "num",
            depth,
            [
                (2, "", lambda: f"Num({e('int', low)})"),
                (1, "num", lambda: f"({e('num', low)} + {e(self.rng.choice(('num', 'int')), low)})"),
                (0.5, "num", lambda: f"({e('int', low)} + {e('num', low)})"),
            ],
            "Num(1)",
        )

    def group(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "group",
            depth,
            [
                (2, "group", lambda: "defaultdict(list)"),
                (0.5, "group", lambda: "defaultdict(lambda: [0])"),
                (1, "", lambda: f"{{{self.small()}: {e('list', low)}, {self.small()}: {e('list', low)}}}"),
                (1, "comprehension", lambda: f"{{i: {self.inner('list', low, 'i')} for i in range({self.small()})}}"),
                (0.3, "", lambda: f"dict({e('group', low)})"),
            ],
            "{0: [], 1: [1]}",
        )

    def rec(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "rec",
            depth,
            [
                (2, "", lambda: f"Rec({e('int', low)})"),
                (1, "", lambda: f"Rec({e('int', low)}, {e('list', low)})"),
                (0.3, "kwargs", lambda: f"Rec(items={e('list', low)}, value={e('int', low)})"),
            ],
            "Rec(1)",
        )

    def iterator(self, depth: int) -> str:
        """Something that gives numbers when it is iterated over, and may be used up by that."""
        name = self.name("iter")
        return name if name and self.rng.random() < 0.6 else self.iter(depth)

    def iter(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.pick(
            [
                (2, "", lambda: f"iter({e('list', low)})"),
                (1, "", lambda: f"reversed({e('list', low)})"),
                (1, "", lambda: f"map({self.rng.choice(('abs', 'f', 'pure', 'LOG.append'))}, {e('list', low)})"),
                (0.5, "", lambda: f"filter(None, {e('list', low)})"),
                (1, "", lambda: f"{e('dict', low)}.values()"),
                (1, "gen", lambda: f"count_to({e('int', low)})"),
                (1, "comprehension", lambda: f"({self.comprehension('int', low)})"),
            ]
        )

    def fun(self, depth: int) -> str:
        name = self.name("fun")
        choices = ["f", "lambda z: z + 1", f"lambda z: {self.inner('int', 1, 'z')}", "pure"]
        return name if name and self.rng.random() < 0.3 else "(" + self.rng.choice(choices) + ")"

    # --- comprehensions

    def inner(self, kind: str, depth: int, variable: str, its: str = "int") -> str:
        """An expression in a scope of its own, in which `variable` is bound."""
        kept, may = dict(self.scope), self.bound_here
        self.scope[variable] = its
        self.bound_here = False
        try:
            return self.expression(kind, depth)
        finally:
            self.scope, self.bound_here = kept, may

    def comprehension(self, kind: str, depth: int) -> str:
        """What stands between the brackets."""
        nested = self.rng.random() < 0.2 * self.weight["nested"]
        may, self.bound_here = self.bound_here, False  # no walrus in what a comprehension iterates over
        source = self.expression("nest" if nested else "list", depth - 1)
        self.bound_here = may
        variable = self.rng.choice(("i", "j", "z"))
        its = "list" if nested else "int"
        text = f"{self.inner(kind, max(depth, 1), variable, its)} for {variable} in {source}[:4]"
        if self.rng.random() < 0.25:
            text += f" if {self.inner('bool', depth, variable, its)}"
        return text
