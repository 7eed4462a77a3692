"""A training that is killed outright, as a machine does that goes down, ends as one that nobody disturbed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from own_process import run, start
from support import Jaso, one_thread

__all__ = ["one_thread"]

KEYS = (
    "tokenizer.vocabulary=600", "model.hidden_size=32", "model.heads=2", "model.layers=2", "model.dropout=0.1",
    "trainer.batch_size=4", "trainer.accumulation=2", "trainer.max_length=512", "trainer.validation_limit=8",
    "trainer.device=cpu", "seed=2",
)  # fmt: skip


@pytest.mark.slow
def test_after_sigkill_it_goes_on_to_the_bit(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    steps = ("trainer.validate_every=5", "trainer.max_steps=15", "trainer.log_every=4", "trainer.sample_every=10")
    asked = ("train", *KEYS, *steps, f"input={corpus}")
    ran = jaso(*asked, f"out={tmp_path / 'whole'}")
    assert ran.code == 0, ran.err
    killed = tmp_path / "killed"
    process = start(*asked, f"out={killed}")
    marks = killed / ".state" / "work" / "checkpoints"
    deadline = time.monotonic() + 280
    while not list(marks.glob("checkpoint-*/complete.json")):
        assert process.running, process.err
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    assert not (killed / "manifest.json").exists()
    again = run(*asked, f"out={killed}")
    assert "was broken off, continuing" in again.err
    for name in ("model/model.safetensors", "log.jsonl", "freeze_report.json"):
        assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def die_at_the_end() -> None:
    from jaso_train import fit as fitting

    fitting.count_steps = lambda *_: os._exit(9)


@pytest.mark.slow
def test_killed_behind_its_last_step_it_takes_no_other(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    steps = ("trainer.validate_every=4", "trainer.max_steps=10", "trainer.log_every=2")
    asked = ("train", *KEYS, *steps, f"input={corpus}")
    ran = jaso(*asked, f"out={tmp_path / 'whole'}")
    assert ran.code == 0, ran.err
    killed = tmp_path / "killed"
    assert start(*asked, f"out={killed}", before=die_at_the_end).wait() == 9
    assert (killed / ".state" / "work" / "checkpoints" / "checkpoint-10").is_dir()
    run(*asked, f"out={killed}")
    for name in ("model/model.safetensors", "log.jsonl"):
        assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
