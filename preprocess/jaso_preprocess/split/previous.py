"""Splits of a former output folder, which a new one keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import read_jsonl
from jaso_core.io.parquet import read_parquet_batches
from jaso_core.records import SPLITS, Split

_FORMER_DETAIL = re.compile(r"of (.+), Jaccard [\d.]+")


def former_splits(folder: Path) -> dict[str, Split]:
    """Read {document id: split} of a folder that `jaso preprocess` wrote.

    A document that was dropped there as a copy has the split of its original: after other cleaning the two may not be
    detected as copies. RequestError for any other folder.
    """
    splits: dict[str, Split] = {}
    for split in SPLITS:
        path = folder / "examples" / f"{split}.parquet"
        if not path.is_file():
            raise RequestError(f"{path}: no such file", "give split.keep a folder that `jaso preprocess` wrote")
        for batch in read_parquet_batches(path, ["document_id"]):
            splits.update(dict.fromkeys(batch.column(0).to_pylist(), split))
    return {**_splits_of_copies(folder / "dropped.jsonl", splits), **splits}


def _splits_of_copies(path: Path, splits: Mapping[str, Split]) -> dict[str, Split]:
    copies: dict[str, Split] = {}
    for _, line in read_jsonl(path) if path.is_file() else ():
        original = line["duplicate_of"] if "duplicate_of" in line else _original_in_detail(line)
        if original is not None and original in splits:
            copies[line["document_id"]] = splits[original]
    return copies


def _original_in_detail(line: Mapping[str, Any]) -> str | None:
    """Return the original of a copy from the detail, None for other drops.

    Folders of jaso before `duplicate_of` name it only there, as "of <document id>, Jaccard 0.93".
    """
    if line["reason"] not in ("duplicate", "near_duplicate"):
        return None
    copied = _FORMER_DETAIL.fullmatch(line.get("detail") or "")
    return copied[1] if copied else None
