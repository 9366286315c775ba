"""Run once when Pydron is built: touches what most programs need, so that it is in the AOT cache."""

import pydron


@pydron.functional
def double(x):
    return 2 * x


@pydron.functional
def large(x):
    return bytes(200_000 + x)


@pydron.schedule
def pipeline(n):
    total = 0
    seen = []
    for i in range(n):
        y = double(i)
        if y % 3:
            seen.append(double(y))
        total += y
    sizes = [len(large(i)) for i in range(3)]
    print(f"trained with {len(seen)} and {len(sizes)} calls")
    try:
        double("a" * n)
    except TypeError:
        total = -1
    return total


if __name__ == "__main__":
    for n in (50, 2000):
        assert pipeline(n) == n * (n - 1), n
