"""`jaso train` in two processes on CPUs, and how equal its models are to those of one.

`torchrun` starts them as people do; `pair` starts the same two without it, in a tenth of the time.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from own_process import Own, start
from safetensors.torch import load_file

STEPS = 15
RATE = 5e-3
LAUNCH = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
KEYS = (
    "model=tiny", "model.hidden_size=32", "model.layers=2", "model.heads=2", "tokenizer.vocabulary=600", "seed=3",
    f"trainer.max_steps={STEPS}", "trainer.validate_every=5", "trainer.log_every=5", "trainer.max_length=512",
    "trainer.precision=fp32", f"trainer.learning_rate={RATE}", "trainer.device=cpu",
)  # fmt: skip


def torchrun(*keys: str, each: int = 4, common: Sequence[str] = KEYS) -> subprocess.CompletedProcess[str]:
    """`jaso train` in two processes with `each` examples a step."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*LAUNCH, "-m", "jaso_pipeline", "train", *common, f"trainer.batch_size={each}", *keys]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@dataclass
class Pair:
    """Two processes of one training; the first keeps the folder."""

    first: Own
    second: Own

    @property
    def err(self) -> str:
        """What both told."""
        return self.first.err + self.second.err

    @property
    def out(self) -> str:
        """What both printed."""
        return self.first.out + self.second.out

    def wait(self) -> tuple[int | None, int | None]:
        """Their exit codes."""
        return self.first.wait(), self.second.wait()


def begun(*keys: str, each: int = 4, before: Callable[[], None] | None = None) -> Pair:
    """The same two processes, given by variables what torchrun gives them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meet = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    asked = ("train", *KEYS, f"trainer.batch_size={each}", *keys)
    first, second = (start(*asked, before=before, RANK=str(rank), LOCAL_RANK=str(rank), **meet) for rank in (0, 1))
    return Pair(first, second)


def two(*keys: str, each: int = 4, before: Callable[[], None] | None = None) -> Pair:
    """Both, ended; they must have succeeded."""
    pair = begun(*keys, each=each, before=before)
    assert pair.wait() == (0, 0), pair.err
    return pair


def killed_and_run_again(out: Path, undisturbed: Path, *keys: str) -> None:
    """Kills both processes after their first checkpoint; the same command must end with the bytes of `undisturbed`."""
    pair = begun(f"out={out}", *keys)
    while not list(out.rglob("checkpoint-5/complete.json")):
        assert pair.first.running, pair.err
        time.sleep(0.01)
    pair.first.kill()
    pair.second.kill()
    assert not (out / "manifest.json").exists()
    again = two(f"out={out}", *keys)
    assert "was broken off, continuing" in again.err
    for name in ("model/model.safetensors", "log.jsonl", "freeze_report.json"):
        assert (out / name).read_bytes() == (undisturbed / name).read_bytes(), name


def lines(path: Path) -> list[dict[str, Any]]:
    """A file of JSON objects."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def manifest(folder: Path) -> dict[str, Any]:
    """A folder's manifest.json."""
    body: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return body


def same_but_for_rounding(one: Path, other: Path, strays: int = 0) -> None:
    """Two sums of the same numbers in another order differ by a few units of the 24th bit. AdamW divides by the
    gradient's own size, so that a weight whose gradient is hardly more than rounding may go another way for a step:
    a few such steps, each far less than the learning rate, are the most; on average there is nothing to be seen. `strays`: weights that
    may be up to one whole step apart."""
    weights, others = (load_file(folder / "model" / "model.safetensors") for folder in (one, other))
    assert weights.keys() == others.keys()
    drift = torch.cat([(weights[name].double() - others[name].double()).abs().flatten() for name in weights])
    assert int((drift >= RATE / 25).sum()) <= strays
    assert float(drift.max()) < (RATE if strays else RATE / 25)
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
