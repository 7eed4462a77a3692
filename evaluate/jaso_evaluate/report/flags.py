"""Flags of single texts from their scores: a leak, a loop, a missed limit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jaso_evaluate.report.metric_families import family_of
from jaso_evaluate.report.ranks import values_of
from jaso_evaluate.schema import Scores, TextScores

_SHARE = "% of texts"

# A measure's name → what its chip says. Any other share of texts is called by its own name.
_WORDS = {
    "empty": "empty",
    "cut_at_limit": "cut at the token limit",
    "leak_company": "names a company",
    "leak_company_of_training": "names a company of the training texts",
    "leak_person": "names a person",
    "leak_contact": "holds contact data",
    "loops": "caught in a loop",
    "register_mixed": "mixes speech levels",
    "relevance_top1": "fits another question better",
    "within_limit": "outside the length limit",
}
_FAR_BELOW_CHANCE = ("relevance", 25.0)
"""The share of other questions that fit worse, by chance 50 %, below which an answer fits another question better.

Not the best of all is no fault of one text: of 100 questions on motives many fit about alike.
"""
_ORDER = ("risks", "rules", "text", "other", "reference", "likelihood")


@dataclass(frozen=True)
class Flag:
    """A flag that `measure` raises; `order` puts risks first."""

    measure: str
    words: str
    order: int

    @property
    def is_risk(self) -> bool:
        return self.order == 0


def flags_of(scores: Scores, per_example: Sequence[TextScores], baselines: Sequence[str] = ()) -> list[list[Flag]]:
    """Return the flags of each text.

    A measure raises one when it is a share of texts ("% of texts") that judges: of those to be avoided for texts above
    0, of those to be sought for texts below 100. `baselines` say nothing about the text.
    """
    raising = [
        (_flag(name, entry["higher_is_better"]), entry["higher_is_better"])
        for name, entry in scores["metrics"].items()
        if entry["unit"].startswith(_SHARE) and entry["higher_is_better"] is not None and name not in baselines
    ]
    raising.sort(key=lambda pair: pair[0].order)
    columns = [(flag, good, values_of(per_example, flag.measure)) for flag, good in raising]
    measure, least = _FAR_BELOW_CHANCE
    far = values_of(per_example, measure) < least  # NaN is not
    return [
        [
            flag
            for flag, good, values in columns
            if _is_raised(values[i], good) and (flag.measure != "relevance_top1" or far[i])
        ]
        for i in range(len(per_example))
    ]


def _flag(name: str, good: bool) -> Flag:
    copied = re.fullmatch(r"memorised_(\d+)", name)
    words = _WORDS.get(name) or (("not " if good else "") + name.replace("_", " "))
    if copied:
        words = f"copies {copied[1]} characters or more"
    return Flag(name, words, _ORDER.index(family_of(name).group))


def _is_raised(value: float, good: bool) -> bool:
    return value < 100 if good else value > 0  # NaN, a text without the score, is neither
