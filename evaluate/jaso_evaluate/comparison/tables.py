"""Render a comparison as Markdown, CSV, LaTeX and HTML."""

from __future__ import annotations

from functools import partial

from jaso_core.report.escape import escape_code, escape_formula, escape_inline, escape_latex, one_line
from jaso_core.report.marks import TIED
from jaso_core.report.tables import Cell, Table, csv_text, latex, markdown
from jaso_evaluate.comparison import view
from jaso_evaluate.comparison.page import html
from jaso_evaluate.comparison.schema import Comparison, Needed
from jaso_evaluate.schema import Bounds
from jaso_evaluate.statistics.power import POWERS

_CSV_COLUMNS = (
    "measure", "unit", "higher_is_better", "n", "run", "value", "ci95_low", "ci95_high", "standing", "seeds", "seed_sd",
    "difference", "difference_ci95_low", "difference_ci95_high", "p", "p_holm", "d_z", "share_better",
    *(f"detectable_{power}" for power in POWERS), *(f"examples_needed_{power}" for power in POWERS), "signature",
)  # fmt: skip
_ARROWS = {"better": "↑", "worse": "↓"}
_PAIR_COLUMNS = ("measure", "first", "second", "difference", "p", "p_holm")


def render(comparison: Comparison) -> dict[str, str]:
    """Return the text of each file by its name."""
    return {
        "comparison.md": _markdown(comparison),
        "comparison.csv": _csv(comparison),
        "comparison-pairs.csv": _pairs_csv(comparison),
        "comparison.tex": _latex(comparison),
        "comparison.html": html(comparison),
    }


def _markdown(comparison: Comparison) -> str:
    rows: list[list[str | Cell]] = [
        [f"{row['name']} {row['arrow']} ({row['unit']})", row["n"], *(_cell(cell, " ({})") for cell in row["cells"])]
        for row in view.matrix(comparison)
    ]
    parts = [
        markdown(Table(["measure", "n", *comparison["runs"]], rows), escape_inline),
        f"{escape_inline(view.note(comparison))} {view.LEGEND}",
        *_md_differences(comparison),
        *_md_pairs(comparison),
        *_md_panel(comparison),
        "\n".join(f"- {escape_inline(note)}" for note in comparison["notes"]),
        "Signatures:\n\n"
        + "\n".join(f"- `{_code(row['name'])}`: `{_code(row['signature'])}`" for row in comparison["measures"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(cell: view.MatrixCell, seeds: str, arrow: str = "") -> Cell:
    """Make a table cell of one in `view.matrix`; `seeds` is the format of its seeds."""
    return Cell(
        cell["value"],
        cell["interval"] + (seeds.format(cell["seeds"]) if cell["seeds"] else ""),
        strong=cell["standing"] == "best",
        mark=(TIED if cell["standing"] == "tied" else "") + arrow,
    )


def _md_differences(comparison: Comparison) -> list[str]:
    lines = view.differences(comparison)
    if not lines:
        return []
    powers = " / ".join(f"{power:g}" for power in POWERS)
    head = ["measure", "run", f"difference from {comparison['runs'][0]}", "p", "", "effect (d_z)", "texts better",
            f"detectable, power {powers}", f"examples needed, power {powers}"]  # fmt: skip
    rows = [
        [
            line["measure"], line["run"], f"{line['difference']} {line['interval']}", line["p"], line["verdict"],
            line["effect"], line["share"], line["detectable"], line["needed"],
        ]
        for line in lines
    ]  # fmt: skip
    return [markdown(Table(head, rows), escape_inline)]


def _md_pairs(comparison: Comparison) -> list[str]:
    rows = [
        [line["measure"], f"{line['second']} − {line['first']}", line["difference"], line["p"], line["told"]]
        for line in view.pairs(comparison)
    ]
    head = ["measure", "pair", "difference", "p, all pairs", "told apart"]
    return [markdown(Table(head, rows), escape_inline)] if rows else []


def _md_panel(comparison: Comparison) -> list[str]:
    families = view.panel(comparison)
    if not families:
        return []
    lines = ["Sensitivity to the tokenizer:", ""]
    for family in families:
        under = "; ".join(f"{line['name']}: {line['winners']}{line['told']}" for line in family["lines"])
        told = f"{family['family']}: {family['sentence']}. {under}. {', '.join(family['tau'])}."
        lines.append(f"- {escape_inline(told)}")
    return ["\n".join(lines)]


def _code(text: str) -> str:
    return escape_code(one_line(text), bar="|")


def _plain(text: str) -> str:
    """Escape a text that runs brought with them for a spreadsheet; a unit may be "%"."""
    return text if text.startswith("%") else escape_formula(text)


def _csv(comparison: Comparison) -> str:
    rows = []
    for measure in comparison["measures"]:
        for cell in measure["cells"]:
            able, needed = cell.get("detectable") or {}, cell.get("needed") or {}
            rows.append(
                [
                    _plain(measure["name"]), _plain(measure["unit"]), measure["higher_is_better"], measure["n"],
                    _plain(cell["run"]),
                    cell["value"], *_ends(cell["ci95"]), cell["standing"], len(comparison["seeds"][cell["run"]]),
                    cell.get("seed_sd"), cell.get("difference"), *_ends(cell.get("difference_ci95")), cell.get("p"),
                    cell.get("p_holm"),
                    cell.get("d_z"), cell.get("share_better"), *(able.get(str(power)) for power in POWERS),
                    *(_examples(needed.get(str(power))) for power in POWERS), _plain(measure["signature"]),
                ]
            )  # fmt: skip
    return csv_text([_CSV_COLUMNS, *rows])


def _ends(bounds: Bounds | None) -> tuple[float | None, float | None]:
    return (None, None) if bounds is None else (bounds[0], bounds[1])


def _examples(needed: Needed | None) -> int | None:
    return None if needed is None else needed["examples"]


def _pairs_csv(comparison: Comparison) -> str:
    rows = [
        [
            _plain(row["name"]),
            _plain(pair["first"]),
            _plain(pair["second"]),
            pair["difference"],
            pair["p"],
            pair["p_holm"],
        ]
        for row in comparison["measures"]
        for pair in row["pairs"]
    ]
    return csv_text([_PAIR_COLUMNS, *rows])


def _latex(comparison: Comparison) -> str:
    r"""Render a booktabs table.

    It needs \usepackage{booktabs} and, for Hangul labels, kotex.
    """
    verdicts = {(line["measure"], line["run"]): line["verdict"] for line in view.differences(comparison)}
    comments = [
        one_line(view.note(comparison)),
        view.LEGEND,
        *map(one_line, comparison["notes"]),
        "A raised arrow: better or worse than the first run, p < 0.05 after the correction.",
    ]
    matrix = view.matrix(comparison)
    rows: list[list[str | Cell]] = []
    for row in matrix:
        direction = {"↑": " (higher is better)", "↓": " (lower is better)", "": ""}[row["arrow"]]
        cells = [
            _cell(cell, ", {}", _ARROWS.get(verdicts.get((row["name"], run), ""), ""))
            for cell, run in zip(row["cells"], comparison["runs"], strict=True)
        ]
        rows.append([row["name"] + direction, *cells])
    table = latex(
        Table(["", *comparison["runs"]], rows),
        [row["signature"] for row in matrix],
        escape_name=partial(escape_latex, symbols=False),
    )
    return "\n".join([*(f"% {comment}" for comment in comments), table]) + "\n"
