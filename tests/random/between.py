"""Loops of functional calls with something unknown between them: what a scheduler may foresee, rightly or wrongly."""

from __future__ import annotations

from expressions import Expressions

Lines = list  # of str


class Between(Expressions):
    def share(self) -> Lines:
        """No Num: functional functions add up what is in there, and must not have effects."""
        kind = self.rng.choice(("int", "list", "dict", "box", "str"))
        return [f"SHARED.append({self.expression(kind, 1)})"]

    def unknown_between(self) -> Lines:
        """A loop whose calls can mostly be foreseen; what is between them changes something, stops it, or raises."""
        self.counter += 1
        item, result = f"it{self.counter}", f"got{self.counter}"
        made = self.rng.choice([each for each in self.functionals if "int" in each.kinds] or self.functionals)
        args = ", ".join(
            self.rng.choice((item, item, f"{item} + 1", self.expression("int", 0)))
            if kind == "int"
            else self.expression(kind, 0)
            for kind in made.kinds
        )
        shown = self.expression("any", 0)
        body = self.rng.choice(
            (
                [f"{result} = {made.name}({args})", f"note({result})"],
                [f"note({item})", f"{result} = {made.name}({args})", f"note({result}, {shown})"],
                [f"if keep({item}) % 3 == 0:", "    continue", f"note({made.name}({args}))"],
                [f"note({made.name}({args}))", f"if bump({item}) > 7:", "    break"],
                [f"push(LOG, {made.name}({args}))", f"check({item})"],
                ["try:", f"    note({made.name}({args}))", "except Fail as error:", "    note(error.args)"],
            )
        )
        some = self.expression("list", 0)
        shared = "[z for z in SHARED[:5] if type(z) is int]"
        source = self.rng.choice((f"range({self.rng.randint(2, 6)})", f"{some}[:6]", shared))
        head = f"for {item} in {source}:"
        if self.rng.random() < 0.3:
            body = [line.replace(item, f"sum(({item}, at))") if made.name in line else line for line in body]
            head = f"for at, {item} in enumerate({source}):"
        return [head, *("    " + line for line in body)]
