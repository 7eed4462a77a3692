"""Tables of the corpus card; the page draws plots over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.records import SPLITS
from jaso_core.report.number_format import percent
from jaso_core.report.tables import Table
from jaso_preprocess.card.number_format import display_name, number, sanitize

MAX_ROWS = 40
"""Rows of a table; the others are summed in one."""

UNITS = {
    "characters": "자 (Unicode code points)",
    "bytes": "바이트 (UTF-8)",
    "form_bytes": "바이트 (2 a Hangul, as forms count)",
    "words": "어절 (between blanks)",
    "morphemes": "형태소 (Kiwi)",
}
_FIELDS = ("question", "answer", "sentence")
_SPREAD = ("mean", "min", "p10", "median", "p90", "max", "total")
_COPIES = {
    "exact": "Exact copies",
    "near": "Near copies",
    "clusters": "Clusters of copies",
    "largest": "Documents in the largest cluster",
    "across_sources": "Clusters across sources",
    "documents": "Documents dropped as copies",
    "items": "Single items dropped as copies",
}

Stats = Mapping[str, Any]


def get_mapping(stats: Stats, name: str) -> Mapping[str, Any]:
    """Return a mapping of stats.json; empty when it is missing."""
    value = stats.get(name)
    return value if isinstance(value, Mapping) else {}


def count_table(counts: Mapping[str, int], what: str, unit: str, labels: Mapping[str, Any] | None = None) -> Table:
    """Tabulate values with their counts and shares, most frequent first."""
    whole = sum(counts.values())
    rows = [(display_name(value, labels), number(n), percent(n, whole, space=" ")) for value, n in most_common(counts)]
    rest = sorted(counts.values(), reverse=True)[MAX_ROWS:]
    if rest:
        rows.append((f"{number(len(rest))} more", number(sum(rest)), percent(sum(rest), whole, space=" ")))
    return Table((what, unit, "share"), tuple(rows))


def most_common(counts: Mapping[str, int], most: int = MAX_ROWS) -> list[tuple[str, int]]:
    """Sort by count, descending, then by name."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], str(entry[0])))[:most]


def sizes(stats: Stats) -> Table | None:
    """Tabulate documents and items read, added, kept and dropped."""
    rows = []
    documents, items = get_mapping(stats, "documents"), get_mapping(stats, "items")
    if documents:
        rows.append(_size_row("documents", documents))
    if items:
        rows.append(_size_row("items (question with answer)", items))
    return Table(("", "read", "added by splitting", "kept", "dropped"), tuple(rows)) if rows else None


