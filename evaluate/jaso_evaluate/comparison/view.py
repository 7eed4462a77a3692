"""Plain texts of a comparison's tables, shared by Markdown, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar

from jaso_core.report.marks import ARROWS, TIED
from jaso_core.report.number_format import digits, number, p_value, signed_number, span
from jaso_evaluate.comparison.schema import Cell, Comparison, MeasureRow, TokenizerFamily
from jaso_evaluate.schema import LEVEL
from jaso_evaluate.statistics.effect_size import effect_size_label

V = TypeVar("V")

LEGEND = (
    f"Bold: better than every other run of its row. {TIED}: the best of its row and what cannot be told from it. "
    "Both by tests of all pairs, p < 0.05 after Holm's correction for the pairs of the row."
)

_TESTS = {"permutation": "paired permutation tests", "bootstrap": "paired bootstrap tests"}


class MatrixCell(TypedDict):
    """A system's value by a measure; `seeds` is "" for a system of one run."""

    value: str
    interval: str
    standing: str
    seeds: str


class MatrixRow(TypedDict):
    """A measure with a cell for each system; `family`: its name up to the first "_"."""

    name: str
    family: str
    arrow: str
    unit: str
    n: str
    signature: str
    cells: list[MatrixCell]


class DifferenceLine(TypedDict):
    """A difference from the first system."""

    measure: str
    family: str
    run: str
    difference: str
    interval: str
    p: str
    verdict: str
    effect: str
    share: str
    detectable: str
    needed: str


class PairLine(TypedDict):
    """A test of two systems; `told`: "yes" or "no"."""

    measure: str
    family: str
    first: str
    second: str
    difference: str
    p: str
    told: str


class PanelLine(TypedDict):
    """A measure of a family of tokenizers, and who wins by it."""

    name: str
    tokenizer: str
    winners: str
    told_apart: bool
    told: str


class PanelFamily(TypedDict):
    """Measures that differ in their tokenizer alone; `changes`: so does the winner."""

    family: str
    changes: bool
    sentence: str
    lines: list[PanelLine]
    tau: list[str]


def matrix(comparison: Comparison) -> list[MatrixRow]:
    """Return a row for each measure: name, arrow, unit, n, signature, cells."""
    return [
        {
            "name": row["name"],
            "family": row["name"].split("_")[0],
            "arrow": ARROWS[row["higher_is_better"]],
            "unit": row["unit"],
            "n": f"{row['n']:,}",
            "signature": row["signature"],
            "cells": [_cell(cell, row["unit"]) for cell in row["cells"]],
        }
        for row in comparison["measures"]
    ]


def _cell(cell: Cell, unit: str) -> MatrixCell:
    decimals = digits(cell["ci95"], unit)
    seeds = len(cell.get("by_seed", ()))
    return {
        "value": number(cell["value"], decimals),
        "interval": span(cell["ci95"], decimals),
        "standing": cell["standing"],
        "seeds": f"{seeds} seeds, SD {number(cell['seed_sd'], max(1, decimals))}" if seeds else "",
    }


def differences(comparison: Comparison) -> list[DifferenceLine]:
    """Return a line for each measure and system but the first.

    It has the difference, its interval, p, verdict, effect and power.
    """
    return [
        _difference(row, cell)
        for row in comparison["measures"]
        for cell in row["cells"]
        if cell.get("difference") is not None
    ]


def _difference(row: MeasureRow, cell: Cell) -> DifferenceLine:
    decimals = digits(cell["difference_ci95"], row["unit"])
    share = cell.get("share_better")
    return {
        "measure": row["name"],
        "family": row["name"].split("_")[0],
        "run": cell["run"],
        "difference": signed_number(cell["difference"], decimals),
        "interval": span(cell["difference_ci95"], decimals),
        "p": p_value(cell.get("p_holm")),
        "verdict": verdict(cell, row["higher_is_better"]),
        "effect": _effect(cell),
        "share": "" if share is None else f"{100 * share:.0f} %",
        "detectable": _by_power(cell.get("detectable"), lambda value: number(value, max(1, decimals))),
        "needed": _by_power(cell.get("needed"), lambda count: f"{count['examples']:,}"),
    }


def _effect(cell: Cell) -> str:
    d = cell.get("d_z")
    return "" if d is None else f"{effect_size_label(d)} ({number(d, 2)})"


def _by_power(values: Mapping[str, V | None] | None, format_value: Callable[[V], str]) -> str:
    """Join values as "1.2 / 1.4"; the powers are in the head of the column."""
    cells = [format_value(value) for value in (values or {}).values() if value is not None]
    return " / ".join(cells)


def verdict(cell: Cell, higher_is_better: bool | None) -> str:
    """Return "better" or "worse" than the first run where it is significant, else ""."""
    adjusted = cell.get("p_holm")
    if adjusted is None or adjusted >= LEVEL:
        return ""
    return "better" if ((cell["difference"] or 0) > 0) is higher_is_better else "worse"


def pairs(comparison: Comparison) -> list[PairLine]:
    """Return a line for each pair of systems of each testable measure.

    None where the differences from the first run are all pairs.
    """
    if len(comparison["runs"]) < 3:
        return []
    return [
        {
            "measure": row["name"],
            "family": row["name"].split("_")[0],
            "first": pair["first"],
            "second": pair["second"],
            "difference": signed_number(pair["difference"], 2),
            "p": p_value(pair["p_holm"]),
            "told": "yes" if pair["p_holm"] is not None and pair["p_holm"] < LEVEL else "no",
        }
        for row in comparison["measures"]
        for pair in row["pairs"]
    ]


def panel(comparison: Comparison) -> list[PanelFamily]:
    """Return the tokenizer-sensitivity panel: a sentence and lines for each family."""
    return [
        {
            "family": family["family"],
            "changes": family["winner_changes"],
            "sentence": _panel_sentence(family),
            "lines": [
                {
                    "name": measure["name"],
                    "tokenizer": measure["tokenizer"],
                    "winners": ", ".join(measure["winners"]),
                    "told_apart": measure["told_apart"],
                    "told": "" if measure["told_apart"] else " (not told apart)",
                }
                for measure in family["measures"]
            ],
            "tau": [
                f"τ({pair['first']}, {pair['second']}) = {'–' if pair['tau'] is None else number(pair['tau'], 2)}"
                for pair in family["tau"]
            ],
        }
        for family in comparison["tokenizers"]
    ]


def _panel_sentence(family: TokenizerFamily) -> str:
    if not family["winner_changes"]:
        return "the same run comes first under every tokenizer"
    decided = sum(measure["told_apart"] for measure in family["measures"])
    rest = "; the tests tell no winner apart under any" if decided == 0 else ""
    return f"the winner changes with the tokenizer{rest}"


def note(comparison: Comparison) -> str:
    """Return the sentence at every table: what was compared, and how."""
    first = comparison["runs"][0]
    several = any(len(runs) > 1 for runs in comparison["seeds"].values())
    seeds = " Systems of several seeds: mean over seeds, Welch–Satterthwaite intervals and t tests." if several else ""
    return (
        f"{comparison['n']:,} examples in {comparison['groups']:,} groups. Values with 95 % intervals (expanded "
        f"percentile bootstrap by group); differences from {first} by {_TESTS[comparison['test']]} of whole groups, "
        f"p after Holm's correction for all {comparison['tests']:,} tests of this table; "
        f"{comparison['resamples']:,} resamples, seed {comparison['seed']}.{seeds}"
    )
