"""Similarity in meaning of pairs of texts, by the cosine of sentence embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from jaso_core.embeddings.e5 import E5Embedder
from jaso_core.embeddings.sentence_embedder import SentenceEmbedder, cosines, embed_texts
from jaso_core.embeddings.use import UseEmbedder

Floats = NDArray[np.float64]

EMBEDDERS = ("use", "use+e5")

_E5_SLOPE, _E5_SHIFT = 5.650, -4.675
"""Bring E5's cosines, which lie in .79 to 1, to mean and spread of USE's: on half of KLUE-STS dev (259 pairs)."""


def semantic_similarities(first: Sequence[str], second: Sequence[str], embedder: str) -> Floats:
    """Return the similarity of each pair, [n], about 0 to 1.

    `embedder`: one of EMBEDDERS. With "use+e5" it is the mean of both cosines, E5's on the scale of USE's. A pair with
    a blank text has 0.
    """
    similarities = _cosines(_use(), first, second)
    if embedder == "use+e5":
        similarities = (similarities + _E5_SLOPE * _cosines(_e5(), first, second) + _E5_SHIFT) / 2
    is_blank = np.array([not (a.strip() and b.strip()) for a, b in zip(first, second, strict=True)], dtype=bool)
    return np.where(is_blank, 0.0, similarities)


def embedder_signature(embedder: str) -> str:
    """Return packages, versions and the hash of the weights."""
    if embedder == "use+e5":
        return f"{_use().signature}+{_e5().signature}*{_E5_SLOPE}{_E5_SHIFT}"
    return _use().signature


def _cosines(embedder: SentenceEmbedder, first: Sequence[str], second: Sequence[str]) -> Floats:
    vectors = embed_texts(embedder, [*first, *second])
    return cosines(vectors[: len(first)], vectors[len(first) :])


@cache
def _use() -> UseEmbedder:
    return UseEmbedder()


@cache
def _e5() -> E5Embedder:
    return E5Embedder()
