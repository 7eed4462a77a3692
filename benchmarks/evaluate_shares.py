"""How often the 95 % intervals of shares of texts hold the truth, beside those of the plain bootstrap.

    python benchmarks/evaluate_shares.py [--trials 2000]

Groups of equal size; where they are alike, half of the texts do as their group does. A minute of one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jaso_core.console import result
from jaso_evaluate.statistics.bootstrap import Bootstrap
from jaso_evaluate.statistics.proportions import share_interval
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import interval

SHARES = (0.01, 0.05, 0.2, 0.5)
SHAPES = ((20, 1, 0.0), (50, 1, 0.0), (200, 1, 0.0), (50, 4, 0.0), (50, 4, 0.5), (200, 4, 0.5))
RESAMPLES = 500


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000)
    trials = parser.parse_args().trials
    result(f"{trials:,} trials, {RESAMPLES} resamples")
    result(f"| plain percentile → jaso | {' | '.join(f'{100 * share:g} %' for share in SHARES)} |")
    result(f"| --- |{' ---: |' * len(SHARES)}")
    for groups, size, alike in SHAPES:
        name = f"{groups} groups of {size}" + (", alike" if alike else "")
        found = [covered(share, groups, size, alike, trials) for share in SHARES]
        result(f"| {name} | {' | '.join(f'{plain:.1f} % → {ours:.1f} %' for plain, ours in found)} |")


def covered(share: float, groups: int, size: int, alike: float, trials: int) -> tuple[float, float]:
    """Percent of trials in which the interval of the plain percentiles, and jaso's, holds the share."""
    reduce = reduction("ratio:100")
    bootstrap = Bootstrap([str(i // size) for i in range(groups * size)], RESAMPLES, seed=1)
    hits = np.zeros(2)
    for rows in _drawn(share, groups, size, alike, trials):
        bounds = interval(reduce(bootstrap.sums(rows))), share_interval(rows, bootstrap.jackknife(rows, reduce))
        hits += [found is not None and found[0] <= 100 * share <= found[1] for found in bounds]
    plain, ours = 100 * hits / trials
    return float(plain), float(ours)


def _drawn(share: float, groups: int, size: int, alike: float, trials: int) -> Iterator[NDArray[np.float64]]:
    chance = np.random.default_rng(7)
    for _ in range(trials):
        of_group = np.repeat(chance.random(groups) < share, size)
        own = chance.random(groups * size) < share
        yes = np.where(chance.random(groups * size) < alike, of_group, own)
        yield np.stack([yes.astype(float), np.ones(len(yes))], axis=1)


if __name__ == "__main__":
    main()
