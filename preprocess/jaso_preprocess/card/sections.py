"""Sections of the HTML page; a section without data in stats.json is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from jaso_core.records import SPLITS
from jaso_core.report.tables import Table
from jaso_preprocess.card import plots, tables
from jaso_preprocess.card.number_format import display_name, number, sanitize
from jaso_preprocess.card.tables import Stats, get_mapping
from jaso_preprocess.questions.topics import TOPICS

_MAX_BARS = 15
_HISTOGRAMS = {
    "answer_characters": ("Length of answers", "자 an answer", "answers"),
    "sentence_characters": ("Length of sentences", "자 a sentence", "sentences"),
    "sentences_per_answer": ("Sentences an answer", "sentences an answer", "answers"),
}


@dataclass(frozen=True)
class Figure:
    """A plot with its table. `shown`: the table is expanded under the plot (or alone)."""

    title: str
    svg: Markup | None
    table: Table | None
    shown: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with figures side by side; `wide` tables over the whole width below."""

    title: str
    note: str = ""
    figures: list[Figure] = field(default_factory=list)
    wide: list[Figure] = field(default_factory=list)


def sections(stats: Stats, about: Mapping[str, Any]) -> list[Section]:
    """Return all sections that have something to show, in page order."""
    ordered = (_sizes(stats), _lengths(stats), _cleaning(stats), _sources(stats), _occupations(stats), _copies(stats))
    return [section for section in (*ordered, _topics(stats, about)) if section.figures or section.wide]


def _sizes(stats: Stats) -> Section:
    titled_tables = [("Read and kept", tables.sizes(stats)), ("Splits", tables.splits(stats))]
    figures = [Figure(title, None, table, shown=True) for title, table in titled_tables if table]
    notes = []
    if stats.get("groups") is not None:
        notes.append(
            f"{number(stats['groups'])} groups (a letter, a talk, or all near copies of one): no group crosses a split."
        )
    repaired = get_mapping(stats, "split")
    if repaired:
        notes.append(
            f"Splits that came with the source: {number(repaired.get('repaired', 0))} groups crossed them and were "
            f"repaired, {number(repaired.get('moved', 0))} examples were moved for it."
        )
    return Section("Size", " ".join(notes) if figures else "", figures)


def _lengths(stats: Stats) -> Section:
    histograms = get_mapping(stats, "histograms")
    figures = []
    for key, (title, x, y) in _HISTOGRAMS.items():
        entry = histograms.get(key)
        if entry and entry.get("counts"):
            table = tables.histogram(entry, x, y)
            most = max(range(len(entry["counts"])), key=lambda i: entry["counts"][i])
            alt = f"Histogram. {title}: most have {table.rows[most][0]} ({table.rows[most][1]} {y})."
            figures.append(Figure(title, plots.histogram(entry["edges"], entry["counts"], x, y, alt), table))
    spread = tables.lengths(stats)
    wide = [Figure("Lengths in all units", None, spread, shown=True)] if spread else []
    note = (
        "자 counts Unicode code points, blanks included. 바이트 counts UTF-8, three bytes a Hangul syllable; forms "
        "that take 바이트 mostly count as EUC-KR does, two bytes a syllable and one for letters, digits and blanks."
    )
    return Section("Lengths", note, figures, wide)


def _cleaning(stats: Stats) -> Section:
    names = tables.step_names(stats)
    changed, figures, wide = get_mapping(stats, "changed"), [], []
    rows = [(sanitize(s), [changed.get(s) or 0, sum(tables.drop_reasons(stats, s).values())]) for s in names]
    table = tables.steps(stats)
    if any(any(values) for _, values in rows):
        alt = _alt_text("What each step did", [(step, sum(values)) for step, values in rows], "items")
        svg = plots.stacked(rows, ("changed", "dropped"), "items", alt, _changed_and_dropped)
        figures.append(Figure("Items that each step changed and dropped", svg, table))
    elif table:
        wide.append(Figure("Steps, in their order", None, table, shown=True))
    dropped = get_mapping(stats, "dropped")
    if dropped:
        figures.append(_bars("Dropped, by reason", dropped, "reason", "items"))
    edit_table = tables.edits(stats)
    if edit_table:
        wide.append(Figure("Edits of each step, by kind", None, edit_table))
    note = "Steps stand in the order in which they ran. Nothing is lost in silence: read = kept + dropped."
    return Section("Cleaning", note, figures, wide)


