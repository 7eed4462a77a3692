"""Deduplication features: what is needed to find copies in other shards, no texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaso_core.records import Document
from jaso_preprocess.dedup.groups import DocumentKeys, KeyIndex, document_keys, quality
from jaso_preprocess.dedup.minhash import PERMUTATIONS, comparable, signature
from jaso_preprocess.split.assign import SplitOptions, declared_split, stratum_of

Sentences = tuple[Sequence[tuple[int, int]], int | None]
"""The sentences of an answer as (start, end), and its morphemes where they were counted."""
NO_SENTENCES: Sentences = ((), None)


@dataclass
class ShardFeatures:
    """Deduplication features of a shard; row i is its i-th document."""

    signatures: list[Any] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    """The byte of the shard's documents.jsonl where the document's line begins."""
    quality: list[tuple[int, int, int]] = field(default_factory=list)
    keys: list[DocumentKeys] = field(default_factory=list)

    def add(self, document: Document, sentences: Sequence[Sentences], offset: int) -> None:
        """Append the next document."""
        texts = [
            item.answer[start:end]
            for item, (spans, _) in zip(document.items, sentences, strict=True)
            if item.answer
            for start, end in spans
        ]
        self.signatures.append(signature(comparable(document.items)))
        self.offsets.append(offset)
        self.quality.append(quality(document))
        self.keys.append(document_keys(document.items, texts))

    def write(self, path: Path) -> None:
        """Write a NumPy archive."""
        arrays: dict[str, Any] = {
            "signatures": np.array(self.signatures, np.uint32).reshape(-1, PERMUTATIONS),
            "offsets": np.array(self.offsets, np.int64),
            "quality": np.array(self.quality, np.int64).reshape(-1, 3),
        }
        for kind in DocumentKeys.__slots__:
            key_arrays = [getattr(keys, kind) for keys in self.keys]
            arrays[kind] = np.concatenate([np.empty(0, np.uint64), *key_arrays])
            arrays[f"{kind}_counts"] = np.array([len(keys) for keys in key_arrays], np.int64)
        with path.open("wb") as stream:
            np.savez(stream, **arrays)


@dataclass
class CorpusFeatures:
    """Features of all shards; a document's index counts through the shards."""

    signatures: Any
    offsets: Any
    quality: Any
    shard: Any
    key_index: KeyIndex


def read_features(folders: Sequence[Path]) -> CorpusFeatures:
    """Read the features of all shards: some 600 bytes a document, and 16 a sentence."""
    key_index = KeyIndex()
    columns: dict[str, list[Any]] = {"signatures": [], "offsets": [], "quality": [], "shard": []}
    document = 0
    for number, folder in enumerate(folders):
        with np.load(folder / "likeness.npz") as archive:
            for name in ("signatures", "offsets", "quality"):
                columns[name].append(archive[name])
            columns["shard"].append(np.full(len(archive["offsets"]), number, np.int64))
            split = {kind: np.split(archive[kind], np.cumsum(archive[f"{kind}_counts"])[:-1]) for kind in _KINDS}
            for row in range(len(archive["offsets"])):
                key_index.add(document, DocumentKeys(*(split[kind][row] for kind in _KINDS)))
                document += 1
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return CorpusFeatures(**joined, key_index=key_index)


_KINDS = tuple(DocumentKeys.__slots__)


def facts_of(document: Document, options: SplitOptions) -> dict[str, Any]:
    """Return the facts of a document that the split needs."""
    return {
        "id": document.id,
        "source": document.source,
        "stratum": stratum_of(document, options.by),
        "declared": declared_split(document) if options.honour else None,
    }
