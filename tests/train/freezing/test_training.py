"""Real steps of training: what is frozen stays, what is proved is true, and adapters become plain weights."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from freezing_support import CONTEXT, VOCABULARY, tiny, train, values
from train_support import write_foreign
from transformers import AutoModelForCausalLM, Trainer, TrainerCallback, TrainingArguments

from jaso_train import run
from jaso_train.artifacts import ADAPTER_CONFIG, Base, _name_base
from jaso_train.freezing import FREEZING, FreezePlan
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.report import ParameterSnapshot, digest, squares_of
from jaso_train.loop.unfreezing import Unfreezing

IDS = torch.arange(20)[None]


def planned(model: Any, **node: Any) -> tuple[Any, Any, FreezePlan]:
    strategy = FREEZING.build(node, "freeze")
    model = strategy.prepare(model)
    return strategy, model, FreezePlan.make(strategy, Layout.of(model))


def test_a_block_that_is_not_yet_unfrozen_is_what_it_was() -> None:
    _, model, plan = planned(tiny("gpt2"), name="gradual", share=0.75)
    before, frozen_until = values(model), {}

    def look(done: int) -> None:
        for name, value in model.named_parameters():
            if torch.equal(value, before[name]):
                frozen_until[name] = done

    train(model, plan, 12, look)
    # Four phases at steps 0, 3, 6 and 9 of 12: block 2 with the final norm, block 1, block 0, the embeddings.
    places = {tensor.name: tensor.place for tensor in plan.layout.tensors}
    joined = {"block 2": 0, "final_norm": 0, "block 1": 3, "block 0": 6, "embeddings": 9, "positions": 9}
    assert {name: frozen_until.get(name, 0) for name in before} == {name: joined[places[name]] for name in before}


def test_weight_decay_and_momentum_do_not_reach_what_is_frozen_again() -> None:
    _, model, plan = planned(tiny("gpt2"), name="last_block")
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=0.1)
    model(input_ids=IDS, labels=IDS).loss.backward()
    optimizer.step()  # everything has moments and a gradient by now
    plan.apply(model, 0)
    before = values(model)
    optimizer.step()
    changed = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert changed == set(plan.trainable)


def test_the_report_names_a_frozen_tensor_that_moved_by_one_bit() -> None:
    _, model, plan = planned(tiny("gpt2"), name="last_block")
    before = ParameterSnapshot(model, plan)
    assert before.report(model, "last_block")["frozen_tensors_changed"] == []
    weight = model.transformer.h[0].mlp.c_fc.weight
    with torch.no_grad():
        weight[0, 0] = torch.nextafter(weight[0, 0], torch.tensor(1.0))
    assert before.report(model, "last_block")["frozen_tensors_changed"] == ["transformer.h.0.mlp.c_fc.weight"]


def test_the_report_tells_how_far_blocks_and_parts_moved() -> None:
    _, model, plan = planned(tiny("gpt2"), name="last_n", n=2)
    before = ParameterSnapshot(model, plan)
    with torch.no_grad():
        model.transformer.h[1].attn.c_proj.weight.mul_(1.5)
        model.transformer.h[2].ln_1.bias.fill_(0.25)  # began at zero
    report = before.report(model, "last_n")
    blocks = {row["block"]: row for row in report["blocks"]}
    assert list(blocks) == ["embeddings", "positions", "block 0", "block 1", "block 2", "final_norm"]
    assert blocks["block 0"] | {"parts": 0} == {
        "block": "block 0", "parameters": 3280, "trained": 0, "moved": 0.0, "change": 0.0, "parts": 0,
    }  # fmt: skip
    half = model.transformer.h[1].attn.c_proj.weight.detach().norm().item() / 3
    parts = {row["part"]: row for row in blocks["block 1"]["parts"]}
    assert parts["attn"]["change"] == pytest.approx(half, rel=1e-5)
    assert 0 < parts["attn"]["moved"] < 0.5
    assert parts["mlp"]["moved"] == parts["ln"]["moved"] == 0.0
    assert blocks["block 2"]["change"] == pytest.approx(0.25 * 16**0.5, rel=1e-5)
    assert {row["part"]: row["trained"] for row in report["parts"]} == {
        "embeddings": 0, "positions": 0, "ln": 2 * 64, "attn": 2 * 1088, "mlp": 2 * 2128, "final_norm": 32,
    }  # fmt: skip
    assert report["trained"] == 2 * 3280 + 32
    assert report["frozen_tensors"] == 2 + 12
    assert report["phases"] == [{"start": 0.0, "trained": 2 * 3280 + 32}]
    json.dumps(report, allow_nan=False)


def test_what_began_at_zero_has_no_relative_distance() -> None:
    _, model, plan = planned(tiny("gpt2"), name="bias_only")
    before = ParameterSnapshot(model, plan)
    with torch.no_grad():
        model.transformer.h[0].mlp.c_fc.bias.fill_(2.0)
    row = next(row for row in before.report(model, "bias_only")["blocks"] if row["block"] == "block 0")
    assert (row["moved"], row["change"]) == (None, 16.0)  # √(64 · 2²)


def test_squares_are_those_of_numpy_also_in_bf16_and_for_long_tensors() -> None:
    first, second = torch.randn(70_000, 3), torch.randn(70_000, 3)
    for dtype in (torch.float32, torch.bfloat16):
        one, two = first.to(dtype), second.to(dtype)
        x, y = one.double().numpy(), two.double().numpy()
        assert squares_of(one, two) == pytest.approx((((y - x) ** 2).sum(), (x**2).sum()))


def test_a_digest_is_sha256_of_the_bytes() -> None:
    value = torch.randn(5, 7)
    assert digest(value) == hashlib.sha256(value.numpy().tobytes()).hexdigest()
    assert digest(value.t()) == hashlib.sha256(value.numpy().T.tobytes()).hexdigest()
    assert digest(torch.zeros(2, dtype=torch.bfloat16)) == hashlib.sha256(bytes(4)).hexdigest()


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    ("model", "dora"),
    [
        *product(["gpt2", "gpt2 untied", "llama", "qwen3"], [False, True]),
        *product(["mixtral", "qwen3-moe", "qwen2-moe"], [False]),
    ],
)
def test_merged_adapters_compute_the_same_as_a_plain_model(model: str, dora: bool, tmp_path: Path) -> None:
    plain = tiny(model).eval()
    names = set(plain.state_dict())
    untrained = plain(IDS).logits
    strategy, wrapped, plan = planned(plain, name="lora", r=4, dora=dora)
    assert torch.allclose(wrapped.eval()(IDS).logits, untrained, atol=1e-6)
    train(wrapped, plan, 4)
    expected = wrapped.eval()(IDS).logits.detach()
    assert (expected - untrained).abs().max() > 1e-2
    strategy.save_extra(wrapped, tmp_path)
    finished = strategy.finished(wrapped)
    assert torch.allclose(finished(IDS).logits, expected, atol=1e-4)
    finished.save_pretrained(tmp_path / "model")
    back = AutoModelForCausalLM.from_pretrained(tmp_path / "model").eval()
    assert set(back.state_dict()) == names
    assert torch.allclose(back(IDS).logits, expected, atol=1e-4)

    from peft import PeftModel

    again = PeftModel.from_pretrained(tiny(model), str(tmp_path / "adapter")).eval()
    assert torch.allclose(again(IDS).logits, expected, atol=1e-6)
    assert sorted(path.name for path in (tmp_path / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_adapters_are_drawn_from_their_seed_alone() -> None:
    def drawn(seed: int) -> dict[str, torch.Tensor]:
        model = tiny("gpt2")
        torch.manual_seed(int(torch.randint(999, ())))
        state = torch.random.get_rng_state()
        _, model, plan = planned(model, name="lora", seed=seed)
        assert torch.equal(torch.random.get_rng_state(), state)
        return {name: value for name, value in values(model).items() if name in plan.trainable}

    first, second, other = drawn(1), drawn(1), drawn(2)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


class Stop(TrainerCallback):
    """Ends training after so many steps, as a kill between two checkpoints' steps does."""

    def __init__(self, at: int) -> None:
        self.at = at

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.at:
            raise KeyboardInterrupt


