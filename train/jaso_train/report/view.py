"""View of a training's page: plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypedDict, cast

from jaso_core.config import flatten
from jaso_core.report.number_format import NONE, count, decimal, figures, percent, seconds, size
from jaso_core.stage.schema import EncodedCounts
from jaso_train.report.folder import BEST, LOSS, TrainFolder, series, value_at
from jaso_train.report.text_format import setting, visible
from jaso_train.schema import ChangeRow, TokenizerReport

Row = tuple[str, ...]

_COUNTS = {
    "in_split": "in the split",
    "not_drawn": "not drawn (trainer.validation_limit)",
    "incomplete_examples": "left out: lack a field of the prompt",
    "too_long_prompts": "left out: the prompt alone is too long",
    "dropped_examples": "dropped as too long",
    "examples": "examples used",
    "truncated_examples": "of them truncated",
    "truncated_tokens": "tokens cut off",
    "rows": "rows (more than examples: windows)",
    "characters": "characters of what is learned",
    "tokens": "tokens",
    "target_tokens": "of them learned",
}


def title(folder: TrainFolder) -> str:
    """Return the page title."""
    return f"Training: {_name(folder, 'model')}, {_name(folder, 'prompt')}, {_name(folder, 'freeze')}"


def lead(folder: TrainFolder) -> list[tuple[str, str]]:
    """Return (what, which) of the options that decide the result."""
    kind = (folder.model.get("architectures") or ["?"])[0]
    vocabulary = folder.model.get("vocab_size")
    data = folder.manifest.inputs.get("input", {})
    from_where = "pretrained weights" if folder.prompt.get("base") else "random weights"
    return [
        ("model", f"{_name(folder, 'model')} ({kind}, {count(folder.freeze['parameters'])} parameters, {from_where})"),
        ("prompt", _name(folder, "prompt")),
        ("freeze", _name(folder, "freeze")),
        ("tokenizer", f"{_name(folder, 'tokenizer')}" + (f" ({count(vocabulary)} tokens)" if vocabulary else "")),
        ("seed", setting(folder.option("seed", NONE))),
        ("data", f"{PurePath(data.get('path', NONE)).name} ({data.get('sha256', '')[:12]})"),
    ]


def tiles(folder: TrainFolder) -> list[tuple[str, str]]:
    """Return (number, what it is) of the headline numbers."""
    bits, loss, best = series(folder.log, BEST), series(folder.log, LOSS), folder.best_step
    counts, freeze, timings = folder.counts, folder.freeze, folder.manifest.timings
    numbers = []
    if bits:
        start = f", from {decimal(bits[0][1])}" if bits[0][0] == 0 else ""
        numbers.append(
            (decimal(value_at(bits, best)), f"bits a character, best validation (step {count(best)}){start}")
        )
        start = f", from {decimal(value_at(loss, 0))}" if value_at(loss, 0) is not None else ""
        numbers.append((decimal(value_at(loss, best)), f"nats a token, validation loss there{start}"))
    share = percent(freeze["trained"], freeze["parameters"])
    numbers.append((_short(freeze["trained"]), f"parameters trained, {share} of {count(freeze['parameters'])}"))
    numbers.append((count(counts.get("steps")), f"steps, {count(counts.get('tokens_seen'))} tokens seen"))
    numbers.append((seconds(timings.get("train_seconds"), exact=True), "training, with validation and samples"))
    if timings.get("tokens_per_second"):
        numbers.append((count(timings["tokens_per_second"]), "tokens a second"))
    if timings.get("peak_memory_bytes"):
        numbers.append((size(timings["peak_memory_bytes"]), "memory at its peak"))
    return numbers


def warnings(folder: TrainFolder) -> list[str]:
    """Return warnings that a reader of the numbers needs."""
    training, validation = _splits(folder)
    lines = [*_about_steps(folder)]
    left_out = training.get("incomplete_examples", 0) + training.get("too_long_prompts", 0)
    for number, what in (
        (training.get("truncated_examples", 0), "Training examples that lost their end"),
        (training.get("dropped_examples", 0), "Training examples dropped as too long"),
    ):
        if number:
            lines.append(f"{what} (trainer.max_length): {count(number)} of {count(_all(training))}.")
    if left_out:
        lines.append(f"Training examples that the prompt format could not take: {count(left_out)}.")
    if validation.get("dropped_examples"):
        share = f"{count(validation['dropped_examples'])} of {count(_all(validation))}"
        lines.append(f"Validation examples left out as too long: {share}; its numbers speak of the shorter ones.")
    return [*lines, *_about_tokens(folder)]


def _about_steps(folder: TrainFolder) -> list[str]:
    bits, best, saved = series(folder.log, BEST), folder.best_step, folder.saved_step
    lines = []
    if len(bits) > 1:
        start, reached = value_at(bits, 0), value_at(bits, best)
        if start is not None and reached is not None and reached >= start:
            lines.append("No validation was better than the one before training: nothing useful was learned.")
        elif best == bits[-1][0]:
            lines.append("The best validation is the last one: more steps may still lower it.")
    start, kept = value_at(bits, 0), value_at(bits, saved)
    if start is not None and kept is not None and kept > start:
        lines.append(
            f"Training made the model worse: the weights in model/ (step {count(saved)}) have {decimal(kept)} bits a "
            f"character, those before training had {decimal(start)}."
        )
    if saved is not None and saved != best:
        lines.append(f"The weights in model/ are of step {count(saved)}, not of the best validation.")
    return lines


def _about_tokens(folder: TrainFolder) -> list[str]:
    report = folder.tokenizer
    lines: list[str] = []
    if report is None:
        return lines
    if report["unknown"]["tokens"]:
        unknown = report["unknown"]
        lines.append(
            f"Validation tokens that the tokenizer does not know: {count(unknown['tokens'])} "
            f"({percent(unknown['share'])}); bits a character are too few where a text holds them."
        )
    if report["not_returned"]:
        number = f"{count(report['not_returned'])} of {count(report['texts'])}"
        lines.append(f"Validation texts that do not come back unchanged from their tokens: {number}.")
    return lines


class FreezeTables(TypedDict):
    """Rows of what trained: by block, by part and by both; the phases; sentences."""

    by_block: list[Row]
    by_part: list[Row]
    by_both: list[Row]
    phases: list[tuple[str, str]]
    proof: str
    tied: str


class TokenizerFigures(TypedDict):
    """Figures of the tokenizer as (label, value), and its most frequent tokens."""

    lines: list[tuple[str, str]]
    frequent: list[tuple[str, str]]


def freeze_tables(folder: TrainFolder) -> FreezeTables:
    """Return the tables of what trained and how far it moved.

    By block, by part, and by both.
    """
    freeze = folder.freeze
    blocks = freeze["blocks"]
    both = [(block["block"], part["part"], part) for block in blocks for part in block["parts"]]
    tied = "; ".join(" = ".join(map(str, names)) for names in freeze["tied"])
    same = f"{count(freeze['frozen_tensors'])} frozen tensors are what they were, to the bit."
    return {
        "by_block": [_freeze_row(row["block"], row) for row in blocks],
        "by_part": [_freeze_row(row["part"], row) for row in freeze["parts"]],
        "by_both": [_freeze_row(f"{block}, {part}", row) for block, part, row in both if block != part],
        "phases": [(percent(phase["start"]), count(phase["trained"])) for phase in freeze["phases"]],
        "proof": same if freeze["frozen_tensors"] else "",
        "tied": f"Tied, counted once: {tied}." if tied else "",
    }


def _freeze_row(name: str, row: ChangeRow) -> Row:
    if not row["trained"]:
        return (name, count(row["parameters"]), "–", "–", "frozen", "")
    share = percent(row["trained"], row["parameters"])
    moved = "from 0" if row["moved"] is None else figures(row["moved"])
    return (name, count(row["parameters"]), count(row["trained"]), share, moved, figures(row["change"]))


def data(folder: TrainFolder) -> list[Row]:
    """Return (what, training, validation): counts, and the share of learned tokens."""
    splits = _splits(folder)
    numbers = [cast(Mapping[str, int], split) for split in splits]  # all counts are whole numbers
    rows: list[Row] = []
    for key, label in _COUNTS.items():
        if any(key in split for split in numbers):
            first, second = (count(split.get(key)) for split in numbers)
            rows.append((label, first, second))
    first, second = (percent(split.get("target_tokens"), split.get("tokens")) for split in splits)
    return [*rows, ("share that is learned", first, second)]


def tokenizer(report: TokenizerReport | None) -> TokenizerFigures | None:
    """Return figures as (label, value), and the most frequent tokens with counts."""
    if report is None:
        return None
    vocabulary, unknown = report["vocabulary"], report["unknown"]
    return {
        "lines": [
            ("fertility", f"{decimal(report['fertility'], 2)} tokens an 어절"),
            ("characters a token", decimal(report["characters_per_token"], 2)),
            ("unknown tokens", f"{count(unknown['tokens'])} ({percent(unknown['share'])})"),
            ("texts not returned unchanged", f"{count(report['not_returned'])} of {count(report['texts'])}"),
            ("vocabulary", f"{count(vocabulary['size'])} tokens without the special ones"),
            ("of them used", f"{count(vocabulary['used'])} ({percent(vocabulary['used_share'])})"),
            (
                "measured on",
                f"{count(report['eojeol'])} 어절, {count(report['tokens'])} tokens of the validation split",
            ),
        ],
        "frequent": [(visible(str(entry["token"])), count(entry["count"])) for entry in report["frequent"]],
    }


def origin(folder: TrainFolder) -> list[tuple[str, str]]:
    """Return (label, fact) of how the folder was made.

    Nothing that is known only when its manifest is written.
    """
    manifest = folder.manifest
    data = manifest.inputs.get("input", {})
    processes = folder.counts.get("processes", 1)
    lines = [("input", f"{data.get('path', NONE)} ({data.get('sha256', '')[:12]})")]
    lines += [("licences", "; ".join(manifest.licences))] if manifest.licences else []
    lines += [("processes", count(processes))] if processes > 1 else []
    lines += [("building the model", seconds(manifest.timings.get("build_seconds"), exact=True))]
    return lines


def options(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (key, value) of the configuration."""
    return [(key, setting(value)) for key, value in flatten(request).items()]


def _splits(folder: TrainFolder) -> tuple[EncodedCounts, EncodedCounts]:
    """Counts of training and validation."""
    return folder.counts.get("training", {}), folder.counts.get("validation", {})


def _all(counts: EncodedCounts) -> int:
    return counts.get("examples", 0) + counts.get("dropped_examples", 0)


def _name(folder: TrainFolder, group: str) -> str:
    return setting(folder.option(f"{group}.name", NONE))


def _short(value: int) -> str:
    if value < 1_000_000:
        return count(value)
    return f"{value / 1e6:.1f} M" if value < 1_000_000_000 else f"{value / 1e9:.2f} G"
