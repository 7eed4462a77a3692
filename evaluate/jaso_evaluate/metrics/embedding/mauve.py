"""MAUVE: how much of what people write a model writes too, and how much else.

Pillutla et al. (2021), "MAUVE: Measuring the Gap Between Neural Text and Human Text Using Divergence Frontiers";
smoothed as in Pillutla et al. (2023), JMLR 24, there MAUVE*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from jaso_core.records import Prediction
from jaso_core.stage.runner import volatile
from jaso_evaluate.algorithms.kmeans import kmeans, principal_components
from jaso_evaluate.embeddings.causal_lm import LastHiddenStates, last_hidden_states
from jaso_evaluate.embeddings.model_paths import check_model, model_folder
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature
from jaso_evaluate.statistics.reductions import Reduction, register_reduction

Floats = NDArray[np.float64]

_FEWEST = 20
_MOST_CLUSTERS = 100
"""The published choice is a tenth of the texts; more than this change little, and each is a number of every text."""
_EXPLAINED = 0.9
_MIXTURES = np.linspace(1e-6, 1 - 1e-6, 25)


@dataclass(frozen=True)
class MauveOptions:
    """`model`: the folder of a causal model, or of `jaso train`, or a hub name; null: MAUVE is left out. `clusters`:
    null is a tenth of the predictions, 2 to 100. `max_length`: tokens of a text, null for all that the model takes."""

    model: str | None = None
    clusters: int | None = None
    max_length: int | None = None
    seed: int = 1
    batch_size: int | None = volatile(None)
    device: str = volatile("auto")

    def __post_init__(self) -> None:
        if self.clusters is not None and self.clusters < 2:
            raise ValueError("clusters must be 2 or more, or null")
        if any(value is not None and value < 1 for value in (self.max_length, self.batch_size)):
            raise ValueError("max_length and batch_size must be 1 or more, or null")


@METRICS.register("mauve", MauveOptions)
class Mauve(Metric):
    """MAUVE (0–1) of the predictions against the references as two heaps of texts, with the states of a causal model.

    It judges no single text. Needs 20 predictions, and means something from some hundreds on. The interval holds the
    clusters fixed. Empty and blank texts are a cluster of their own.
    """

    def __init__(self, options: MauveOptions) -> None:
        self._options = options
        if options.model is not None:
            check_model(options.model, "metrics.mauve.model")

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        options = self._options
        if options.model is None:
            raise NotMeasurable("no causal model is given: metrics.mauve.model=<folder or hub name>")
        if len(predictions) < _FEWEST:
            raise NotMeasurable(f"{len(predictions)} predictions are too few for a distribution, {_FEWEST} are needed")
        folder = model_folder(options.model, "metrics.mauve.model")
        mine, theirs = nfc_pairs(predictions)
        texts = sorted({*mine, *theirs})
        found = last_hidden_states(
            folder, texts, max_length=options.max_length, batch_size=options.batch_size, device=options.device
        )
        place = {text: i for i, text in enumerate(texts)}
        rows = np.array([[place[a], place[b]] for a, b in zip(mine, theirs, strict=True)])
        return self._measures(found, rows)

    def _measures(self, found: LastHiddenStates, rows: NDArray[np.intp]) -> list[Measure]:
        """`rows` [n, 2]: which state is the prediction's, which the reference's."""
        wanted = self._options.clusters or max(2, min(_MOST_CLUSTERS, round(len(rows) / 10)))
        labels = _labels(found, rows, wanted, self._options.seed)
        members = np.eye(labels.max() + 1)[labels].reshape(len(rows), -1)
        sign = signature(
            weights=found.sha256[:12], states="last-token", max_length=found.limit, pca=_EXPLAINED, clusters=wanted,
            seed=self._options.seed, smoothing="krichevsky-trofimov", scale=5, ci="clusters-fixed",
            norm="nfc", transformers=version("transformers"),
        )  # fmt: skip
        truncated = [float(both.mean()) for both in found.truncated[rows]]
        return [
            Measure("mauve", "MAUVE (0–1)", sign, True, members, "mauve:5", "nothing", of_the_whole=True),
            Measure("mauve_truncated", "% of texts", sign, None, mean_of(truncated), "ratio:100"),
        ]


def _labels(found: LastHiddenStates, rows: NDArray[np.intp], clusters: int, seed: int) -> NDArray[np.intp]:
    """The cluster of each text, shape [n, 2]. Points are weighed as often as they occur, as in a heap of texts."""
    flat = rows.ravel()
    full = ~found.empty[flat]
    labels = np.zeros(len(flat), dtype=np.intp)
    if full.any():
        states = found.states[flat[full]]
        states = states / np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-12)
        labels[full] = kmeans(principal_components(states, _EXPLAINED), clusters, seed)
    labels[~full] = labels[full].max(initial=-1) + 1
    return labels.reshape(rows.shape)


@register_reduction("nothing")
def nothing(argument: str) -> Reduction:
    """No score: for single texts of what only a heap of texts has."""
    del argument
    return lambda stats: np.full(stats.shape[:-1], np.nan)


@register_reduction("mauve")
def mauve(argument: str) -> Reduction:
    """[predictions by cluster, references by cluster] → the area under the divergence frontier, 0 to 1.

    The argument scales the divergences (the paper: 5). Half a text is added to each cluster (Krichevsky-Trofimov).
    """
    scale = float(argument or 5)

    def reduce(stats: Floats) -> Floats:
        k = stats.shape[-1] // 2
        p, q = (_smoothed(half) for half in (stats[..., :k], stats[..., k:]))
        # From all weight on the references, where nothing of them is missed, to all weight on the predictions.
        x, y = [np.ones(p.shape[:-1])], [np.zeros(p.shape[:-1])]
        for weight in _MIXTURES:
            mixture = weight * p + (1 - weight) * q
            x.append(np.exp(-scale * (q * np.log(q / mixture)).sum(axis=-1)))
            y.append(np.exp(-scale * (p * np.log(p / mixture)).sum(axis=-1)))
        x.append(np.zeros(p.shape[:-1]))
        y.append(np.ones(p.shape[:-1]))
        return np.asarray(-np.trapezoid(np.array(y), np.array(x), axis=0))

    return reduce


def _smoothed(counts: Floats) -> Floats:
    added = counts + 0.5
    return np.asarray(added / added.sum(axis=-1, keepdims=True))
