"""Score tables of the report: by family, by tokenizer, and by kind of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NotRequired, TypedDict

from jaso_core.report.number_format import NONE, digits, number, span
from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.report.metric_families import GROUPS, HEADLINES, family_of, headlines, tokenizer_variants
from jaso_evaluate.report.ranks import agreement, values_of
from jaso_evaluate.schema import PartScore, Score, Scores, ScoresByGroup, TextScores

_ARROWS = {True: ("↑", "higher is better"), False: ("↓", "lower is better"), None: ("", "described, not judged")}
_MAX_COLUMNS = 5


class Strip(TypedDict):
    """Places on a common scale, in % of its width; `all`: of all texts together."""

    at: float
    low: float
    high: float
    all: NotRequired[float]


class ScoreRow(TypedDict):
    """A measure's row; `kind`: "baseline", "leading" or ""."""

    name: str
    value: str
    interval: str
    unit: str
    arrow: str
    meaning: str
    n: str
    kind: str


class ScoreFamily(TypedDict):
    """A family of measures."""

    title: str
    line: str
    rows: list[ScoreRow]


class ScoreGroup(TypedDict):
    """A group of families; `more`: the rows of other tokenizers."""

    id: str
    title: str
    families: list[ScoreFamily]
    more: list[ScoreFamily]
    signatures: list[tuple[str, str]]


class ScoreCell(TypedDict):
    """A value with its interval."""

    value: str
    interval: str


class StripCell(ScoreCell):
    """A value with its place on the scale."""

    strip: Strip | None


class TokenizerRow(StripCell):
    """A measure under one tokenizer; `order`: rank correlation with the first."""

    tokenizer: str
    order: str


class TokenizerVariants(TypedDict):
    """Measures that differ in the tokenizer only."""

    stem: str
    unit: str
    range: str
    rows: list[TokenizerRow]


class PartRow(TypedDict):
    """Scores of some of the texts."""

    name: str
    n: str
    cells: list[StripCell]


class PartTable(TypedDict):
    """Scores by the values of a meta key."""

    key: str
    measures: list[str]
    rows: list[PartRow]


def score_groups(scores: Scores, baselines: Sequence[str] = ()) -> list[ScoreGroup]:
    """Return groups with their families with their rows.

    Other tokenizers' rows are in `more`, to be folded. `baselines`: measures of other models, to be compared with.
    """
    metrics = scores["metrics"]
    folded = {name for variants in tokenizer_variants(metrics) for name in list(variants.members.values())[1:]}
    groups: list[ScoreGroup] = []
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


def _families(names: Sequence[str], rows: Mapping[str, ScoreRow]) -> list[ScoreFamily]:
    """Group rows by family: headline measures first, then in the order measured."""
    families: dict[str, ScoreFamily] = {}
    for name in sorted(names, key=lambda n: HEADLINES.index(n) if n in HEADLINES else len(HEADLINES)):
        family = family_of(name)
        families.setdefault(family.title, {"title": family.title, "line": family.line, "rows": []})["rows"].append(
            rows[name]
        )
    return list(families.values())


def _row(name: str, entry: Score, baseline: bool) -> ScoreRow:
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


def tokenizer_panel(scores: Scores, per_example: Sequence[TextScores]) -> list[TokenizerVariants]:
    """Return scores of the same texts by measures that differ in the tokenizer only.

    `order` is Spearman's rank correlation with the first tokenizer, over the scores of single texts.
    """
    metrics = scores["metrics"]
    panel: list[TokenizerVariants] = []
    for variants in tokenizer_variants(metrics):
        entries = {tokenizer: metrics[name] for tokenizer, name in variants.members.items()}
        first = values_of(per_example, next(iter(variants.members.values())))
        strip = _strips(list(entries.values()), from_zero=True)
        values = [entry["value"] for entry in entries.values() if entry["value"] is not None]
        decimals = min(digits(entry["ci95"], entry["unit"]) for entry in entries.values())
        panel.append(
            {
                "stem": variants.stem,
                "unit": next(iter(entries.values()))["unit"],
                "range": f"{number(min(values), decimals)} to {number(max(values), decimals)}" if values else NONE,
                "rows": [
                    {
                        "tokenizer": tokenizer,
                        **_cell(entry, entry["unit"]),
                        "strip": strip(entry),
                        "order": _two_decimals(agreement(first, values_of(per_example, variants.members[tokenizer]))),
                    }
                    for tokenizer, entry in entries.items()
                ],
            }
        )
    return panel


def _two_decimals(value: float | None) -> str:
    return number(value, 2)


def part_tables(scores: Scores, by: ScoresByGroup) -> list[PartTable]:
    """Return scores by occupation and by experience, where the texts have them.

    Of the headline measures and the length.
    """
    metrics = scores["metrics"]
    candidates = [*headlines(metrics), "length_characters"]
    tables: list[PartTable] = []
    for key, parts in by.items():
        first = next(iter(parts.values()))
        names = [name for name in candidates if name in first][:_MAX_COLUMNS]
        if not names:
            continue
        strips = {name: _strips([entries[name] for entries in parts.values()], metrics[name]) for name in names}
        rows: list[PartRow] = [
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


def _cell(entry: PartScore, unit: str) -> ScoreCell:
    decimals = digits(entry["ci95"], unit)
    return {"value": number(entry["value"], decimals), "interval": span(entry["ci95"], decimals)}


def _strips(
    entries: Sequence[PartScore], whole: PartScore | None = None, *, from_zero: bool = False
) -> Callable[[PartScore], Strip | None]:
    """Return a function that places an entry on one common scale.

    It returns {"at", "low", "high", "all"}, in % of the scale's width. `whole` is the entry of all texts together, for
    a line to compare with.
    """
    valued = [entry for entry in [*entries, *([whole] if whole else [])] if entry["value"] is not None]
    ends = [end for entry in valued for end in (entry["value"], *(entry["ci95"] or ())) if end is not None]
    low, high = min([*ends, *([0.0] if from_zero else [])], default=0.0), max(ends, default=0.0)

    def percent(value: float) -> float:
        return round(100 * (value - low) / (high - low), 1) if high > low else 0.0 if from_zero else 50.0

    def strip(entry: PartScore) -> Strip | None:
        if entry["value"] is None:
            return None
        bounds = entry["ci95"] or (entry["value"], entry["value"])
        positions: Strip = {"at": percent(entry["value"]), "low": percent(bounds[0]), "high": percent(bounds[1])}
        return {**positions, "all": percent(whole["value"])} if whole and whole["value"] is not None else positions

    return strip
