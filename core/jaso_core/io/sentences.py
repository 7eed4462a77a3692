"""Sentences of a preprocess folder, by example."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.errors import RequestError

_COLUMNS = ("document_id", "item", "field", "text")


def read_sentences(folder: Path) -> dict[str, list[str]]:
    """Return {example id: sentences of its answer, in order} of sentences.parquet.

    Read in batches. RequestError when `folder` has no such file, or it is not what `jaso preprocess` writes.
    """
    path = folder / "sentences.parquet"
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "give a folder that `jaso preprocess` wrote")
    sentences: dict[str, list[str]] = {}
    try:
        with pq.ParquetFile(path) as file:
            missing = [name for name in _COLUMNS if name not in file.schema_arrow.names]
            if missing:
                raise RequestError(f"{path}: column '{missing[0]}' is missing", "run `jaso preprocess` again")
            for batch in file.iter_batches(columns=list(_COLUMNS)):
                columns = (batch.column(name).to_pylist() for name in _COLUMNS)
                for document, item, field, text in zip(*columns, strict=True):
                    if field == "answer":
                        sentences.setdefault(f"{document}#{item}", []).append(text)
    except pa.ArrowInvalid as error:
        raise RequestError(f"{path}: not a Parquet file ({error})", "run `jaso preprocess` again") from None
    return sentences
