"""Finished trainings whose loss was wrong are named; others are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import Jaso

from jaso_core.io.files import write_json
from jaso_core.stage.former_packing import describe_wrong_loss
from jaso_core.stage.manifest import Manifest
from jaso_evaluate.comparison.inputs import ScoredRun, wrong_losses


def training(
    folder: Path, config: dict[str, Any], trainer: dict[str, Any] | None = None, counts: dict[str, Any] | None = None
) -> Path:
    """The two files of a train folder that are read, as a former version wrote them."""
    (folder / "model").mkdir(parents=True)
    write_json(folder / "model" / "config.json", config)
    request = {"trainer": {"batching": "packed", "max_length": 256, **(trainer or {})}}
    Manifest("train", request, {}, {}, counts or {}).write(folder)
    return folder


LAYERS = ["sliding_attention", "full_attention"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_type": "mistral", "sliding_window": 128}, "had no sliding window (128 tokens)"),
        ({"model_type": "gemma3_text", "sliding_window": 64, "layer_types": LAYERS}, "no sliding window (64 tokens)"),
        ({"model_type": "gemma2", "attn_logit_softcapping": 50.0, "sliding_window": 4096}, "no soft cap of attention"),
        ({"model_type": "gpt_oss", "sliding_window": 128}, "no attention sinks"),
        ({"model_type": "bloom"}, "packed examples of 'bloom' saw each other"),
        ({"model_type": "lfm2"}, "packed examples of 'lfm2' saw each other"),
    ],
)
def test_wrong_ones(tmp_path: Path, config: dict[str, Any], reason: str) -> None:
    line = describe_wrong_loss(training(tmp_path / "a", config))
    assert line is not None
    assert line.startswith("its loss and validation were computed by a former version")
    assert reason in line
    padded = describe_wrong_loss(training(tmp_path / "b", config, {"batching": "grouped"}))
    assert padded is not None
    assert padded.startswith("its logged validation was computed")


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "gpt2"},
        {"model_type": "llama"},
        {"model_type": "mistral", "sliding_window": None},
        {"model_type": "mistral", "sliding_window": 4096},  # longer than any example
        {"model_type": "qwen2", "sliding_window": 128, "use_sliding_window": False},
        {"model_type": "qwen3", "sliding_window": 128, "layer_types": ["full_attention"] * 2},
    ],
)
def test_right_ones(tmp_path: Path, config: dict[str, Any]) -> None:
    assert describe_wrong_loss(training(tmp_path / "a", config)) is None


def test_status_names_it(jaso: Jaso, tmp_path: Path) -> None:
    folder = training(tmp_path / "runs" / "model", {"model_type": "mistral", "sliding_window": 128})
    lines = jaso("status", tmp_path / "runs").out.splitlines()
    assert lines[1:] == [f"{folder}: {describe_wrong_loss(folder)}"]


def test_compare_names_it(tmp_path: Path) -> None:
    folder = training(tmp_path / "model", {"model_type": "mistral", "sliding_window": 128})
    scores = tmp_path / "scores"
    scores.mkdir()
    Manifest("evaluate", {}, {"model": {"path": str(folder), "sha256": "0"}}, {}).write(scores)
    other = tmp_path / "other"
    other.mkdir()
    Manifest("score", {}, {}, {}).write(other)
    runs = [ScoredRun(name, {}, {}, {}, folder=path) for name, path in (("a", scores), ("b", other))]
    assert wrong_losses(runs) == [f"a: the model's training: {describe_wrong_loss(folder)}"]


def test_a_checked_one_and_what_is_no_training_are_not_named(tmp_path: Path) -> None:
    checked = training(tmp_path / "a", {"model_type": "bloom"}, counts={"batching": {"batching": "grouped"}})
    assert describe_wrong_loss(checked) is None
    assert describe_wrong_loss(tmp_path) is None
    (tmp_path / "a" / "manifest.json").write_text(json.dumps({"not": "jaso's"}), encoding="utf-8")
    assert describe_wrong_loss(tmp_path / "a") is None
