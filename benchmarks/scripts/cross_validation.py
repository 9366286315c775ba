"""Ten-fold cross-validation of kernel ridge regression and nearest neighbours, over a few settings of each.

python benchmarks/scripts/cross_validation.py [--scale 1.0]
"""

import argparse
import sys
import time
from collections import defaultdict

import numpy as np
from scipy import linalg
from scipy.spatial.distance import cdist

import pydron


def make_data(samples, features=8, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, features))
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * np.abs(x[:, 3]) + 0.1 * rng.normal(size=samples)
    return x, y


def folds_of(samples, k, seed=11):
    order = np.random.default_rng(seed).permutation(samples)
    for part in np.array_split(order, k):
        yield np.setdiff1d(order, part), part


class Ridge:
    def __init__(self, gamma, alpha):
        self.gamma = gamma
        self.alpha = alpha

    def fit(self, x, y):
        self.x = x
        kernel = np.exp(-self.gamma * cdist(x, x, "sqeuclidean"))
        kernel[np.diag_indices_from(kernel)] += self.alpha
        self.weights = linalg.solve(kernel, y, assume_a="pos")
        return self

    def predict(self, x):
        return np.exp(-self.gamma * cdist(x, self.x, "sqeuclidean")) @ self.weights


class Neighbours:
    def __init__(self, k):
        self.k = k

    def fit(self, x, y):
        self.x, self.y = x, y
        return self

    def predict(self, x):
        nearest = np.argpartition(cdist(x, self.x), self.k, axis=1)[:, : self.k]
        return self.y[nearest].mean(axis=1)


MODELS = {"ridge": Ridge, "neighbours": Neighbours}


@pydron.functional
def evaluate(kind, settings, x, y, train, test):
    """Mean square error on the part that was left out, and on the one it was trained with."""
    model = MODELS[kind](**settings).fit(x[train], y[train])
    return np.mean((model.predict(x[test]) - y[test]) ** 2), np.mean((model.predict(x[train]) - y[train]) ** 2)


@pydron.schedule
def cross_validate(x, y, candidates, k):
    folds = list(folds_of(len(x), k))
    scores = defaultdict(list)
    for kind, settings in candidates:
        for fold, (train, test) in enumerate(folds):
            test_error, train_error = evaluate(kind, settings, x, y, train, test)
            key = kind, tuple(sorted(settings.items()))
            scores[key].append(test_error)
            if train_error < 0.1 * test_error:
                print(f"{kind} {settings} overfits in fold {fold}")
    summary = []
    for key, values in scores.items():
        summary.append((np.mean(values), np.std(values) / np.sqrt(k), key))
        print("%-10s %-34s %.4f" % (key[0], dict(key[1]), np.mean(values)))
    return sorted(summary)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--folds", type=int, default=10)
    chosen = options.parse_args()
    x, y = make_data(max(60, int(1600 * chosen.scale**0.5)))
    candidates = [("ridge", {"gamma": gamma, "alpha": alpha}) for gamma in (0.02, 0.1, 0.5) for alpha in (0.01, 0.1)]
    candidates += [("neighbours", {"k": k}) for k in (1, 5, 15)]
    start = time.perf_counter()
    summary = cross_validate(x, y, candidates, chosen.folds)
    print(f"done in {time.perf_counter() - start:.3f} s", file=sys.stderr)
    best, error, (kind, settings) = summary[0]
    print(f"best: {kind} with {dict(settings)}: {best:.5f} +- {error:.5f}")


if __name__ == "__main__":
    main()
