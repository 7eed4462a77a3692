"""Several processes train one model: really two of them, on CPUs with gloo."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from architectures import ARCHITECTURES, PADDED
from processes_support import (
    KEYS,
    STEPS,
    begun,
    killed_and_run_again,
    manifest,
    same_but_for_rounding,
    torchrun,
    two,
)  # fmt: skip
from support import Jaso

from jaso_core.errors import RequestError
from jaso_core.modeling.encode import IGNORED
from jaso_core.parallel.distributed import World, world
from jaso_train import run as train
from jaso_train.data.collators import PackingCollator, PaddingCollator
from jaso_train.data.sampler import ShardedBatchSampler


@pytest.fixture(scope="module")
def undisturbed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes of torchrun make of the corpus."""
    out = tmp_path_factory.mktemp("two") / "out"
    ran = torchrun(f"input={corpus}", f"out={out}")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [str(out)]
    assert ran.stderr.count("is complete") == 1
    return out


@pytest.mark.slow
def test_two_processes_are_one_with_a_batch_twice_as_large(
    jaso: Jaso, corpus: Path, undisturbed: Path, tmp_path: Path
) -> None:
    ran = jaso("train", *KEYS, "trainer.batch_size=8", f"input={corpus}", f"out={tmp_path / 'one'}")
    assert ran.code == 0, ran.err
    counts = manifest(tmp_path / "one")["counts"]
    assert counts["training"]["rows"] < STEPS * 8, "an epoch ends on the way"
    assert counts["training"]["rows"] % 8 != 0, "and not with a whole batch"
    same_but_for_rounding(tmp_path / "one", undisturbed)


@pytest.mark.slow
def test_so_they_are_with_batches_of_like_length_and_gradual_unfreezing(
    jaso: Jaso, corpus: Path, tmp_path: Path
) -> None:
    keys = ("trainer.batching=grouped", "freeze=gradual", f"input={corpus}")
    assert jaso("train", *KEYS, *keys, "trainer.batch_size=8", f"out={tmp_path / 'one'}").code == 0
    two(*keys, "trainer.accumulation=2", f"out={tmp_path / 'two'}", each=2)
    # What is unfrozen last takes its first steps with fresh moments, each as long as the learning rate allows however
    # small the gradient is. Measured: one of 40,000 weights, of a position that few examples reach, a tenth of a step off.
    same_but_for_rounding(tmp_path / "one", tmp_path / "two", strays=3)
    reports = [json.loads((tmp_path / name / "freeze_report.json").read_text()) for name in ("one", "two")]
    assert [report["frozen_tensors_changed"] for report in reports] == [[], []]
    assert reports[0]["phases"] == reports[1]["phases"]


def validated_bits(out: Path) -> list[float]:
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row["validation_bits_per_character"] for row in rows if "validation_bits_per_character" in row]


