"""Render a comparison: Markdown (the table), CSV (the curves) and HTML (both)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaso_core.report.escape import escape_formula, escape_inline
from jaso_core.report.number_format import NONE, count, decimal, percent
from jaso_core.report.tables import Table, csv_text, markdown
from jaso_train.curves import plots
from jaso_train.report.page import page
from jaso_train.report.text_format import setting

Comparison = Mapping[str, Any]

NATS = (
    "Nats a token depend on the vocabulary and can be compared only between runs that share one; bits a character can "
    "be compared between vocabularies, on the same texts."
)
_VALUES = (
    "parameters", "trained", "steps", "tokens seen", "vocabulary", "tokens an 어절", "bits/char, start", "best",
    "at step", "last",
)  # fmt: skip
_NATS = ("nats/token, start", "at best", "last")
_LOG = (
    "step", "epoch", "num_input_tokens_seen", "loss", "learning_rate", "grad_norm", "validation_loss",
    "validation_bits_per_character",
)  # fmt: skip


def render(comparison: Comparison) -> dict[str, str]:
    """Return {"md", "csv", "html"}: the file's text by its suffix."""
    line_styles = plots.line_styles(comparison)
    by_label = {run["label"]: run for run in comparison["runs"]}
    return {
        "md": _markdown(comparison),
        "csv": _csv(comparison),
        "html": page(
            "curves.html.j2",
            comparison=comparison,
            nats=NATS,
            bits=plots.bits_by_step(comparison),
            others=[
                plot
                for plot in (plots.bits_by_epoch(comparison), plots.bits_by_parameters(comparison))
                if plot is not None
            ],
            losses=plots.losses(comparison),
            head=_head(comparison),
            rows=[
                (line_styles[run["label"]].swatch, run["label"], _cells(run, comparison)) for run in comparison["runs"]
            ],
            nats_head=_NATS,
            nats_rows=[
                (
                    vocabulary["name"],
                    [(label, line_styles[label].swatch, _nats(by_label[label])) for label in vocabulary["runs"]],
                )
                for vocabulary in comparison["vocabularies"]
            ],
            lowest=_lowest(comparison),
            overlap=_overlap(comparison),
            same=[(key, setting(value)) for key, value in comparison["same"].items()],
        ),
    }


def _head(comparison: Comparison) -> list[str]:
    """Return the columns: the differing keys, then the measurements."""
    return [*comparison["differs"], *_VALUES]


def _cells(run: Comparison, comparison: Comparison) -> list[str]:
    keys = [NONE if run["config"][key] is None else setting(run["config"][key]) for key in comparison["differs"]]
    start, best, last, tokenizer = run["start"], run["best"], run["last"], run["tokenizer"]
    name = "bits_per_character"
    return [
        *keys, count(run["parameters"]), count(run["trained"]), count(run["steps"]), count(run["tokens_seen"]),
        count(tokenizer["tokens"]), decimal(tokenizer["fertility"], 2), decimal(start[name]), decimal(best[name]),
        count(best["step"]), decimal(last[name]),
    ]  # fmt: skip


def _nats(run: Comparison) -> list[str]:
    return [decimal(run[when]["loss"]) for when in ("start", "best", "last")]


def _lowest(comparison: Comparison) -> set[str]:
    """Return the runs whose best validation has the fewest bits."""
    best = {run["label"]: run["best"]["bits_per_character"] for run in comparison["runs"]}
    least = min((value for value in best.values() if value is not None), default=None)
    return {label for label, value in best.items() if value is not None and value == least}


def _overlap(comparison: Comparison) -> list[list[str]]:
    """Return the rows of the overlap matrix: a name, then a cell for each vocabulary.

    Empty where all runs share one.
    """
    names = [entry["name"] for entry in comparison["vocabularies"]]
    pairs = {frozenset((pair["first"], pair["second"])): pair for pair in comparison["overlap"]}

    def cell(first: str, second: str) -> str:
        pair = pairs.get(frozenset((first, second)))
        return NONE if pair is None else f"{percent(pair['jaccard'])} ({count(pair['shared'])})"

    return [[name, *(cell(name, other) for other in names)] for name in names] if pairs else []


def _markdown(comparison: Comparison) -> str:
    parts = ["# Training curves", "\n".join(f"- {_escape(note)}" for note in comparison["notes"])]
    rows = [[run["label"], *_cells(run, comparison), *_nats(run)] for run in comparison["runs"]]
    words = "l" * (1 + len(comparison["differs"]))
    parts += [markdown(Table(["run", *_head(comparison), *_NATS], rows, align=words), _escape), NATS]
    overlap = _overlap(comparison)
    if overlap:
        parts += ["## Vocabularies", "Shared of all tokens of two vocabularies, special ones left out (tokens)."]
        parts.append(markdown(Table(["", *(row[0] for row in overlap)], overlap), _escape))
    return "\n\n".join(part for part in parts if part) + "\n"


def _escape(text: str) -> str:
    return escape_inline(text)


def _csv(comparison: Comparison) -> str:
    """Render a line for each log line, in plain numbers, with the differing options.

    Options are written as they are typed.
    """
    rows = [["run", *map(escape_formula, comparison["differs"]), *_LOG]]
    for run in comparison["runs"]:
        keys = [_option(run["config"][key]) for key in comparison["differs"]]
        rows += [[escape_formula(run["label"]), *keys, *(row.get(name, "") for name in _LOG)] for row in run["log"]]
    return csv_text(rows)


def _option(value: object) -> str:
    if value is None:
        return ""
    return escape_formula(value) if isinstance(value, str) else setting(value)
