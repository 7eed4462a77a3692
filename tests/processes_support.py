"""`jaso train` in two processes on CPUs, really started by torchrun, and how equal its models are to those of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file

STEPS = 30
RATE = 5e-3
LAUNCH = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
KEYS = (
    "model.hidden_size=32", "model.layers=2", "model.heads=2", "tokenizer.vocabulary=600", "seed=3",
    f"trainer.max_steps={STEPS}", "trainer.validate_every=10", "trainer.log_every=5", "trainer.max_length=512",
    "trainer.precision=fp32", f"trainer.learning_rate={RATE}", "trainer.device=cpu",
)  # fmt: skip


def command(*keys: str, each: int = 4) -> list[str]:
    """`jaso train` by torchrun."""
    return [*LAUNCH, "-m", "jaso_pipeline", "train", *KEYS, f"trainer.batch_size={each}", *keys]


def two(*keys: str, each: int = 4) -> subprocess.CompletedProcess[str]:
    """`jaso train` in two processes with `each` examples a step."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command(*keys, each=each), capture_output=True, text=True, check=False, env=environment)


def killed_and_run_again(out: Path, undisturbed: Path, *keys: str) -> None:
    """Kills both processes after their first checkpoint; the same command must end with the bytes of `undisturbed`."""
    running = subprocess.Popen(
        command(f"out={out}", *keys), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    while not list(out.rglob("checkpoint-10/complete.json")):
        assert running.poll() is None
        time.sleep(0.01)
    for process in psutil.Process(running.pid).children(recursive=True):  # of which each is a session of its own
        process.kill()
    running.kill()
    running.wait()
    assert not (out / "manifest.json").exists()
    ran = two(f"out={out}", *keys)
    assert ran.returncode == 0, ran.stderr
    assert "was broken off, continuing" in ran.stderr
    for name in ("model/model.safetensors", "log.jsonl", "freeze_report.json"):
        assert (out / name).read_bytes() == (undisturbed / name).read_bytes(), name


def lines(path: Path) -> list[dict[str, Any]]:
    """A file of JSON objects."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def manifest(folder: Path) -> dict[str, Any]:
    """A folder's manifest.json."""
    body: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return body


def same_but_for_rounding(one: Path, other: Path) -> None:
    """Two sums of the same numbers in another order differ by a few units of the 24th bit. AdamW divides by the
    gradient's own size, so that a weight whose gradient is hardly more than rounding may go another way for a step:
    a few such steps, each far less than the learning rate, are the most; on average there is nothing to be seen."""
    weights, others = (load_file(folder / "model" / "model.safetensors") for folder in (one, other))
    assert weights.keys() == others.keys()
    drift = torch.cat([(weights[name].double() - others[name].double()).abs().flatten() for name in weights])
    assert float(drift.max()) < RATE / 25
    assert float(drift.mean()) < RATE / 25_000
    logs = [lines(folder / "log.jsonl") for folder in (one, other)]
    assert [row["step"] for row in logs[0]] == [row["step"] for row in logs[1]]
    for row, counterpart in zip(*logs, strict=True):
        for name in ("loss", "validation_loss"):
            assert row.get(name, 0.0) == pytest.approx(counterpart.get(name, 0.0), rel=1e-5)
    counts = [manifest(folder)["counts"] for folder in (one, other)]
    assert counts[0].pop("processes") == 1
    assert counts[1].pop("processes") == 2
    assert counts[0] == counts[1], "tokens seen are counted, so each example was seen as often"
