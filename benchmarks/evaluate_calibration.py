"""Are the intervals and tests of `jaso compare` what they are called? A simulation with known truths.

    python benchmarks/evaluate_calibration.py [--trials 1000] [--resamples 500] [--seed 1]

Four tables as Markdown: how often 95 % intervals hold the true score; how often tests find a difference that is not
there; how often they find one of the size that `jaso compare` states as detectable; and what several seeds change. Each
trial makes a new set of texts. The share of 1,000 trials is known to about ± 1.4 points at 95 %, ± 1.4 at 5 %.
"""

from __future__ import annotations

import argparse

import numpy as np
from calibration import coverage, false_alarms, family_alarms, planted, seeds
from calibration_scores import KINDS, Random

from jaso_core.console import result


def main() -> None:
    """Prints the tables, one after the other from one stream of random numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result(f"{given.trials:,} trials of {given.resamples:,} resamples, seed {given.seed}")
    random = np.random.default_rng(given.seed)
    for table in (intervals, alarms, differences, systems):
        table(given.trials, given.resamples, random)


def intervals(trials: int, resamples: int, random: Random) -> None:
    """How often intervals hold the true score."""
    sizes = (10, 20, 50, 200, 1000)
    head("95 % intervals hold the truth (plain percentile → jaso)", [f"{n} groups" for n in sizes])
    found = [coverage(n, trials, resamples, random) for n in sizes]
    for kind in KINDS:
        row(kind, [f"{percent(one[kind][0])} → {percent(one[kind][1])}" for one in found])


def alarms(trials: int, resamples: int, random: Random) -> None:
    """How often tests find what is not there."""
    sizes = (6, 20, 50, 200)
    head("false alarms (permutation / bootstrap)", [f"{n} groups" for n in sizes])
    for kind in (*KINDS, "ties"):
        row(kind, [both(false_alarms(kind, n, trials, resamples, random)) for n in sizes])
    families = [both(family_alarms(n, trials, resamples, random)) for n in sizes]
    row("any of 10, permutation (as it is / after Holm)", families)


def differences(trials: int, resamples: int, random: Random) -> None:
    """How often they find a difference of the size that is stated as detectable."""
    head("planted difference", ["stated for power 0.9", "found", "half of it: groups stated", "found"])
    for groups, tests in ((20, 1), (50, 1), (200, 1), (50, 10), (200, 10)):
        effect, first, needed, second = planted(groups, tests, trials, resamples, random)
        what = f"{groups} groups, {'1 test' if tests == 1 else f'{tests} tests, Holm'}"
        row(what, [f"{effect:.2f}", percent(first), str(needed), percent(second)])


def systems(trials: int, resamples: int, random: Random) -> None:
    """What several seeds change."""
    head("two systems told apart", ["one seed each", "texts only", "pigeonhole", "jaso"])
    cases = [(2, 0.2, 0.0), (3, 0.2, 0.0), (5, 0.2, 0.0), (10, 0.2, 0.0), (3, 0.0, 0.0)]
    cases += [(3, 0.2, sds * 0.2) for sds in (1, 2, 3, 4, 5)] + [(10, 0.2, 0.2), (10, 0.2, 0.4)]
    for count, sd, gap in cases:
        shares = seeds(count, sd, trials, resamples, random, gap=gap)
        what = "equal" if gap == 0 else f"{gap / sd:.0f} SDs between seeds apart"
        what += "" if sd else ", no luck in training"
        row(f"{count} seeds each, {what}", [percent(share) for share in shares.values()])


def head(first: str, columns: list[str]) -> None:
    """The head of a table in Markdown."""
    result("")
    row(first, columns)
    result(f"| --- | {' | '.join('---:' for _ in columns)} |")


def row(first: str, cells: list[str]) -> None:
    """A row of it."""
    result(f"| {first} | {' | '.join(cells)} |")


def percent(share: float) -> str:
    """ "95.1 %"."""
    return f"{100 * share:.1f} %"


def both(shares: tuple[float, float]) -> str:
    """ "4.9 % / 5.2 %"."""
    return f"{percent(shares[0])} / {percent(shares[1])}"


if __name__ == "__main__":
    main()
