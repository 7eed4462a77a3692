"""Which documents belong together, which copy of several stays, and who is for training, validation and test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.io.files import read_jsonl
from jaso_core.records import SPLITS, Document
from jaso_preprocess.dedup.groups import best_of, clusters, group_documents, group_names
from jaso_preprocess.dedup.minhash import COPY, comparable, near_pairs
from jaso_preprocess.dedup.signatures import AllLikeness, read_likeness
from jaso_preprocess.split.assign import Assignment, GroupFacts, SplitOptions, assign, collect
from jaso_preprocess.split.previous import former_splits
from jaso_preprocess.steps import Drop


@dataclass
class Linked:
    """What was found out about the documents, by their index in the order of the input."""

    groups: list[str]
    splits: list[str]
    assignment: Assignment
    by: Sequence[str]
    copies: dict[int, tuple[str, float]] = field(default_factory=dict)
    """Documents that go: the id of the one that stays, and how alike the two are (1: the same)."""
    clusters: list[list[int]] = field(default_factory=list)
    across_sources: int = 0

    def drop_of(self, index: int) -> Drop | None:
        """Why the document goes as a whole; None when it stays."""
        if index not in self.copies:
            return None
        other, alike = self.copies[index]
        return Drop("duplicate" if alike == 1 else "near_duplicate", f"of {other}, Jaccard {alike:.2f}")

    def facts(self) -> dict[str, Any]:
        """The part of stats.json about groups, duplicates and splits."""
        exact = sum(alike == 1 for _, alike in self.copies.values())
        return {
            "groups": len(set(self.groups)),
            "duplicates": {
                "documents": len(self.copies),
                "exact": exact,
                "near": len(self.copies) - exact,
                "clusters": len(self.clusters),
                "largest": max(map(len, self.clusters), default=0),
                "across_sources": self.across_sources,
            },
            "strata": [
                {**dict(zip(self.by, stratum, strict=True)), **{split: table[split] for split in SPLITS}}
                for stratum, table in sorted(self.assignment.table.items(), key=lambda row: tuple(map(str, row[0])))
            ],
            "split": {name: getattr(self.assignment, name) for name in ("repaired", "moved", "halved", "lifted")},
        }


def link(folders: Sequence[Path], options: SplitOptions, seed: int, drop_copies: bool) -> Linked:
    """Reads the shards' likeness; texts are read back only where two signatures are alike."""
    facts = [record for folder in folders for _, record in read_jsonl(folder / "facts.jsonl")]
    ids = [record["id"] for record in facts]
    likeness = read_likeness(folders)
    texts = _Texts(folders, likeness)
    pairs = near_pairs(likeness.signatures, texts.of)
    roots = group_documents(len(ids), likeness.holdings, ((one, other) for one, other, _ in pairs))
    groups = group_names(roots, ids)
    assignment = assign(_group_facts(groups, facts, options), options, seed)
    linked = Linked(groups, [assignment.splits[group] for group in groups], assignment, options.by)
    if drop_copies:
        _find_copies(linked, pairs, likeness, facts)
    return linked


def _find_copies(
    linked: Linked, pairs: Sequence[tuple[int, int, float]], likeness: AllLikeness, facts: Sequence[dict[str, Any]]
) -> None:
    alike = {(one, other): score for one, other, score in pairs}
    nearest: dict[int, float] = {}  # for copies that hang together with the best by others only
    for one, other, score in pairs:
        nearest[one], nearest[other] = max(nearest.get(one, 0.0), score), max(nearest.get(other, 0.0), score)
    linked.clusters = clusters(len(facts), (pair for pair, score in alike.items() if score >= COPY))
    for cluster in linked.clusters:
        for copy, best in best_of(cluster, lambda index: tuple(likeness.quality[index].tolist())).items():
            score = alike.get((min(copy, best), max(copy, best)), nearest[copy])
            linked.copies[copy] = facts[best]["id"], score
        linked.across_sources += len({facts[index]["source"] for index in cluster}) > 1


def _group_facts(groups: Sequence[str], facts: Sequence[dict[str, Any]], options: SplitOptions) -> list[GroupFacts]:
    former = former_splits(Path(options.keep)) if options.keep else {}
    return collect(
        (group, tuple(record["stratum"]), record["declared"], former.get(record["id"]))
        for group, record in zip(groups, facts, strict=True)
    )


class _Texts:
    """What is compared of a document, read from its shard."""

    def __init__(self, folders: Sequence[Path], likeness: AllLikeness) -> None:
        self._folders, self._likeness = folders, likeness

    def of(self, index: int) -> str:
        shard = int(self._likeness.shard[index])
        with (self._folders[shard] / "documents.jsonl").open("rb") as stream:
            stream.seek(int(self._likeness.offsets[index]))
            record = json.loads(stream.readline())
        record.pop("sentences")
        return comparable(Document.from_json(record, record["id"]).items)
