"""Conversations are learned by a chat template; LoRA learns the markers that a vocabulary lacked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from chat_support import EXAONE, QWEN3, TEXTS, write_chat_model
from support import Jaso, one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.errors import RequestError
from jaso_core.generation.options import GenerationOptions
from jaso_core.io.files import parquet_writer
from jaso_core.io.further_columns import example_row, example_schema
from jaso_core.modeling.bind_prompt import bind_prompt
from jaso_core.modeling.checkpoint import Checkpoint, load_checkpoint
from jaso_core.modeling.encode import encode_context, stop_ids
from jaso_core.modeling.pretrained_checkpoint import load_any_checkpoint
from jaso_core.prompts import PROMPTS
from jaso_core.records import Example, Turn
from jaso_core.stage.runner import StageRun, run_stage
from jaso_train import run as train
from jaso_train.data.dataset import encode_all
from jaso_train.tasks.causal_lm_validation import sum_nll

QUESTION, ANSWER, SECOND, LAST = TEXTS[:4]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of examples, half of which are conversations of two answers."""
    folder = tmp_path_factory.mktemp("talks")
    turns = (Turn("user", QUESTION), Turn("assistant", ANSWER), Turn("user", SECOND), Turn("assistant", LAST))
    schema = example_schema(["messages"])

    def work(stage: StageRun) -> None:
        for split in ("train", "validation"):
            with parquet_writer(stage.add(f"examples/{split}.parquet", 8), schema) as add:
                for i in range(8):
                    name = f"talk:{split}{i}"
                    example = Example(
                        f"{name}#0", name, name, split, QUESTION, ANSWER,
                        occupation="ICT", experience="NEW", source="sample", messages=turns if i % 2 else (),
                    )  # fmt: skip
                    add(example_row(example, schema))

    run_stage("preprocess", folder, {}, {}, work)
    return folder


def run(talks: Path, out: Path, model: Path, prompt: str = "chat", freeze: str = "lora", **more: Any) -> Path:
    trainer = {
        "batch_size": 4, "precision": "fp32", "log_every": 2, "max_length": 200, "learning_rate": 1e-2, "max_steps": 12,
        "validate_every": 6, "device": "cpu",
    }  # fmt: skip
    config = {
        "out": str(out), "input": str(talks), "seed": 3, "freeze": {"name": freeze},
        "model": {"name": "hf", "path": str(model)}, "tokenizer": {"name": "pretrained"},
        "prompt": {"name": prompt, **more}, "trainer": trainer,
    }  # fmt: skip
    train.run(train.settings(config))
    return out


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def losses(out: Path) -> list[float]:
    return [row["validation_loss"] for row in lines(out / "log.jsonl") if "validation_loss" in row]


