"""Link documents: groups, which copy of several stays, and the split."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.io.files import read_jsonl
from jaso_core.records import SPLITS, Document
from jaso_preprocess.dedup.groups import clusters, group_documents, group_names, map_to_best
from jaso_preprocess.dedup.minhash import COPY_THRESHOLD, comparable, near_pairs
from jaso_preprocess.dedup.signatures import CorpusFeatures, read_features
from jaso_preprocess.split.assign import Assignment, GroupFacts, SplitOptions, assign, collect_groups
from jaso_preprocess.split.previous import former_splits
from jaso_preprocess.steps import Drop


@dataclass
class LinkResult:
    """Groups, splits and copies of the documents, by their index in the input."""

    groups: list[str]
    splits: list[str]
    assignment: Assignment
    by: Sequence[str]
    copies: dict[int, tuple[str, float]] = field(default_factory=dict)
    """{dropped document: (id of the one that stays, Jaccard index of the two)}; 1 for the same text."""
    clusters: list[list[int]] = field(default_factory=list)
    across_sources: int = 0

    def drop_of(self, index: int) -> Drop | None:
        """Return why the document is dropped as a whole; None when it stays."""
        if index not in self.copies:
            return None
        other, jaccard = self.copies[index]
        reason = "duplicate" if jaccard == 1 else "near_duplicate"
        return Drop(reason, f"of {other}, Jaccard {jaccard:.2f}", duplicate_of=other, similarity=jaccard)

    def facts(self) -> dict[str, Any]:
        """Return the part of stats.json about groups, duplicates and splits."""
        exact = sum(jaccard == 1 for _, jaccard in self.copies.values())
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


def link(folders: Sequence[Path], options: SplitOptions, seed: int, drop_copies: bool) -> LinkResult:
    """Find groups and copies from the shards' features, and assign splits.

    Texts are read back only where two signatures are alike.
    """
    facts = [record for folder in folders for _, record in read_jsonl(folder / "facts.jsonl")]
    ids = [record["id"] for record in facts]
    features = read_features(folders)
    texts = _ShardTexts(folders, features)
    pairs = near_pairs(features.signatures, texts.of)
    roots = group_documents(len(ids), features.key_index, ((left, right) for left, right, _ in pairs))
    groups = group_names(roots, ids)
    assignment = assign(_group_facts(groups, facts, options), options, seed)
    linked = LinkResult(groups, [assignment.splits[group] for group in groups], assignment, options.by)
    if drop_copies:
        _find_copies(linked, pairs, features, facts)
    return linked


def _find_copies(
    linked: LinkResult,
    pairs: Sequence[tuple[int, int, float]],
    features: CorpusFeatures,
    facts: Sequence[dict[str, Any]],
) -> None:
    scores = {(left, right): score for left, right, score in pairs}
    nearest: dict[int, float] = {}  # for copies connected with the best only through others
    for left, right, score in pairs:
        nearest[left], nearest[right] = max(nearest.get(left, 0.0), score), max(nearest.get(right, 0.0), score)
    linked.clusters = clusters(len(facts), (pair for pair, score in scores.items() if score >= COPY_THRESHOLD))
    for cluster in linked.clusters:
        for copy, best in map_to_best(cluster, lambda index: tuple(features.quality[index].tolist())).items():
            score = scores.get((min(copy, best), max(copy, best)), nearest[copy])
            linked.copies[copy] = facts[best]["id"], score
        linked.across_sources += len({facts[index]["source"] for index in cluster}) > 1


def _group_facts(groups: Sequence[str], facts: Sequence[dict[str, Any]], options: SplitOptions) -> list[GroupFacts]:
    former = former_splits(Path(options.keep)) if options.keep else {}
    return collect_groups(
        (group, tuple(record["stratum"]), record["declared"], former.get(record["id"]))
        for group, record in zip(groups, facts, strict=True)
    )


class _ShardTexts:
    """The comparable text of a document, read from its shard."""

    def __init__(self, folders: Sequence[Path], features: CorpusFeatures) -> None:
        self._folders, self._features = folders, features

    def of(self, index: int) -> str:
        shard = int(self._features.shard[index])
        with (self._folders[shard] / "documents.jsonl").open("rb") as stream:
            stream.seek(int(self._features.offsets[index]))
            record = json.loads(stream.readline())
        record.pop("sentences")
        return comparable(Document.from_json(record, record["id"]).items)
