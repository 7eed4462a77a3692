"""MAUVE: its frontier against scipy's entropies, its clusters by hand, and what it makes of odd texts."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.kmeans import kmeans, principal_components
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable
from jaso_evaluate.metrics.embedding import mauve  # noqa: F401 - registers its reduction
from jaso_evaluate.scoring.scorer import score
from jaso_evaluate.statistics.reductions import reduction

WORDS = ["저는", "고객의", "목소리를", "먼저", "듣는", "사람입니다.", "매장에서", "불만을", "줄였습니다."]


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory, model: Any, tokenizer: Any) -> Path:
    folder = tmp_path_factory.mktemp("causal")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def texts(n: int, seed: int, words: list[str] = WORDS) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(words, k=draw.randint(3, 9))) for _ in range(n)]


def measures(predictions: list[str], references: list[str], **options: Any) -> dict[str, Measure]:
    pairs = enumerate(zip(predictions, references, strict=True))
    metric = METRICS.build({"name": "mauve", **options}, "metrics.mauve")
    return {m.name: m for m in metric.measure([Prediction(str(i), a, b) for i, (a, b) in pairs])}


def area(p: list[float], q: list[float]) -> float:
    """As the paper defines it: every λ of 25, scipy's KL divergences, the area under the sorted points."""
    from scipy.integrate import trapezoid
    from scipy.stats import entropy

    p_hat, q_hat = ((np.array(h) + 0.5) / (np.array(h) + 0.5).sum() for h in (p, q))
    points = [(0.0, 1.0), (1.0, 0.0)]
    for weight in np.linspace(1e-6, 1 - 1e-6, 25):
        mixture = weight * p_hat + (1 - weight) * q_hat
        points.append((math.exp(-5 * entropy(q_hat, mixture)), math.exp(-5 * entropy(p_hat, mixture))))
    points.sort(key=lambda point: (point[0], -point[1]))
    return float(trapezoid([y for _, y in points], [x for x, _ in points]))


def test_the_frontier_is_the_papers() -> None:
    reduce = reduction("mauve:5")
    histograms = [([10, 20, 30], [30, 20, 10]), ([5, 0, 0], [0, 0, 5]), ([100, 1, 0], [90, 9, 2]), ([1, 0], [1, 0])]
    for p, q in histograms:
        assert float(reduce(np.array([*p, *q], dtype=float))) == pytest.approx(area(list(p), list(q)), abs=1e-9)
    many = np.array([[[10, 20, 30, 30, 20, 10]] * 2, [[7, 7, 7, 7, 7, 7]] * 2], dtype=float)
    values = reduce(many)
    assert values.shape == (2, 2)
    assert values[1] == pytest.approx([1, 1], abs=1e-9)
    far = np.array([1000, 0, 0, 1000], dtype=float)
    assert float(reduce(far)) < 0.01


def test_principal_components_are_those_of_the_singular_values() -> None:
    points = np.random.default_rng(1).normal(size=(40, 6)) @ np.diag([9, 5, 2, 0.5, 0.2, 0.1])
    centred = points - points.mean(axis=0)
    singular = np.linalg.svd(centred, compute_uv=False) ** 2
    kept = principal_components(points, 0.9)
    shares = np.cumsum(singular) / singular.sum()
    assert kept.shape[1] == int(np.argmax(shares >= 0.9)) + 1
    assert (kept**2).sum() == pytest.approx(singular[: kept.shape[1]].sum())
    assert principal_components(np.ones((5, 3)), 0.9).shape == (5, 1)


def test_clusters_of_what_lies_together() -> None:
    random_ = np.random.default_rng(2)
    points = np.concatenate([centre + random_.normal(scale=0.1, size=(20, 2)) for centre in ((0, 0), (9, 0), (0, 9))])
    labels = kmeans(points, 3, seed=4)
    groups = [set(labels[i : i + 20].tolist()) for i in (0, 20, 40)]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3
    assert (labels == kmeans(points, 3, seed=4)).all()
    assert set(kmeans(np.ones((6, 2)), 4, seed=1)) == {0}


def test_the_same_heap_has_1_and_another_less(causal: Path) -> None:
    heap = texts(60, 1)
    shuffled = heap[30:] + heap[:30]
    same = measures(shuffled, heap, model=str(causal))["mauve"]
    assert same.value() == pytest.approx(1, abs=1e-9)
    assert same.per_example() == [None] * 60
    other = measures(["네."] * 60, heap, model=str(causal))["mauve"].value()
    assert other is not None
    assert other < 0.5
    empty = measures([""] * 60, heap, model=str(causal))["mauve"].value()
    assert empty is not None
    assert empty < 0.5
    assert measures([""] * 60, [" "] * 60, model=str(causal))["mauve"].value() == pytest.approx(1)


def test_it_is_scored_with_an_interval(causal: Path) -> None:
    heap = texts(60, 1)
    records = [Prediction(str(i), a, b) for i, (a, b) in enumerate(zip(texts(60, 9), heap, strict=True))]
    node = {"mauve": {"name": "mauve", "model": str(causal), "clusters": 5}}
    scored = score(records, node, resamples=100, seed=0)
    entry = scored.scores["metrics"]["mauve"]
    low, high = entry["ci95"]
    assert 0 <= low <= high <= 1
    assert "clusters:5|seed:1|smoothing:krichevsky-trofimov|scale:5|ci:clusters-fixed" in entry["signature"]
    assert scored.per_example[0]["scores"]["mauve"] is None
    assert scored.scores["metrics"]["mauve_truncated"]["value"] == 0


def test_what_cannot_be_measured(causal: Path, tmp_path: Path) -> None:
    with pytest.raises(NotMeasurable, match=r"metrics\.mauve\.model=<folder"):
        measures(["가"] * 20, ["가"] * 20)
    with pytest.raises(NotMeasurable, match="19 predictions are too few"):
        measures(["가"] * 19, ["가"] * 19, model=str(causal))
    with pytest.raises(RequestError, match=r"max_length is 300; .* takes 256 tokens at most"):
        measures(["가"] * 20, ["가"] * 20, model=str(causal), max_length=300)
    with pytest.raises(RequestError, match="clusters must be 2 or more"):
        METRICS.build({"name": "mauve", "clusters": 1}, "metrics.mauve")
    with pytest.raises(RequestError, match=r"metrics\.mauve\.model: .*has no config\.json"):
        METRICS.build({"name": "mauve", "model": str(tmp_path)}, "metrics.mauve")
