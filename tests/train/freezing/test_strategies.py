"""What each strategy picks, what it says when it cannot, and the table before training."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from freezing_support import BLOCKS, WIDTH, tiny
from train_support import CONFIG
from transformers import GPT2Config, GPT2LMHeadModel

from jaso_core.errors import RequestError
from jaso_train.freezing import FREEZING, FreezePlan, FreezingStrategy, Phase
from jaso_train.freezing.parameters import Layout, strip_peft
from jaso_train.freezing.strategies.lora import without_adapter
from jaso_train.freezing.table import memory, table


def layout(name: str = "gpt2") -> Layout:
    return Layout.of(tiny(name))


def chosen(where: Layout, name: str, **options: Any) -> set[str]:
    return set(FreezePlan.make(FREEZING.build({"name": name, **options}, "freeze"), where).trainable)


@pytest.fixture(scope="module")
def kogpt2() -> Layout:
    """KoGPT2's shape without its numbers: nothing is allocated."""
    with torch.device("meta"):
        return Layout.of(GPT2LMHeadModel(GPT2Config(**CONFIG)))


@pytest.mark.parametrize(
    ("node", "parameters"),
    [
        ({"name": "all"}, 125_164_032),
        ({"name": "last_block", "final_norm": False}, 7_087_872),
        ({"name": "last_block"}, 7_087_872 + 2 * 768),
        ({"name": "last_block", "head": True, "embeddings": True}, 7_087_872 + 2 * 768 + 51_200 * 768),
        ({"name": "last_n", "n": 3}, 3 * 7_087_872 + 2 * 768),
        ({"name": "first_n_frozen", "n": 10}, 2 * 7_087_872 + 2 * 768),
        ({"name": "first_n_frozen", "n": 10, "embeddings": "trained"}, 125_164_032 - 10 * 7_087_872),
        ({"name": "embeddings"}, 51_200 * 768),
        ({"name": "embeddings", "positions": True}, 51_200 * 768 + 1024 * 768),
        # Of a block: 2 d in the norms, 3 d + d in attention, 4 d + d in the MLP; d in the final norm.
        ({"name": "bias_only"}, 12 * 11 * 768 + 768),
        ({"name": "ln_only"}, 12 * 4 * 768 + 2 * 768),
        ({"name": "blocks", "blocks": "0-5,8", "parts": ["attn"]}, 7 * (4 * 768**2 + 4 * 768)),
        ({"name": "blocks", "blocks": "none", "parts": ["positions", "final_norm"]}, 1024 * 768 + 2 * 768),
        ({"name": "gradual"}, 125_164_032),
        ({"name": "gradual", "embeddings": False}, 12 * 7_087_872 + 2 * 768),
    ],
)  # fmt: skip
def test_what_a_strategy_trains_of_kogpt2(kogpt2: Layout, node: dict[str, Any], parameters: int) -> None:
    plan = FreezePlan.make(FREEZING.build(node, "freeze"), kogpt2)
    assert sum(tensor.size for tensor in kogpt2.tensors if tensor.name in plan.trainable) == parameters


def test_lora_has_r_times_inputs_and_outputs() -> None:
    model = FREEZING.build({"name": "lora", "r": 4, "targets": ["c_attn"]}, "freeze").prepare(tiny("gpt2"))
    sizes = [tensor.size for tensor in Layout.of(model).tensors if tensor.part == "adapter"]
    assert sizes == [4 * WIDTH, 4 * 3 * WIDTH] * BLOCKS


def adapted(model: Any) -> set[str]:
    """Names of what has adapters, as in a plain model."""
    names = [strip_peft(tensor.name) for tensor in Layout.of(model).tensors if tensor.part == "adapter"]
    return {name.partition(".lora_")[0].partition(".layers.0.")[2] for name in names} - {""}


def test_lora_trains_the_experts_and_tells_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    attention = {f"self_attn.{name}_proj" for name in "qkvo"}
    model = FREEZING.build({"name": "lora", "r": 4}, "freeze").prepare(tiny("mixtral"))
    assert adapted(model) == {*attention, "mlp.experts"}
    # Each of 4 experts has r rows of A and columns of B: for (64, 16) matrices and (16, 32) ones.
    sizes = [
        tensor.size for tensor in Layout.of(model).tensors if ".experts." in tensor.name and tensor.part == "adapter"
    ]
    assert sum(sizes) == BLOCKS * 4 * 4 * ((WIDTH + 64) + (32 + WIDTH))
    assert without_adapter(model) == {"mlp.gate": BLOCKS * 4 * WIDTH}
    assert "train: freeze=lora: no adapter, so frozen: mlp.gate (192 parameters)" in capsys.readouterr().err
    FREEZING.build({"name": "lora"}, "freeze").prepare(tiny("llama"))
    assert "no adapter" not in capsys.readouterr().err


