"""Base classes of metrics: sufficient statistics per text, reduced to a score."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jaso_core.records import Prediction
from jaso_evaluate.statistics.reductions import reduction

Floats = NDArray[np.float64]


class NotMeasurable(Exception):  # noqa: N818 - not an error: the scores name it and go on
    """The predictions lack what the metric reads; the message says what."""


@dataclass(frozen=True)
class Measure:
    """One number about a run.

    `stats` [n, k]: a row per prediction, NaN where it has no value. `reduction`: the name of the function from a sum of
    rows to the score; `each`: from one row to that text's score (default: the same). `higher_is_better`: None for a
    description. `baseline_of`: the measure that this one is a baseline for. `of_the_whole`: a row means something only
    among all rows of its run, so that no subset has a score, and rows of two runs cannot be swapped for a test.
    """

    name: str
    unit: str
    signature: str
    higher_is_better: bool | None
    stats: Floats
    reduction: str
    each: str = ""
    baseline_of: str | None = None
    of_the_whole: bool = False

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each prediction has a value, shape [n]."""
        return np.asarray(~np.isnan(self.stats).any(axis=1))

    def summable(self) -> Floats:
        """Return `stats` with missing rows as zeros, so that sums ignore them."""
        return np.where(self.present[:, None], self.stats, 0.0)

    def reduce(self, sums: Floats) -> Floats:
        """Return scores from sums of rows, shape [..., k] → [...]."""
        return reduction(self.reduction)(sums)

    def value(self) -> float | None:
        """Return the score of all predictions together; None when there is none."""
        if not self.present.any():
            return None
        value = float(self.reduce(self.summable().sum(axis=0)))
        return value if np.isfinite(value) else None

    def per_example(self) -> list[float | None]:
        """Return the score of each prediction alone."""
        scores = reduction(self.each or self.reduction)(self.summable())
        usable = self.present & np.isfinite(scores)
        return [float(score) if ok else None for score, ok in zip(scores, usable, strict=True)]


@dataclass(frozen=True)
class Training:
    """What is known of a model's training data.

    `texts`; `companies` that they were written for; `labelled`: answers with the occupations of their writers. `digest`
    identifies the data in signatures.
    """

    texts: Sequence[str] = ()
    companies: Sequence[str] = ()
    digest: str = ""
    labelled: Sequence[tuple[str, str]] = ()


class Metric(ABC):
    """A named way to measure predictions; it may give several measures."""

    by_text: ClassVar[bool] = False
    """Whether a prediction's rows depend on that prediction alone, so that predictions may be measured in parts."""

    training: Training | None = None
    """The training data while `measure` runs; None where they are not known (see `measure_with`)."""

    def measure_with(self, predictions: Sequence[Prediction], training: Training | None) -> list[Measure]:
        """Measure with the training data as context.

        They are known to `jaso evaluate` and to `jaso score train=…`. Afterwards the metric has those it had before.
        """
        before, self.training = self.training, training
        try:
            return self.measure(predictions)
        finally:
            self.training = before

    @abstractmethod
    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        """Return measures with one row of statistics per prediction, in order.

        NotMeasurable when the predictions lack what is read.
        """


def mean_of(values: Sequence[float | None]) -> Floats:
    """Return the statistics of a mean: [value, 1]; None is left out."""
    return np.array([[np.nan, np.nan] if v is None else [v, 1.0] for v in values], dtype=float).reshape(-1, 2)


def ratio_of(pairs: Sequence[tuple[float, float] | None]) -> Floats:
    """Return the statistics of a ratio of sums: [numerator, denominator].

    None is left out.
    """
    return np.array([(np.nan, np.nan) if p is None else p for p in pairs], dtype=float).reshape(-1, 2)


def signature(**parts: object) -> str:
    """Return "key:value|key:value|version:…", the form introduced by sacrebleu."""
    return "|".join(f"{key}:{value}" for key, value in {**parts, "jaso": version("jaso")}.items())
