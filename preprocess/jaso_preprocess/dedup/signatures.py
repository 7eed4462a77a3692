"""What of a shard's documents is needed to find their likes in other shards, without their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaso_core.records import Document
from jaso_preprocess.dedup.groups import DocumentKeys, Holdings, document_keys, quality
from jaso_preprocess.dedup.minhash import PERMUTATIONS, comparable, signature
from jaso_preprocess.split.assign import SplitOptions, declared_split, stratum_of

Sentences = tuple[Sequence[tuple[int, int]], int | None]
"""The sentences of an answer as (start, end), and its morphemes where they were counted."""
NO_SENTENCES: Sentences = ((), None)


@dataclass
class Likeness:
    """Row i of every array is the shard's i-th document; `keys` name the owners of each key by that row."""

    signatures: list[Any] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    """The byte of the shard's documents.jsonl where the document's line begins."""
    quality: list[tuple[int, int, int]] = field(default_factory=list)
    keys: list[DocumentKeys] = field(default_factory=list)

    def add(self, document: Document, sentences: Sequence[Sentences], offset: int) -> None:
        """The next document."""
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
        """A numpy archive."""
        arrays: dict[str, Any] = {
            "signatures": np.array(self.signatures, np.uint32).reshape(-1, PERMUTATIONS),
            "offsets": np.array(self.offsets, np.int64),
            "quality": np.array(self.quality, np.int64).reshape(-1, 3),
        }
        for kind in DocumentKeys.__slots__:
            held = [getattr(keys, kind) for keys in self.keys]
            arrays[kind] = np.concatenate([np.empty(0, np.uint64), *held])
            arrays[f"{kind}_counts"] = np.array([len(keys) for keys in held], np.int64)
        with path.open("wb") as stream:
            np.savez(stream, **arrays)


@dataclass
class AllLikeness:
    """The likeness of all shards; a document's index counts through them."""

    signatures: Any
    offsets: Any
    quality: Any
    shard: Any
    holdings: Holdings


def read_likeness(folders: Sequence[Path]) -> AllLikeness:
    """Some 600 bytes a document, and 16 a sentence."""
    holdings = Holdings()
    columns: dict[str, list[Any]] = {"signatures": [], "offsets": [], "quality": [], "shard": []}
    document = 0
    for number, folder in enumerate(folders):
        with np.load(folder / "likeness.npz") as held:
            for name in ("signatures", "offsets", "quality"):
                columns[name].append(held[name])
            columns["shard"].append(np.full(len(held["offsets"]), number, np.int64))
            split = {kind: np.split(held[kind], np.cumsum(held[f"{kind}_counts"])[:-1]) for kind in _KINDS}
            for row in range(len(held["offsets"])):
                holdings.add(document, DocumentKeys(*(split[kind][row] for kind in _KINDS)))
                document += 1
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return AllLikeness(**joined, holdings=holdings)


_KINDS = tuple(DocumentKeys.__slots__)


def facts_of(document: Document, options: SplitOptions) -> dict[str, Any]:
    """What the split needs to know of a document."""
    return {
        "id": document.id,
        "source": document.source,
        "stratum": stratum_of(document, options.by),
        "declared": declared_split(document) if options.honour else None,
    }