def _changed_and_dropped(values: Sequence[float]) -> str:
    changed, dropped = values
    if not dropped:
        return number(changed)
    return f"{number(changed)} + {number(dropped)} dropped" if changed else f"{number(dropped)} dropped"


def _sources(stats: Stats) -> Section:
    charts = (
        ("source", "Sources", "source", "examples"),
        ("kind", "Kinds of document", "kind", "documents"),
        ("licences", "Licences", "licence", "documents"),
    )
    figures = [
        _bars(title, get_mapping(stats, key), what, unit)
        for key, title, what, unit in charts
        if get_mapping(stats, key)
    ]
    return Section("Sources", "", figures)


def _occupations(stats: Stats) -> Section:
    cells = tables.by_occupation(stats)
    figures, wide = [], []
    if cells:
        alt = _alt_text("Examples by occupation", [(display_name(o), sum(row)) for o, row in cells.items()], "examples")
        svg = plots.stacked(
            [(display_name(o), row) for o, row in list(cells.items())[:_MAX_BARS]], SPLITS, "examples", alt
        )
        figures.append(Figure("Occupations and splits", svg, tables.occupations(stats)))
        wide.append(Figure("Occupation × experience × source, by split", None, tables.strata(stats)))
    elif get_mapping(stats, "occupation"):
        figures.append(_bars("Occupations", get_mapping(stats, "occupation"), "occupation", "examples"))
    if get_mapping(stats, "experience"):
        figures.append(_bars("Experience", get_mapping(stats, "experience"), "experience", "examples"))
    return Section("Who writes", "", figures, wide)


def _copies(stats: Stats) -> Section:
    table = tables.duplicates(stats)
    duplicates = get_mapping(stats, "duplicates")
    if table is None:
        return Section("Copies")
    names = (("exact", "exact"), ("near", "near"), ("documents", "documents dropped"), ("items", "items dropped"))
    rows = [(words, duplicates[key]) for key, words in names if key in duplicates]
    if not any(value for _, value in rows):
        return Section("Copies", "No copies were found.", wide=[Figure("", None, table, shown=True)])
    svg = plots.bars(rows, "copies", _alt_text("Copies", rows, ""))
    note = "Of copies the better one stays; what is alike but stays is one group, and a group crosses no split."
    return Section("Copies", note, [Figure("What was found and dropped", svg, table, shown=True)])


def _topics(stats: Stats, about: Mapping[str, Any]) -> Section:
    topics = get_mapping(stats, "question_types")
    labels = topic_labels(about)
    figures = [_bars("Question types", topics, "topic", "questions", labels)] if topics else []
    return Section("What is asked", "Found by rules from the questions' words; one question has one type.", figures)


def topic_labels(about: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return {topic: Korean name}."""
    return about.get("topic_labels") or TOPICS


def _bars(
    title: str, counts: Mapping[str, int], what: str, unit: str, labels: Mapping[str, Any] | None = None
) -> Figure:
    rows = [(display_name(value, labels), n) for value, n in tables.most_common(counts, _MAX_BARS)]
    more = len(counts) - len(rows)
    svg = plots.bars(rows, unit, _alt_text(title, rows, unit))
    table = tables.count_table(counts, what, unit, labels)
    return Figure(f"{title} (the {_MAX_BARS} greatest)" if more > 0 else title, svg, table)


def _alt_text(title: str, rows: list[tuple[str, int]], unit: str) -> str:
    """Return the alternative text of a plot, for screen readers."""
    greatest = sorted(rows, key=lambda row: -row[1])[:3]
    listing = ", ".join(f"{name} {number(value)}" for name, value in greatest)
    return f"Bar chart. {title}{f', {unit}' if unit else ''}: {listing}. All numbers are in the table below."
