"""A comparison as files: Markdown, CSV, LaTeX, HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from jaso_evaluate.comparison import view
from jaso_evaluate.comparison.page import html
from jaso_evaluate.report.number_format import NONE
from jaso_evaluate.statistics.power import POWERS

Found = Mapping[str, Any]

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
"""What LaTeX acts upon, and how it is written instead."""


def render(found: Found) -> dict[str, str]:
    """The files' texts by their names."""
    return {
        "comparison.md": _markdown(found),
        "comparison.csv": _csv(found),
        "comparison-pairs.csv": _pairs_csv(found),
        "comparison.tex": _latex(found),
        "comparison.html": html(found),
    }


def _markdown(found: Found) -> str:
    rows = [
        [f"{row['name']} {row['arrow']} ({row['unit']})", row["n"], *map(_md_cell, row["cells"])]
        for row in view.matrix(found)
    ]
    parts = [
        _md_table(["measure", "n", *found["runs"]], rows),
        f"{view.note(found)} {view.LEGEND}",
        *_md_differences(found),
        *_md_pairs(found),
        *_md_panel(found),
        "\n".join(f"- {note}" for note in found["notes"]),
        "Signatures:\n\n" + "\n".join(f"- `{row['name']}`: `{row['signature']}`" for row in found["measures"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _md_cell(cell: Mapping[str, str]) -> str:
    value = {"best": f"**{cell['value']}**", "tied": cell["value"] + view.TIED}.get(cell["standing"], cell["value"])
    return f"{value} {cell['interval']}" + (f" ({cell['seeds']})" if cell["seeds"] else "")


def _md_differences(found: Found) -> list[str]:
    lines = view.differences(found)
    if not lines:
        return []
    powers = " / ".join(f"{power:g}" for power in POWERS)
    head = ["measure", "run", f"difference from {found['runs'][0]}", "p", "", "effect (d_z)", "texts better",
            f"detectable, power {powers}", f"examples needed, power {powers}"]  # fmt: skip
    keys = ("measure", "run", "", "p", "verdict", "effect", "share", "detectable", "needed")
    rows = [[f"{line['difference']} {line['interval']}" if not key else line[key] for key in keys] for line in lines]
    return [_md_table(head, rows)]


def _md_pairs(found: Found) -> list[str]:
    rows = [
        [line["measure"], f"{line['second']} − {line['first']}", line["difference"], line["p"], line["told"]]
        for line in view.pairs(found)
    ]
    return [_md_table(["measure", "pair", "difference", "p, all pairs", "told apart"], rows)] if rows else []


def _md_panel(found: Found) -> list[str]:
    families = view.panel(found)
    if not families:
        return []
    lines = ["Sensitivity to the tokenizer:", ""]
    for family in families:
        under = "; ".join(f"{line['name']}: {line['winners']}{line['told']}" for line in family["lines"])
        lines.append(f"- {family['family']}: {family['sentence']}. {_flat(under)}. {', '.join(family['tau'])}.")
    return ["\n".join(lines)]


def _md_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(_flat(cell) for cell in line)} |" for line in lines)


def _flat(text: str) -> str:
    return " ".join(text.split("\n")).replace("|", "\\|")


def _csv(found: Found) -> str:
    rows = []
    for measure in found["measures"]:
        for cell in measure["cells"]:
            bounds, gap = cell["ci95"] or [None, None], cell.get("difference_ci95") or [None, None]
            able, needed = cell.get("detectable") or {}, cell.get("needed") or {}
            rows.append(
                [
                    measure["name"], measure["unit"], measure["higher_is_better"], measure["n"], cell["run"],
                    cell["value"], *bounds, cell["standing"], len(found["seeds"][cell["run"]]), cell.get("seed_sd"),
                    cell.get("difference"), *gap, cell.get("p"), cell.get("p_holm"), cell.get("d_z"),
                    cell.get("share_better"), *(able.get(str(power)) for power in POWERS),
                    *((needed.get(str(power)) or {}).get("examples") for power in POWERS), measure["signature"],
                ]
            )  # fmt: skip
    return _as_csv(_CSV_COLUMNS, rows)


def _pairs_csv(found: Found) -> str:
    pairs = [(row["name"], pair) for row in found["measures"] for pair in row["pairs"]]
    return _as_csv(_PAIR_COLUMNS, [[name, *(pair[key] for key in _PAIR_COLUMNS[1:])] for name, pair in pairs])


def _as_csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([head, *rows])
    return stream.getvalue()


def _latex(found: Found) -> str:
    """A booktabs table; it needs \\usepackage{booktabs} and, for Hangul labels, kotex."""
    verdicts = {(line["measure"], line["run"]): line["verdict"] for line in view.differences(found)}
    lines = [
        rf"% {_flat(view.note(found))}",
        rf"% {view.LEGEND}",
        *(f"% {_flat(note)}" for note in found["notes"]),
        r"% A raised arrow: better or worse than the first run, p < 0.05 after the correction.",
        rf"\begin{{tabular}}{{l{'r' * len(found['runs'])}}}",
        r"\toprule",
        " & ".join(["", *(_tex(run) for run in found["runs"])]) + r" \\",
        r"\midrule",
    ]
    for row in view.matrix(found):
        arrow = {"↑": " (higher is better)", "↓": " (lower is better)", "": ""}[row["arrow"]]
        cells = [
            _tex_cell(cell, verdicts.get((row["name"], run), ""))
            for cell, run in zip(row["cells"], found["runs"], strict=True)
        ]
        lines.append(" & ".join([_tex(row["name"]) + arrow, *cells]) + r" \\")
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


def _tex(text: str) -> str:
    return "".join(TEX_SPECIAL.get(c, c) for c in text)
