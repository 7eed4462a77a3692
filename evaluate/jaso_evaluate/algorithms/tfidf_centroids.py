"""Which of many bundles of texts is a text most like? tf-idf vectors and their centroids (Rocchio 1971)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vector = Mapping[str, float]

_DIGITS = 9
"""Beyond these decimals the order of additions shows, and equal fits would not be equal."""


class Profiles:
    """Bundles of tokenised texts, each the sum of its texts' tf-idf vectors of length 1.

    idf as usual with smoothing, log((1 + texts)/(1 + texts with the token)) + 1, over all texts of all bundles.

    A bundle of many texts is somewhat like any text. So a fit is no bare cosine: it is the cosine's distance from the
    mean of the cosines that the bundle has with all texts of other bundles, in their standard deviations.

    The first text of a bundle (a question) always stays. Of the others (its answers) one is left out: for the text that
    is held against its own bundle the one that it must not meet again, and one of every other bundle's too, or these
    would have the advantage of an answer more.
    """

    def __init__(self, bundles: Sequence[Sequence[Sequence[str]]]) -> None:
        texts = sum(map(len, bundles))
        seen = Counter(token for bundle in bundles for text in bundle for token in set(text))
        self._idf = {token: math.log((1 + texts) / (1 + n)) + 1 for token, n in seen.items()}
        vectors = [[self._vector(text) for text in bundle] for bundle in bundles]
        self._whole = [_sum(bundle) for bundle in vectors]
        self._sums = [_sum([*bundle[:1], *bundle[2:]]) for bundle in vectors]
        self._norms = np.array([_norm(total) for total in self._sums])
        self._postings = _postings(self._sums)
        self._means, self._deviations = self._usual(vectors)

    def fits(self, text: Sequence[str], own: int, without: Sequence[str]) -> tuple[float, Floats]:
        """With the bundle `own`, less one of its texts (`without`), and with each other bundle, less one of theirs,
        shape [bundles − 1].

        A text that shares no token with any bundle fits all of them equally.
        """
        vector = self._vector(text)
        if not vector:
            return 0.0, np.zeros(len(self._sums) - 1)
        cosines = self._cosines(vector)
        less = self._vector(without)
        rest = {token: weight - less.get(token, 0.0) for token, weight in self._whole[own].items()}
        norm = _norm(rest)
        product = sum(weight * rest.get(token, 0.0) for token, weight in vector.items())
        cosines[own] = max(product, 0.0) / norm if norm > 1e-9 else 0.0
        fits = ((cosines - self._means) / self._deviations).round(_DIGITS)
        return float(fits[own]), np.delete(fits, own)

    def _usual(self, vectors: Sequence[Sequence[Vector]]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each bundle's cosines with the texts of the others; 1 for no deviation."""
        count, first, second = (np.zeros(len(vectors)) for _ in range(3))
        for own, bundle in enumerate(vectors):
            for vector in bundle:
                cosines = self._cosines(vector)
                cosines[own] = 0.0
                first += cosines
                second += cosines**2
            count += len(bundle)
            count[own] -= len(bundle)
        means = first / np.maximum(count, 1)
        deviations = np.sqrt(np.maximum(second / np.maximum(count, 1) - means**2, 0.0))
        return means, np.where(deviations > 1e-9, deviations, 1.0)

    def _cosines(self, vector: Vector) -> Floats:
        """Of a vector of length 1 with each bundle, shape [bundles]."""
        products = np.zeros(len(self._sums))
        for token, weight in vector.items():
            if token in self._postings:
                where, weights = self._postings[token]
                products[where] += weight * weights
        return np.asarray(np.divide(products, self._norms, out=np.zeros_like(products), where=self._norms > 0))

    def _vector(self, tokens: Sequence[str]) -> Vector:
        weights = {token: n * self._idf[token] for token, n in Counter(tokens).items() if token in self._idf}
        norm = _norm(weights)
        return {token: weight / norm for token, weight in weights.items()}


def _postings(sums: Sequence[Vector]) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """By token: the bundles that hold it, and its weights there."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for bundle, total in enumerate(sums):
        for token, weight in total.items():
            where, weights = found.setdefault(token, ([], []))
            where.append(bundle)
            weights.append(weight)
    return {token: (np.array(where, dtype=np.int64), np.array(weights)) for token, (where, weights) in found.items()}


def _sum(vectors: Sequence[Vector]) -> Vector:
    total: dict[str, float] = {}
    for vector in vectors:
        for token, weight in vector.items():
            total[token] = total.get(token, 0.0) + weight
    return total


def _norm(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))
