"""What the card shows as tables; the page draws plots over them, the README prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaso_core.records import SPLITS
from jaso_preprocess.card.number_format import name_of, number, percent, plain

LONGEST = 40
"""Rows of a table; what is beyond is added up in one."""

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


@dataclass(frozen=True)
class Table:
    """Cells are texts; all columns but the first `texts` hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


def part(stats: Stats, name: str) -> Mapping[str, Any]:
    """A mapping of stats.json, empty when it is missing."""
    found = stats.get(name)
    return found if isinstance(found, Mapping) else {}


def counted(counts: Mapping[str, int], what: str, unit: str, labels: Mapping[str, Any] | None = None) -> Table:
    """Values with their counts and shares, the greatest first."""
    whole = sum(counts.values())
    rows = [(name_of(value, labels), number(n), percent(n, whole)) for value, n in greatest(counts)]
    rest = sorted(counts.values(), reverse=True)[LONGEST:]
    if rest:
        rows.append((f"{number(len(rest))} more", number(sum(rest)), percent(sum(rest), whole)))
    return Table((what, unit, "share"), tuple(rows))


def greatest(counts: Mapping[str, int], most: int = LONGEST) -> list[tuple[str, int]]:
    """By count, then by name."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], str(entry[0])))[:most]


def sizes(stats: Stats) -> Table | None:
    """What was read, added, kept and dropped."""
    rows = []
    documents, items = part(stats, "documents"), part(stats, "items")
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
    """Examples a split."""
    examples = part(stats, "examples")
    whole = sum(examples.values())
    rows = [(split, number(examples[split]), percent(examples[split], whole)) for split in SPLITS if split in examples]
    return Table(("split", "examples", "share"), tuple(rows)) if rows else None


def lengths(stats: Stats) -> Table | None:
    """Spreads of all texts in all units."""
    rows = [
        (field, unit, *(number(part(stats, key)[field].get(name)) for name in _SPREAD))
        for field in _FIELDS
        for key, unit in UNITS.items()
        if part(stats, key).get(field)
    ]
    head = ("text", "unit", "mean", "min", "10 %", "median", "90 %", "max", "total")
    return Table(head, tuple(rows), texts=2) if rows else None


def histogram(entry: Mapping[str, Any], what: str, unit: str) -> Table:
    """From edge to edge."""
    edges, counts = entry["edges"], entry["counts"]
    rows = [(f"{number(edges[i])} to {number(edges[i + 1])}", number(n)) for i, n in enumerate(counts)]
    return Table((what, unit), tuple(rows))


def step_names(stats: Stats) -> list[str]:
    """All steps that did something or could have, in their order."""
    names = [*part(stats, "changed"), *part(stats, "dropped_by_step"), *part(stats, "edits")]
    return list(dict.fromkeys(str(name) for name in names))


def dropped_in(stats: Stats, step: str) -> Mapping[str, int]:
    """{reason: items} of one step."""
    found = part(stats, "dropped_by_step").get(step)
    return found if isinstance(found, Mapping) else {}


def steps(stats: Stats) -> Table | None:
    """What each step changed and dropped, with the reasons."""
    rows = []
    for step in step_names(stats):
        dropped = dropped_in(stats, step)
        reasons = listing(dropped) if dropped else ""
        changed = part(stats, "changed").get(step)
        rows.append((plain(step), reasons, number(changed), number(sum(dropped.values()))))
    return Table(("step", "reasons for dropping", "items changed", "dropped"), tuple(rows), texts=2) if rows else None


def edits(stats: Stats) -> Table | None:
    """Edits by step and kind."""
    rows = [
        (plain(step), plain(kind) or "(any)", number(n))
        for step, kinds in part(stats, "edits").items()
        for kind, n in greatest(kinds)
    ]
    return Table(("step", "kind", "edits"), tuple(rows), texts=2) if rows else None


def masked(stats: Stats) -> Table | None:
    """Edits of the masking steps."""
    found = edits({"edits": {step: kinds for step, kinds in part(stats, "edits").items() if step.startswith("mask")}})
    return Table(("step", "kind", "masked"), found.rows, texts=2) if found else None


def duplicates(stats: Stats) -> Table | None:
    """Copies that were found, and what became of them."""
    found = part(stats, "duplicates")
    rows = [(words, number(found[key])) for key, words in _COPIES.items() if key in found]
    return Table(("copies", "number"), tuple(rows)) if rows else None


def by_occupation(stats: Stats) -> dict[str, list[int]]:
    """{occupation: examples a split}, the greatest first; an occupation that is not told is "(none)"."""
    found: dict[str, list[int]] = {}
    for stratum in stats.get("strata") or ():
        row = found.setdefault(str(stratum.get("occupation") or "(none)"), [0] * len(SPLITS))
        for place, split in enumerate(SPLITS):
            row[place] += stratum.get(split, 0)
    return dict(sorted(found.items(), key=lambda entry: (-sum(entry[1]), entry[0])))


def occupations(stats: Stats) -> Table:
    """Examples by occupation and split."""
    cells = [((name_of(occupation),), [*row, sum(row)]) for occupation, row in by_occupation(stats).items()]
    return Table(("occupation", *SPLITS, "all"), _summed(cells))


def strata(stats: Stats) -> Table:
    """The cells that the splits are balanced over, the greatest first."""
    keys = ("occupation", "experience", "source")
    cells = sorted(
        stats.get("strata") or (),
        key=lambda cell: (-sum(cell.get(s, 0) for s in SPLITS), *(str(cell.get(k)) for k in keys)),
    )
    rows = [
        (tuple(name_of(cell.get(key) or "(none)") for key in keys), [cell.get(split, 0) for split in SPLITS])
        for cell in cells
    ]
    return Table((*keys, *SPLITS), _summed(rows), texts=3)


def _summed(cells: Sequence[tuple[tuple[str, ...], list[int]]]) -> tuple[tuple[str, ...], ...]:
    """The first rows as texts, and those beyond them added up."""
    rows = [(*names, *map(number, values)) for names, values in cells[:LONGEST]]
    rest = cells[LONGEST:]
    if rest:
        names = (f"{number(len(rest))} more", *[""] * (len(rest[0][0]) - 1))
        rows.append((*names, *(number(sum(column)) for column in zip(*(v for _, v in rest), strict=True))))
    return tuple(rows)


def listing(counts: Mapping[str, int]) -> str:
    """ "reason 1,234, other 5"."""
    return ", ".join(f"{plain(reason)} {number(n)}" for reason, n in greatest(counts, 12))


def figures(stats: Stats) -> Sequence[tuple[str, str]]:
    """The corpus in a handful of numbers: (number, what it counts)."""
    found: list[tuple[str, str]] = []
    documents, examples = part(stats, "documents"), part(stats, "examples")
    if "kept" in documents:
        found.append((number(documents["kept"]), "documents"))
    if examples:
        found.append((number(sum(examples.values())), "examples (question with answer)"))
    for key, what in (("groups", "groups that cross no split"), ("sentences", "sentences")):
        if stats.get(key) is not None:
            found.append((number(stats[key]), what))
    answers = part(stats, "characters").get("answer") or {}
    if "total" in answers:
        found.append((number(answers["total"]), "자 of answers (code points)"))
    return found
