"""Training: it learns, it is measured on validation data, it continues where it was, and it says what it cut."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from support import Jaso

from jaso_core.errors import RequestError
from jaso_core.io.files import read_examples
from jaso_core.modeling.checkpoint import load_checkpoint, load_untrained
from jaso_core.prompts import PROMPTS
from jaso_core.records import Example
from jaso_train import run as train
from jaso_train.data.collators import PaddingCollator
from jaso_train.data.dataset import EncodedDataset, encode_all
from jaso_train.tasks.causal_lm_validation import sum_nll
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model after 30 steps."""
    out = tmp_path_factory.mktemp("trained") / "out"
    train.run(train.settings({**settings(corpus, out), "trainer": trainer(max_steps=30, validate_every=10)}))
    return out


def trainer(**more: Any) -> dict[str, Any]:
    return {
        "batch_size": 4,
        "precision": "fp32",
        "log_every": 4,
        "validation_limit": 1000,
        "max_length": 512,
        "learning_rate": 5e-3,
        **more,
    }


def settings(corpus: Path, out: Path) -> dict[str, Any]:
    return {
        "out": str(out), "input": str(corpus), "seed": 3, "freeze": {"name": "all"},
        "model": {"name": "tiny", "hidden_size": 32, "layers": 2, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 600}, "prompt": {"name": "question_answer"},
    }  # fmt: skip


def test_it_learns_and_the_log_begins_before_training(trained: Path) -> None:
    log = lines(trained / "log.jsonl")
    validation = [row for row in log if "validation_bits_per_character" in row]
    assert [row["step"] for row in validation] == [0, 10, 20, 30]
    bits = [row["validation_bits_per_character"] for row in validation]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] < bits[0] - 1
    # An untrained model spreads its guess over the whole vocabulary: ln 600 = 6.4 nats a token.
    assert validation[0]["validation_loss"] == pytest.approx(math.log(600), rel=0.03)


def test_the_model_comes_back_with_its_prompt(trained: Path) -> None:
    back = load_checkpoint(trained)
    assert back.prompt.name == "question_answer"
    assert back.max_length == 512
    assert (trained / "model" / "model.safetensors").is_file()
    report = json.loads((trained / "freeze_report.json").read_text(encoding="utf-8"))
    assert report["trained"] == report["parameters"] == sum(p.numel() for p in back.model.parameters())
    assert all(row["moved"] > 0 for row in report["blocks"])


def test_a_typo_does_not_replace_it(trained: Path, corpus: Path) -> None:
    config = settings(corpus, trained)
    config["trainer"] = trainer(max_steps=2, validate_every=10)
    with pytest.raises(RequestError, match=r"trainer\.max_steps: 30 → 2.*again=true"):
        train.run(train.settings(config))
    with pytest.raises(RequestError, match=r"trainer\.max_steps: 30 → 2"):
        train.check_out(train.settings(config))
    train.check_out(train.settings({**config, "again": True}))
    config["trainer"] = trainer(max_steps=30, validate_every=10)
    assert train.run(train.settings({**config, "again": True})).value == "unchanged"


def test_the_untrained_self_is_what_training_began_with(trained: Path, corpus: Path) -> None:
    back = load_checkpoint(trained)
    held_out = read_examples(corpus / "examples" / "validation.parquet")
    data = encode_all(held_out, back.prompt, back.tokenizer, 512, long="drop")
    nats = sum_nll(load_untrained(trained), data)
    first = lines(trained / "log.jsonl")[0]
    assert nats / data.target_tokens == pytest.approx(first["validation_loss"], abs=1e-5)


def test_validation_is_summed_by_token_and_ignores_batching(trained: Path, corpus: Path) -> None:
    back = load_checkpoint(trained)
    data = encode_all(
        read_examples(corpus / "examples" / "validation.parquet")[:12],
        back.prompt,
        back.tokenizer,
        512,
        long="drop",
    )
    by_hand = 0.0
    for row in data.rows:
        with torch.no_grad():
            logits = back.model(input_ids=torch.tensor([row["input_ids"]])).logits[0].log_softmax(-1)
        by_hand -= sum(float(logits[place - 1, label]) for place, label in enumerate(row["labels"]) if label != -100)
    assert sum_nll(back.model, data) == pytest.approx(by_hand, rel=1e-5)
    shards = [sum_nll(back.model, data, shard, 3) for shard in range(3)]
    assert sum(shards) == pytest.approx(by_hand, rel=1e-5)