def test_experts_have_no_dropout_and_no_dora_of_peft(capsys: pytest.CaptureFixture[str]) -> None:
    for more in ({"dropout": 0.1}, {"dora": True}):
        model = FREEZING.build({"name": "lora", **more}, "freeze").prepare(tiny("mixtral"))
        assert adapted(model) == {f"self_attn.{name}_proj" for name in "qkvo"}
        told = "no adapter, so frozen: mlp.experts.gate_up_proj, mlp.experts.down_proj, mlp.gate"
        assert told in capsys.readouterr().err
        with pytest.raises(RequestError, match=r"gate_up_proj takes neither dropout nor DoRA; say freeze.dropout=0"):
            FREEZING.build({"name": "lora", "targets": ["gate_up_proj"], **more}, "freeze").prepare(tiny("mixtral"))
    only = FREEZING.build({"name": "lora", "targets": ["down_proj"]}, "freeze").prepare(tiny("mixtral"))
    assert adapted(only) == {"mlp.experts"}
    assert "no adapter" not in capsys.readouterr().err


def test_a_lone_number_names_one_block() -> None:
    where = layout("llama")
    names = chosen(where, "blocks", blocks=1, parts=["mlp", "head"])
    assert names == {tensor.name for tensor in where.tensors if tensor.part == "mlp" and tensor.block == 1} | {
        "lm_head.weight"
    }


def test_a_head_of_its_own_trains_alone_and_goes_with_the_top() -> None:
    where = layout("gpt2 untied")
    assert chosen(where, "last_block", head=True) - chosen(where, "last_block") == {"lm_head.weight"}
    assert chosen(where, "embeddings") == {"transformer.wte.weight"}
    first = FreezePlan.make(FREEZING.build({"name": "gradual"}, "freeze"), where).phases[0]
    assert "lm_head.weight" in first.trainable
    assert "transformer.wte.weight" not in first.trainable


def test_gradual_goes_down_at_equal_distances() -> None:
    where = layout()
    plan = FreezePlan.make(FREEZING.build({"name": "gradual", "share": 0.6}, "freeze"), where)
    assert [phase.start for phase in plan.phases] == pytest.approx([0, 0.2, 0.4, 0.6])
    places = {
        share: {tensor.place for tensor in where.tensors if tensor.name in plan.phase(share).trainable}
        for share in (0, 0.19, 0.2, 0.5, 0.6, 1)
    }
    assert places[0] == places[0.19] == {"block 2", "final_norm"}
    assert places[0.2] == {"block 1", "block 2", "final_norm"}
    assert places[0.5] == {"block 0", "block 1", "block 2", "final_norm"}
    assert places[0.6] == places[1] == places[0.5] | {"embeddings", "positions"}


