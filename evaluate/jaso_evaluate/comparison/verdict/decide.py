"""Decide who is better by the primary measures of a comparison.

All tests of all pairs of systems in all primary measures are one family, corrected by Holm's method: where nothing
differs, a winner is named in at most 1 % of comparisons. A system is better than another that is better in one or
more measures and worse in none. No difference shown is never called equality. Between 1 and 5 % is a hint: it is named,
and names no winner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from jaso_evaluate.comparison.schema import Comparison, DegenerateSystem, MeasureRow, PairVerdict, Verdict, Win
from jaso_evaluate.schema import LEVEL, DegenerationFacts
from jaso_evaluate.statistics.summary import holm

PRIMARY = (
    "bits_per_character",
    "use_similarity",
    "rouge1_kiwi_character",
    "use_relevance",
    "rep_4",
    "leak_company",
)
"""The six: likelihood of the references, meaning, the recommended overlap, subject, repetition, leaks."""

VERDICT_LEVEL = 0.01
"""p below which a measure counts for the verdict: who acts on a sentence reads no table of p beside it."""

OF_TEXTS = ("use_similarity", "rouge1_kiwi_character", "use_relevance", "rep_4")
"""Measures that do not speak for a system whose texts are the same for every prompt, or loop."""


def decide(comparison: Comparison, degeneration: Mapping[str, DegenerationFacts | None]) -> Verdict:
    """Return the verdict of a comparison.

    `degeneration`: by system, None where it is not known. Degenerate texts win nothing by measures of texts.
    """
    rows = [row for name in PRIMARY for row in comparison["measures"] if row["name"] == name]
    tested = [row["name"] for row in rows if row["pairs"]]
    degenerate = [
        DegenerateSystem(run=name, degeneration=facts)
        for name in comparison["runs"]
        if (facts := degeneration.get(name)) is not None and facts["is_degenerate"]
    ]
    distrusted = {system["run"] for system in degenerate}
    wins = [win for win in _wins(rows) if not (win["winner"] in distrusted and win["measure"] in OF_TEXTS)]
    shown = [win for win in wins if win["p_holm"] < VERDICT_LEVEL]
    pairs = [_pair(first, second, shown) for first, second in combinations(comparison["runs"], 2)]
    return {
        "best": _best(comparison["runs"], pairs),
        "measures": tested,
        "lacking": [name for name in PRIMARY if name not in tested],
        "pairs": pairs,
        "hints": [win for win in wins if win["p_holm"] >= VERDICT_LEVEL],
        "degenerate": degenerate,
    }


def _wins(rows: Sequence[MeasureRow]) -> list[Win]:
    """Return the differences that are significant after the correction."""
    tests = [(row, pair, pair["p"]) for row in rows for pair in row["pairs"] if pair["p"] is not None]
    adjusted = holm([p for _, _, p in tests])
    wins: list[Win] = []
    for (row, pair, _), p in zip(tests, adjusted, strict=True):
        difference = pair["difference"]
        if p >= LEVEL or not difference:
            continue
        is_second_better = (difference > 0) == bool(row["higher_is_better"])
        winner, loser = (pair["second"], pair["first"]) if is_second_better else (pair["first"], pair["second"])
        sign = 1 if is_second_better else -1
        wins.append(
            {
                "measure": row["name"],
                "unit": row["unit"],
                "winner": winner,
                "loser": loser,
                "difference": sign * difference,
                "ci95": _interval(row, pair["first"], pair["second"], sign),
                "p_holm": float(f"{p:.6g}"),
            }
        )
    return wins


def _interval(row: MeasureRow, first: str, second: str, sign: int) -> list[float] | None:
    """Return the interval of a difference; None but from the table's first system."""
    if first != row["cells"][0]["run"]:
        return None
    bounds = next((cell.get("difference_ci95") for cell in row["cells"] if cell["run"] == second), None)
    return sorted(sign * bound for bound in bounds) if bounds is not None else None


def _pair(first: str, second: str, wins: Sequence[Win]) -> PairVerdict:
    own = [win for win in wins if {win["winner"], win["loser"]} == {first, second}]
    winners = {win["winner"] for win in own}
    better = next(iter(winners)) if len(winners) == 1 else None
    return {"first": first, "second": second, "better": better, "wins": own}


def _best(systems: Sequence[str], pairs: Sequence[PairVerdict]) -> str | None:
    """Return the system that is better than every other; None where there is none."""
    for system in systems:
        if all(pair["better"] == system for pair in pairs if system in (pair["first"], pair["second"])):
            return system
    return None
