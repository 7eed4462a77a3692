"""Which runs share a vocabulary, and how much of one vocabulary is in another."""

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
    """(vocabularies, overlaps of each two). Runs whose tokenizer.json is the same, to the byte, share a vocabulary."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        groups.setdefault(run["tokenizer"]["sha256"] or run["label"], []).append(run)
    found = [
        {
            "name": name,
            "runs": [run["label"] for run in members],
            **{key: members[0]["tokenizer"][key] for key in ("tokens", "fertility", "unknown_share")},
        }
        for name, members in zip(_names(list(groups.values())), groups.values(), strict=True)
    ]
    if len(found) < 2:
        return found, []
    loaded = {entry["name"]: load_tokenizer(model_folder(folders[entry["runs"][0]])) for entry in found}
    return found, [
        {"first": one, "second": other, **vocabulary_overlap(loaded[one], loaded[other])}
        for one, other in combinations(loaded, 2)
    ]


def _names(groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """ "bpe 4,000"; with a run's name where that does not tell two apart."""
    short = [f"{group[0]['tokenizer']['name']} {group[0]['tokenizer']['tokens'] or '?'}" for group in groups]
    return [
        name if short.count(name) == 1 else f"{name} ({group[0]['label']})"
        for name, group in zip(short, groups, strict=True)
    ]
