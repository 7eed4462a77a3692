"""Groups of points that lie together: principal components, then k-means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

_STARTS = 5
_STEPS = 100


def principal(points: Floats, share: float) -> Floats:
    """The points [n, d] on as few principal components as explain `share` of their variance, shape [n, fewer]."""
    centred = points - points.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = variances[::-1].clip(min=0), axes[:, ::-1]
    total = variances.sum()
    kept = 1 if total == 0 else int(np.searchsorted(np.cumsum(variances) / total, share)) + 1
    return np.asarray(centred @ axes[:, : min(kept, len(variances))])


def kmeans(points: Floats, k: int, seed: int) -> Labels:
    """A label below k for each of the points [n, d]; fewer labels where fewer points are different.

    The best of five runs of Lloyd's algorithm, begun as Arthur & Vassilvitskii (2007) say (k-means++).
    """
    random = np.random.default_rng(seed)
    k = min(k, len(np.unique(points.round(9), axis=0)))
    runs = [_lloyd(points, _plus_plus(points, k, random)) for _ in range(_STARTS)]
    return min(runs, key=lambda run: run[0])[1]


def _plus_plus(points: Floats, k: int, random: np.random.Generator) -> Floats:
    """k of the points, each drawn with a probability that grows with the square of its distance from those before."""
    centres = [points[random.integers(len(points))]]
    nearest = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < k:
        total = nearest.sum()
        chosen = random.choice(len(points), p=nearest / total if total else None)
        centres.append(points[chosen])
        nearest = np.minimum(nearest, ((points - points[chosen]) ** 2).sum(axis=1))
    return np.array(centres)


def _lloyd(points: Floats, centres: Floats) -> tuple[float, Labels]:
    """(sum of squared distances, labels) when nothing moves any more."""
    labels = np.full(len(points), -1)
    distances = np.zeros(len(points))
    for _ in range(_STEPS):
        squares = (centres**2).sum(axis=1) - 2 * points @ centres.T  # and the point's own square, the same for all
        found = squares.argmin(axis=1)
        distances = squares[np.arange(len(points)), found]
        if (found == labels).all():
            break
        labels = found
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, points)
        counts = np.bincount(labels, minlength=len(centres))[:, None]
        centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
    return float(distances.sum()), labels
