"""A training that is killed outright, as a machine does that goes down, ends as one that nobody disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [
    sys.executable, "-m", "jaso_pipeline", "train", "tokenizer.vocabulary=600", "model.hidden_size=32", "model.heads=2",
    "model.layers=2", "model.dropout=0.1", "trainer.batch_size=4", "trainer.accumulation=2", "trainer.max_length=512",
    "trainer.validation_limit=8", "trainer.validate_every=20", "trainer.max_steps=120", "trainer.log_every=7",
    "trainer.sample_every=40", "trainer.device=cpu", "seed=2",
]  # fmt: skip


@pytest.mark.slow
def test_after_sigkill_it_goes_on_to_the_bit(corpus: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def command(name: str) -> list[str]:
        return [*COMMAND, f"input={corpus}", f"out={tmp_path / name}"]

    subprocess.run(command("whole"), check=True, env=environment, capture_output=True)
    process = subprocess.Popen(command("killed"), env=environment, stderr=subprocess.DEVNULL)
    marks = tmp_path / "killed" / ".state" / "work" / "checkpoints"
    deadline = time.monotonic() + 120
    while not list(marks.glob("checkpoint-*/complete.json")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "manifest.json").exists()
    again = subprocess.run(command("killed"), check=True, env=environment, capture_output=True, text=True)
    assert "was broken off, continuing" in again.stderr
    for name in ("model/model.safetensors", "log.jsonl", "freeze_report.json"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


DIES_AT_THE_END = (
    "import os, jaso_train.fitting as f; f._count = lambda *_: os._exit(9); from jaso_pipeline.cli import main; main()"
)


@pytest.mark.slow
def test_killed_behind_its_last_step_it_takes_no_other(corpus: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    less = ["trainer.validate_every=4", "trainer.max_steps=10", "trainer.log_every=2", f"input={corpus}"]
    command = [*COMMAND, *less]
    subprocess.run([*command, f"out={tmp_path / 'whole'}"], check=True, env=environment, capture_output=True)
    killed = [*command, f"out={tmp_path / 'killed'}"]
    dead = subprocess.run([sys.executable, "-c", DIES_AT_THE_END, *killed[3:]], env=environment, capture_output=True)
    assert dead.returncode == 9
    checkpoints = tmp_path / "killed" / ".state" / "work" / "checkpoints"
    assert (checkpoints / "checkpoint-10").is_dir()
    subprocess.run(killed, check=True, env=environment, capture_output=True)
    for name in ("model/model.safetensors", "log.jsonl"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