def trained(folder: Path, node: dict[str, Any], *, stop: int = 0, resume: bool = False) -> tuple[Any, dict[str, Any]]:
    _, model, plan = planned(tiny("gpt2"), **node)
    before = ParameterSnapshot(model, plan)
    rows = torch.randint(VOCABULARY, (32, CONTEXT), generator=torch.Generator().manual_seed(1))
    plan.open(model)
    trainer = Trainer(
        model,
        TrainingArguments(
            str(folder), max_steps=8, per_device_train_batch_size=2, gradient_accumulation_steps=2, learning_rate=1e-2,
            weight_decay=0.1, save_steps=3, logging_steps=1, report_to=[], use_cpu=True, disable_tqdm=True, seed=1,
            dataloader_pin_memory=False,
        ),
        train_dataset=[{"input_ids": row, "labels": row} for row in rows],
        callbacks=[Unfreezing(plan), *([Stop(stop)] if stop else [])],
    )  # fmt: skip
    try:
        trainer.train(resume_from_checkpoint=resume)
    except KeyboardInterrupt:
        return model, {}
    return model, before.report(model, node["name"])


@pytest.mark.parametrize("node", [{"name": "gradual"}, {"name": "lora"}, {"name": "last_block"}], ids=str)
def test_a_resumed_run_goes_on_in_its_phase(tmp_path: Path, node: dict[str, Any]) -> None:
    whole, report = trained(tmp_path / "whole", node)
    assert report["frozen_tensors_changed"] == []
    assert all(row["change"] > 0 for row in report["blocks"] if row["trained"])
    trained(tmp_path / "cut", node, stop=5)
    resumed, again = trained(tmp_path / "cut", node, resume=True)
    expected = values(whole)
    assert all(torch.equal(value, expected[name]) for name, value in resumed.named_parameters())
    assert again == report


