"""Tables of metric validity as Markdown and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaso_core.report.escape import escape_markdown
from jaso_core.report.number_format import MINUS, NONE, p_value
from jaso_core.report.tables import Table, csv_text, markdown
from jaso_evaluate.schema import LEVEL

JsonObject = Mapping[str, Any]

_SPECIAL = "\\`*_[]<>|#"
_CORRELATIONS = {"pearson": "Pearson r", "spearman": "Spearman ρ", "kendall": "Kendall τ-b"}


def render(result: JsonObject) -> dict[str, str]:
    """Return {"md", "csv"}: the file's text by its suffix."""
    return {"md": _markdown(result), "csv": _csv(result)}


def _markdown(result: JsonObject) -> str:
    columns = result["columns"]
    head = ["measure", *(f"{name} [95 %]" for name in _CORRELATIONS.values()), "r behind the best [95 %]", "p (Holm)"]
    rows = [_markdown_row(row, best=row["name"] == result["best"]) for row in result["measures"]]
    lines = [
        f"# Agreement with people on {escape_markdown(result['file'], special=_SPECIAL)}",
        "",
        f"{result['n']:,} pairs; prediction = `{columns['prediction']}`, reference = `{columns['reference']}`, "
        f"people's score = `{columns['score']}`. Correlations of the scores of single texts; signs are turned where "
        f"lower is better. Intervals: percentile bootstrap{_by_group(result)}, {result['resamples']:,} resamples, seed "
        f"{result['seed']}. p: paired bootstrap of the difference in r from the best, corrected by Holm's method for "
        f"{sum('behind' in row for row in result['measures'])} tests; where it is {LEVEL} or more (**bold**), these "
        "pairs cannot tell the measure from the best. The best is chosen on these same pairs, so that chance adds a "
        "little to its lead. What only describes a text (*slanted*) is not tested.",
        "",
        markdown(Table(head, rows), str),
        "",
        *_notes(result),
        "Signatures:",
        "",
        *(f"- `{row['name']}`: `{row['signature']}`" for row in result["measures"]),
    ]
    return "\n".join(lines) + "\n"


def _by_group(result: JsonObject) -> str:
    return "" if result["groups"] == result["n"] else f" of {result['groups']:,} groups"


def _notes(result: JsonObject) -> list[str]:
    notes = [f"- {text}" for text in result["left_out"]]
    notes += [
        f"- {row['name']}: {row['n']:,} of {result['n']:,} pairs have a score"
        for row in result["measures"]
        if row["n"] < result["n"]
    ]
    if result["kendall_n"] < result["n"]:
        notes.append(f"- Kendall's τ-b is of {result['kendall_n']:,} pairs drawn with the seed")
    return [*notes, ""] if notes else []


def _markdown_row(row: JsonObject, *, best: bool) -> list[str]:
    behind = row.get("behind")
    name = row["name"]
    if best or (behind is not None and behind["p_holm"] >= LEVEL):
        name = f"**{name}**"
    elif row["higher_is_better"] is None:
        name = f"*{name}*"
    cells = [f"{_number(row[key]['value'])} {_span(row[key]['ci95'])}".strip() for key in _CORRELATIONS]
    if behind is None:
        cells += ["best" if best else NONE, NONE]
    else:
        cells += [f"{_number(behind['value'])} {_span(behind['ci95'])}", p_value(behind["p_holm"])]
    return [name, *cells]


def _number(value: float | None) -> str:
    """Format as correlations are printed: .398, −.041."""
    if value is None:
        return NONE
    text = f"{abs(value):.3f}"
    return (MINUS if value < 0 and float(text) else "") + (text[1:] if text.startswith("0") else text)


def _span(bounds: list[float] | None) -> str:
    return "" if bounds is None else f"[{_number(bounds[0])}, {_number(bounds[1])}]"


def _csv(result: JsonObject) -> str:
    bounds = [f"{key}{part}" for key in _CORRELATIONS for part in ("", "_ci95_low", "_ci95_high")]
    behind = ["behind_best", "behind_best_ci95_low", "behind_best_ci95_high", "p_holm"]
    rows: list[list[Any]] = [["measure", "n", *bounds, *behind, "higher_is_better", "signature"]]
    for row in result["measures"]:
        cells: list[Any] = [row["name"], row["n"]]
        for key in _CORRELATIONS:
            cells += [row[key]["value"], *(row[key]["ci95"] or [None, None])]
        gap = row.get("behind")
        cells += [None] * 4 if gap is None else [gap["value"], *gap["ci95"], gap["p_holm"]]
        rows.append([*cells, row["higher_is_better"], row["signature"]])
    return csv_text(rows)
