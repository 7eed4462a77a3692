"""Rows of new tokens train under every strategy, are in checkpoints, and become rows of the embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from freezing_support import CONTEXT, VOCABULARY, tiny, values
from transformers import Trainer, TrainingArguments

from jaso_train.freezing import FREEZING, FreezePlan
from jaso_train.freezing.new_tokens import WithNewTokens, train_new_tokens
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.report import ParameterSnapshot, table
from jaso_train.loop.unfreezing import Unfreezing

NEW = [VOCABULARY - 2, VOCABULARY - 1]


def trained(folder: Path, model: str, *, steps: int = 4, resume: bool = False, **node: Any) -> tuple[Any, Any, Any]:
    """The strategy, the model after so many steps, and the report."""
    plain = tiny(model)
    strategy = train_new_tokens(FREEZING.build(node, "freeze"), plain, NEW)
    prepared = strategy.prepare(plain)
    layout = Layout.of(prepared)
    plan = FreezePlan.make(strategy, layout)
    before = ParameterSnapshot(prepared, plan)
    plan.open(prepared)
    rows = torch.randint(VOCABULARY, (16, CONTEXT), generator=torch.Generator().manual_seed(1))
    rows[:, :2] = torch.tensor(NEW)
    arguments = TrainingArguments(
        str(folder), max_steps=steps, per_device_train_batch_size=2, learning_rate=1e-2, weight_decay=0.1, save_steps=2,
        report_to=[], use_cpu=True, disable_tqdm=True, seed=1, dataloader_pin_memory=False,
        lr_scheduler_type="constant",
    )  # fmt: skip
    trainer = Trainer(
        prepared, arguments, train_dataset=[{"input_ids": row, "labels": row} for row in rows],
        callbacks=[Unfreezing(plan)],
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=resume)
    assert "new_tokens" in table(layout, plan)
    return strategy, prepared, before.report(prepared, node["name"])


@pytest.mark.parametrize("node", [{"name": "last_block"}, {"name": "lora"}], ids=str)
@pytest.mark.parametrize("model", ["gpt2", "qwen3", "llama"])  # tied, tied, untied
def test_rows_of_new_tokens_train_and_no_others(tmp_path: Path, model: str, node: dict[str, Any]) -> None:
    start = tiny(model).get_input_embeddings().weight.detach()
    strategy, prepared, report = trained(tmp_path, model, **node)
    assert report["frozen_tensors_changed"] == []
    assert report["new_token_rows"] == 2
    ids = torch.tensor([[*NEW, 5, 6]])
    prepared.eval()
    with torch.no_grad():
        logits = prepared(ids).logits
    plain = strategy.finished(prepared)
    rows = plain.get_input_embeddings().weight.detach()
    assert torch.equal(rows[: NEW[0]], start[: NEW[0]])
    assert bool((rows[NEW] != start[NEW]).all())
    assert set(values(plain)) == set(values(tiny(model)))
    with torch.no_grad():
        assert torch.allclose(plain(ids).logits, logits, atol=1e-6)
    head = plain.get_output_embeddings()
    assert (head.weight is plain.get_input_embeddings().weight) == (model != "llama")
    plain.save_pretrained(tmp_path / "model")
    again = type(plain).from_pretrained(tmp_path / "model").eval()
    with torch.no_grad():
        assert torch.equal(again(ids).logits, plain(ids).logits)


@pytest.mark.parametrize("node", [{"name": "last_block"}, {"name": "lora"}], ids=str)
@pytest.mark.parametrize("model", ["gpt2", "llama"])
def test_a_resumed_run_has_its_rows_and_blocks(tmp_path: Path, model: str, node: dict[str, Any]) -> None:
    _, whole, report = trained(tmp_path / "whole", model, **node)
    trained(tmp_path / "cut", model, steps=2, **node)
    _, resumed, again = trained(tmp_path / "cut", model, resume=True, **node)
    expected = values(whole)
    assert all(torch.equal(value, expected[name]) for name, value in resumed.named_parameters())
    assert again == report


def test_strategies_that_train_the_embeddings_need_nothing_more() -> None:
    model = tiny("gpt2")
    for name in ("all", "embeddings", "gradual"):
        strategy = FREEZING.build({"name": name}, "freeze")
        assert train_new_tokens(strategy, model, NEW) is strategy
    last = FREEZING.build({"name": "last_n", "n": 2}, "freeze")
    assert train_new_tokens(last, model, []) is last
    assert isinstance(train_new_tokens(last, model, NEW), WithNewTokens)
