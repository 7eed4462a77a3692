"""Lengths of the texts, and how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of, ratio_of
from jaso_evaluate.metrics.base import signature


@METRICS.register("length")
class Length(Metric):
    """Lengths, and shares of empty and of truncated texts.

    Characters per text, their ratio to the reference, texts that are empty, and texts that stopped at the token limit.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        lengths, reference_lengths = (list(map(len, side)) for side in nfc_pairs(predictions))
        unit = signature(char="code-point", blanks="counted", norm="nfc")
        measures = [
            Measure("length_characters", "characters", unit, None, mean_of(lengths), "ratio"),
            Measure(
                "length_ratio",
                "prediction/reference",
                unit,
                None,
                ratio_of(list(zip(lengths, reference_lengths, strict=True))),
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
        ]
        if any("stop" in p.meta for p in predictions):
            measures.append(_cut_at_limit(predictions))
        return measures


def _cut_at_limit(predictions: Sequence[Prediction]) -> Measure:
    stops = [p.meta.get("stop") for p in predictions]
    return Measure(
        "cut_at_limit",
        "% of texts",
        signature(stop="length"),
        False,
        mean_of([None if stop is None else float(stop == "length") for stop in stops]),
        "ratio:100",
    )