@pytest.mark.parametrize("node", [{"name": "gradual"}, {"name": "lora"}, {"name": "last_block"}], ids=str)
def test_activation_checkpointing_changes_no_gradient(node: dict[str, Any]) -> None:
    def gradients(checkpointing: bool) -> dict[str, torch.Tensor]:
        _, model, plan = planned(tiny("gpt2"), **node)
        plan.apply(model, 0)
        model.train()
        if checkpointing:
            model.activation_checkpointing_enable()
        model(input_ids=IDS, labels=IDS).loss.backward()
        return {name: value.grad for name, value in model.named_parameters() if value.grad is not None}

    plain, checkpointed = gradients(False), gradients(True)
    assert set(plain) == set(checkpointed) != set()
    assert all(torch.allclose(plain[name], checkpointed[name], atol=1e-7) for name in plain)


def test_listing_strategies_and_reading_options_does_not_wait_for_torch() -> None:
    code = (
        "import sys; from jaso_train.freezing import FREEZING; "
        "FREEZING.build({'name': 'lora'}, 'freeze'); print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llama", "mixtral", "qwen3_moe"])
def test_adapters_are_read_by_plain_peft_in_another_folder(
    kind: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peft import PeftModel

    experts = {"num_experts_per_tok": 2, "num_local_experts": 4, "num_experts": 4, "moe_intermediate_size": 16}
    more = {} if kind == "llama" else experts
    write_foreign(tmp_path / "models" / "base", kind, **more, num_key_value_heads=2, max_position_embeddings=4096)
    monkeypatch.chdir(tmp_path)
    options = {"batch_size": 4, "max_steps": 6, "validate_every": 2, "validation_limit": 8, "max_length": 2048,
               "precision": "fp32", "learning_rate": 0.02, "long": "truncate"}  # fmt: skip
    config = {
        "out": str(tmp_path / "out"), "input": str(corpus), "seed": 3, "trainer": options, "freeze": {"name": "lora"},
        "model": {"name": "hf", "path": "models/base"}, "tokenizer": {"name": "pretrained"},
        "prompt": {"name": "question_answer"},
    }  # fmt: skip
    run.run(run.settings(config))
    adapter = tmp_path / "out" / "adapter"
    body = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    assert (body["base_model_name_or_path"], body["revision"]) == (None, None)
    assert str(tmp_path) not in (adapter / "adapter_config.json").read_text(encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    base = AutoModelForCausalLM.from_pretrained("../models/base")
    merged = AutoModelForCausalLM.from_pretrained("../out/model").eval()
    ids = torch.arange(5, 105)[None]
    with torch.no_grad():
        untrained = base(ids).logits
        adapted = PeftModel.from_pretrained(base, "../out/adapter").eval()(ids).logits
        assert (adapted - untrained).abs().max() > 1e-2
        # Of the 258 tokens of the base: its rows for the prompt's markers are another matter.
        assert torch.allclose(adapted[..., :258], merged(ids).logits[..., :258], atol=1e-5)


def test_an_adapter_names_its_base_by_hub_name_and_commit(tmp_path: Path) -> None:
    strategy, wrapped, _ = planned(tiny("gpt2"), name="lora")
    commit = "0123456789abcdef0123456789abcdef01234567"
    folder = f"/home/me/.cache/huggingface/hub/models--lab--korean/snapshots/{commit}"
    strategy.save_extra(wrapped, tmp_path)
    _name_base(tmp_path / ADAPTER_CONFIG, Base("lab/korean", folder))
    text = (tmp_path / ADAPTER_CONFIG).read_text(encoding="utf-8")
    body = json.loads(text)
    assert (body["base_model_name_or_path"], body["revision"], body["r"]) == ("lab/korean", commit, 8)
    assert "/home/me" not in text
