"""`while`, also until results say it is enough."""

import pydron
from case import case

LOG = []


@pydron.functional
def half(x):
    return x / 2


@pydron.functional
def sample(seed):
    return (seed * 1103515245 + 12345) % 2147483648 / 2147483648


@pydron.functional
def enough(x):
    return x < 1


@case(40)
@pydron.schedule
def while_on_result(x):
    steps = 0
    while x > 1:
        x = half(x)
        steps += 1
    return x, steps


@case(0.05, parallel=4)
@pydron.schedule
def while_not_converged(tolerance):
    seed = 0
    values = []
    error = 1.0
    while error > tolerance:
        for i in range(6):
            values.append(sample(seed + i))
        seed += 6
        mean = sum(values) / len(values)
        error = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5 / len(values)
    return len(values), mean, error


@case(10)
@pydron.schedule
def while_true_break(x):
    trace = []
    while True:
        x = half(x)
        trace.append(x)
        if enough(x):
            break
    return trace


@case(10)
@pydron.schedule
def while_else(x):
    while x > 1:
        x = half(x)
        if x == 5:
            continue
    else:
        x = ("ended", x)
    return x


@case(10)
@pydron.schedule
def while_else_broken(x):
    while x:
        x = half(x)
        if enough(x):
            break
    else:
        x = ("ended", x)
    return x


@case(10)
@pydron.schedule
def return_from_while(x):
    while True:
        x = half(x)
        if enough(x):
            return "found", x


@case(6, parallel=2)
@pydron.schedule
def counter_while(n):
    out = []
    i = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        out.append(half(i))
    return out


@case([8, 3, 5])
@pydron.schedule
def work_list(todo):
    done = []
    while todo:
        x = todo.pop()
        y = half(x)
        if y >= 2:
            todo.append(y)
        done.append(y)
    return done


@case(5)
@pydron.schedule
def while_false(x):
    while x < 0:
        x = half(x)
    return x


@case(20)
@pydron.schedule
def nested_while(x):
    rounds = []
    while x > 2:
        inner = x
        while not enough(inner):
            inner = half(inner)
        rounds.append(inner)
        x = half(x)
    return rounds


@case(20)
@pydron.schedule
def walrus_condition(x):
    trace = []
    while (x := half(x)) > 1:
        trace.append(x)
    return trace, x


@pydron.functional
def record(seed):
    return {"count": 10, "sums": [seed % 7, seed % 5]}


@case(2)
@pydron.schedule
def sums_over_records(most_rounds):
    count = 0
    totals = [0, 0]
    rounds = []
    while len(rounds) < most_rounds:
        for i in range(4):
            batch = record(1000 * len(rounds) + i)
            count += batch["count"]
            totals = [total + term for total, term in zip(totals, batch["sums"])]
        rounds.append((count, totals))
        print(f"round {len(rounds)}: {count}")
    return rounds


@case([3, 1, 4, 1])
@pydron.schedule
def functional_called_by_c_code(items):
    return list(map(half, items)), sorted(items, key=half), list(filter(enough, items))