@pytest.mark.parametrize(
    ("model", "node", "message"),
    [
        ("gpt2", {"name": "last_n", "n": 4}, "'freeze.n': 4, the model has 3 blocks; give 1–3"),
        ("gpt2", {"name": "last_n", "n": 0}, "'freeze.n': 0; give 1 or more"),
        ("gpt2", {"name": "first_n_frozen", "n": 4}, "'freeze.n': 4, the model has 3 blocks; give 1–3"),
        ("gpt2", {"name": "first_n_frozen", "embeddings": "frosen"}, "'freeze.embeddings': 'frosen'; did you mean 'frozen'"),
        ("gpt2", {"name": "last_block", "head": True},
         r"'freeze.head': head is to train and embeddings is not, but here they are one tensor "
         r"\(lm_head.weight = transformer.wte.weight\); let embeddings train too, or take a model whose weights"),
        ("qwen3", {"name": "last_n", "embeddings": True},
         r"embeddings is to train and head is not, .* \(lm_head.weight = model.embed_tokens.weight\)"),
        ("gpt2", {"name": "blocks", "parts": ["attn", "head"]}, "'freeze.parts': head is to train and embeddings is not"),
        ("gpt2", {"name": "blocks", "parts": ["atn"]}, "'freeze.parts': 'atn'; did you mean 'attn'"),
        ("gpt2", {"name": "blocks", "blocks": "0-2,7"}, "'freeze.blocks': there is no block 7; the model's blocks are 0–2"),
        ("gpt2", {"name": "blocks", "blocks": "2-0"}, "'freeze.blocks': 2-0 runs backwards; write 0-2"),
        ("gpt2", {"name": "blocks", "blocks": "0,,2"}, "'' in '0,,2' is no block; give numbers and ranges such as 0-5,8"),
        ("gpt2", {"name": "blocks", "blocks": "-1"}, "'-1' in '-1' is no block"),
        ("gpt2", {"name": "blocks", "parts": []}, "'freeze.blocks': all, but no part of blocks is in freeze.parts"),
        ("gpt2", {"name": "blocks", "blocks": "none"}, "attn is a part of blocks, and freeze.blocks is none"),
        ("gpt2", {"name": "blocks", "blocks": "none", "parts": []}, "nothing is left to train"),
        ("gpt2", {"name": "blocks", "parts": ["other"]}, "this model has no other in its blocks all; it has: attn, emb"),
        ("llama", {"name": "blocks", "parts": ["attn", "positions"]}, "'freeze.parts': this model has no positions; it has:"),
        ("llama", {"name": "embeddings", "positions": True}, "'freeze.positions': this model has no positions"),
        ("qwen3", {"name": "bias_only"}, "bias_only, but this model has no biases; take freeze=ln_only"),
        ("gpt2", {"name": "gradual", "start_blocks": 9}, "'freeze.start_blocks': 9, the model has 3 blocks; give 1–3"),
        ("gpt2", {"name": "gradual", "start_blocks": 3, "embeddings": False}, "'freeze.start_blocks': 3, nothing is left"),
        ("gpt2", {"name": "gradual", "share": 1.0}, "'freeze.share': 1.0; give more than 0, less than 1"),
        ("gpt2", {"name": "lora", "targets": ["c_atn"]},
         "'freeze.targets': the model's blocks have no linear layer 'c_atn'; did you mean 'c_attn'"),
        ("gpt2", {"name": "lora", "targets": []}, "'freeze.targets': empty"),
        ("gpt2", {"name": "lora", "r": 0}, "'freeze.r': 0; give 1 or more"),
        ("gpt2", {"name": "lora", "dropout": 1.0}, "'freeze.dropout': 1.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_the_cure(model: str, node: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        strategy = FREEZING.build(node, "freeze")
        FreezePlan.make(strategy, Layout.of(strategy.prepare(tiny(model))))


class Asks(FreezingStrategy):
    """A strategy of a user's own."""

    def __init__(self, *phases: Phase) -> None:
        self.given = phases

    def trainable(self, layout: Layout) -> set[str]:
        return set().union(*(phase.trainable for phase in self.given))

    def phases(self, layout: Layout) -> tuple[Phase, ...]:
        return self.given


NORM = frozenset({"transformer.ln_f.weight"})


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([Phase(0.0, frozenset())], "nothing is left to train"),
        ([Phase(0.0, frozenset({"lm_head.weight"}))],
         r"lm_head.weight is one tensor with transformer.wte.weight \(tied\).*: both train or neither does"),
        ([Phase(0.0, frozenset({"transformer.ln_g.weight"}))], "the model has no parameter transformer.ln_g.weight"),
        ([Phase(0.1, NORM)], "the first at 0"),
        ([Phase(0.0, NORM), Phase(1.0, NORM)], "all below 1"),
    ],
)  # fmt: skip
def test_a_strategy_of_ones_own_is_checked(phases: list[Phase], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        FreezePlan.make(Asks(*phases), layout())


def lines(where: Layout, **node: Any) -> list[str]:
    return table(where, FreezePlan.make(FREEZING.build(node, "freeze"), where)).splitlines()


def test_the_table_tells_what_trains_what_it_takes_and_what_is_tied(kogpt2: Layout) -> None:
    shown = lines(kogpt2, name="last_block")
    assert max(map(len, shown)) <= 100
    rows = [" ".join(line.split()) for line in shown]
    assert "blocks 0–10 attn 25,986,048 – – –" in rows
    assert "block 11 attn 2,362,368 2,362,368 100.00% 28.3 MB" in rows  # 12 B · 2,362,368
    assert "all 125,164,032 7,089,408 5.66% 85.1 MB" in rows
    assert "tied: lm_head.weight = transformer.wte.weight, one tensor, counted once; frozen in both places" in rows
    assert rows[-1] == "memory in fp32: 500.7 MB weights + 85.1 MB gradients and AdamW = 585.7 MB, and activations"


def test_the_table_tells_when_a_block_joins_in(kogpt2: Layout) -> None:
    rows = [" ".join(line.split()) for line in lines(kogpt2, name="gradual", share=0.6)]
    assert "block 11 attn mlp ln 7,087,872 7,087,872 100.00% 85.1 MB 0.0%" in rows
    assert "block 10 attn mlp ln 7,087,872 7,087,872 100.00% 85.1 MB 5.0%" in rows
    assert "embeddings 39,321,600 39,321,600 100.00% 471.9 MB 60.0%" in rows
    assert "13 phases; 'trains from' is a share of all optimiser steps" in rows


def test_memory_is_four_bytes_and_twelve_more_for_what_trains(kogpt2: Layout) -> None:
    plan = FreezePlan.make(FREEZING.build({"name": "all"}, "freeze"), kogpt2)
    assert memory(kogpt2, plan) == 16 * 125_164_032
