"""Is the verdict of `jaso compare` right? Simulated runs of which the truth is known.

    python benchmarks/evaluate_verdicts.py [--trials 20] [--null 200] [--texts 200] [--seed 1]

Pairs of runs over the same texts in five primary measures (bits, meaning, overlap, subject, repetition). A text has a
difficulty that both runs share, and noise of its own. Planted, in standard deviations of a text's difference: *better*
(.5 in all), *equal* (0), *collapsed* (.5 better by texts, all of them equal), *one measure* (.5 in bits alone).
Printed: in how many trials the verdict is the right one, and with nothing planted how often a winner is named (at most
1 % by the correction).
"""

from __future__ import annotations

import argparse

import numpy as np

from jaso_core.console import result
from jaso_evaluate.comparison.compare import Options, compare
from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.comparison.schema import Verdict
from jaso_evaluate.comparison.systems import System
from jaso_evaluate.comparison.verdict.decide import OF_TEXTS, decide
from jaso_evaluate.schema import DegenerationFacts

MEASURES = {
    "bits_per_character": False,
    "use_similarity": True,
    "rouge1_kiwi_character": True,
    "use_relevance": True,
    "rep_4": False,
}
"""Whether higher is better."""

EFFECT = 0.5
COLLAPSED: DegenerationFacts = {
    "n": 200, "equal": 0.99, "equal_references": 0.0, "looping": 0.0, "looping_references": 0.0, "is_degenerate": True,
}  # fmt: skip

Random = np.random.Generator


def main() -> None:
    """Print how often the verdict is right for each kind of truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("trials", 20), ("null", 200), ("texts", 200), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    random = np.random.default_rng(asked.seed)
    for kind, check in (
        ("better", is_better), ("equal", is_open), ("collapsed", is_open), ("one measure", is_better_by_bits),
    ):  # fmt: skip
        right = sum(check(verdict(kind, asked.texts, random)) for _ in range(asked.trials))
        result(f"{kind}: right in {right} of {asked.trials}")
    named = sum(verdict("equal", asked.texts, random)["best"] is not None for _ in range(asked.null))
    result(f"nothing planted: a winner in {named} of {asked.null}")


def is_better(outcome: Verdict) -> bool:
    """Return whether b is named in all measures."""
    return outcome["best"] == "b" and len(outcome["pairs"][0]["wins"]) == len(MEASURES)


def is_open(outcome: Verdict) -> bool:
    """Return whether no one is named."""
    return outcome["best"] is None


def is_better_by_bits(outcome: Verdict) -> bool:
    """Return whether b is named by bits alone."""
    return outcome["best"] == "b" and [win["measure"] for win in outcome["pairs"][0]["wins"]] == ["bits_per_character"]


def verdict(kind: str, texts: int, random: Random) -> Verdict:
    """Return the verdict on a simulated pair; b is the planted one."""
    planted = {
        "better": set(MEASURES), "equal": set(), "collapsed": set(OF_TEXTS), "one measure": {"bits_per_character"},
    }[kind]  # fmt: skip
    runs = simulate(planted, texts, random)
    comparison = compare([System(run.label, [run]) for run in runs], Options(resamples=2000, seed=1))
    return decide(comparison, {"b": COLLAPSED if kind == "collapsed" else None})


def simulate(planted: set[str], texts: int, random: Random) -> list[ScoredRun]:
    """Return runs a and b; b is better in the `planted` measures."""
    difficulty = random.normal(50, 10, (texts, 1))
    scores = {label: difficulty + random.normal(0, 4, (texts, len(MEASURES))) for label in "ab"}
    for column, (name, is_higher_better) in enumerate(MEASURES.items()):
        if name in planted:
            # Of a difference of two texts' noise: √2 × 4.
            scores["b"][:, column] += (1 if is_higher_better else -1) * EFFECT * 4 * np.sqrt(2)
    return [_run(label, values) for label, values in scores.items()]


def _run(label: str, values: np.ndarray) -> ScoredRun:
    metrics = {
        name: {"value": float(values[:, column].mean()), "ci95": None, "n": len(values), "unit": "points",
               "signature": name, "higher_is_better": is_higher_better}
        for column, (name, is_higher_better) in enumerate(MEASURES.items())
    }  # fmt: skip
    lines = {
        str(number): {
            "id": str(number), "group": str(number), "reference": "r",
            "scores": dict(zip(MEASURES, map(float, row), strict=True)),
            "stats": {name: [float(value), 1.0] for name, value in zip(MEASURES, row, strict=True)},
        }
        for number, row in enumerate(values)
    }  # fmt: skip
    return ScoredRun(label, metrics, dict.fromkeys(MEASURES, "ratio:1"), lines)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
