"""Random statements, as lines without their outer indentation."""

from __future__ import annotations

import sys

from between import Between
from expressions import KINDS, POOL

Lines = list  # of str


def indented(lines: Lines) -> Lines:
    return ["    " + line for line in lines]


class Statements(Between):
    """The part of the generator that makes blocks of statements for one function at a time."""

    def start_function(self, result: str) -> None:
        self.result = result
        self.function = ""
        self.loops = 0  # loops around, in this function
        self.counter = 0
        self.globals: set[str] = set()
        self.inner_function = 0
        self.handling = 0
        self.loop_depth = 0

    def declarations(self) -> Lines:
        return [f"global {', '.join(sorted(self.globals))}"] if self.globals else []

    def fresh(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}{self.counter}"

    def bind(self, kind: str) -> str:
        """A name of this kind to assign to, in scope from now on. A parameter now and then."""
        own = [name for name in self.names(kind) if name[0] == "p" and name[1:].isdigit()]
        name = self.rng.choice(own) if own and self.rng.random() < 0.15 else self.rng.choice(POOL[kind])
        self.scope[name] = kind
        return name

    def block(self, length: int, level: int) -> Lines:
        lines: Lines = []
        for _ in range(max(1, length)):
            lines += self.statement(level)
        return lines

    def inner_block(self, level: int, most: int = 3) -> Lines:
        """A block that may not be executed: few of the names it binds stay in scope behind it."""
        before = dict(self.scope)
        lines = self.block(self.rng.randint(1, most), level + 1)
        for name in list(self.scope):
            if name not in before and self.rng.random() < 0.85:
                del self.scope[name]
        return indented(lines)

    def statement(self, level: int) -> Lines:
        deep = (1, 1, 0.25, 0)[min(level, 3)]
        one = lambda text: [text]  # noqa: E731
        found = self.pick(
            [
                (9, "", lambda: self.assign()),
                (5, "functional", lambda: self.assign_call()),
                (1.5, "alias", lambda: self.alias()),
                (2, "augment", lambda: self.augment()),
                (1.2, "unpack", lambda: self.unpack()),
                (0.5, "swap", lambda: self.swap()),
                (3, "mutate", lambda: self.mutate()),
                (8 if self.arrays else 0, "", self.change_array),
                (5 if self.arrays else 0, "", lambda: self.assign_array()),
                (1, "iter", lambda: [f"{self.bind('iter')} = {self.iter(2)}"]),
                (1.5, "setitem", lambda: self.setitem()),
                (0.5, "del", lambda: self.delete()),
                (1, "print", lambda: one(f"print({self.expression('any')}, {self.expression('any', 1)})")),
                (0.5, "print", lambda: one(f"print(f'{{{self.field(2)}}}')")),
                (1, "log", lambda: one(f"LOG.append({self.expression('any')})")),
                (0.7, "note", lambda: one(f"note({self.expression('any')}, {self.expression('any', 1)})")),
                (0.7, "global", lambda: self.change_global()),
                (0.5, "", lambda: one(self.expression("any"))),
                (0.2, "assert", lambda: one(f"assert {self.expression('bool')}, {self.expression('any', 1)}")),
                (0.5, "shared", self.share),
                (0.4 * deep, "raise", lambda: self.raising()),
                (0.5 * deep, "return", lambda: self.returning()),
                (2.5 * deep, "if", lambda: self.branch(level)),
                (2.5 * deep if self.loop_depth < 2 else 0, "for", lambda: self.loop(level)),
                (1.5 * deep if self.loop_depth < 2 else 0, "between", lambda: self.unknown_between()),
                (1 * deep if self.loop_depth < 2 else 0, "while", lambda: self.while_loop(level)),
                (1.5 * deep, "try", lambda: self.trying(level)),
                (0.7 * deep, "with", lambda: self.with_block(level)),
                (2 if self.loops else 0, "break", lambda: self.leaving()),
                (0.7 * deep, "closure", lambda: self.closure()),
                (0.4, "lambda", self.function_value),
                (0.2 * deep, "class", lambda: self.local_class()),
                (0.3 * deep if sys.version_info >= (3, 10) else 0, "match", lambda: self.matching(level)),
            ]
        )
        return found or self.assign()

    # --- simple ones

    def assign(self) -> Lines:
        kind = self.rng.choice([*KINDS, "int", "int", "list", "list"])
        value = self.expression(kind)
        if self.rng.random() < 0.06:
            return [f"{self.bind(kind)} = {self.bind(kind)} = {value}"]
        return [f"{self.bind(kind)} = {value}"]

    def assign_array(self) -> Lines:
        kind = self.rng.choice(("vec", "vec", "mat"))
        value = self.expression(kind)
        return [f"{self.bind(kind)} = {value}"]

    def assign_call(self) -> Lines:
        made = self.rng.choice(self.functionals)
        value = self.call_of(made.result, 2)
        return [f"{self.bind(made.result)} = {value}"]

    def alias(self) -> Lines:
        kind = self.rng.choice(("list", "list", "dict", "box", "nest"))
        name = self.name(kind)
        if name is None:
            return self.assign()
        rows, box = self.name("nest"), self.name("box")
        choices = []
        if kind == "list":
            if rows:
                choices += [f"{rows}.append({name})", f"{rows}[0] = {name}"]
            if box:
                choices.append(f"{box}.items = {name}")
        if kind == "nest":
            choices.append(f"* = {name}[{self.rng.choice((0, -1))}]")
        if kind == "box":
            choices.append(f"* = {name}.items")
        chosen = self.rng.choice([*choices, f"{self.rng.choice(POOL[kind])} = {name}"])
        if chosen[0] == "*":
            return [self.bind("list") + chosen[1:]]
        if chosen.endswith(f" = {name}") and chosen.split()[0].isidentifier():
            self.scope[chosen.split()[0]] = kind
        return [chosen]

    def target(self) -> str | None:
        """A place that holds a number."""
        name = self.name(self.rng.choice(("int", "list", "dict", "box")))
        if name is None:
            return None
        kind = self.scope[name]
        if kind == "list":
            return f"{name}[{self.expression('int', self.rng.choice((0, 0, 1)))}]"
        if kind == "dict":
            return f"{name}[{self.key()}]"
        return f"{name}.value" if kind == "box" else name

    def augment(self) -> Lines:
        choice = self.rng.random()
        if choice < 0.6:
            target = self.target()
            if target:
                signs = ("+=", "-=", "//=") if self.rng.random() < 0.2 else ("+=", "-=")
                return [f"{target} {self.rng.choice(signs)} {self.expression('int')}"]
        if choice < 0.8 and self.name("list"):
            return [f"{self.name('list')} += {self.expression('list')}[:3]"]
        if choice < 0.9 and self.name("num"):
            return [f"{self.name('num')} += {self.expression('int')}"]
        if choice < 0.95 and self.name("box"):
            return [f"{self.name('box')}.items += {self.expression('list')}[:3]"]
        if self.name("str"):
            return [f"{self.name('str')} += {self.expression('str')}[:3]"]
        return [f"{self.name('int')} += {self.expression('int')}"] if self.name("int") else self.assign()

    def unpack(self) -> Lines:
        choice = self.rng.randint(0, 5)
        if choice == 0:
            value = self.expression("tuple")
            return [f"{self.bind('int')}, {self.bind('int')} = {value}"]
        if choice == 1:
            value = self.expression("list")
            first = self.expression("int")
            return [f"{self.bind('int')}, *{self.bind('list')} = [{first}, *{value}]"]
        if choice == 2:
            values = f"{self.expression('int')}, {self.expression('int')}"
            return [f"{self.bind('int')}, {self.bind('int')} = {values}"]
        if choice == 3:
            value = f"{self.expression('tuple')}, {self.expression('list')}"
            return [f"({self.bind('int')}, {self.bind('int')}), {self.bind('list')} = {value}"]
        if choice == 4:
            value = self.expression("nest")
            return [f"*{self.bind('nest')}, {self.bind('list')} = {value}"]
        value = self.expression("tuple")
        target = self.target() or self.bind("int")
        return [f"{target}, {self.bind('int')} = {value}"]

    def swap(self) -> Lines:
        kind = self.rng.choice(("int", "list"))
        names = self.names(kind)
        xs = self.name("list")
        if xs and self.rng.random() < 0.4:
            return [f"{xs}[0], {xs}[-1] = {xs}[-1], {xs}[0]"]
        if len(names) < 2:
            return self.assign()
        one, two = self.rng.sample(names, 2)
        return [f"{one}, {two} = {two}, {one}"]

    def mutate(self) -> Lines:
        kind = self.rng.choice(("list", "list", "list", "dict", "nest", "box", "group", "group", "rec"))
        name = self.name(kind)
        if name is None:
            return self.assign()
        e = self.expression
        return [
            self.pick(
                {
                    "group": [
                        (3, "", lambda: f"{name}.setdefault({e('int')}, []).append({e('int')})"),
                        (2, "", lambda: f"{name}[{e('int')} % 3].append({e('int')})"),
                        (1, "", lambda: f"{name}[{e('int')}] = {e('list')}"),
                        (0.5, "", lambda: f"{name}[{self.small()}].sort()"),
                        (0.5, "", lambda: f"{name}.pop({self.small()}, None)"),
                    ],
                    "rec": [
                        (2, "", lambda: f"{name}.value += {e('int')}"),
                        (2, "", lambda: f"{name}.items.append({e('int')})"),
                        (1, "", lambda: f"{name}.items = {e('list')}"),
                        (1, "", lambda: f"{name}.value = {e('int')}"),
                    ],
                    "list": [
                        (5, "", lambda: f"{name}.append({e('int')})"),
                        (1, "", lambda: f"{name}.extend({e('list')}[:3])"),
                        (1, "", lambda: f"{name}.insert({self.small()}, {e('int')})"),
                        (0.7, "", lambda: f"{name}.pop({self.rng.choice(('', '0'))})"),
                        (0.6, "sort", lambda: f"{name}.sort({self.rng.choice(('', 'key=pure', 'reverse=True'))})"),
                        (0.4, "", lambda: f"{name}.reverse()"),
                        (0.3, "", lambda: f"{name}.remove({e('int', 1)})"),
                        (0.2, "", lambda: f"{name}.clear()"),
                        (0.5, "push", lambda: f"push({name}, {e('int')})"),
                    ],
                    "dict": [
                        (2, "", lambda: f"{name}.update({e('dict', 1)})"),
                        (1, "", lambda: f"{name}.setdefault({self.key()}, {e('int')})"),
                        (0.7, "", lambda: f"{name}.pop({self.key()}, {e('int', 1)})"),
                        (0.5, "", lambda: f"{name}.update(b={e('int')})"),
                    ],
                    "nest": [
                        (3, "", lambda: f"{name}.append({e('list')})"),
                        (2, "", lambda: f"{name}[{self.rng.choice((0, -1))}].append({e('int')})"),
                        (0.5, "", lambda: f"{name}.pop()"),
                    ],
                    "box": [
                        (2, "box", lambda: f"{name}.add({e('int')})"),
                        (2, "", lambda: f"{name}.items.append({e('int')})"),
                        (2, "", lambda: f"{name}.value = {e('int')}"),
                    ],
                }[kind]
            )
        ]

    def setitem(self) -> Lines:
        e = self.expression
        kind = self.rng.choice(("list", "dict", "dict", "nest", "box"))
        name = self.name(kind)
        if name is None:
            return self.assign()
        if kind == "list":
            where = self.rng.choice((self.leaf("int", "0"), "0", "-1"))
            if self.rng.random() < 0.2 * self.weight["slice"]:
                return [f"{name}[:2] = {e('list')}"]
            return [f"{name}[{where}] = {e('int')}"]
        if kind == "dict":
            return [f"{name}[{self.rng.choice((self.key(), self.key(), 'str(' + e('int', 1) + ')'))}] = {e('int')}"]
        if kind == "nest":
            return [f"{name}[{self.rng.choice((0, -1))}] = {e('list')}"]
        return [f"{name}.{self.rng.choice(('value', 'extra'))} = {e('int')}"]

    def delete(self) -> Lines:
        kind = self.rng.choice(("int", "list", "dict"))
        name = self.name(kind)
        if name is None:
            return self.assign()
        if kind == "list" and self.rng.random() < 0.6:
            return [f"del {name}[{self.rng.choice(('0', '-1', ':1'))}]"]
        if kind == "dict" and self.rng.random() < 0.7:
            return [f"del {name}[{self.key()}]"]
        if self.rng.random() < 0.7:
            self.scope.pop(name)
        return [f"del {name}"]

    def change_global(self) -> Lines:
        if self.inner_function:
            return [f"LOG.append(COUNT + {self.expression('int')})"]
        self.globals.add("COUNT")
        return [f"COUNT {self.rng.choice(('=', '+='))} {self.expression('int')}"]

    # --- leaving

    def raising(self) -> Lines:
        error = self.pick(
            [
                (3, "", lambda: f"Fail({self.expression('int', 1)})"),
                (2, "", lambda: f"ValueError({self.expression('str', 1)})"),
                (1, "", lambda: f"Other({self.expression('int', 1)})"),
                (0.5, "", lambda: "KeyError"),
            ]
        )
        if self.handling:
            error = self.rng.choice((error, f"{error} from error", f"{error} from None", ""))
        statement = f"raise {error}".strip()
        if self.rng.random() < 0.93:
            return [f"if {self.expression('bool')}:", "    " + statement]
        return [statement]

    def returning(self) -> Lines:
        statement = f"return {self.expression(self.result)}"
        if self.rng.random() < 0.93:
            return [f"if {self.expression('bool')}:", "    " + statement]
        return [statement]

    def leaving(self) -> Lines:
        statement = self.rng.choice(("break", "continue"))
        if self.rng.random() < 0.9:
            return [f"if {self.expression('bool')}:", "    " + statement]
        return [statement]

    # --- compound ones

    def branch(self, level: int) -> Lines:
        lines = [f"if {self.expression('bool')}:", *self.inner_block(level)]
        while self.rng.random() < 0.25:
            lines += [f"elif {self.expression('bool')}:", *self.inner_block(level)]
        if self.rng.random() < 0.5:
            lines += ["else:", *self.inner_block(level)]
        return lines

    def loop(self, level: int) -> Lines:
        e = self.expression
        first: Lines = []
        few = self.rng.randint(1, 4)

        def over_nest():
            rows = f"{e('nest')}[:{few}]"
            return [(self.bind("list"), rows)]

        def over_list():
            name = self.name("list")
            if name is None:
                return None
            first.append(f"if len({name}) > 8:")
            first.append("    break")
            return [(self.bind("int"), name)]

        source = self.pick(
            [
                (4, "", lambda: [(self.rng.choice(("i", "j", "n")), f"range({few})")]),
                (1, "", lambda: [(self.rng.choice(("i", "j")), f"range({e('int', 1)} % {few + 1})")]),
                (4, "", lambda: [(self.rng.choice(("x", "y")), f"{e('list')}[:{few}]")]),
                (2, "mutate", over_list),
                (1, "", lambda: [("i, x", f"enumerate({e('list')}[:{few}])")]),
                (0.8, "", lambda: [("x, y", f"zip({e('list')}, {e('list')}[:3])")]),
                (1, "nested", over_nest),
                (0.5, "", lambda: [("key", f"list({e('dict')})")]),
                (2, "iter", lambda: [("x", self.iterator(1))]),
                (0.7, "", lambda: [("key, x", f"{e('dict')}.items()")]),
                (2 if self.arrays else 0, "", lambda: [("va", e("mat"))]),
                (1 if self.arrays else 0, "", lambda: [("i, vb", f"enumerate({e('mat')})")]),
                (0.7, "group", lambda: [("x, zs", f"list({e('group')}.items())")]),
                (0.7, "group", lambda: [("x, zs", f"{e('group')}.items()")]),
                (0.5, "", lambda: [("key, x", f"list({e('dict')}.items())")]),
                (0.7, "comprehension", lambda: [("x", f"({self.comprehension('int', 2)})")]),
                (0.7, "gen", lambda: [("x", f"count_to({e('int', 1)})")]),
                (0.4, "", lambda: [("x", f"reversed({e('list')}[:{few}])")]),
                (
                    0.4,
                    "lambda",
                    lambda: [("x", f"map({self.rng.choice(('f', 'lambda z: f(z)'))}, {e('list')}[:{few}])")],
                ),
                (0.3, "unpack", lambda: [("(x, y)", f"[{e('tuple')}, {e('tuple')}]")]),
                (0.2, "setitem", lambda: [(self.target() or "x", f"range({few})")]),
                (0.3, "num", lambda: [("x", e("num"))]),
            ]
        ) or [("i", f"range({few})")]
        target, iterable = source[0]
        before = set(self.scope)
        for name in target.strip("()").split(", "):
            if name.isidentifier() and name not in self.scope:
                self.scope[name] = {"key": "str", "zs": "list", "va": "vec", "vb": "vec"}.get(name, "int")
        self.loops += 1
        self.loop_depth += 1
        body = (first and indented(first)) or []
        body += self.inner_block(level, 4)
        self.loops -= 1
        self.loop_depth -= 1
        for name in sorted(set(self.scope) - before):
            if self.rng.random() < 0.8 and not iterable.startswith("range("):  # it may have had no turn
                del self.scope[name]
        lines = [f"for {target} in {iterable}:", *body]
        if self.rng.random() < 0.2:
            lines += ["else:", *self.inner_block(level, 2)]
        return lines

    def while_loop(self, level: int) -> Lines:
        counter = self.fresh("turn")
        most = self.rng.randint(1, 4)
        test = self.rng.choice((f"{counter} < {most}", f"{counter} < {most} and {self.expression('bool')}"))
        lines = [f"{counter} = 0", f"while {test}:", f"    {counter} += 1"]
        self.loops += 1
        self.loop_depth += 1
        lines += self.inner_block(level, 4)
        self.loops -= 1
        self.loop_depth -= 1
        if self.rng.random() < 0.2:
            lines += ["else:", *self.inner_block(level, 2)]
        return lines

    def trying(self, level: int) -> Lines:
        lines = ["try:", *self.inner_block(level, 4)]
        handlers = self.rng.choice((0, 1, 1, 1, 2))
        bare = self.rng.random() < 0.25
        for number in range(handlers):
            last = number == handlers - 1
            kinds = self.rng.choice(("Fail", "ValueError", "(Fail, ZeroDivisionError)", "LookupError", "Other"))
            if last:
                kinds = self.rng.choice(("Exception", kinds, "(Fail, ArithmeticError, LookupError)"))
            self.handling += 1
            if last and bare and handlers == 1 and self.rng.random() < 0.3:
                self.handling -= 1
                lines += ["except:", *self.inner_block(level)]
            else:
                seen = self.rng.choice(
                    (
                        "LOG.append(repr(error)[:60])",
                        "print(type(error).__name__)",
                        "LOG.append((type(error).__name__, repr(error.__context__)[:60], repr(error.__cause__)[:60]))",
                        "LOG.append(where(error))" if self.rng.random() < self.weight["where"] else "pass",
                        f"{self.bind('str')} = repr(error)[:20]",
                    )
                )
                lines += [f"except {kinds} as error:", "    " + seen, *self.inner_block(level)]
                self.handling -= 1
        if handlers and self.rng.random() < 0.25:
            lines += ["else:", *self.inner_block(level)]
        if not handlers or self.rng.random() < 0.35 * self.weight["finally"]:
            kept, self.handling = self.handling, 0
            lines += ["finally:", *self.inner_block(level)]
            self.handling = kept
        return lines

    def with_block(self, level: int) -> Lines:
        swallow = self.rng.choice(("", "", f", {self.expression('bool', 1)}", ", True"))
        what = f"Ctx({self.expression(self.rng.choice(('str', 'int')), 1)}{swallow})"
        bound = ""
        if self.rng.random() < 0.3:
            bound = f" as {self.rng.choice(POOL['any'])}"
        if self.rng.random() < 0.15:
            what += ", Ctx('second')"
            bound = ""
        return [f"with {what}{bound}:", *self.inner_block(level)]

    def function_value(self) -> Lines:
        value = self.expression("fun")
        return [f"{self.bind('fun')} = {value}"]

    def closure(self) -> Lines:
        """A nested function; one that changes a variable of its surroundings now and then."""
        if self.inner_function:
            return self.assign()
        name = self.rng.choice(POOL["fun"])
        outer = [
            each for each in self.names("int") if not each.startswith("turn") and each not in ("i", "j", "n", "x", "y")
        ]
        changed = self.rng.choice(outer) if outer and self.rng.random() < 0.5 else None
        kept = (dict(self.scope), self.loops, self.result, self.handling, self.bound_here)
        self.scope = {key: its for key, its in self.scope.items() if its not in ("fun",)}
        self.scope["z"] = "int"
        self.loops, self.result, self.handling = 0, "int", 0
        self.inner_function += 1
        body = []
        if changed:
            body += [f"nonlocal {changed}", f"{changed} = {self.expression('int', 1)}"]
        else:
            body += self.rng.choice(([f"LOG.append({self.expression('int', 1)})"], [], self.inner_return()))
        body.append(f"return {self.expression('int')}")
        body = self.without_binding(body)
        self.inner_function -= 1
        self.scope, self.loops, self.result, self.handling, self.bound_here = kept
        default = self.rng.choice(("", "", "=1", f"={self.expression('int', 1)}"))
        self.scope[name] = "fun"
        return [f"def {name}(z{default}):", *indented(body)]

    def inner_return(self) -> Lines:
        return [f"if {self.expression('bool', 1)}:", f"    return {self.expression('int', 1)}"]

    def without_binding(self, body: Lines) -> Lines:
        """A walrus would make a name of the surroundings local to the function: an expression in its place."""
        return [line.replace(":=", "+0 or") if ":=" in line and "lambda" not in line else line for line in body]

    def local_class(self) -> Lines:
        if self.inner_function:
            return self.assign()
        argument = self.expression("int", 1)
        return [
            "class Local:",
            f"    mark = {self.unbinding('int')}",
            "    def get(self, z):",
            f"        return {self.inner('int', 1, 'z')} + self.mark",
            f"{self.bind('int')} = Local().get({argument})",
        ]

    def unbinding(self, kind: str) -> str:
        """An expression that binds no name."""
        kept, self.bound_here = self.bound_here, False
        try:
            return self.expression(kind, 1)
        finally:
            self.bound_here = kept

    def matching(self, level: int) -> Lines:
        name = self.rng.choice(POOL["int"])
        lines = [f"match {self.expression('int')}:", f"    case {self.small()}:"]
        lines += indented(self.inner_block(level, 2))
        if self.rng.random() < 0.5:
            lines += [f"    case {self.small()} | {self.small() + 10}:", *indented(self.inner_block(level, 2))]
        if self.rng.random() < 0.5:
            self.scope[name] = "int"
            lines += [f"    case {name} if {self.expression('bool')}:", *indented(self.inner_block(level, 2))]
        if self.rng.random() < 0.5:
            lines += ["    case _:", *indented(self.inner_block(level, 2))]
        return lines
