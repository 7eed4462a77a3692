"""Rows of scores.jsonl, built one at a time from the measures' arrays.

As objects, 100,000 texts with 40 measures are a gigabyte; as arrays a tenth of it.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from jaso_core.records import Prediction
from jaso_evaluate.metrics import Measure
from jaso_evaluate.schema import TextScores

Floats = NDArray[np.float64]


class TextRows(Sequence[TextScores]):
    """The scores of each prediction alone, in order."""

    def __init__(self, predictions: Sequence[Prediction], measures: Sequence[Measure]) -> None:
        self._predictions = predictions
        self._stats = {m.name: (m.stats, m.present) for m in measures}
        self._scores = {m.name: _column(m) for m in measures}

    def __len__(self) -> int:
        return len(self._predictions)

    @overload
    def __getitem__(self, index: int) -> TextScores: ...

    @overload
    def __getitem__(self, index: slice) -> list[TextScores]: ...

    def __getitem__(self, index: int | slice) -> TextScores | list[TextScores]:
        if isinstance(index, slice):
            return [self._row(i) for i in range(*index.indices(len(self)))]
        return self._row(range(len(self))[index])

    def column(self, name: str) -> Floats:
        """Return a measure's scores, shape [n], NaN where there is none."""
        values = self._scores.get(name)
        return np.full(len(self), np.nan) if values is None else values

    def _row(self, i: int) -> TextScores:
        prediction = self._predictions[i]
        scores = {name: float(values[i]) for name, values in self._scores.items()}
        return {
            "id": prediction.id,
            "group": group_of(prediction),
            "reference": reference_hash(prediction.reference),
            "scores": {name: None if math.isnan(score) else score for name, score in scores.items()},
            # A comparison of two runs resamples these, without measuring again.
            "stats": {
                name: stats[i].tolist() if present[i] else None for name, (stats, present) in self._stats.items()
            },
        }


def group_of(prediction: Prediction) -> str:
    """Return the bootstrap group of a prediction; without one, its id."""
    group = prediction.meta.get("group")
    return str(prediction.id if group in (None, "") else group)


def round_score(value: float | None) -> float | None:
    """Round to 6 decimals; None for NaN and infinity.

    Sums of floats differ beyond that with the number of threads.
    """
    return None if value is None or not math.isfinite(value) else round(value, 6)


def reference_hash(text: str) -> str:
    """Hash a reference in NFC, to tell whether two runs have the same references.

    Metrics normalise texts to NFC, too.
    """
    normalised = unicodedata.normalize("NFC", text)
    return hashlib.sha256(normalised.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _column(measure: Measure) -> Floats:
    values = (round_score(value) for value in measure.per_example())
    return np.array([np.nan if value is None else value for value in values], dtype=float)