def check_plain_transformers(out: Path, checkpoint: Checkpoint, context: list[int]) -> None:
    """A user of plain transformers gets from model/ what jaso computes and writes."""
    from transformers import AutoModelForCausalLM

    from jaso_core.generation.generate import generate, rules_of

    plain = AutoModelForCausalLM.from_pretrained(out / "model").eval()
    ids = torch.tensor([context])
    with torch.no_grad():
        assert torch.equal(plain(ids).logits, checkpoint.model(ids).logits)
    options = GenerationOptions(max_new_tokens=12)
    stops = stop_ids(checkpoint.prompt, checkpoint.tokenizer)
    batches = generate(checkpoint.model, checkpoint.tokenizer, [context], options, limit=256, stops=stops)
    written = next(list(text.ids) for _, batch in batches for text in batch)
    # jaso writes no special tokens but the end: a toy would.
    suppressed = rules_of(checkpoint.tokenizer, options, stops, 256).banned
    generated = plain.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, eos_token_id=stops,
        suppress_tokens=suppressed,
    )[0, len(context) :].tolist()  # fmt: skip
    assert [token for token in generated if token not in stops] == written


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("freeze", ["lora", "last_block"])
def test_new_markers_are_learned_whatever_is_frozen(
    talks: Path, tmp_path: Path, freeze: str, tied: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    base = write_chat_model(tmp_path / "base", vocab_size=410, tie_word_embeddings=tied)
    out = run(talks, tmp_path / "out", base, "occupation_question_answer", freeze)
    assert f"freeze={freeze}: the embeddings of 3 new tokens train, too" in capsys.readouterr().err
    assert losses(out)[-1] < losses(out)[0] - 0.3
    checkpoint = load_checkpoint(out)
    markers = checkpoint.tokenizer.convert_tokens_to_ids(["<unused1>", "<usr>", "<sys>"])
    rows = checkpoint.model.get_input_embeddings().weight.detach()
    first, second, third = (rows[marker] for marker in markers)
    assert min(float((a - b).abs().max()) for a, b in ((first, second), (second, third), (first, third))) > 1e-3
    report = json.loads((out / "freeze_report.json").read_text(encoding="utf-8"))
    assert report["new_token_rows"] == 3
    assert report["frozen_tensors_changed"] == []
    assert next(row for row in report["parts"] if row["part"] == "new_tokens")["trained"] == 3 * 32
    # All other rows are the base's.
    before = load_any_checkpoint(base, {"name": "question_answer"})[0].model.get_input_embeddings().weight.detach()
    old = min(markers)
    assert torch.equal(rows[:old], before[:old])
    assert (checkpoint.model.get_output_embeddings().weight is checkpoint.model.get_input_embeddings().weight) == tied

    example = Example("a", "a", "a", "test", QUESTION, ANSWER, occupation="ICT")
    context = encode_context(example, checkpoint.prompt, checkpoint.tokenizer)
    check_plain_transformers(out, checkpoint, context)


def test_a_chat_model_is_trained_and_answers_by_its_template(
    talks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = write_chat_model(tmp_path / "base")
    out = run(talks, tmp_path / "out", base, system="짧게 답한다.")
    told = capsys.readouterr().err
    assert "the generation prompt holds an empty thinking block" in told
    assert "4 rows more for answers of conversations" in told  # Qwen3 renders earlier answers otherwise
    assert losses(out)[-1] < losses(out)[0] - 0.3
    body = json.loads((out / "model" / "prompt.json").read_text(encoding="utf-8"))
    assert body["generation_prompt"] == "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    assert body["format"]["chat"]["system"] == "짧게 답한다."
    assert body["format"]["chat"]["template"] == QWEN3.template
    assert "new_token_rows" not in json.loads((out / "freeze_report.json").read_text(encoding="utf-8"))

    checkpoint = load_checkpoint(out)
    messages = [{"role": "system", "content": "짧게 답한다."}, {"role": "user", "content": QUESTION}]
    context = encode_context(Example("a", "a", "a", "test", QUESTION, None), checkpoint.prompt, checkpoint.tokenizer)
    assert context == checkpoint.tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, enable_thinking=False, return_dict=False
    )
    check_plain_transformers(out, checkpoint, context)
    # Another template in the folder than the model was trained with.
    prompt = json.loads((out / "model" / "prompt.json").read_text(encoding="utf-8"))
    changed = {**prompt, "generation_prompt": "<|im_start|>assistant\n"}
    (out / "model" / "prompt.json").write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(RequestError, match="renders otherwise than when the model was trained"):
        load_checkpoint(out)


@pytest.mark.parametrize("loss_on", ["all_turns", "last_turn"])
def test_packed_conversations_have_the_loss_of_padded_ones(talks: Path, tmp_path: Path, loss_on: str) -> None:
    from jaso_core.io.files import read_examples

    base = write_chat_model(tmp_path / "base", EXAONE)
    checkpoint, _ = load_any_checkpoint(base, {"name": "chat", "loss_on": loss_on})
    examples = read_examples(talks / "examples" / "train.parquet")
    data = encode_all(examples, checkpoint.prompt, checkpoint.tokenizer, 200, all_turns=True)
    assert len(data) == 8
    packed, padded = (sum_nll(checkpoint.model, data, pad=pad) for pad in (None, 1))
    assert packed == pytest.approx(padded, rel=1e-5)
    # By hand: each row alone, its labels shifted by one.
    by_hand = 0.0
    for row in data.rows:
        ids, labels = torch.tensor([row["input_ids"]]), torch.tensor(row["labels"])
        logits = checkpoint.model(ids).logits[0, :-1].detach().log_softmax(-1)
        by_hand -= sum(float(logits[i, label]) for i, label in enumerate(labels[1:].tolist()) if label != -100)
    assert padded == pytest.approx(by_hand, rel=1e-4)
    # The second example has two answers, of which the last alone, or both, are learned.
    tokens = [len(checkpoint.tokenizer(f"{text}[|endofturn|]")["input_ids"]) for text in (ANSWER, LAST)]
    learned = [sum(label != -100 for label in row["labels"]) for row in data.rows]
    assert learned[:2] == [tokens[0], sum(tokens) if loss_on == "all_turns" else tokens[1]]


def test_thinking_blocks_are_counted(tmp_path: Path) -> None:
    base = write_chat_model(tmp_path / "base")
    checkpoint, _ = load_any_checkpoint(base, {"name": "chat", "enable_thinking": True})
    plain = Example("a", "a", "a", "train", QUESTION, ANSWER)
    thinking = replace(plain, id="b", answer=f"<think>\n서버\n</think>\n\n{ANSWER}")
    data = encode_all([plain, thinking], checkpoint.prompt, checkpoint.tokenizer, 200)
    assert data.thinking == data.counts()["thinking_examples"] == 1
    assert "thinking_examples" not in encode_all([plain], checkpoint.prompt, checkpoint.tokenizer, 200).counts()
    learned = [label for label in data.rows[1]["labels"] if label != -100]
    assert checkpoint.tokenizer.decode(learned) == f"<think>\n서버\n</think>\n\n{ANSWER}<|im_end|>"


def test_a_plain_chat_model_is_opened_with_its_own_template(tmp_path: Path) -> None:
    base = write_chat_model(tmp_path / "base", EXAONE)
    checkpoint, notes = load_any_checkpoint(base, {"name": "chat"})
    bound, _ = bind_prompt(PROMPTS.build({"name": "chat"}, "prompt"), checkpoint.tokenizer)
    assert checkpoint.prompt.shown(Example("a", "a", "a", "test", QUESTION, None)) == (
        f"[|system|][|endofturn|]\n[|user|]{QUESTION}\n[|assistant|]"
    )
    assert checkpoint.prompt.stops == bound.stops == ("[|endofturn|]", "</s>")
    assert not any("plain words" in note for note in notes)
    (base / "chat_template.jinja").unlink()
    with pytest.raises(RequestError, match="has no chat template"):
        load_any_checkpoint(base, {"name": "chat"})


def test_a_template_is_shown_with_a_models_tokens(jaso: Jaso) -> None:
    shown = jaso("show", "prompt", "chat")
    assert shown.code == 0
    assert "loss_on: all_turns" in shown.out
    assert "<usr>" in shown.out
