"""What a user sets in trainer=: batches, long examples, early end, samples, saving, trackers, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from architectures import ARCHITECTURES
from support import Jaso, one_thread
from transformers import TrainerControl, TrainerState, TrainingArguments

from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.io.files import read_examples
from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.modeling.encode import encode_context
from jaso_core.stage.manifest import read_manifest
from jaso_core.text.subsample import subsample
from jaso_train import run as train
from jaso_train.data.batching import BatchingCheck
from jaso_train.data.dataset import encode_all
from jaso_train.loop.callbacks import COMPLETE, EarlyStopping, last_checkpoint
from jaso_train.loop.choose_batching import choose_batching
from jaso_train.loop.trainer import _is_out_of_memory
from jaso_train.options import TrainerOptions
from jaso_train.runtime import memory
from jaso_train.tasks import TaskInputs
from jaso_train.tasks.causal_lm_validation import sum_nll, validation

__all__ = ["one_thread"]

BEST = "validation_bits_per_character"


def fitted(corpus: Path, out: Path, **trainer: Any) -> tuple[Path, list[dict[str, Any]], dict[str, Any]]:
    """A tiny model's folder, its log, and the manifest's counts."""
    options = {
        "batch_size": 4, "precision": "fp32", "log_every": 5, "validation_limit": 20, "max_length": 512,
        "learning_rate": 5e-3, "max_steps": 10, "validate_every": 5, **trainer,
    }  # fmt: skip
    config = {
        "out": str(out), "input": str(corpus), "seed": 3, "freeze": {"name": "all"}, "trainer": options,
        "model": {"name": "tiny", "hidden_size": 32, "layers": 2, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 600}, "prompt": {"name": "question_answer"},
    }  # fmt: skip
    train.run(train.settings(config))
    log = [json.loads(line) for line in (out / "log.jsonl").open(encoding="utf-8")]
    made = read_manifest(out)
    assert made is not None
    return out, log, dict(made.counts)


@pytest.mark.parametrize("batching", ["grouped", "shuffled"])
def test_padded_batches_learn_as_well(corpus: Path, tmp_path: Path, batching: str) -> None:
    _, log, counts = fitted(corpus, tmp_path / "out", batching=batching)
    bits = [row[BEST] for row in log if BEST in row]
    assert bits[-1] < bits[0] - 0.5
    assert 0 < counts["tokens_seen"] <= counts["training"]["tokens"]


def test_packed_batches_see_each_token_once_an_epoch(corpus: Path, tmp_path: Path) -> None:
    _, _, counts = fitted(corpus, tmp_path / "out", max_steps=-1, epochs=1, validate_every=1000)
    assert counts["tokens_seen"] == counts["training"]["tokens"]


def test_what_cannot_be_packed_is_padded_and_says_so(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ARCHITECTURES["bloom"].write(tmp_path / "base")
    config = {
        "out": str(tmp_path / "out"), "input": str(corpus), "seed": 3, "freeze": {"name": "last_block"},
        "trainer": {"batch_size": 4, "max_length": 250, "max_steps": 2, "validate_every": 2, "validation_limit": 20},
        "model": {"name": "hf", "path": str(base)}, "tokenizer": {"name": "pretrained"},
        "prompt": {"name": "sentence_blocks", "sentences": 1},
    }  # fmt: skip
    train.run(train.settings(config))
    line = "train: trainer.batching=grouped, not packed: there the loss would not be that of each example alone"
    assert capsys.readouterr().err.count(line) == 1
    made = read_manifest(tmp_path / "out")
    assert made is not None
    check = made.counts["batching"]
    assert (check["batching"], check["asked"], check["examples"]) == ("grouped", "packed", 3)
    assert check["longest"] == 250
    assert 0 <= check["loss_difference"] < 1e-5
    assert "of the loss" in check["reason"]


def test_a_resumed_training_keeps_its_batching(tmp_path: Path) -> None:
    class Chooses:
        """Chooses once, and would be wrong to be asked again."""

        def __init__(self, answers: list[BatchingCheck]) -> None:
            self.inputs = TaskInputs(None, None, TrainerOptions(), 0)  # type: ignore[arg-type]
            self.answers = answers

        def choose_batching(self, *_: Any) -> BatchingCheck:
            return self.answers.pop()

        def prepare(self, inputs: TaskInputs) -> None:
            self.inputs = inputs

    answers = [BatchingCheck("grouped", "packed", 3, 99, 1e-8, 2e-7, "float32", "they would see each other")]
    for _ in range(2):
        task: Any = Chooses(answers)
        options, check = choose_batching(task, None, None, TrainerOptions(), tmp_path)  # type: ignore[arg-type]
        assert options.batching == task.inputs.options.batching == check.batching == "grouped"
        assert (check.longest, check.gradient_difference) == (99, 2e-7)


def test_validation_is_in_the_weights_own_precision(corpus: Path, tmp_path: Path) -> None:
    logs = [fitted(corpus, tmp_path / name, precision=name, max_steps=5)[1] for name in ("fp32", "bf16")]
    start, start_in_bf16 = (next(row for row in log if BEST in row) for log in logs)
    assert start_in_bf16[BEST] == pytest.approx(start[BEST], rel=1e-9)
    trained = {name: load_checkpoint(tmp_path / name) for name in ("fp32", "bf16")}
    held_out = subsample(read_examples(corpus / "examples" / "validation.parquet"), 20, seed=0)
    for name, log in zip(("fp32", "bf16"), logs, strict=True):
        back = trained[name]
        data = encode_all(held_out, back.prompt, back.tokenizer, 512, long="drop")
        end = [row for row in log if BEST in row][-1]
        assert validation(sum_nll(back.model, data), data)[BEST] == pytest.approx(end[BEST], rel=1e-6)


def test_long_examples_are_cut_dropped_or_divided_and_counted(corpus: Path, tmp_path: Path) -> None:
    short = {"max_length": 330, "max_steps": 1, "validate_every": 1, "keep_best": False}
    cut = fitted(corpus, tmp_path / "cut", long="truncate", **short)[2]["training"]
    dropped = fitted(corpus, tmp_path / "dropped", long="drop", **short)[2]["training"]
    divided = fitted(corpus, tmp_path / "divided", long="window", overlap=16, **short)[2]["training"]
    assert cut["truncated_examples"] == dropped["dropped_examples"] > 0
    assert dropped["examples"] == cut["examples"] - dropped["dropped_examples"]
    assert divided["rows"] > divided["examples"] == cut["examples"]
    assert divided["target_tokens"] == cut["target_tokens"] + cut["truncated_tokens"]


def test_it_ends_early_and_keeps_the_best(corpus: Path, tmp_path: Path) -> None:
    # With a learning rate this high it gets worse after the first steps.
    out, log, counts = fitted(
        corpus, tmp_path / "out", learning_rate=0.12, schedule="constant", patience=2, max_steps=60, validate_every=2
    )
    bits = {row["step"]: row[BEST] for row in log if BEST in row}
    best = min(bits, key=lambda step: bits[step])
    assert counts["steps"] == best + 4 < 60
    assert counts["best_step"] == best > 0
    assert validation_bits(out, corpus) == pytest.approx(bits[best], abs=1e-4)


def test_a_run_that_gets_worse_says_so_and_tells_of_the_weights_it_leaves(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, log, counts = fitted(
        corpus, tmp_path / "out", learning_rate=2.0, schedule="constant", warmup=0, max_steps=6, validate_every=2
    )
    bits = {row["step"]: row[BEST] for row in log if BEST in row}
    saved = min([2, 4, 6], key=lambda step: bits[step])
    assert min(bits, key=lambda step: bits[step]) == 0
    assert (counts["saved_step"], counts["best_step"], counts["worse_than_start"]) == (saved, saved, True)
    assert validation_bits(out, corpus) == pytest.approx(bits[saved], rel=1e-4)
    card = (out / "model" / "README.md").read_text(encoding="utf-8")
    assert f"| bits a character | {bits[saved]:.4g} |" in card
    assert f"| step | {saved} |" in card
    told = (
        f"{BEST} is {bits[saved]:.4g} for the weights in model/ (step {saved}), {bits[0]:.4g} before training (step 0)"
    )
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "made the model worse" in line)
    assert told in line
    assert "Training made the model worse: the weights in model/" in (out / "report.html").read_text(encoding="utf-8")


def test_the_last_weights_have_their_own_numbers_on_the_card(corpus: Path, tmp_path: Path) -> None:
    out, log, counts = fitted(
        corpus,
        tmp_path / "out",
        learning_rate=0.12,
        schedule="constant",
        max_steps=7,
        validate_every=2,
        keep_best=False,
    )
    bits = {row["step"]: row[BEST] for row in log if BEST in row}
    assert list(bits) == [0, 2, 4, 6, 7]
    assert (counts["saved_step"], counts["worse_than_start"]) == (7, bits[7] > bits[0])
    assert "| step | 7 |\n| loss" in (out / "model" / "README.md").read_text(encoding="utf-8")
    assert validation_bits(out, corpus) == pytest.approx(bits[7], rel=1e-4)


def test_the_best_is_the_best_of_those_with_a_checkpoint(corpus: Path, tmp_path: Path) -> None:
    more = {"learning_rate": 0.5, "schedule": "constant", "warmup": 0, "max_steps": 12, "validate_every": 1}
    out, log, counts = fitted(corpus, tmp_path / "out", save_every=4, **more)
    bits = {row["step"]: row[BEST] for row in log if BEST in row}
    best = min([4, 8, 12], key=lambda step: bits[step])
    assert min(bits, key=lambda step: bits[step]) not in (4, 8, 12)
    assert counts["saved_step"] == counts["best_step"] == best
    assert validation_bits(out, corpus) == pytest.approx(bits[best], rel=1e-4)
    assert f"| step | {best} |" in (out / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([2.0], False),  # step 0 alone
        ([2.0, 5.0, 4.0, 3.0], False),  # worse than at the start, and better each time
        ([2.0, 3.0, 4.0], False),
        ([2.0, 3.0, 4.0, 3.5], True),
        ([5.0, 3.0, 2.0, 2.0, 2.0], True),  # equal is not better
    ],
)
def test_patience_counts_validations_of_trained_steps(values: list[float], ends: bool) -> None:
    control = TrainerControl()
    state = TrainerState(log_history=[{"step": 5 * index, BEST: value} for index, value in enumerate(values)])
    EarlyStopping(2, BEST, greater_is_better=False).on_evaluate(TrainingArguments(), state, control)
    assert control.should_training_stop is ends


def test_a_floor_of_steps(corpus: Path, tmp_path: Path) -> None:
    # 8 steps where a single epoch over 8 examples has 2; the worse steps from 8 on are kept, the better ones before not.
    high = {"learning_rate": 0.5, "schedule": "constant", "warmup": 0, "validate_every": 2, "patience": 1}
    less = {"epochs": 1, "max_steps": -1, "train_limit": 8, "batching": "shuffled"}
    out, log, counts = fitted(corpus, tmp_path / "out", min_steps=8, **high, **less)
    bits = {row["step"]: row[BEST] for row in log if BEST in row}
    assert counts["plan"]["steps"] == counts["steps"] == 8
    assert counts["saved_step"] == 8
    assert min(bits[step] for step in (2, 4, 6)) < bits[8]
    assert validation_bits(out, corpus) == pytest.approx(bits[8], rel=1e-4)
    # More steps by epochs than the floor: early end after it.
    _, log, counts = fitted(corpus, tmp_path / "more", min_steps=8, **high, **{**less, "epochs": 30})
    bits = {row["step"]: row[BEST] for row in log if BEST in row and row["step"] >= 8}
    assert 8 < counts["steps"] < 60
    assert counts["saved_step"] == min(bits, key=lambda step: bits[step])
    # max_steps is what was asked for.
    assert fitted(corpus, tmp_path / "asked", min_steps=8, **{**less, "max_steps": 3})[2]["steps"] == 3


def validation_bits(out: Path, corpus: Path) -> float:
    """Of the model that was kept, on the same 20 examples."""
    back = load_checkpoint(out)
    some = subsample(read_examples(corpus / "examples" / "validation.parquet"), 20, 0)
    data = encode_all(some, back.prompt, back.tokenizer, 512, long="drop")
    return validation(sum_nll(back.model, data), data)[BEST]


def test_what_it_writes_on_the_way_is_in_the_log(corpus: Path, tmp_path: Path) -> None:
    out, log, _ = fitted(corpus, tmp_path / "out", sample_every=5, samples=2, keep_best=False)
    rows = [row for row in log if "samples" in row]
    assert [row["step"] for row in rows] == [0, 5, 10]
    assert all(len(row["samples"]) == 2 for row in rows)
    assert [sample["prompt"] for sample in rows[0]["samples"]] == [sample["prompt"] for sample in rows[2]["samples"]]
    assert rows[0]["samples"][0]["prompt"].startswith("<usr>")
    back = load_checkpoint(out)
    told = rows[2]["samples"][0]
    example = next(e for e in read_examples(corpus / "examples" / "validation.parquet") if e.id == told["id"])
    context = encode_context(example, back.prompt, back.tokenizer)
    written = generate(back.model, back.tokenizer, [context], GenerationOptions(max_new_tokens=128), limit=512)
    assert str(back.tokenizer.decode(next(written)[1][0].ids)).strip() == told["text"]


@pytest.mark.slow
def test_sampling_does_not_change_what_is_learned(corpus: Path, tmp_path: Path) -> None:
    with_samples = fitted(corpus, tmp_path / "a", sample_every=2)[0] / "model" / "model.safetensors"
    without = fitted(corpus, tmp_path / "b")[0] / "model" / "model.safetensors"
    assert with_samples.read_bytes() == without.read_bytes()


def test_tensorboard_gets_the_numbers(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    ran = jaso(
        "train", f"input={corpus}", f"out={tmp_path / 'out'}", "tracker=tensorboard", "trainer.max_steps=2",
        "trainer.batch_size=2", "trainer.validate_every=2", "trainer.validation_limit=2", "tokenizer.vocabulary=600",
        "model.hidden_size=32", "model.heads=2", "model.layers=1", "trainer.max_length=512",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    events = EventAccumulator(str(tmp_path / "out" / "tensorboard"))
    events.Reload()
    shown = [event.value for tag in events.Tags()["scalars"] if BEST in tag for event in events.Scalars(tag)]
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").open(encoding="utf-8")]
    assert shown == pytest.approx([row[BEST] for row in log if BEST in row])


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (["prompt=question_summary"], "none of 84 examples can be used with prompt format 'question_summary'"),
        (["trainer.max_length=600", "model.context=512"], "'trainer.max_length': 600 is more than the model's 512"),
        (["trainer.device=cuda"], "'trainer.device': cuda, but PyTorch finds no CUDA device here"),
        (["tracker=mlflow"], "tracker=mlflow: not installed; pip install mlflow"),
        (["trainer.batching=paked"], "'trainer.batching': 'paked'; did you mean 'packed'?"),
        (["trainer.save_every=30", "trainer.validate_every=20"], "give a multiple of trainer.validate_every"),
        (["trainer.patience=0"], "'trainer.patience': 0; give 1 or more, or null"),
        (["trainer.long=window", "trainer.overlap=900"], "'trainer.overlap': 900"),
        (["freeze=last_n", "freeze.n=99"], "freeze.n"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_line(
    jaso: Jaso, corpus: Path, tmp_path: Path, request_: list[str], message: str
) -> None:
    if torch.cuda.is_available() and "cuda" in request_[0]:
        pytest.skip("there is one")
    ran = jaso("train", f"input={corpus}", "tokenizer.vocabulary=600", f"out={tmp_path / 'out'}", *request_)
    assert ran.code == 2, ran.err
    assert message in ran.error


def test_what_does_not_fit_is_told_before_the_first_step(
    jaso: Jaso, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_free", lambda device: 0.6 * memory.GIB)  # the machine, not the estimate
    common = ("train", f"input={corpus}", "tokenizer.vocabulary=600", "trainer.batch_size=64", "trainer.max_length=500")
    ran = jaso(*common, "model.layers=12", "model.hidden_size=384", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "training needs about" in ran.error
    assert "the device has 0.6" in ran.error
    assert "try" in ran.error


def test_the_estimate_grows_with_what_takes_memory() -> None:
    from transformers import AutoModelForCausalLM, GPT2Config

    from jaso_train.data.dataset import EncodedDataset
    from jaso_train.options import TrainerOptions

    model = AutoModelForCausalLM.from_config(GPT2Config(vocab_size=500, n_embd=64, n_layer=2, n_head=2))
    data = EncodedDataset(rows=[{"length": 100}] * 50)
    small = memory.estimate_memory(model, data, TrainerOptions(batch_size=4, precision="fp32"))
    # 4 examples of 100 tokens, 85 bytes a number of the width, two blocks; and dropout's byte a head and token seen.
    assert small.activations == pytest.approx(2 * (400 * 64 * 85 + 400 * 2 * 100))
    padded = memory.estimate_memory(model, data, TrainerOptions(batch_size=4, precision="fp32", batching="grouped"))
    assert padded.activations == pytest.approx(2 * (400 * 64 * 85 + 400 * 2 * 100 * 15))
    assert small.optimizer == 12 * sum(value.numel() for value in model.parameters())
    more = memory.estimate_memory(model, data, TrainerOptions(batch_size=8, precision="fp32"))
    assert more.activations == pytest.approx(2 * small.activations)
    for value in model.parameters():
        value.requires_grad_(False)
    assert memory.estimate_memory(model, data, TrainerOptions(batch_size=4)).optimizer == 0


def test_the_allocators_own_words_are_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert _is_out_of_memory(caught.value)
    assert not _is_out_of_memory(RuntimeError("size mismatch"))


def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    from jaso_core.io.files import sha256_file

    for step in (5, 10):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"weights" * step)
        hashes = {"model.safetensors": sha256_file(folder / "model.safetensors")}
        (folder / COMPLETE).write_text(json.dumps(hashes), encoding="utf-8")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    flipped = bytearray((tmp_path / "checkpoint-10" / "model.safetensors").read_bytes())
    flipped[3] ^= 1
    (tmp_path / "checkpoint-10" / "model.safetensors").write_bytes(bytes(flipped))
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-5"


def test_an_empty_split_is_refused(corpus: Path, tmp_path: Path) -> None:
    from jaso_core.io.files import EXAMPLE_SCHEMA, write_parquet
    from jaso_core.prompts import PROMPTS
    from jaso_train.data.splits import read_split

    shutil.copytree(corpus, tmp_path / "clean")
    write_parquet(tmp_path / "clean" / "examples" / "validation.parquet", [], EXAMPLE_SCHEMA)
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    with pytest.raises(RequestError, match=r"validation\.parquet: has no examples"):
        read_split(tmp_path / "clean", "validation", prompt)


def test_smaller_draws_of_the_training_examples_lie_within_larger_ones(corpus: Path) -> None:
    from jaso_core.prompts import PROMPTS
    from jaso_train.data.splits import read_split

    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    drawn = [[e.id for e in read_split(corpus, "train", prompt, limit).examples] for limit in (2, 5, None)]
    assert [len(ids) for ids in drawn[:2]] == [2, 5]
    assert set(drawn[0]) < set(drawn[1]) < set(drawn[2])
    assert drawn[1] == [i for i in drawn[2] if i in drawn[1]]
    assert drawn[1] != drawn[2][:5]


def test_a_training_that_diverges_says_so(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    ran = jaso(
        "train", f"input={corpus}", f"out={tmp_path / 'out'}", "tokenizer.vocabulary=600", "trainer.learning_rate=1e30",
        "trainer.schedule=constant", "trainer.warmup=0", "trainer.max_grad_norm=0", "trainer.max_length=512",
        "model.hidden_size=32", "model.heads=2", "trainer.max_steps=40", "trainer.log_every=2",
    )  # fmt: skip
    assert ran.code == 1
    assert "training diverged" in ran.error
    assert "trainer.learning_rate" in ran.error
