"""Plain texts of a comparison's tables, shared by Markdown, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaso_core.report.marks import ARROWS, TIED
from jaso_core.report.number_format import digits, number, p_value, signed_number, span
from jaso_evaluate.schema import LEVEL
from jaso_evaluate.statistics.effect_size import effect_size_label

JsonObject = Mapping[str, Any]

LEGEND = (
    f"Bold: better than every other run of its row. {TIED}: the best of its row and what cannot be told from it. "
    "Both by tests of all pairs, p < 0.05 after Holm's correction for the pairs of the row."
)

_TESTS = {"permutation": "paired permutation tests", "bootstrap": "paired bootstrap tests"}


def matrix(comparison: JsonObject) -> list[dict[str, Any]]:
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


def _cell(cell: JsonObject, unit: str) -> dict[str, str]:
    decimals = digits(cell["ci95"], unit)
    seeds = len(cell.get("by_seed", ()))
    return {
        "value": number(cell["value"], decimals),
        "interval": span(cell["ci95"], decimals),
        "standing": cell["standing"],
        "seeds": f"{seeds} seeds, SD {number(cell['seed_sd'], max(1, decimals))}" if seeds else "",
    }


def differences(comparison: JsonObject) -> list[dict[str, str]]:
    """Return a line for each measure and system but the first.

    It has the difference, its interval, p, verdict, effect and power.
    """
    return [
        _difference(row, cell)
        for row in comparison["measures"]
        for cell in row["cells"]
        if cell.get("difference") is not None
    ]


def _difference(row: JsonObject, cell: JsonObject) -> dict[str, str]:
    decimals = digits(cell["difference_ci95"], row["unit"])
    return {
        "measure": row["name"],
        "family": row["name"].split("_")[0],
        "run": cell["run"],
        "difference": signed_number(cell["difference"], decimals),
        "interval": span(cell["difference_ci95"], decimals),
        "p": p_value(cell.get("p_holm")),
        "verdict": verdict(cell, row["higher_is_better"]),
        "effect": _effect(cell),
        "share": "" if cell.get("share_better") is None else f"{100 * cell['share_better']:.0f} %",
        "detectable": _by_power(cell.get("detectable"), lambda value: number(value, max(1, decimals))),
        "needed": _by_power(cell.get("needed"), lambda count: f"{count['examples']:,}"),
    }


def _effect(cell: JsonObject) -> str:
    d = cell.get("d_z")
    return "" if d is None else f"{effect_size_label(d)} ({number(d, 2)})"


def _by_power(values: JsonObject | None, format_value: Any) -> str:
    """Join values as "1.2 / 1.4"; the powers are in the head of the column."""
    cells = [format_value(value) for value in (values or {}).values() if value is not None]
    return " / ".join(cells)


def verdict(cell: JsonObject, higher_is_better: bool | None) -> str:
    """Return "better" or "worse" than the first run where it is significant, else ""."""
    adjusted = cell.get("p_holm")
    if adjusted is None or adjusted >= LEVEL:
        return ""
    return "better" if (cell["difference"] > 0) is higher_is_better else "worse"


def pairs(comparison: JsonObject) -> list[dict[str, str]]:
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


def panel(comparison: JsonObject) -> list[dict[str, Any]]:
    """Return the tokenizer-sensitivity panel: a sentence and lines for each family."""
    return [
        {
            "family": family["family"],
            "changes": family["winner_changes"],
            "sentence": _panel_sentence(family),
            "lines": [
                {
                    **measure,
                    "winners": ", ".join(measure["winners"]),
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


def _panel_sentence(family: JsonObject) -> str:
    if not family["winner_changes"]:
        return "the same run comes first under every tokenizer"
    decided = sum(measure["told_apart"] for measure in family["measures"])
    rest = "; the tests tell no winner apart under any" if decided == 0 else ""
    return f"the winner changes with the tokenizer{rest}"


def note(comparison: JsonObject) -> str:
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
