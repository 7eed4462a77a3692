"""FSDP: two processes hold half a model each, and train what one process trains."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from processes_support import KEYS, killed_and_run_again, lines, same_but_for_rounding, two
from support import Jaso

from jaso_core.errors import RequestError
from jaso_train.options import TrainerOptions
from jaso_train.runtime.fsdp import check_sharding

SAMPLES = ("trainer.sample_every=5", "trainer.samples=2")


@pytest.fixture(scope="module")
def sharded(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes make of the corpus."""
    out = tmp_path_factory.mktemp("fsdp") / "out"
    two(f"input={corpus}", f"out={out}", "trainer.fsdp=true", *SAMPLES)
    return out


@pytest.mark.slow
def test_shares_make_the_model_that_one_process_makes(jaso: Jaso, corpus: Path, sharded: Path, tmp_path: Path) -> None:
    ran = jaso("train", *KEYS, *SAMPLES, "trainer.batch_size=8", f"input={corpus}", f"out={tmp_path / 'one'}")
    assert ran.code == 0, ran.err
    same_but_for_rounding(tmp_path / "one", sharded)
    texts = [
        [row["samples"] for row in lines(out / "log.jsonl") if "samples" in row] for out in (tmp_path / "one", sharded)
    ]
    assert len(texts[0]) == 4
    assert texts[0] == texts[1]


@pytest.mark.slow
@pytest.mark.parametrize("keys", [("freeze=last_block",), ("freeze=lora", "trainer.activation_checkpointing=true")])
def test_frozen_tensors_stay_frozen_in_shares(jaso: Jaso, corpus: Path, tmp_path: Path, keys: tuple[str, ...]) -> None:
    keys = (*keys, f"input={corpus}", "trainer.max_steps=10", "trainer.accumulation=2")
    assert jaso("train", *KEYS, *keys, "trainer.batch_size=4", f"out={tmp_path / 'one'}").code == 0
    two(*keys, "trainer.fsdp=true", f"out={tmp_path / 'two'}", each=2)
    same_but_for_rounding(tmp_path / "one", tmp_path / "two")
    reports = [json.loads((tmp_path / name / "freeze_report.json").read_text()) for name in ("one", "two")]
    assert [report["frozen_tensors_changed"] for report in reports] == [[], []]
    assert reports[0]["frozen_tensors"] == reports[1]["frozen_tensors"] > 0


@pytest.mark.slow
def test_a_killed_sharded_run_goes_on_to_the_same_bits(corpus: Path, sharded: Path, tmp_path: Path) -> None:
    killed_and_run_again(tmp_path / "out", sharded, f"input={corpus}", "trainer.fsdp=true", *SAMPLES)


def tell_shares() -> None:
    """At the end of training each process tells how much of weights and moments it holds."""
    from torch.distributed.tensor import DTensor
    from transformers import TrainerCallback

    from jaso_train import fit as fitting

    class Holds(TrainerCallback):  # type: ignore[misc]
        def on_train_end(
            self, args: Any, state: Any, control: Any, model: Any = None, optimizer: Any = None, **rest: Any
        ) -> None:
            weights = list(model.parameters())
            assert all(isinstance(weight, DTensor) for weight in weights)
            own = sum(weight.to_local().numel() for weight in weights)
            moments = [value for kept in optimizer.state.values() for value in kept.values() if value.ndim]
            kept = sum(value.to_local().numel() for value in moments)
            whole = sum(weight.numel() for weight in weights)
            sys.stderr.write(f"share {own / whole:.2f} {kept / own:.2f}\n")

    make = fitting.make_trainer
    fitting.make_trainer = lambda *given, callbacks=(), **named: make(*given, callbacks=(*callbacks, Holds()), **named)


@pytest.mark.slow
def test_each_process_holds_half_of_the_weights_and_their_moments(corpus: Path, tmp_path: Path) -> None:
    keys = ("trainer.max_steps=2", "trainer.validate_every=2", "trainer.fsdp=true", f"input={corpus}")
    pair = two(*keys, f"out={tmp_path / 'out'}", before=tell_shares)
    for process in (pair.first, pair.second):
        assert process.err.count("share 0.50 2.00") == 1, process.err


def test_nobody_to_share_with_is_refused(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    ran = jaso("train", *KEYS, "trainer.fsdp=true", f"input={corpus}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "config key 'trainer.fsdp': there is only one process; start several: `torchrun" in ran.error


def test_units_that_change_on_the_way_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    options = TrainerOptions(fsdp=True)
    check_sharding(options, changing=False)
    with pytest.raises(RequestError, match="with freeze=gradual the units change on the way"):
        check_sharding(options, changing=True)
