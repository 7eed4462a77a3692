"""Sentences of a preprocess folder, by example."""

from __future__ import annotations

from pathlib import Path

from jaso_core.io.parquet import read_parquet_batches

_COLUMNS = ("document_id", "item", "field", "text")


def read_sentences(folder: Path) -> dict[str, list[str]]:
    """Return {example id: sentences of its answer, in order} of sentences.parquet.

    Read in batches. RequestError when `folder` has no such file, or it is not what `jaso preprocess` writes.
    """
    sentences: dict[str, list[str]] = {}
    for batch in read_parquet_batches(folder / "sentences.parquet", _COLUMNS):
        for document, item, field, text in zip(*(batch.column(name).to_pylist() for name in _COLUMNS), strict=True):
            if field == "answer":
                sentences.setdefault(f"{document}#{item}", []).append(text)
    return sentences
