"""The sections of the page, each there only where stats.json has something for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from jaso_core.records import SPLITS
from jaso_preprocess.card import plots, tables
from jaso_preprocess.card.number_format import name_of, number, plain
from jaso_preprocess.card.tables import Stats, Table, part
from jaso_preprocess.questions.topics import TOPICS

_BARS = 15
_HISTOGRAMS = {
    "answer_characters": ("Length of answers", "자 an answer", "answers"),
    "sentence_characters": ("Length of sentences", "자 a sentence", "sentences"),
    "sentences_per_answer": ("Sentences an answer", "sentences an answer", "answers"),
}


@dataclass(frozen=True)
class Figure:
    """A plot with its table. `shown`: the table stands open under the plot (or alone)."""

    title: str
    svg: Markup | None
    table: Table | None
    shown: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with figures side by side, and tables over the whole width under them."""

    title: str
    note: str = ""
    figures: list[Figure] = field(default_factory=list)
    wide: list[Figure] = field(default_factory=list)


def sections(stats: Stats, about: Mapping[str, Any]) -> list[Section]:
    """All that have something to show, in the order of the page."""
    made = (_sizes(stats), _lengths(stats), _cleaning(stats), _sources(stats), _occupations(stats), _copies(stats))
    return [section for section in (*made, _topics(stats, about)) if section.figures or section.wide]


def _sizes(stats: Stats) -> Section:
    shown = [("Read and kept", tables.sizes(stats)), ("Splits", tables.splits(stats))]
    figures = [Figure(title, None, table, shown=True) for title, table in shown if table]
    notes = []
    if stats.get("groups") is not None:
        notes.append(
            f"{number(stats['groups'])} groups (a letter, a talk, or all near copies of one): no group crosses a split."
        )
    repaired = part(stats, "split")
    if repaired:
        notes.append(
            f"Splits that came with the source: {number(repaired.get('repaired', 0))} groups crossed them and were "
            f"repaired, {number(repaired.get('moved', 0))} examples were moved for it."
        )
    return Section("Size", " ".join(notes) if figures else "", figures)


def _lengths(stats: Stats) -> Section:
    histograms = part(stats, "histograms")
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
    changed, figures, wide = part(stats, "changed"), [], []
    rows = [(plain(s), [changed.get(s) or 0, sum(tables.dropped_in(stats, s).values())]) for s in names]
    table = tables.steps(stats)
    if any(any(values) for _, values in rows):
        alt = _told("What each step did", [(step, sum(values)) for step, values in rows], "items")
        drawn = plots.stacked(rows, ("changed", "dropped"), "items", alt, _changed_and_dropped)
        figures.append(Figure("Items that each step changed and dropped", drawn, table))
    elif table:
        wide.append(Figure("Steps, in their order", None, table, shown=True))
    dropped = part(stats, "dropped")
    if dropped:
        figures.append(_bars("Dropped, by reason", dropped, "reason", "items"))
    found = tables.edits(stats)
    if found:
        wide.append(Figure("Edits of each step, by kind", None, found))
    note = "Steps stand in the order in which they ran. Nothing is lost in silence: read = kept + dropped."
    return Section("Cleaning", note, figures, wide)


def _changed_and_dropped(values: Sequence[float]) -> str:
    changed, dropped = values
    if not dropped:
        return number(changed)
    return f"{number(changed)} + {number(dropped)} dropped" if changed else f"{number(dropped)} dropped"


def _sources(stats: Stats) -> Section:
    shown = (
        ("source", "Sources", "source", "examples"),
        ("kind", "Kinds of document", "kind", "documents"),
        ("licences", "Licences", "licence", "documents"),
    )
    figures = [_bars(title, part(stats, key), what, unit) for key, title, what, unit in shown if part(stats, key)]
    return Section("Sources", "", figures)


def _occupations(stats: Stats) -> Section:
    cells = tables.by_occupation(stats)
    figures, wide = [], []
    if cells:
        alt = _told("Examples by occupation", [(name_of(o), sum(row)) for o, row in cells.items()], "examples")
        drawn = plots.stacked([(name_of(o), row) for o, row in list(cells.items())[:_BARS]], SPLITS, "examples", alt)
        figures.append(Figure("Occupations and splits", drawn, tables.occupations(stats)))
        wide.append(Figure("Occupation × experience × source, by split", None, tables.strata(stats)))
    elif part(stats, "occupation"):
        figures.append(_bars("Occupations", part(stats, "occupation"), "occupation", "examples"))
    if part(stats, "experience"):
        figures.append(_bars("Experience", part(stats, "experience"), "experience", "examples"))
    return Section("Who writes", "", figures, wide)


def _copies(stats: Stats) -> Section:
    table = tables.duplicates(stats)
    found = part(stats, "duplicates")
    if table is None:
        return Section("Copies")
    names = (("exact", "exact"), ("near", "near"), ("documents", "documents dropped"), ("items", "items dropped"))
    rows = [(words, found[key]) for key, words in names if key in found]
    if not any(value for _, value in rows):
        return Section("Copies", "No copies were found.", wide=[Figure("", None, table, shown=True)])
    drawn = plots.bars(rows, "copies", _told("Copies", rows, ""))
    note = "Of copies the better one stays; what is alike but stays is one group, and a group crosses no split."
    return Section("Copies", note, [Figure("What was found and dropped", drawn, table, shown=True)])


def _topics(stats: Stats, about: Mapping[str, Any]) -> Section:
    topics = part(stats, "question_types")
    labels = topic_labels(about)
    figures = [_bars("Question types", topics, "topic", "questions", labels)] if topics else []
    return Section("What is asked", "Found by rules from the questions' words; one question has one type.", figures)


def topic_labels(about: Mapping[str, Any]) -> Mapping[str, Any]:
    """{topic: Korean name}."""
    return about.get("topic_labels") or TOPICS


def _bars(
    title: str, counts: Mapping[str, int], what: str, unit: str, labels: Mapping[str, Any] | None = None
) -> Figure:
    rows = [(name_of(value, labels), n) for value, n in tables.greatest(counts, _BARS)]
    more = len(counts) - len(rows)
    drawn = plots.bars(rows, unit, _told(title, rows, unit))
    table = tables.counted(counts, what, unit, labels)
    return Figure(f"{title} (the {_BARS} greatest)" if more > 0 else title, drawn, table)


def _told(title: str, rows: list[tuple[str, int]], unit: str) -> str:
    """The plot in a sentence, for those who cannot see it."""
    greatest = sorted(rows, key=lambda row: -row[1])[:3]
    told = ", ".join(f"{name} {number(value)}" for name, value in greatest)
    return f"Bar chart. {title}{f', {unit}' if unit else ''}: {told}. All numbers are in the table below."
