"""Memorisation: verbatim copies of training texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.longest_match import FLOOR, longest_overlaps
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature


@dataclass(frozen=True)
class MemorisationOptions:
    """`long_characters`: the shortest overlap that counts as copied."""

    long_characters: int = 50

    def __post_init__(self) -> None:
        if self.long_characters < FLOOR:
            raise ValueError(f"long_characters is {self.long_characters}, give {FLOOR} or more")


@METRICS.register("memorisation", MemorisationOptions)
class Memorisation(Metric):
    """The longest piece of each text that is verbatim in one training text.

    In characters, in % of the text, and the share of texts with a piece of 50 characters or more. Texts are compared in
    NFC with every run of blanks as one. Pieces under 8 characters count as 0, an empty text has 0 characters and no
    share. The words of the prompt are not taken out: training texts are answers, which an echoed question is not.

    The same of the references, which no model wrote, is the baseline of each: letters share phrases.
    """

    def __init__(self, options: MemorisationOptions) -> None:
        self._long = options.long_characters

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        if self.training is None or not self.training.texts:
            raise NotMeasurable("the training texts are not known; give train=<folder of `jaso preprocess`>")
        texts = [_normalise(p.prediction) for p in predictions]
        references = [_normalise(p.reference) for p in predictions]
        distinct = list(dict.fromkeys([*texts, *references]))
        overlaps = longest_overlaps(distinct, [_normalise(text) for text in self.training.texts])
        lengths = {text: overlap.length for text, overlap in zip(distinct, overlaps, strict=True)}
        how = {"floor": FLOOR, "blanks": "runs-as-one", "form": "nfc", "prompt": "kept", "train": self.training.digest}
        return [
            *self._measures("", signature(of="prediction", **how), [(text, lengths[text]) for text in texts]),
            *self._measures("_reference", signature(of="reference", **how), [(t, lengths[t]) for t in references]),
        ]

    def _measures(self, suffix: str, how: str, rows: Sequence[tuple[str, int]]) -> list[Measure]:
        shares = [length / len(text) if text else None for text, length in rows]
        columns: dict[str, tuple[str, Sequence[float | None], str]] = {
            "memorised_characters": ("characters", [length for _, length in rows], "ratio"),
            "memorised_share": ("% of the text", shares, "ratio:100"),
            f"memorised_{self._long}": ("% of texts", [float(n >= self._long) for _, n in rows], "ratio:100"),
        }
        return [
            Measure(
                f"{name}{suffix}", unit, how, False, mean_of(values), reduction, baseline_of=name if suffix else None
            )
            for name, (unit, values, reduction) in columns.items()
        ]


def _normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