@pytest.mark.slow
def test_all_take_the_batching_that_the_main_process_found(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    base = ARCHITECTURES["bloom"].write(tmp_path / "base")
    keys = [key for key in KEYS if not key.startswith(("model", "tokenizer", "prompt"))]
    keys += ["model=hf", f"model.path={base}", "prompt=sentence_blocks", "prompt.sentences=1", "trainer.max_length=250",
             f"input={corpus}"]  # fmt: skip
    assert jaso("train", *keys, "trainer.batch_size=8", f"out={tmp_path / 'one'}").code == 0
    ran = torchrun(f"out={tmp_path / 'two'}", common=keys)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("trainer.batching=grouped, not packed") == 1
    assert manifest(tmp_path / "two")["counts"]["batching"]["batching"] == PADDED
    one, two_of_it = (validated_bits(tmp_path / name) for name in ("one", "two"))
    assert two_of_it == pytest.approx(one, rel=1e-3)


@pytest.mark.slow
def test_a_killed_run_of_two_goes_on_to_the_same_bits(corpus: Path, undisturbed: Path, tmp_path: Path) -> None:
    killed_and_run_again(tmp_path / "out", undisturbed, f"input={corpus}")


@pytest.mark.slow
def test_a_complete_folder_is_left_as_it_is_and_a_mistake_is_told_once(corpus: Path, undisturbed: Path) -> None:
    before = (undisturbed / "manifest.json").stat().st_mtime_ns
    again = two(f"input={corpus}", f"out={undisturbed}")
    assert again.err.count("is complete, nothing to do") == 1
    assert again.out.splitlines() == [str(undisturbed)]
    assert (undisturbed / "manifest.json").stat().st_mtime_ns == before
    out = undisturbed.parent / "refused"
    early = begun("prompt=qestion_answer", f"input={corpus}", f"out={out}")
    assert early.wait() == (2, 2)
    late = torchrun("prompt=question_summary", f"input={corpus}", f"out={out}")
    assert late.returncode == 1, "torchrun's own; the processes ended with 2:"
    assert "exitcode  : 2" in late.stderr
    for err, what in ((early.err, "error: prompt 'qestion_answer' is unknown"), (late.stderr, "error: none of ")):
        assert [line[: len(what)] for line in err.splitlines() if line.startswith("error: ")] == [what]
    assert not out.exists()


def one_fails() -> None:
    """Instead of a training: what the second process alone finds out, behind the guard of the command line."""
    from jaso_core.parallel.distributed import barrier, broadcast_from_main, process_group, run_follower
    from jaso_pipeline.cli.entry_point import run_guarded

    def work() -> None:
        assert broadcast_from_main(lambda: f"found by {world().rank}") == "found by 0"
        if world().rank == 1:
            raise RequestError("the second device is too small", "take another")
        barrier()

    def main() -> None:
        with process_group(cpu=True) as word:
            if world().is_main_process:
                word.send(work=True)
                work()
            else:
                run_follower(word, work)

    sys.exit(int(run_guarded(main)))


@pytest.mark.slow
def test_what_only_another_process_knows_is_told_all_the_same() -> None:
    pair = begun(before=one_fails)
    assert 0 not in pair.wait()
    told = [line for line in pair.err.splitlines() if line.startswith("error: ")]
    assert told == ["error: process 1: the second device is too small; take another"]


def test_shares_are_one_order_dealt_out() -> None:
    lengths = [5, 9, 2, 7, 3, 8, 1, 6, 4, 10, 11]
    for grouped in (None, 4):
        alone = ShardedBatchSampler(lengths, 4, seed=1, group_size=grouped)
        first, second = (
            ShardedBatchSampler(lengths, 2, seed=1, of=World(rank, 2), group_size=grouped) for rank in (0, 1)
        )
        for epoch in (0, 1):
            for shares in (alone, first, second):
                shares.set_epoch(epoch)
            steps = list(alone)
            assert sorted(place for step in steps for place in step) == list(range(11))
            assert [sorted(a + b) for a, b in zip(first, second, strict=True)] == [sorted(step) for step in steps]
            assert len(alone) == len(first) == len(second) == 3
            assert (len(list(first)[-1]), len(list(second)[-1])) == (2, 1)
        assert first.order() != ShardedBatchSampler(lengths, 2, seed=1, of=World(0, 2), group_size=grouped).order(), (
            "epoch 1 and 0"
        )


def test_like_lengths_lie_together_and_orders_of_seeds_differ() -> None:
    lengths = list(range(1, 401))
    spread = [max(step) - min(step) for step in ShardedBatchSampler(lengths, 4, seed=0, group_size=4)]
    assert sum(spread) / len(spread) < 20, "of 400 in any order four differ by some 240"
    orders = {tuple(ShardedBatchSampler(lengths, 4, seed=seed).order()) for seed in range(5)}
    assert len(orders) == 5


def test_a_process_without_an_example_computes_nothing() -> None:
    last = list(ShardedBatchSampler([3, 3, 3], 1, seed=0, of=World(1, 2)))[-1]
    assert last == []
    for collate in (PaddingCollator(pad=3), PackingCollator()):
        batch = collate([])
        assert batch["labels"].tolist() == [[IGNORED]]
        assert batch["input_ids"].shape == (1, 1)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ACCELERATE_USE_CPU": "True", "MASTER_ADDR": "127.0.0.1"}, "was told to start several processes on CPUs, and started one; take `torchrun"),
        ({"ACCELERATE_USE_FSDP": "true"}, "was told to use FSDP its own way; take configs/accelerate/ddp.yaml and trainer.fsdp=true"),
        ({"ACCELERATE_USE_DEEPSPEED": "true"}, "was told to use DeepSpeed"),
    ],
)  # fmt: skip
def test_a_launcher_that_would_end_badly_is_refused(
    jaso: Jaso, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = jaso("train", "input=x", "out=x")
    assert ran.code == 2
    assert message in ran.error
    with pytest.raises(RequestError):
        train.run(None)  # type: ignore[arg-type]


def test_what_runs_in_one_process_says_so(jaso: Jaso, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "`jaso pipeline` was started in 2 processes, and runs in one" in jaso("pipeline", "out=x").error
    assert "`jaso train -m` was started in 2 processes" in jaso("train", "-m", "input=x", "out=x", "seed=1,2").error
    monkeypatch.setenv("RANK", "1")
    ran = jaso("pipeline", "out=x")
    assert (ran.code, ran.err) == (2, ""), "the first process tells"


def test_alone_is_a_world_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert world() == World(0, 1)
    monkeypatch.setenv("ACCELERATE_USE_CPU", "True")  # accelerate launch --cpu, one process
    assert world() == World(0, 1)
