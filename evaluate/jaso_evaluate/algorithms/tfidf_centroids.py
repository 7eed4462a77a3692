"""Nearest tf-idf centroid: which cluster of texts a text resembles (Rocchio 1971)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vector = Mapping[str, float]

_DECIMALS = 9
"""Rounding of the scores; beyond it the order of additions shows and ties would break."""


class TfidfCentroids:
    """Clusters of tokenised texts, each the sum of its texts' unit tf-idf vectors.

    Smoothed idf, log((1 + texts)/(1 + texts with the token)) + 1, over all texts of all clusters.

    A large cluster resembles any text a little. So a score is no bare cosine but a z-score: the cosine minus the mean
    of the cosines that the cluster has with all texts of other clusters, in their standard deviations.

    The first text of a cluster (a question) is always part of it. Of the others (its answers) one is excluded: from the
    text's own cluster the answer that it must not be compared with, and one from every other cluster too, which would
    otherwise have the advantage of one answer more.
    """

    def __init__(self, clusters: Sequence[Sequence[Sequence[str]]]) -> None:
        text_count = sum(map(len, clusters))
        document_frequency = Counter(token for cluster in clusters for tokens in cluster for token in set(tokens))
        self._idf = {token: math.log((1 + text_count) / (1 + n)) + 1 for token, n in document_frequency.items()}
        vectors = [[self._vector(tokens) for tokens in cluster] for cluster in clusters]
        self._whole = [_sum(cluster) for cluster in vectors]
        # The question and all answers but the first: a foreign text, too, is compared with one answer fewer.
        self._sums = [_sum([*cluster[:1], *cluster[2:]]) for cluster in vectors]
        self._norms = np.array([_norm(total) for total in self._sums])
        self._postings = _postings(self._sums)
        self._means, self._deviations = self._background(vectors)

    def scores(self, text: Sequence[str], own: int, without: Sequence[str]) -> tuple[float, Floats]:
        """Return the scores with the cluster `own` and with the others [clusters − 1].

        The text `without` is excluded from the cluster `own`, one of theirs from each other. A text that shares no
        token with any cluster scores equally with all of them.
        """
        vector = self._vector(text)
        if not vector:
            return 0.0, np.zeros(len(self._sums) - 1)
        cosines = self._cosines(vector)
        excluded = self._vector(without)
        # Its own cluster loses the text that it must not be compared with, in place of the first answer.
        centroid = {token: weight - excluded.get(token, 0.0) for token, weight in self._whole[own].items()}
        norm = _norm(centroid)
        dot = sum(weight * centroid.get(token, 0.0) for token, weight in vector.items())
        cosines[own] = max(dot, 0.0) / norm if norm > 1e-9 else 0.0
        scores = ((cosines - self._means) / self._deviations).round(_DECIMALS)
        return float(scores[own]), np.delete(scores, own)

    def _background(self, vectors: Sequence[Sequence[Vector]]) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of each cluster's cosines with foreign texts.

        1 for no deviation.
        """
        counts, sums, square_sums = (np.zeros(len(vectors)) for _ in range(3))
        for own, cluster in enumerate(vectors):
            for vector in cluster:
                cosines = self._cosines(vector)
                cosines[own] = 0.0
                sums += cosines
                square_sums += cosines**2
            # Clusters of 2, 3 and 4 texts → 7, 6 and 5 foreign ones
            counts += len(cluster)
            counts[own] -= len(cluster)
        means = sums / np.maximum(counts, 1)
        # Mean square − square of the mean; rounding may take it below 0.
        deviations = np.sqrt(np.maximum(square_sums / np.maximum(counts, 1) - means**2, 0.0))
        return means, np.where(deviations > 1e-9, deviations, 1.0)

    def _cosines(self, vector: Vector) -> Floats:
        """Return the cosines of a unit vector with each cluster, shape [clusters]."""
        products = np.zeros(len(self._sums))
        for token, weight in vector.items():
            if token in self._postings:
                indices, weights = self._postings[token]
                products[indices] += weight * weights
        return np.asarray(np.divide(products, self._norms, out=np.zeros_like(products), where=self._norms > 0))

    def _vector(self, tokens: Sequence[str]) -> Vector:
        weights = {token: n * self._idf[token] for token, n in Counter(tokens).items() if token in self._idf}
        norm = _norm(weights)
        return {token: weight / norm for token, weight in weights.items()}


def _postings(sums: Sequence[Vector]) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """Build the inverted index: token → (clusters that hold it, its weights there)."""
    postings: dict[str, tuple[list[int], list[float]]] = {}
    for cluster, total in enumerate(sums):
        for token, weight in total.items():
            indices, weights = postings.setdefault(token, ([], []))
            indices.append(cluster)
            weights.append(weight)
    return {
        token: (np.array(indices, dtype=np.int64), np.array(weights)) for token, (indices, weights) in postings.items()
    }


def _sum(vectors: Sequence[Vector]) -> Vector:
    total: dict[str, float] = {}
    for vector in vectors:
        for token, weight in vector.items():
            total[token] = total.get(token, 0.0) + weight
    return total


def _norm(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))
