"""Prices an Asian option by Monte Carlo, until the answer is exact enough.

Nobody knows beforehand how many random paths it takes: the outer `while` looks at the standard error after each round,
the inner `for` runs the batches of a round in parallel. Each batch has its own seed, so the answer is the same on any
number of cores, to the last digit.

    pydron run examples/monte_carlo/pipeline.py [--tolerance 0.001]
"""

import argparse
import math
import random
import statistics
import time

import pydron

SPOT, STRIKE, RATE, VOLATILITY, YEARS, DATES = 100.0, 105.0, 0.03, 0.25, 1.0, 52


@pydron.functional
def simulate(seed, paths):
    """One batch: sums, squares and products of the two discounted payoffs over `paths` random paths.

    The first payoff is on the arithmetic mean of the price (what is wanted), the second on its geometric mean (whose
    exact price is known, which makes it a control variate).
    """
    source = random.Random(seed)
    gauss = source.gauss
    step = YEARS / DATES
    drift = (RATE - VOLATILITY**2 / 2) * step
    shock = VOLATILITY * math.sqrt(step)
    discount = math.exp(-RATE * YEARS)
    sums = [0.0] * 5
    for _ in range(paths):
        logarithm = math.log(SPOT)
        prices = logarithms = 0.0
        for _ in range(DATES):
            logarithm += drift + shock * gauss(0.0, 1.0)
            logarithms += logarithm
            prices += math.exp(logarithm)
        wanted = discount * max(prices / DATES - STRIKE, 0.0)
        known = discount * max(math.exp(logarithms / DATES) - STRIKE, 0.0)
        for i, term in enumerate((wanted, known, wanted * wanted, known * known, wanted * known)):
            sums[i] += term
    return {"paths": paths, "sums": sums}


@pydron.schedule
def price(tolerance, batches=8, paths=1500, most_rounds=100):
    """The price, its standard error, the plain mean of the known payoff, and the rounds it took."""
    count = 0
    totals = [0.0] * 5
    rounds = []
    error = math.inf
    while error > tolerance and len(rounds) < most_rounds:
        for i in range(batches):
            batch = simulate(1000 * len(rounds) + i, paths)
            count += batch["paths"]
            totals = [total + term for total, term in zip(totals, batch["sums"])]
        estimate, error, known = estimate_from(count, totals)
        rounds.append((count, estimate, error))
        print(f"round {len(rounds)}: {count} paths, price {estimate:.4f} ± {error:.4f}")
    return {"price": estimate, "error": error, "known": known, "paths": count, "rounds": rounds}


@pydron.functional
def estimate_from(count, totals):
    """Estimate and standard error with the control variate, and mean and error of the known payoff."""
    wanted, known = totals[0] / count, totals[1] / count
    wanted_variance = totals[2] / count - wanted**2
    known_variance = totals[3] / count - known**2
    covariance = totals[4] / count - wanted * known
    weight = covariance / known_variance
    estimate = wanted - weight * (known - exact_geometric_price())
    left = wanted_variance - covariance**2 / known_variance
    return estimate, math.sqrt(max(left, 0.0) / count), (known, math.sqrt(known_variance / count))


def exact_geometric_price():
    """The closed form of Kemna and Vorst (1990), for an average over equally spaced dates."""
    step = YEARS / DATES
    mean = math.log(SPOT) + (RATE - VOLATILITY**2 / 2) * step * (DATES + 1) / 2
    variance = VOLATILITY**2 * step * (DATES + 1) * (2 * DATES + 1) / (6 * DATES)
    deviation = math.sqrt(variance)
    upper = (mean - math.log(STRIKE) + variance) / deviation
    normal = statistics.NormalDist().cdf
    forward = math.exp(mean + variance / 2)
    return math.exp(-RATE * YEARS) * (forward * normal(upper) - STRIKE * normal(upper - deviation))


def check(result, tolerance):
    """The known payoff must come out at its exact price, within what chance allows, and the error be small enough."""
    known, error = result["known"]
    assert abs(known - exact_geometric_price()) < 4.5 * error, (known, exact_geometric_price(), error)
    assert result["error"] <= tolerance
    assert result["price"] > exact_geometric_price(), "an arithmetic mean is never below the geometric one"
    assert [n for n, _, _ in result["rounds"]] == sorted({n for n, _, _ in result["rounds"]})


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--tolerance", type=float, default=0.0004, help="standard error to reach")
    options.add_argument("--batches", type=int, default=8, help="parallel batches in a round")
    options.add_argument("--paths", type=int, default=10_000, help="random paths in a batch")
    chosen = options.parse_args()
    start = time.perf_counter()
    result = price(chosen.tolerance, chosen.batches, chosen.paths)
    seconds = time.perf_counter() - start
    check(result, chosen.tolerance)
    print(f"price {result['price']:.4f} ± {result['error']:.4f} from {result['paths']} paths in {seconds:.2f} s")


if __name__ == "__main__":
    main()
