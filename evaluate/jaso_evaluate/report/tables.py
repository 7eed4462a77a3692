"""The report's tables of scores: by what measures tell, under several tokenizers, and by kind of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.report.metric_families import GROUPS, HEADLINES, family_of, headlines, tokenized
from jaso_evaluate.report.number_format import NONE, digits, number, span
from jaso_evaluate.report.ranks import agreement, values_of

Entries = Mapping[str, Any]

_ARROWS = {True: ("↑", "higher is better"), False: ("↓", "lower is better"), None: ("", "described, not judged")}
_MOST_COLUMNS = 5


def score_groups(scores: Entries, baselines: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Groups with their families with their rows; other tokenizers' rows in `more`, to be folded.

    `baselines`: measures of other models, there to be compared with.
    """
    metrics = scores["metrics"]
    folded = {name for found in tokenized(metrics) for name in list(found.members.values())[1:]}
    groups = []
    for key, title in GROUPS.items():
        names = [name for name in metrics if family_of(name).group == key]
        if names:
            rows = {name: _row(name, metrics[name], name in baselines) for name in names}
            groups.append(
                {
                    "id": f"scores-{key}",
                    "title": title,
                    "families": _families([name for name in names if name not in folded], rows),
                    "more": _families([name for name in names if name in folded], rows),
                    "signatures": [(name, metrics[name]["signature"]) for name in names],
                }
            )
    return groups


def _families(names: Sequence[str], rows: Entries) -> list[dict[str, Any]]:
    """In the order of the headline measures, then as they were measured."""
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(names, key=lambda n: HEADLINES.index(n) if n in HEADLINES else len(HEADLINES)):
        family = family_of(name)
        found.setdefault(family.title, {"title": family.title, "line": family.line, "rows": []})["rows"].append(
            rows[name]
        )
    return list(found.values())


def _row(name: str, entry: Entries, baseline: bool) -> dict[str, Any]:
    decimals = digits(entry["ci95"], entry["unit"])
    arrow, meaning = _ARROWS[entry["higher_is_better"]]
    return {
        "name": name,
        "value": number(entry["value"], decimals),
        "interval": span(entry["ci95"], decimals),
        "unit": entry["unit"],
        "arrow": arrow,
        "meaning": meaning,
        "n": f"{entry['n']:,}",
        "kind": "baseline" if baseline else "leading" if name in HEADLINES else "",
    }


def tokenizer_panel(scores: Entries, per_example: Sequence[Entries]) -> list[dict[str, Any]]:
    """Measures that differ in nothing but the tokenizer, each tokenizer's score of the same texts.

    `order` is Spearman's rank correlation with the first tokenizer, over the scores of single texts.
    """
    metrics = scores["metrics"]
    panel = []
    for found in tokenized(metrics):
        entries = {tokenizer: metrics[name] for tokenizer, name in found.members.items()}
        first = values_of(per_example, next(iter(found.members.values())))
        strip = _strips(list(entries.values()), from_zero=True)
        values = [entry["value"] for entry in entries.values() if entry["value"] is not None]
        decimals = min(digits(entry["ci95"], entry["unit"]) for entry in entries.values())
        panel.append(
            {
                "stem": found.stem,
                "unit": next(iter(entries.values()))["unit"],
                "range": f"{number(min(values), decimals)} to {number(max(values), decimals)}" if values else NONE,
                "rows": [
                    {
                        "tokenizer": tokenizer,
                        **_cell(entry, entry["unit"]),
                        "strip": strip(entry),
                        "order": _two(agreement(first, values_of(per_example, found.members[tokenizer]))),
                    }
                    for tokenizer, entry in entries.items()
                ],
            }
        )
    return panel


def _two(value: float | None) -> str:
    return number(value, 2)


def part_tables(scores: Entries, by: Entries) -> list[dict[str, Any]]:
    """Scores by occupation and by experience, where the texts have them; headline measures and the length."""
    metrics = scores["metrics"]
    wanted = [*headlines(metrics), "length_characters"]
    tables = []
    for key, parts in by.items():
        first = next(iter(parts.values()))
        names = [name for name in wanted if name in first][:_MOST_COLUMNS]
        if not names:
            continue
        strips = {name: _strips([entries[name] for entries in parts.values()], metrics[name]) for name in names}
        rows = [
            {
                "name": korean_name(part),
                "n": f"{max(entries[name]['n'] for name in names):,}",
                "cells": [
                    {**_cell(entries[name], metrics[name]["unit"]), "strip": strips[name](entries[name])}
                    for name in names
                ],
            }
            for part, entries in parts.items()
        ]
        tables.append({"key": key, "measures": names, "rows": rows})
    return tables


def _cell(entry: Entries, unit: str) -> dict[str, str]:
    decimals = digits(entry["ci95"], unit)
    return {"value": number(entry["value"], decimals), "interval": span(entry["ci95"], decimals)}


def _strips(
    entries: Sequence[Entries], whole: Entries | None = None, *, from_zero: bool = False
) -> Callable[[Entries], dict[str, float] | None]:
    """How entries lie on one common scale: a function to {"at", "low", "high", "all"}, in % of the scale's width.

    `whole` is the entry of all texts together, for a line to compare with.
    """
    shown = [entry for entry in [*entries, *([whole] if whole else [])] if entry["value"] is not None]
    ends = [end for entry in shown for end in (entry["value"], *(entry["ci95"] or ())) if end is not None]
    low, high = min([*ends, *([0.0] if from_zero else [])], default=0.0), max(ends, default=0.0)

    def place(value: float) -> float:
        return round(100 * (value - low) / (high - low), 1) if high > low else 0.0 if from_zero else 50.0

    def strip(entry: Entries) -> dict[str, float] | None:
        if entry["value"] is None:
            return None
        bounds = entry["ci95"] or (entry["value"], entry["value"])
        found = {"at": place(entry["value"]), "low": place(bounds[0]), "high": place(bounds[1])}
        return {**found, "all": place(whole["value"])} if whole and whole["value"] is not None else found

    return strip
