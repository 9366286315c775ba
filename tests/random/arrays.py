"""The part of the generator that makes numpy arrays: vectors of four numbers, matrices of two rows of four.

Arrays share memory in many ways (slices, rows, transposition), and what shares memory has to be changed in order.
"""

from __future__ import annotations

from random import Random


class Arrays:
    """Expressions and statements of the kinds vec and mat."""

    rng: Random

    def vec(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "vec",
            depth,
            [
                (2, "", lambda: self.rng.choice(("np.zeros(4)", "np.arange(4.0)", "np.ones(4)", "np.full(4, 2.0)"))),
                (1, "", lambda: f"np.array([{e('int', low)}, 1, 2, {e('int', low)}], dtype=float)"),
                (2, "", lambda: f"({e('vec', low)} + {e(self.rng.choice(('vec', 'int')), low)}) % 97"),
                (1, "", lambda: f"{e('vec', low)} - {e('int', low)}"),
                (2, "alias", lambda: f"({e('mat', low)})[{self.rng.choice((0, -1))}]"),
                (1, "alias", lambda: f"({e('vec', low)})[::-1]"),
                (1, "alias", lambda: f"({e('mat', low)}).{self.rng.choice(('ravel()', 'reshape(8)', 'T[0].T'))}[:4]"),
                (1, "alias", lambda: f"np.{self.rng.choice(('asarray', 'ravel', 'squeeze'))}({e('vec', low)})"),
                (1, "", lambda: f"({e('vec', low)}).{self.rng.choice(('copy()', 'astype(float)', 'clip(0, 5)'))}"),
                (
                    1,
                    "",
                    lambda: f"np.{self.rng.choice(('array', 'sort', 'abs', 'sqrt', 'copy'))}(abs({e('vec', low)}))",
                ),
                (1, "", lambda: f"({e('mat', low)}).{self.rng.choice(('sum', 'mean', 'max'))}(axis=0)"),
                (0.5, "", lambda: f"np.where({e('vec', low)} > {self.small()}, {e('vec', low)}, 0.0)"),
                (0.5, "", lambda: f"np.maximum({e('vec', low)}, {e('vec', low)})"),
                (0.5, "", lambda: f"np.concatenate([({e('vec', low)})[:2], ({e('vec', low)})[2:]])"),
                (0.5, "", lambda: f"np.array(([{self.comprehension('int', low)}] + [1, 2, 3, 4])[:4], dtype=float)"),
            ],
            "np.arange(4.0)",
        )

    def mat(self, depth: int) -> str:
        e = self.expression
        low = depth - 1
        return self.general(
            "mat",
            depth,
            [
                (2, "", lambda: self.rng.choice(("np.zeros((2, 4))", "np.arange(8.0).reshape(2, 4)"))),
                (
                    2,
                    "",
                    lambda: f"np.{self.rng.choice(('array', 'stack', 'vstack'))}([{e('vec', low)}, {e('vec', low)}])",
                ),
                (1, "", lambda: f"{e('mat', low)} + {e(self.rng.choice(('vec', 'mat', 'int')), low)}"),
                (1, "", lambda: f"({e('mat', low)}).copy()"),
                (1, "alias", lambda: f"({e('mat', low)})[::-1]"),
                (0.5, "alias", lambda: f"({e('mat', low)}).T.T"),
                (0.5, "", lambda: f"np.outer([1, 2], {e('vec', low)})"),
            ],
            "np.ones((2, 4))",
        )

    def number_of_array(self, low: int) -> str:
        e = self.expression
        vec = f"({e('vec', low)})"
        return self.rng.choice(
            (
                f"int({vec}.sum()) % 97",
                f"int({vec}[{self.rng.choice((0, -1, 1))}])",
                f"int(({e('mat', low)})[0, 1])",
                f"int(np.max({vec}))",
                f"int({vec}.argmax())",
                f"len({vec})",
                f"int(sum({vec})) % 97",
                f"int(np.shares_memory({vec}, {e('vec', low)}))",
                f"int(np.dot({vec}, {e('vec', low)})) % 97",
            )
        )

    def change_array(self) -> list[str]:
        e = self.expression
        name = self.name(self.rng.choice(("vec", "vec", "mat")))
        if name is None:
            return self.assign()
        if self.scope[name] == "vec":
            other = self.name("vec")
            return [
                self.rng.choice(
                    (
                        f"{name}[{self.rng.choice((0, 1, -1))}] = {e('int')}",
                        f"{name}[{self.rng.choice(('1:3', ':', '::2'))}] = {e('int')}",
                        f"{name}[:] = {e('vec')}",
                        f"{name} {self.rng.choice(('+=', '-=', '*='))} {e(self.rng.choice(('int', 'vec')))} % 11",
                        f"{name}[{self.rng.choice(('0', '1:3'))}] += {e('int')}",
                        f"{name}[{name} > {self.small()}] = {e('int', 1)}",
                        f"{name}.sort()",
                        f"{name}.fill({e('int', 1)})",
                        f"np.add({e('vec', 1)}, {e('vec', 1)}, out={name})",
                        f"np.copyto({name}, {e('vec', 1)})",
                        f"{name}[0], {name}[1] = {name}[1], {name}[0]",
                        f"{other} = {name}",
                    )
                )
            ]
        return [
            self.rng.choice(
                (
                    f"{name}[{self.rng.choice((0, -1))}] = {e('vec')}",
                    f"{name}[0] += {e('vec')}",
                    f"{name}[:, {self.rng.choice((0, 1))}] = {e('int')}",
                    f"{name}[0, 1] = {e('int')}",
                    f"{name} += {e(self.rng.choice(('int', 'vec', 'mat')))}",
                    f"{self.bind('vec')}, {self.bind('vec')} = {name}",
                    f"{self.bind('vec')} = {name}[0]",
                )
            )
        ]