def test_padding_is_neither_seen_nor_learned() -> None:
    rows = [{"input_ids": [5, 6, 7], "labels": [-100, 6, 7]}, {"input_ids": [8], "labels": [8]}]
    batch = PaddingCollator(3)(rows)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 3, 3]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[-100, 6, 7], [8, -100, -100]]


def test_what_was_cut_and_left_out_is_counted() -> None:
    texts = ["지원 동기는?", "서버를 만들고 싶습니다."] * 20
    tokenizer = train_tokenizer(texts, TokenizerOptions(vocabulary=500), 64)
    prompt = PROMPTS.build({"name": "occupation_question_answer"}, "prompt")
    examples = [
        Example("a", "a", "a", "train", "지원 동기는?", "서버를 만들고 싶습니다.", occupation="ICT"),
        Example("b", "b", "b", "train", "지원 동기는?", "서버를 만들고 싶습니다. " * 30, occupation="ICT"),
        Example("c", "c", "c", "train", "지원 동기는?", "서버를 만들고 싶습니다."),
    ]
    data: EncodedDataset = encode_all(examples, prompt, tokenizer, 64)
    assert (len(data), data.truncated, data.incomplete) == (2, 1, 1)
    assert data.truncated_tokens > 0
    assert len(encode_all(examples, prompt, tokenizer, 64, long="drop")) == 1


def test_a_format_that_no_example_can_fill_is_refused() -> None:
    texts = ["지원 동기는?", "서버를 만들고 싶습니다."] * 20
    tokenizer = train_tokenizer(texts, TokenizerOptions(vocabulary=500), 64)
    prompt = PROMPTS.build({"name": "occupation_question_answer"}, "prompt")
    with pytest.raises(
        RequestError, match="none of 1 examples can be used with prompt format 'occupation_question_answer'"
    ):
        encode_all([Example("c", "c", "c", "train", "지원 동기는?", "답")], prompt, tokenizer, 64)


def test_a_changed_input_folder_is_refused(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    changed = tmp_path / "clean"
    shutil.copytree(corpus, changed)
    with (changed / "examples" / "train.parquet").open("ab") as stream:
        stream.write(b"more")
    ran = jaso("train", f"input={changed}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "examples/train.parquet was changed since it was made" in ran.error


@pytest.mark.parametrize("stop", [pytest.param(3, marks=pytest.mark.slow), 7, pytest.param(15, marks=pytest.mark.slow)])
def test_a_resumed_run_equals_an_undisturbed_one(
    corpus: Path, trained: Path, tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jaso_train.loop.callbacks import ProgressBar

    config = {**settings(corpus, tmp_path / "out"), "trainer": trainer(max_steps=30, validate_every=10)}

    def interrupt(self: ProgressBar, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == stop:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ProgressBar, "on_step_end", interrupt)
        train.run(train.settings(config))
    train.run(train.settings(config))
    for name in ("model/model.safetensors", "log.jsonl", "freeze_report.json"):
        assert (tmp_path / "out" / name).read_bytes() == (trained / name).read_bytes(), name


@pytest.mark.slow
def test_a_half_written_checkpoint_is_passed_over(corpus: Path, trained: Path, tmp_path: Path) -> None:
    config = {**settings(corpus, tmp_path / "out"), "trainer": trainer(max_steps=30, validate_every=10)}
    from jaso_train.loop.callbacks import CheckpointMarker

    real = CheckpointMarker.on_save

    def killed_while_writing(self: CheckpointMarker, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 20:
            raise KeyboardInterrupt
        real(self, args, state, control, **kwargs)

    CheckpointMarker.on_save = killed_while_writing  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt):
            train.run(train.settings(config))
    finally:
        CheckpointMarker.on_save = real  # type: ignore[method-assign]
    half = next((tmp_path / "out").rglob("checkpoint-20"))
    (half / "model.safetensors").write_bytes(b"half")
    train.run(train.settings(config))
    name = "model/model.safetensors"
    assert (tmp_path / "out" / name).read_bytes() == (trained / name).read_bytes()
