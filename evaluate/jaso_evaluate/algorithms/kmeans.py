"""Clustering of points: PCA, then k-means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

_RESTARTS = 5
_MAX_ITERATIONS = 100


def principal_components(points: Floats, share: float) -> Floats:
    """Project the points [n, d] on their first principal components (PCA).

    As few components as explain `share` of the variance; shape [n, fewer].
    """
    centred = points - points.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = variances[::-1].clip(min=0), axes[:, ::-1]
    total = variances.sum()
    # Variances 100 and 1, share 0.9 → one component, which explains 100/101
    components = 1 if total == 0 else int(np.searchsorted(np.cumsum(variances) / total, share)) + 1
    return np.asarray(centred @ axes[:, : min(components, len(variances))])


def kmeans(points: Floats, k: int, seed: int) -> Labels:
    """Return a cluster label below k for each of the points [n, d].

    The best of five runs of Lloyd's algorithm with k-means++ initialisation (Arthur & Vassilvitskii 2007). There are
    fewer labels where fewer points are different.
    """
    random = np.random.default_rng(seed)
    k = min(k, len(np.unique(points.round(9), axis=0)))
    runs = [_lloyd(points, _kmeans_plusplus(points, k, random)) for _ in range(_RESTARTS)]
    return min(runs, key=lambda run: run[0])[1]


def _kmeans_plusplus(points: Floats, k: int, random: np.random.Generator) -> Floats:
    """Draw k of the points as initial centres (k-means++).

    The probability of a point grows with its squared distance from the nearest centre drawn before.
    """
    centres = [points[random.integers(len(points))]]
    nearest = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < k:
        total = nearest.sum()
        # Total 0: every point is a centre, up to rounding, and any will do.
        chosen = random.choice(len(points), p=nearest / total if total else None)
        centres.append(points[chosen])
        nearest = np.minimum(nearest, ((points - points[chosen]) ** 2).sum(axis=1))
    return np.array(centres)


def _lloyd(points: Floats, centres: Floats) -> tuple[float, Labels]:
    """Iterate to convergence; return (sum of squared distances, labels [n]).

    `points` [n, d], `centres` [k, d]. The sum is less that of the points' own squares.
    """
    labels = np.full(len(points), -1)
    distances = np.zeros(len(points))
    for _ in range(_MAX_ITERATIONS):
        # Without the point's own square, which is the same for all centres.
        squares = (centres**2).sum(axis=1) - 2 * points @ centres.T
        nearest = squares.argmin(axis=1)
        distances = squares[np.arange(len(points)), nearest]
        if (nearest == labels).all():
            break
        labels = nearest
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, points)
        counts = np.bincount(labels, minlength=len(centres))[:, None]
        # A centre without points keeps its place: points 0, 1, 10, centres 0, 10, 99 → labels 0, 0, 1.
        centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
    return float(distances.sum()), labels
