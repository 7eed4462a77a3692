"""`jaso evaluate` of a model that jaso has not trained: a plain folder of transformers."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from evaluate_support import example

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.stage.runner import Outcome
from jaso_evaluate import run as evaluate


@pytest.fixture
def plain_folder(train_dir: Path, tmp_path: Path) -> Path:
    """The model of a training without what jaso writes beside it."""
    folder = tmp_path / "plain"
    shutil.copytree(train_dir / "model", folder)
    (folder / "prompt.json").unlink()
    return folder


def settings(compose: Any, model: Path, folder: Path, out: Path, **more: Any) -> evaluate.EvaluateSettings:
    values = {"model_dir": model, "input": folder, "out": out, "resamples": 100, "generate__max_new_tokens": 8}
    return evaluate.settings(compose("evaluate", **{**values, **more}))


def test_bits_are_those_of_plain_transformers(
    compose: Any, plain_folder: Path, make_input: Any, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    out = tmp_path / "out"
    chosen = settings(
        compose, plain_folder, make_input(), out, prompt={"name": "question_answer"}, metrics=["bits_per_character"]
    )
    assert evaluate.run(chosen) is Outcome.MADE
    assert evaluate.run(chosen) is Outcome.UNCHANGED
    rows = [row for _, row in read_jsonl(out / "predictions.jsonl")]
    tokenizer = PreTrainedTokenizerFast.from_pretrained(plain_folder)
    model = AutoModelForCausalLM.from_pretrained(plain_folder)
    shown = example(0, "test")
    context = tokenizer(f"<usr>{shown.question}<sys>", add_special_tokens=False)["input_ids"]
    target = tokenizer(f"{shown.answer}</s>", add_special_tokens=False)["input_ids"]
    ids = torch.tensor([[*context, *target]])
    with torch.no_grad():
        logits = model(ids).logits[0].log_softmax(-1)
    nats = -sum(float(logits[i - 1, ids[0, i]]) for i in range(len(context), ids.shape[1]))
    assert rows[0]["meta"]["bits"] == pytest.approx(nats / math.log(2), rel=1e-4)
    assert "untrained_bits" not in rows[0]["meta"]  # a pretrained model is its own start
    assert read_json(out / "run.json")["train"] == {"log": []}


def test_markers_that_the_vocabulary_lacks_become_words(
    compose: Any, plain_folder: Path, make_input: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        text = (plain_folder / name).read_text(encoding="utf-8").replace("<usr>", "<q>").replace("<sys>", "<a>")
        (plain_folder / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    evaluate.run(
        settings(compose, plain_folder, make_input(), out, prompt={"name": "question_answer"}, metrics=["chrf"])
    )
    note = "the vocabulary has no <usr>, <sys>: the prompt is in plain words"
    assert note in capsys.readouterr().err
    assert read_json(out / "run.json")["model"]["notes"] == [note]
    (_, row), *_ = read_jsonl(out / "predictions.jsonl")
    assert row["prompt"] == "질문: 지원 동기를 말씀해 주세요.\n답변:"
    assert row["reference"] == example(0, "test").answer


def test_a_prompt_is_asked_for_and_not_changed(
    compose: Any, plain_folder: Path, train_dir: Path, make_input: Any, tmp_path: Path
) -> None:
    folder, out = make_input(), tmp_path / "out"
    with pytest.raises(RequestError, match="has no prompt format of its own; add prompt=question_answer"):
        evaluate.run(settings(compose, plain_folder, folder, out))
    with pytest.raises(RequestError, match="was trained with prompt format 'question_answer'; leave prompt= out"):
        evaluate.run(settings(compose, train_dir, folder, out, prompt={"name": "summary_answer"}))
    with pytest.raises(RequestError, match=r"is no model \(no prompt.json, no config.json\)"):
        evaluate.run(settings(compose, folder, folder, out, prompt={"name": "question_answer"}))
