"""How long the texts are, how they ended, and how much they repeat themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of, ratio_of
from jaso_evaluate.metrics.base import signature


@dataclass(frozen=True)
class LengthOptions:
    """`distinct_order`: characters a piece when repetition is measured."""

    distinct_order: int = 4

    def __post_init__(self) -> None:
        if self.distinct_order < 1:
            raise ValueError("distinct_order must be 1 or more")


@METRICS.register("length", LengthOptions)
class Length(Metric):
    """Lengths, shares of empty and of cut texts, and how little a text repeats itself.

    Characters a text, their ratio to the reference, texts that are empty, texts that stopped at the token limit, and
    the share of different character n-grams within a text.
    """

    def __init__(self, options: LengthOptions) -> None:
        self._order = options.distinct_order

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        lengths = [len(p.prediction) for p in predictions]
        unit = signature(char="code-point", blanks="counted")
        found = [
            Measure("length_characters", "characters", unit, None, mean_of(lengths), "ratio"),
            Measure(
                "length_ratio",
                "prediction/reference",
                unit,
                None,
                ratio_of([(len(p.prediction), len(p.reference)) for p in predictions]),
                "ratio",
            ),
            Measure(
                "empty",
                "% of texts",
                signature(empty="blank-or-nothing"),
                False,
                mean_of([float(not p.prediction.strip()) for p in predictions]),
                "ratio:100",
            ),
            self._distinct(predictions),
        ]
        if any("stop" in p.meta for p in predictions):
            found.append(_cut(predictions))
        return found

    def _distinct(self, predictions: Sequence[Prediction]) -> Measure:
        n = self._order
        grams = [[p.prediction[i : i + n] for i in range(len(p.prediction) - n + 1)] for p in predictions]
        return Measure(
            f"distinct_{n}",
            "% different",
            signature(of=f"character-{n}-grams", within="text"),
            True,
            ratio_of([(len(set(g)), len(g)) if g else None for g in grams]),
            "ratio:100",
        )


def _cut(predictions: Sequence[Prediction]) -> Measure:
    stops = [p.meta.get("stop") for p in predictions]
    return Measure(
        "cut_at_limit",
        "% of texts",
        signature(stop="length"),
        False,
        mean_of([None if stop is None else float(stop == "length") for stop in stops]),
        "ratio:100",
    )
