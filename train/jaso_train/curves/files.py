"""A comparison of trainings as Markdown (the table), CSV (the curves) and HTML (both)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from jaso_train.curves import plots
from jaso_train.report.number_format import NONE, count, decimal, percent, setting
from jaso_train.report.page import page

Found = Mapping[str, Any]

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


def render(found: Found) -> dict[str, str]:
    """{"md", "csv", "html"}: the file's text by its suffix."""
    looks = plots.looks(found)
    by_label = {run["label"]: run for run in found["runs"]}
    return {
        "md": _markdown(found),
        "csv": _csv(found),
        "html": page(
            "curves.html.j2",
            found=found,
            nats=NATS,
            bits=plots.bits_by_step(found),
            others=[each for each in (plots.bits_by_epoch(found), plots.bits_by_parameters(found)) if each is not None],
            losses=plots.losses(found),
            head=_head(found),
            rows=[(looks[run["label"]].swatch, run["label"], _cells(run, found)) for run in found["runs"]],
            nats_head=_NATS,
            nats_rows=[
                (
                    vocabulary["name"],
                    [(label, looks[label].swatch, _nats(by_label[label])) for label in vocabulary["runs"]],
                )
                for vocabulary in found["vocabularies"]
            ],
            lowest=_lowest(found),
            overlap=_overlap(found),
            same=[(key, setting(value)) for key, value in found["same"].items()],
        ),
    }


def _head(found: Found) -> list[str]:
    """The columns: the keys that differ, then what was measured."""
    return [*found["differs"], *_VALUES]


def _cells(run: Found, found: Found) -> list[str]:
    keys = [NONE if run["config"][key] is None else setting(run["config"][key]) for key in found["differs"]]
    start, best, last, tokenizer = run["start"], run["best"], run["last"], run["tokenizer"]
    name = "bits_per_character"
    return [
        *keys, count(run["parameters"]), count(run["trained"]), count(run["steps"]), count(run["tokens_seen"]),
        count(tokenizer["tokens"]), decimal(tokenizer["fertility"], 2), decimal(start[name]), decimal(best[name]),
        count(best["step"]), decimal(last[name]),
    ]  # fmt: skip


def _nats(run: Found) -> list[str]:
    return [decimal(run[when]["loss"]) for when in ("start", "best", "last")]


def _lowest(found: Found) -> set[str]:
    """The runs with the fewest bits at their best."""
    best = {run["label"]: run["best"]["bits_per_character"] for run in found["runs"]}
    least = min((value for value in best.values() if value is not None), default=None)
    return {label for label, value in best.items() if value is not None and value == least}


def _overlap(found: Found) -> list[list[str]]:
    """Rows of the matrix: a name, then a cell for each vocabulary; empty where all runs share one."""
    names = [entry["name"] for entry in found["vocabularies"]]
    pairs = {frozenset((pair["first"], pair["second"])): pair for pair in found["overlap"]}

    def cell(one: str, other: str) -> str:
        pair = pairs.get(frozenset((one, other)))
        return NONE if pair is None else f"{percent(pair['jaccard'])} ({count(pair['shared'])})"

    return [[name, *(cell(name, other) for other in names)] for name in names] if pairs else []


def _markdown(found: Found) -> str:
    parts = ["# Training curves", "\n".join(f"- {_cell(note)}" for note in found["notes"])]
    rows = [[run["label"], *_cells(run, found), *_nats(run)] for run in found["runs"]]
    parts += [_table(["run", *_head(found), *_NATS], rows, 1 + len(found["differs"])), NATS]
    overlap = _overlap(found)
    if overlap:
        parts += ["## Vocabularies", "Shared of all tokens of two vocabularies, special ones left out (tokens)."]
        parts.append(_table(["", *(row[0] for row in overlap)], overlap, 1))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int) -> str:
    """Columns from the `words`-th on are aligned as numbers."""
    lines = [head, ["---" if place < words else "---:" for place in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _csv(found: Found) -> str:
    """A line for each line of each log, in plain numbers; the differing keys come along, as they are typed."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["run", *found["differs"], *_LOG])
    for run in found["runs"]:
        keys = ["" if run["config"][key] is None else setting(run["config"][key]) for key in found["differs"]]
        for row in run["log"]:
            writer.writerow([run["label"], *keys, *(row.get(name, "") for name in _LOG)])
    return stream.getvalue()
