"""Vocabularies of compared runs: which are shared, and how much two overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from jaso_core.modeling.checkpoint import load_tokenizer, model_folder
from jaso_train.tokenizers.report import vocabulary_overlap


def vocabularies(
    runs: Sequence[Mapping[str, Any]], folders: Mapping[str, Path]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return (vocabularies, overlaps of each two).

    Runs whose tokenizer.json is the same, to the byte, share a vocabulary.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        groups.setdefault(run["tokenizer"]["sha256"] or run["label"], []).append(run)
    entries = [
        {
            "name": name,
            "runs": [run["label"] for run in members],
            **{key: members[0]["tokenizer"][key] for key in ("tokens", "fertility", "unknown_share")},
        }
        for name, members in zip(_names(list(groups.values())), groups.values(), strict=True)
    ]
    if len(entries) < 2:
        return entries, []
    loaded = {entry["name"]: load_tokenizer(model_folder(folders[entry["runs"][0]])) for entry in entries}
    return entries, [
        {"first": first, "second": second, **vocabulary_overlap(loaded[first], loaded[second])}
        for first, second in combinations(loaded, 2)
    ]


def _names(groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return names like "bpe 4,000", with a run's name where two would be equal."""
    short = [f"{group[0]['tokenizer']['name']} {group[0]['tokenizer']['tokens'] or '?'}" for group in groups]
    return [
        name if short.count(name) == 1 else f"{name} ({group[0]['label']})"
        for name, group in zip(short, groups, strict=True)
    ]
