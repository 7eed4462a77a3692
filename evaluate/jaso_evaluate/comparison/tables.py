"""Render a comparison as Markdown, CSV, LaTeX and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.report.number_format import NONE
from jaso_evaluate.comparison import view
from jaso_evaluate.comparison.page import html
from jaso_evaluate.statistics.power import POWERS

JsonObject = Mapping[str, Any]

_CSV_COLUMNS = (
    "measure", "unit", "higher_is_better", "n", "run", "value", "ci95_low", "ci95_high", "standing", "seeds", "seed_sd",
    "difference", "difference_ci95_low", "difference_ci95_high", "p", "p_holm", "d_z", "share_better",
    *(f"detectable_{power}" for power in POWERS), *(f"examples_needed_{power}" for power in POWERS), "signature",
)  # fmt: skip
_PAIR_COLUMNS = ("measure", "first", "second", "difference", "p", "p_holm")
TEX_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
}
"""Characters that are special in LaTeX, and their escapes."""


def render(comparison: JsonObject) -> dict[str, str]:
    """Return the text of each file by its name."""
    return {
        "comparison.md": _markdown(comparison),
        "comparison.csv": _csv(comparison),
        "comparison-pairs.csv": _pairs_csv(comparison),
        "comparison.tex": _latex(comparison),
        "comparison.html": html(comparison),
    }


def _markdown(comparison: JsonObject) -> str:
    rows = [
        [f"{row['name']} {row['arrow']} ({row['unit']})", row["n"], *map(_md_cell, row["cells"])]
        for row in view.matrix(comparison)
    ]
    parts = [
        _md_table(["measure", "n", *comparison["runs"]], rows),
        f"{view.note(comparison)} {view.LEGEND}",
        *_md_differences(comparison),
        *_md_pairs(comparison),
        *_md_panel(comparison),
        "\n".join(f"- {note}" for note in comparison["notes"]),
        "Signatures:\n\n" + "\n".join(f"- `{row['name']}`: `{row['signature']}`" for row in comparison["measures"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _md_cell(cell: Mapping[str, str]) -> str:
    value = {"best": f"**{cell['value']}**", "tied": cell["value"] + view.TIED}.get(cell["standing"], cell["value"])
    return f"{value} {cell['interval']}" + (f" ({cell['seeds']})" if cell["seeds"] else "")


def _md_differences(comparison: JsonObject) -> list[str]:
    lines = view.differences(comparison)
    if not lines:
        return []
    powers = " / ".join(f"{power:g}" for power in POWERS)
    head = ["measure", "run", f"difference from {comparison['runs'][0]}", "p", "", "effect (d_z)", "texts better",
            f"detectable, power {powers}", f"examples needed, power {powers}"]  # fmt: skip
    keys = ("measure", "run", "", "p", "verdict", "effect", "share", "detectable", "needed")
    rows = [[f"{line['difference']} {line['interval']}" if not key else line[key] for key in keys] for line in lines]
    return [_md_table(head, rows)]


def _md_pairs(comparison: JsonObject) -> list[str]:
    rows = [
        [line["measure"], f"{line['second']} − {line['first']}", line["difference"], line["p"], line["told"]]
        for line in view.pairs(comparison)
    ]
    return [_md_table(["measure", "pair", "difference", "p, all pairs", "told apart"], rows)] if rows else []


def _md_panel(comparison: JsonObject) -> list[str]:
    families = view.panel(comparison)
    if not families:
        return []
    lines = ["Sensitivity to the tokenizer:", ""]
    for family in families:
        under = "; ".join(f"{line['name']}: {line['winners']}{line['told']}" for line in family["lines"])
        lines.append(f"- {family['family']}: {family['sentence']}. {_one_line(under)}. {', '.join(family['tau'])}.")
    return ["\n".join(lines)]


def _md_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(_one_line(cell) for cell in line)} |" for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")).replace("|", "\\|")


def _csv(comparison: JsonObject) -> str:
    rows = []
    for measure in comparison["measures"]:
        for cell in measure["cells"]:
            bounds, gap = cell["ci95"] or [None, None], cell.get("difference_ci95") or [None, None]
            able, needed = cell.get("detectable") or {}, cell.get("needed") or {}
            rows.append(
                [
                    measure["name"], measure["unit"], measure["higher_is_better"], measure["n"], cell["run"],
                    cell["value"], *bounds, cell["standing"], len(comparison["seeds"][cell["run"]]),
                    cell.get("seed_sd"), cell.get("difference"), *gap, cell.get("p"), cell.get("p_holm"),
                    cell.get("d_z"), cell.get("share_better"), *(able.get(str(power)) for power in POWERS),
                    *((needed.get(str(power)) or {}).get("examples") for power in POWERS), measure["signature"],
                ]
            )  # fmt: skip
    return _to_csv(_CSV_COLUMNS, rows)


def _pairs_csv(comparison: JsonObject) -> str:
    pairs = [(row["name"], pair) for row in comparison["measures"] for pair in row["pairs"]]
    return _to_csv(_PAIR_COLUMNS, [[name, *(pair[key] for key in _PAIR_COLUMNS[1:])] for name, pair in pairs])


def _to_csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    return stream.getvalue()


def _latex(comparison: JsonObject) -> str:
    r"""Render a booktabs table.

    It needs \usepackage{booktabs} and, for Hangul labels, kotex.
    """
    verdicts = {(line["measure"], line["run"]): line["verdict"] for line in view.differences(comparison)}
    lines = [
        rf"% {_one_line(view.note(comparison))}",
        rf"% {view.LEGEND}",
        *(f"% {_one_line(note)}" for note in comparison["notes"]),
        r"% A raised arrow: better or worse than the first run, p < 0.05 after the correction.",
        rf"\begin{{tabular}}{{l{'r' * len(comparison['runs'])}}}",
        r"\toprule",
        " & ".join(["", *(_escape_tex(run) for run in comparison["runs"])]) + r" \\",
        r"\midrule",
    ]
    for row in view.matrix(comparison):
        arrow = {"↑": " (higher is better)", "↓": " (lower is better)", "": ""}[row["arrow"]]
        cells = [
            _tex_cell(cell, verdicts.get((row["name"], run), ""))
            for cell, run in zip(row["cells"], comparison["runs"], strict=True)
        ]
        lines.append(" & ".join([_escape_tex(row["name"]) + arrow, *cells]) + r" \\")
        lines.append(f"% {row['signature']}")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _tex_cell(cell: Mapping[str, str], verdict: str) -> str:
    value = _tex_number(cell["value"])
    value = {"best": rf"\textbf{{{value}}}", "tied": value + r"$^{\circ}$"}.get(cell["standing"], value)
    star = {"better": r"$^{\uparrow}$", "worse": r"$^{\downarrow}$"}.get(verdict, "")
    seeds = f", {cell['seeds']}" if cell["seeds"] else ""
    return f"{value}{star} {{\\small {_tex_number(cell['interval'])}{seeds}}}"


def _tex_number(text: str) -> str:
    return text.replace("−", "$-$").replace(NONE, "--")


def _escape_tex(text: str) -> str:
    return "".join(TEX_SPECIAL.get(c, c) for c in text)
