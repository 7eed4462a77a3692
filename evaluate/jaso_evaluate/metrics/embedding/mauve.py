"""MAUVE: divergence between the distributions of model texts and human texts.

Pillutla et al. (2021), "MAUVE: Measuring the Gap Between Neural Text and Human Text Using Divergence Frontiers";
smoothed as in Pillutla et al. (2023), JMLR 24, there MAUVE*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from jaso_core.embeddings.causal_lm import LastHiddenStates, last_hidden_states
from jaso_core.embeddings.model_paths import check_model, model_folder
from jaso_core.records import Prediction
from jaso_core.stage.runner import volatile
from jaso_evaluate.algorithms.kmeans import kmeans, principal_components
from jaso_evaluate.korean.tokenizers import nfc_pairs
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature
from jaso_evaluate.statistics.reductions import Reduction, register_reduction

Floats = NDArray[np.float64]

_MIN_PREDICTIONS = 20
_MAX_CLUSTERS = 100
"""The published choice is a tenth of the texts; more clusters change little, and each is a number per text."""
_EXPLAINED_VARIANCE = 0.9
_MIXTURES = np.linspace(1e-6, 1 - 1e-6, 25)


@dataclass(frozen=True)
class MauveOptions:
    """Options of the MAUVE metric.

    `model`: the folder of a causal model, or of `jaso train`, or a hub name; null: MAUVE is left out. `clusters`: null
    is a tenth of the predictions, 2 to 100. `max_length`: tokens of a text, null for all that the model takes.
    """

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
    """MAUVE (0–1) of predictions against references, by a causal model's states.

    It compares two sets of texts and judges no single text. Needs 20 predictions, and is meaningful from some hundreds
    on. The interval holds the clusters fixed. Empty and blank texts form a separate cluster.
    """

    def __init__(self, options: MauveOptions) -> None:
        self._options = options
        if options.model is not None:
            check_model(options.model, "metrics.mauve.model")

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        options = self._options
        if options.model is None:
            raise NotMeasurable("no causal model is given: metrics.mauve.model=<folder or hub name>")
        if len(predictions) < _MIN_PREDICTIONS:
            raise NotMeasurable(
                f"{len(predictions)} predictions are too few for a distribution, {_MIN_PREDICTIONS} are needed"
            )
        folder = model_folder(options.model, "metrics.mauve.model")
        hypotheses, references = nfc_pairs(predictions)
        texts = sorted({*hypotheses, *references})
        embeddings = last_hidden_states(
            folder,
            texts,
            max_length=options.max_length,
            batch_size=options.batch_size,
            device=options.device,
            where="metrics.mauve",
            label="MAUVE",
        )
        index = {text: i for i, text in enumerate(texts)}
        rows = np.array([[index[a], index[b]] for a, b in zip(hypotheses, references, strict=True)])
        return self._measures(embeddings, rows)

    def _measures(self, embeddings: LastHiddenStates, rows: NDArray[np.intp]) -> list[Measure]:
        """Cluster the embeddings and count texts by cluster.

        `rows` [n, 2]: indices of the prediction's and the reference's embedding.
        """
        clusters = self._options.clusters or max(2, min(_MAX_CLUSTERS, round(len(rows) / 10)))
        labels = _labels(embeddings, rows, clusters, self._options.seed)
        # 2 pairs, labels [[0, 1], [1, 1]] → rows [1, 0, 0, 1] and [0, 1, 0, 1]: prediction, then reference, one-hot
        members = np.eye(labels.max() + 1)[labels].reshape(len(rows), -1)
        sign = signature(
            weights=embeddings.sha256[:12], states="last-token", max_length=embeddings.limit, pca=_EXPLAINED_VARIANCE,
            clusters=clusters, seed=self._options.seed, smoothing="krichevsky-trofimov", scale=5, ci="clusters-fixed",
            norm="nfc", transformers=version("transformers"),
        )  # fmt: skip
        truncated = [float(both.mean()) for both in embeddings.truncated[rows]]
        return [
            Measure("mauve", "MAUVE (0–1)", sign, True, members, "mauve:5", "nothing", of_the_whole=True),
            Measure("mauve_truncated", "% of texts", sign, None, mean_of(truncated), "ratio:100"),
        ]


def _labels(embeddings: LastHiddenStates, rows: NDArray[np.intp], clusters: int, seed: int) -> NDArray[np.intp]:
    """Return the cluster of each text, shape [n, 2].

    Points are weighted by their number of occurrences.
    """
    flat = rows.ravel()
    has_state = ~embeddings.empty[flat]
    labels = np.zeros(len(flat), dtype=np.intp)
    if has_state.any():
        states = embeddings.states[flat[has_state]]
        # Unit length, as in the authors' program.
        states = states / np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-12)
        labels[has_state] = kmeans(principal_components(states, _EXPLAINED_VARIANCE), clusters, seed)
    labels[~has_state] = labels[has_state].max(initial=-1) + 1
    return labels.reshape(rows.shape)


@register_reduction("nothing")
def nothing(argument: str) -> Reduction:
    """No score: for single texts, where only a set of texts has one."""
    del argument
    return lambda stats: np.full(stats.shape[:-1], np.nan)


@register_reduction("mauve")
def mauve(argument: str) -> Reduction:
    """Area under the divergence frontier, 0 to 1.

    From [predictions by cluster, references by cluster]. The argument scales the divergences (the paper: 5). Half a
    text is added to each cluster (Krichevsky-Trofimov).
    """
    scale = float(argument or 5)

    def reduce(stats: Floats) -> Floats:
        k = stats.shape[-1] // 2
        # Counts [10, 10] against [10, 10] → 1; [15, 5] against [5, 15] → 0.61; [20, 0] against [0, 20] → 0.01
        p, q = (_smooth(half) for half in (stats[..., :k], stats[..., k:]))
        # The frontier from (1, 0), all weight on the references, to (0, 1), all weight on the predictions.
        x, y = [np.ones(p.shape[:-1])], [np.zeros(p.shape[:-1])]
        for weight in _MIXTURES:
            mixture = weight * p + (1 - weight) * q
            x.append(np.exp(-scale * (q * np.log(q / mixture)).sum(axis=-1)))
            y.append(np.exp(-scale * (p * np.log(p / mixture)).sum(axis=-1)))
        x.append(np.zeros(p.shape[:-1]))
        y.append(np.ones(p.shape[:-1]))
        return np.asarray(-np.trapezoid(np.array(y), np.array(x), axis=0))

    return reduce


def _smooth(counts: Floats) -> Floats:
    # [3, 0, 1] → [3.5, 0.5, 1.5] / 5.5 = [0.64, 0.09, 0.27]: no share is 0, whose logarithm is infinite.
    smoothed = counts + 0.5
    return np.asarray(smoothed / smoothed.sum(axis=-1, keepdims=True))