def _size_row(what: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    dropped = counts.get("dropped")
    if dropped is None and "read" in counts and "kept" in counts:
        dropped = counts["read"] - counts["kept"]
    return (what, *(number(counts.get(key)) for key in ("read", "parts", "kept")), number(dropped))


def splits(stats: Stats) -> Table | None:
    """Tabulate the examples of each split."""
    examples = get_mapping(stats, "examples")
    whole = sum(examples.values())
    rows = [
        (split, number(examples[split]), percent(examples[split], whole, space=" "))
        for split in SPLITS
        if split in examples
    ]
    return Table(("split", "examples", "share"), tuple(rows)) if rows else None


def lengths(stats: Stats) -> Table | None:
    """Tabulate length distributions of all texts in all units."""
    rows = [
        (field, unit, *(number(get_mapping(stats, key)[field].get(name)) for name in _SPREAD))
        for field in _FIELDS
        for key, unit in UNITS.items()
        if get_mapping(stats, key).get(field)
    ]
    head = ("text", "unit", "mean", "min", "10 %", "median", "90 %", "max", "total")
    return Table(head, tuple(rows), align="ll") if rows else None


def histogram(entry: Mapping[str, Any], what: str, unit: str) -> Table:
    """Tabulate a histogram, a row a bin."""
    edges, counts = entry["edges"], entry["counts"]
    rows = [(f"{number(edges[i])} to {number(edges[i + 1])}", number(n)) for i, n in enumerate(counts)]
    return Table((what, unit), tuple(rows))


def step_names(stats: Stats) -> list[str]:
    """Return the names of all steps that ran, in order."""
    names = [*get_mapping(stats, "changed"), *get_mapping(stats, "dropped_by_step"), *get_mapping(stats, "edits")]
    return list(dict.fromkeys(str(name) for name in names))


def drop_reasons(stats: Stats, step: str) -> Mapping[str, int]:
    """Return {reason: items} of one step."""
    reasons = get_mapping(stats, "dropped_by_step").get(step)
    return reasons if isinstance(reasons, Mapping) else {}


def steps(stats: Stats) -> Table | None:
    """Tabulate what each step changed and dropped, with the reasons."""
    rows = []
    for step in step_names(stats):
        dropped = drop_reasons(stats, step)
        reasons = listing(dropped) if dropped else ""
        changed = get_mapping(stats, "changed").get(step)
        rows.append((sanitize(step), reasons, number(changed), number(sum(dropped.values()))))
    return (
        Table(("step", "reasons for dropping", "items changed", "dropped"), tuple(rows), align="ll") if rows else None
    )


def edits(stats: Stats) -> Table | None:
    """Tabulate edits by step and kind."""
    rows = [
        (sanitize(step), sanitize(kind) or "(any)", number(n))
        for step, kinds in get_mapping(stats, "edits").items()
        for kind, n in most_common(kinds)
    ]
    return Table(("step", "kind", "edits"), tuple(rows), align="ll") if rows else None


def masked(stats: Stats) -> Table | None:
    """Tabulate the edits of the masking steps."""
    table = edits(
        {"edits": {step: kinds for step, kinds in get_mapping(stats, "edits").items() if step.startswith("mask")}}
    )
    return Table(("step", "kind", "masked"), table.rows, align="ll") if table else None


def duplicates(stats: Stats) -> Table | None:
    """Tabulate the copies that were found, and what became of them."""
    counts = get_mapping(stats, "duplicates")
    rows = [(words, number(counts[key])) for key, words in _COPIES.items() if key in counts]
    return Table(("copies", "number"), tuple(rows)) if rows else None


def by_occupation(stats: Stats) -> dict[str, list[int]]:
    """Return {occupation: examples of each split}, most frequent first.

    A missing occupation is "(none)".
    """
    counts: dict[str, list[int]] = {}
    for stratum in stats.get("strata") or ():
        row = counts.setdefault(str(stratum.get("occupation") or "(none)"), [0] * len(SPLITS))
        for column, split in enumerate(SPLITS):
            row[column] += stratum.get(split, 0)
    return dict(sorted(counts.items(), key=lambda entry: (-sum(entry[1]), entry[0])))


def occupations(stats: Stats) -> Table:
    """Tabulate examples by occupation and split."""
    cells = [((display_name(occupation),), [*row, sum(row)]) for occupation, row in by_occupation(stats).items()]
    return Table(("occupation", *SPLITS, "all"), _with_rest_row(cells))


def strata(stats: Stats) -> Table:
    """Tabulate the strata that the splits are balanced over, largest first."""
    keys = ("occupation", "experience", "source")
    cells = sorted(
        stats.get("strata") or (),
        key=lambda cell: (-sum(cell.get(s, 0) for s in SPLITS), *(str(cell.get(k)) for k in keys)),
    )
    rows = [
        (tuple(display_name(cell.get(key) or "(none)") for key in keys), [cell.get(split, 0) for split in SPLITS])
        for cell in cells
    ]
    return Table((*keys, *SPLITS), _with_rest_row(rows), align="lll")


def _with_rest_row(cells: Sequence[tuple[tuple[str, ...], list[int]]]) -> tuple[tuple[str, ...], ...]:
    """Format the first MAX_ROWS rows as texts and sum the others in one row."""
    rows = [(*names, *map(number, values)) for names, values in cells[:MAX_ROWS]]
    rest = cells[MAX_ROWS:]
    if rest:
        names = (f"{number(len(rest))} more", *[""] * (len(rest[0][0]) - 1))
        rows.append((*names, *(number(sum(column)) for column in zip(*(v for _, v in rest), strict=True))))
    return tuple(rows)


def listing(counts: Mapping[str, int]) -> str:
    """Format counts as "reason 1,234, other 5"."""
    return ", ".join(f"{sanitize(reason)} {number(n)}" for reason, n in most_common(counts, 12))


def figures(stats: Stats) -> Sequence[tuple[str, str]]:
    """Return the key figures of the corpus as (number, what it counts)."""
    facts: list[tuple[str, str]] = []
    documents, examples = get_mapping(stats, "documents"), get_mapping(stats, "examples")
    if "kept" in documents:
        facts.append((number(documents["kept"]), "documents"))
    if examples:
        facts.append((number(sum(examples.values())), "examples (question with answer)"))
    for key, what in (("groups", "groups that cross no split"), ("sentences", "sentences")):
        if stats.get(key) is not None:
            facts.append((number(stats[key]), what))
    answers = get_mapping(stats, "characters").get("answer") or {}
    if "total" in answers:
        facts.append((number(answers["total"]), "자 of answers (code points)"))
    return facts
