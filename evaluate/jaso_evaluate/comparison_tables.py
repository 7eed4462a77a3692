"""A comparison as Markdown, CSV, LaTeX and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from jaso_evaluate.report import page
from jaso_evaluate.report.numbers import NONE, digits, number, p_value, span

Found = Mapping[str, Any]

_LEVEL = 0.05
_CSV_COLUMNS = (
    "measure", "unit", "higher_is_better", "n", "run", "value", "ci95_low", "ci95_high", "difference",
    "difference_ci95_low", "difference_ci95_high", "p", "p_holm", "signature",
)  # fmt: skip
_TEX_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
}
_ARROWS = {True: "↑", False: "↓", None: ""}


def render(found: Found) -> dict[str, str]:
    """{"md", "csv", "tex", "html"}: the file's text by its suffix."""
    rows = [_row(measure) for measure in found["measures"]]
    return {
        "md": _markdown(found, rows),
        "csv": _csv(found),
        "tex": _latex(found, rows),
        "html": page("comparison.html.j2", found=found, rows=rows, note=_note(found)),
    }


def _row(measure: Found) -> dict[str, Any]:
    return {
        "name": measure["name"],
        "arrow": _ARROWS[measure["higher_is_better"]],
        "unit": measure["unit"],
        "n": f"{measure['n']:,}",
        "signature": measure["signature"],
        "cells": [_cell(cell, measure) for cell in measure["cells"]],
    }


def _cell(cell: Found, measure: Found) -> dict[str, Any]:
    unit = measure["unit"]
    decimals = digits(cell["ci95"], unit)
    bounds = cell.get("difference_ci95")
    adjusted = cell.get("p_holm")
    gap = digits(bounds, unit)
    return {
        "value": number(cell["value"], decimals),
        "interval": span(cell["ci95"], decimals),
        "difference": None if bounds is None else _signed(cell["difference"], gap),
        "difference_interval": span(bounds, gap),
        "p": p_value(adjusted),
        "verdict": _verdict(cell, adjusted, measure["higher_is_better"]),
    }


def _verdict(cell: Found, adjusted: float | None, higher_is_better: bool | None) -> str:
    """ "better" or "worse" than the first run where the test says so, else nothing."""
    if adjusted is None or adjusted >= _LEVEL:
        return ""
    return "better" if (cell["difference"] > 0) is higher_is_better else "worse"


def _signed(value: float, decimals: int) -> str:
    return ("+" if value > 0 else "") + number(value, decimals)


def _note(found: Found) -> str:
    return (
        f"{found['n']:,} examples in {found['groups']:,} groups. Values with 95 % intervals; differences from "
        f"{found['runs'][0]}, paired, with 95 % intervals; p after Holm's correction for all tests of this table; "
        f"bootstrap by group, {found['resamples']:,} resamples, seed {found['seed']}."
    )


def _markdown(found: Found, rows: list[dict[str, Any]]) -> str:
    head = ["measure", "n", *(_escape_md(run) for run in found["runs"])]
    lines = [f"| {' | '.join(head)} |", f"| --- | ---: | {' | '.join('---:' for _ in found['runs'])} |"]
    for row in rows:
        cells = [_cell_text(cell) for cell in row["cells"]]
        lines.append(f"| {row['name']} {row['arrow']} ({row['unit']}) | {row['n']} | {' | '.join(cells)} |")
    signatures = [f"- `{row['name']}`: `{row['signature']}`" for row in rows]
    notes = [f"- {note}" for note in found["notes"]]
    parts = ["\n".join(lines), _note(found), "\n".join(notes), "Signatures:\n\n" + "\n".join(signatures)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell_text(cell: Mapping[str, Any]) -> str:
    text = f"{cell['value']} {cell['interval']}"
    if cell["difference"] is not None:
        text += f"; {cell['difference']} {cell['difference_interval']}, p {cell['p']}"
        text += f" ({cell['verdict']})" if cell["verdict"] else ""
    return text


def _escape_md(text: str) -> str:
    return text.replace("|", "\\|")


def _csv(found: Found) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for measure in found["measures"]:
        for cell in measure["cells"]:
            bounds, gap = cell["ci95"] or [None, None], cell.get("difference_ci95") or [None, None]
            writer.writerow(
                [
                    measure["name"], measure["unit"], measure["higher_is_better"], measure["n"], cell["run"],
                    cell["value"], *bounds, cell.get("difference"), *gap, cell.get("p"), cell.get("p_holm"),
                    measure["signature"],
                ]
            )  # fmt: skip
    return stream.getvalue()


def _latex(found: Found, rows: list[dict[str, Any]]) -> str:
    """A booktabs table; it needs \\usepackage{booktabs} and, for Hangul labels, kotex."""
    lines = [
        rf"% {_note(found)}",
        *(f"% {note}" for note in found["notes"]),
        r"% A raised arrow: better or worse than the first run, p < 0.05 after the correction.",
        rf"\begin{{tabular}}{{l{'r' * len(found['runs'])}}}",
        r"\toprule",
        " & ".join(["", *(_tex(run) for run in found["runs"])]) + r" \\",
        r"\midrule",
    ]
    for row in rows:
        arrow = {"↑": " (higher is better)", "↓": " (lower is better)", "": ""}[row["arrow"]]
        cells = [_tex_cell(cell) for cell in row["cells"]]
        lines.append(" & ".join([_tex(row["name"]) + arrow, *cells]) + r" \\")
        lines.append(f"% {row['signature']}")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _tex_cell(cell: Mapping[str, Any]) -> str:
    value = _tex_number(cell["value"])
    star = {"better": r"$^{\uparrow}$", "worse": r"$^{\downarrow}$"}.get(cell["verdict"], "")
    return f"{value}{star} {{\\small {_tex_number(cell['interval'])}}}"


def _tex_number(text: str) -> str:
    return text.replace("−", "$-$").replace(NONE, "--")


def _tex(text: str) -> str:
    return "".join(_TEX_SPECIAL.get(c, c) for c in text)
