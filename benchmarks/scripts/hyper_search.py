"""Random search for the settings of a small neural network, in rounds that keep the better half.

python benchmarks/scripts/hyper_search.py [--scale 1.0]
"""

import argparse
import logging
import random
import sys
import time
from dataclasses import dataclass, replace

import numpy as np

import pydron

logger = logging.getLogger("search")


@dataclass
class Trial:
    number: int
    rate: float
    hidden: int
    decay: float
    epochs: int = 0
    score: float = float("inf")
    weights: tuple = ()


class Diverged(ArithmeticError):
    pass


def spirals(points, seed=4):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, points)
    angle = rng.uniform(0.5, 9, points)
    noise = rng.normal(scale=0.5, size=(2, points))
    x = np.stack([angle * np.cos(angle + np.pi * label), angle * np.sin(angle + np.pi * label)]) / 5 + noise / 5
    return x.T, np.where(rng.random(points) < 0.04, 1 - label, label)


@pydron.functional
def train(trial, x, label, epochs):
    """Some more epochs of gradient descent from where the trial is; its loss on a third that it does not learn from."""
    rng = np.random.default_rng([trial.number, trial.epochs])
    if trial.weights:
        w1, b1, w2, b2 = (each.copy() for each in trial.weights)
    else:
        w1 = rng.normal(size=(2, trial.hidden))
        b1 = rng.normal(size=trial.hidden)
        w2 = rng.normal(size=trial.hidden) / np.sqrt(trial.hidden)
        b2 = np.zeros(1)
    held = len(x) // 3
    for _ in range(epochs):
        for batch in np.array_split(held + rng.permutation(len(x) - held), 20):
            inner = np.tanh(x[batch] @ w1 + b1)
            chance = 1 / (1 + np.exp(-(inner @ w2 + b2)))
            error = (chance - label[batch]) / len(batch)
            back = np.outer(error, w2) * (1 - inner**2)
            w2 = w2 - trial.rate * (inner.T @ error + trial.decay * w2)
            b2 = b2 - trial.rate * error.sum()
            w1 = w1 - trial.rate * (x[batch].T @ back + trial.decay * w1)
            b1 = b1 - trial.rate * back.sum(axis=0)
    chance = 1 / (1 + np.exp(-(np.tanh(x[:held] @ w1 + b1) @ w2 + b2)))
    score = float(-np.mean(np.log(np.where(label[:held] == 1, chance, 1 - chance) + 1e-12)))
    if not score < 5:
        raise Diverged(f"trial {trial.number}: loss {score:.2f}")
    return replace(trial, epochs=trial.epochs + epochs, score=score, weights=(w1, b1, w2, b2))


def draw(rng, number):
    return Trial(number, 10 ** rng.uniform(-2, 1.0), rng.choice([8, 16, 32, 64]), 10 ** rng.uniform(-6, -2))


@pydron.schedule
def search(x, label, count, epochs, goal):
    rng = random.Random(8)
    trials = [draw(rng, number) for number in range(count)]
    rounds = 0
    best = None
    while len(trials) > 1:
        rounds += 1
        survivors = []
        for trial in trials:
            try:
                result = train(trial, x, label, epochs)
            except Diverged as reason:
                logger.warning("given up: %s", reason)
                continue
            survivors.append(result)
        survivors = sorted(survivors, key=lambda t: t.score)
        if not survivors:
            break
        best = survivors[0]
        print(f"round {rounds}: {len(survivors)} trials, best {best.score:.4f} (trial {best.number})")
        if best.score < goal:
            print("good enough")
            break
        trials = survivors[: (len(survivors) + 1) // 2]
    return best, rounds


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--trials", type=int, default=24)
    chosen = options.parse_args()
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(name)s: %(message)s")
    x, label = spirals(900)
    start = time.perf_counter()
    best, rounds = search(x, label, chosen.trials, max(1, int(200 * chosen.scale)), 0.2)
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    print(
        f"after {rounds} rounds: rate {best.rate:.4g}, {best.hidden} hidden, decay {best.decay:.2g}: {best.score:.5f}"
    )


if __name__ == "__main__":
    main()
