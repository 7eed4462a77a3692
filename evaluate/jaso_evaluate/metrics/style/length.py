"""Lengths of the texts, and how they ended."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of, ratio_of
from jaso_evaluate.metrics.base import signature

# Controls but tab and line ends, formats of zero width, Hangul fillers, the empty Braille pattern.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\u115f\u1160\u3164\uffa0\u2800\U000e0001\U000e0020-\U000e007f]"
)
# Joiners between pictographs (👩\u200d💻), and the letters that spell a flag behind 🏴.
_EMOJI = re.compile(
    r"(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])"
    r"|\U0001f3f4[\U000e0020-\U000e007f]+"
)


@METRICS.register("length")
class Length(Metric):
    """Lengths, and shares of empty and of truncated texts.

    Characters per text, their ratio to the reference, texts that are empty, and texts that stopped at the token limit.
    Where there are any: texts with invisible characters, which count as characters in all metrics, and pairs whose
    reference is empty, which have the worst value in every metric that reads it.
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
        return [*measures, *_odd_texts(predictions)]


def has_invisible(text: str) -> bool:
    """Return whether a text holds invisible characters.

    Zero width, controls, Hangul fillers. Not the joiner within an emoji, nor what selects its form.
    """
    return _INVISIBLE.search(text) is not None and _INVISIBLE.search(_EMOJI.sub("", text)) is not None


def _odd_texts(predictions: Sequence[Prediction]) -> list[Measure]:
    """Return the shares of texts with invisible characters and of empty references.

    Only where there are any.
    """
    invisible = [float(has_invisible(p.prediction)) for p in predictions]
    no_reference = [float(not p.reference.strip()) for p in predictions]
    measures = []
    if any(invisible):
        sign = signature(invisible="controls-formats-fillers")
        measures.append(Measure("invisible", "% of texts", sign, False, mean_of(invisible), "ratio:100"))
    if any(no_reference):
        sign = signature(empty="blank-or-nothing")
        measures.append(Measure("empty_reference", "% of pairs", sign, None, mean_of(no_reference), "ratio:100"))
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
