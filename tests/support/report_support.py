"""A train folder as `jaso train` leaves it, written by hand: no model, every number known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jaso_core.io.files import sha256_file, write_json, write_jsonl
from jaso_core.stage.manifest import FileEntry, Manifest

DATA = "d" * 64
REQUEST: dict[str, Any] = {
    "model": {"name": "tiny", "hidden_size": 32},
    "tokenizer": {"name": "bpe", "vocabulary": 600},
    "prompt": {"name": "question_answer"},
    "freeze": {"name": "all"},
    "trainer": {"max_steps": 20, "keep_best": True, "sample_every": 10, "learning_rate": 0.001},
    "seed": 0,
}
COUNTS: dict[str, Any] = {
    "training": {"examples": 40, "rows": 40, "tokens": 1000, "target_tokens": 250, "truncated_examples": 3,
                 "truncated_tokens": 7, "dropped_examples": 0, "incomplete_examples": 0, "too_long_prompts": 0},
    "validation": {"examples": 10, "rows": 10, "tokens": 200, "target_tokens": 50, "truncated_examples": 0,
                   "truncated_tokens": 0, "dropped_examples": 0, "incomplete_examples": 0, "too_long_prompts": 0,
                   "in_split": 10, "not_drawn": 0},
    "steps": 20, "best_step": 10, "tokens_seen": 2000, "processes": 1,
}  # fmt: skip
FREEZE: dict[str, Any] = {
    "strategy": "all", "parameters": 1000, "trained": 750, "tied": [["lm_head.weight", "transformer.wte.weight"]],
    "phases": [{"start": 0.0, "trained": 750}], "frozen_tensors": 2, "frozen_tensors_changed": [],
    "blocks": [
        {"block": "embeddings", "parameters": 250, "trained": 0, "moved": 0.0, "change": 0.0, "parts": []},
        {"block": "block 0", "parameters": 500, "trained": 500, "moved": 0.125, "change": 2.5, "parts": [
            {"part": "attn", "parameters": 400, "trained": 400, "moved": 0.25, "change": 2.0},
            {"part": "adapter", "parameters": 100, "trained": 100, "moved": None, "change": 1.5}]},
        {"block": "final_norm", "parameters": 250, "trained": 250, "moved": 0.5, "change": 1.0, "parts": []},
    ],
    "parts": [{"part": "attn", "parameters": 400, "trained": 400, "moved": 0.25, "change": 2.0}],
}  # fmt: skip
TOKENIZER: dict[str, Any] = {
    "texts": 10, "characters": 300, "eojeol": 80, "tokens": 200, "fertility": 2.5, "characters_per_token": 1.5,
    "unknown": {"tokens": 4, "share": 0.02}, "not_returned": 2,
    "vocabulary": {"size": 491, "used": 120, "used_share": 120 / 491}, "frequent": [{"token": "▁저는", "count": 12}],
}  # fmt: skip
BITS = {0: 4.5, 10: 2.125, 20: 2.25}


def log_lines(bits: dict[int, float], samples: dict[int, list[dict[str, str]]] | None = None) -> list[dict[str, Any]]:
    """Validations of which nats a token are half the bits a character; a training line two steps after each."""
    lines: list[dict[str, Any]] = []
    for step, value in bits.items():
        if samples and step in samples:
            lines.append({"step": step, "samples": samples[step]})
        seen = {"step": step, "epoch": step / 10, "num_input_tokens_seen": 100 * step}
        lines.append({**seen, "validation_loss": value / 2, "validation_bits_per_character": value})
        later = {"step": step + 2, "epoch": (step + 2) / 10, "num_input_tokens_seen": 100 * step + 200}
        lines.append({**later, "loss": value / 2 + 0.1, "learning_rate": 0.001, "grad_norm": 1.5})
    return lines


def write_files(
    folder: Path,
    bits: dict[int, float] | None = None,
    *,
    samples: dict[int, list[dict[str, str]]] | None = None,
    tokenizer: dict[str, Any] | None = TOKENIZER,
    freeze: dict[str, Any] = FREEZE,
) -> None:
    """All files of a train folder but its report, its weights and its manifest. model/tokenizer.json may be there."""
    write_jsonl(folder / "log.jsonl", log_lines(bits or BITS, samples))
    write_json(folder / "freeze_report.json", freeze)
    write_json(
        folder / "model" / "prompt.json",
        {"prompt": {"name": "question_answer"}, "max_length": 256, "base": None, "seed": 1},
    )
    write_json(folder / "model" / "config.json", {"architectures": ["GPT2LMHeadModel"], "vocab_size": 600})
    if not (folder / "model" / "tokenizer.json").is_file():
        write_json(folder / "model" / "tokenizer.json", {"version": "1.0"})
    if tokenizer is not None:
        write_json(folder / "tokenizer_report.json", tokenizer)


def train_folder(
    folder: Path,
    bits: dict[int, float] | None = None,
    *,
    change: dict[str, Any] | None = None,
    counts: dict[str, Any] | None = None,
    data: str = DATA,
    stage: str = "train",
    **files: Any,
) -> Path:
    """A finished folder. `change`: config values by dotted key; `counts`: of the validation data."""
    write_files(folder, bits, **files)
    request = json.loads(json.dumps(REQUEST))
    for key, value in (change or {}).items():
        *path, last = key.split(".")
        node = request
        for part in path:
            node = node[part]
        node[last] = value
    (folder / "manifest.json").unlink(missing_ok=True)
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    Manifest(
        stage=stage,
        request=request,
        inputs={"input": {"path": "runs/clean", "sha256": data}},
        files={name: FileEntry(sha256_file(folder / name), (folder / name).stat().st_size) for name in names},
        counts={**COUNTS, "validation": {**COUNTS["validation"], **(counts or {})}},
        versions={"torch": "2.13.0", "jaso": "0.1.0"},
        timings={"build_seconds": 0.5, "train_seconds": 75.0, "total_seconds": 80.0},
        command="jaso train input=runs/clean out=runs/model",
    ).write(folder)
    return folder
