"""What must hold whatever is trained: equal batches give equal steps, no example sees another, only labels count."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from support import one_thread
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, Gemma2Config, GPT2Config, GraniteConfig, LlamaConfig, PretrainedConfig

from jaso_core.modeling.encode import IGNORED
from jaso_core.prompts import PROMPTS
from jaso_core.registry import NoOptions
from jaso_train.data.collators import PackingCollator, PaddingCollator
from jaso_train.data.dataset import EncodedDataset
from jaso_train.loop.trainer import make_trainer, train
from jaso_train.ops import linear_cross_entropy as loss
from jaso_train.ops import packed_attention as attention
from jaso_train.ops.causal_lm_loss import _is_body_and_head, loss_on_labels_only
from jaso_train.ops.gelu import fused_gelu
from jaso_train.ops.linear_cross_entropy import linear_cross_entropy
from jaso_train.ops.packed_attention import use_packed_attention
from jaso_train.options import TrainerOptions
from jaso_train.tasks import TaskInputs
from jaso_train.tasks.causal_lm import CausalLM
from jaso_train.tokenizers.special_tokens import NAMED, SPECIAL_TOKENS

__all__ = ["one_thread"]

VOCABULARY = 160


def gpt2(**more: Any) -> Any:
    shape = {"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 96}
    silent = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return model(GPT2Config(**shape, **silent, bos_token_id=1, eos_token_id=1, **more))


def model(config: PretrainedConfig) -> Any:
    torch.manual_seed(1)
    return AutoModelForCausalLM.from_config(config)


def small(kind: type[PretrainedConfig], **more: Any) -> PretrainedConfig:
    return kind(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=96, bos_token_id=1, eos_token_id=1, pad_token_id=3,
        **more,
    )  # fmt: skip


MODELS = {
    "gpt2": lambda: gpt2(),
    "llama": lambda: model(small(LlamaConfig)),
    "logits capped": lambda: model(small(Gemma2Config, final_logit_softcapping=2.0, attn_logit_softcapping=None)),
    "logits scaled": lambda: model(small(GraniteConfig, logits_scaling=3.0)),
}


def examples(count: int, seed: int = 0) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        ids = [draw.randrange(109, VOCABULARY) for _ in range(draw.randrange(6, 40))]
        context = draw.randrange(1, len(ids) - 2)
        rows.append({"input_ids": ids, "labels": [IGNORED] * context + ids[context:], "length": len(ids)})
    return rows


def gradients(trained: Any) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in trained.parameters() if p.grad is not None])


def step(trained: Any, batch: dict[str, Any]) -> tuple[float, torch.Tensor]:
    trained.zero_grad()
    found = trained(**batch).loss
    found.backward()
    return float(found.detach()), gradients(trained)


@pytest.mark.parametrize("name", MODELS)
def test_packed_padded_and_one_by_one_are_one_loss(name: str) -> None:
    trained = MODELS[name]()
    rows = examples(5)
    by_hand = nats = 0.0
    learned = sum(label != IGNORED for row in rows for label in row["labels"])
    with torch.no_grad():
        for row in rows:
            logits = trained(input_ids=torch.tensor([row["input_ids"]])).logits[0, :-1].float()
            nats = cross_entropy(logits, torch.tensor(row["labels"][1:]), ignore_index=IGNORED, reduction="sum")
            by_hand += float(nats)
    theirs, their_slope = step(trained, PaddingCollator(3)(rows))
    with loss_on_labels_only(trained):
        padded, padded_slope = step(trained, PaddingCollator(3)(rows))
        with use_packed_attention(trained):
            tight, tight_slope = step(trained, PackingCollator()(rows))
    assert theirs == pytest.approx(by_hand / learned, abs=1e-5)
    assert padded == pytest.approx(by_hand / learned, abs=1e-5)
    assert tight == pytest.approx(by_hand / learned, abs=1e-5)
    assert (padded_slope - their_slope).abs().max() < 1e-5
    assert (tight_slope - their_slope).abs().max() < 1e-5
    assert "forward" not in vars(trained)
    assert trained.config._attn_implementation != attention.NAME


@pytest.mark.parametrize(
    ("name", "direct"), [("gpt2", True), ("llama", True), ("logits capped", False), ("logits scaled", False)]
)
def test_the_short_way_to_the_loss_is_taken_where_it_is_right(name: str, direct: bool) -> None:
    assert _is_body_and_head(MODELS[name]()) is direct


class Leaking(PackingCollator):
    """Examples end to end without borders: what packing is when nobody resets attention and positions."""

    def __call__(self, rows: Any) -> dict[str, Any]:
        batch = super().__call__(rows)
        return {name: batch[name] for name in ("input_ids", "labels")}


def last_loss_with(collate: PackingCollator, neighbour: list[int]) -> float:
    """The loss of one example behind another of the given tokens, of which nothing is learned."""
    trained = gpt2()
    row = examples(1, seed=5)[0]
    other = {"input_ids": neighbour, "labels": [IGNORED] * len(neighbour), "length": len(neighbour)}
    with torch.no_grad(), loss_on_labels_only(trained), use_packed_attention(trained):
        return float(trained(**collate([other, row])).loss)


def test_no_example_sees_its_neighbour_and_a_leak_would_be_seen() -> None:
    one, other = [110] * 20, [150] * 20
    assert last_loss_with(PackingCollator(), one) == last_loss_with(PackingCollator(), other)
    assert last_loss_with(PackingCollator(), one) == pytest.approx(
        last_loss_with(PackingCollator(), [120] * 7), abs=1e-6
    )
    assert abs(last_loss_with(Leaking(), one) - last_loss_with(Leaking(), other)) > 1e-3


def test_no_example_predicts_the_first_token_of_the_next() -> None:
    rows = examples(2)
    rows[1]["labels"] = list(rows[1]["input_ids"])  # learned from its first token on, as free writing could ask
    batch = PackingCollator()(rows)
    first = len(rows[0]["input_ids"])
    assert batch["labels"][0, first] == IGNORED
    assert batch["position_ids"][0, first] == 0
    assert batch["cu_seq_lens_q"].tolist() == [0, first, first + len(rows[1]["input_ids"])]


def test_padding_changes_nothing() -> None:
    trained = gpt2()
    rows = examples(1)
    longer = [*rows, {"input_ids": [111] * 60, "labels": [IGNORED] * 60, "length": 60}]
    with loss_on_labels_only(trained):
        short, slope = step(trained, PaddingCollator(3)(rows))
        padded, padded_slope = step(trained, PaddingCollator(3)(longer))
    assert padded == pytest.approx(short, abs=1e-6)
    assert (slope - padded_slope).abs().max() < 1e-6


def test_a_model_that_knows_nothing_pays_ln_v() -> None:
    trained = gpt2()
    with torch.no_grad():
        trained.transformer.ln_f.weight.zero_()  # all tokens are equally likely then
    with loss_on_labels_only(trained), use_packed_attention(trained):
        found, _ = step(trained, PackingCollator()(examples(4)))
    assert found == pytest.approx(math.log(VOCABULARY), abs=1e-6)


def test_a_masked_label_counts_nothing() -> None:
    trained = gpt2()
    row = examples(1)[0]
    place = len(row["input_ids"]) - 2
    masked = {**row, "labels": [*row["labels"][:place], IGNORED, *row["labels"][place + 1 :]]}
    with loss_on_labels_only(trained), use_packed_attention(trained):
        whole = trained(**PackingCollator()([row]), num_items_in_batch=1).loss
        less = trained(**PackingCollator()([masked]), num_items_in_batch=1).loss
    with torch.no_grad():
        logits = trained(input_ids=torch.tensor([row["input_ids"]])).logits[0, place - 1].log_softmax(-1)
    assert float((whole - less).detach()) == pytest.approx(-float(logits[row["input_ids"][place]]), abs=1e-5)
    nothing = {**row, "labels": [IGNORED] * len(row["labels"])}
    with loss_on_labels_only(trained), use_packed_attention(trained):
        found, slope = step(trained, {**PackingCollator()([nothing]), "num_items_in_batch": 1})
    assert found == 0
    assert slope.abs().max() == 0


def test_gelu_in_one_operation_is_the_same_gelu() -> None:
    trained = gpt2()
    batch = PaddingCollator(3)(examples(4))
    theirs, their_slope = step(trained, batch)
    with fused_gelu(trained):
        assert "GELU(approximate='tanh')" in str(trained)
        ours, our_slope = step(trained, batch)
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert (our_slope - their_slope).abs().max() < 1e-6
    assert "NewGELU" in str(trained)


@pytest.mark.parametrize("at_once", [1, 7 * 50, 1 << 26])
@pytest.mark.parametrize("bf16", [False, True])
def test_logits_in_parts_are_logits_at_once(at_once: int, bf16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "LOGITS_AT_ONCE", at_once)
    torch.manual_seed(0)
    hidden, weight = torch.randn(23, 16, requires_grad=True), torch.randn(50, 16, requires_grad=True)
    targets = torch.randint(0, 50, (23,))
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        expected = cross_entropy((hidden @ weight.T).float(), targets, reduction="sum")
        found = linear_cross_entropy(hidden, weight, targets)
    wanted = torch.autograd.grad(expected * 3, (hidden, weight))
    given = torch.autograd.grad(found * 3, (hidden, weight))
    # bf16 keeps 8 bits: a sum over 50 products of size 1 is right to about 0.05.
    near = {"rtol": 0.02, "atol": 0.08} if bf16 else {"rtol": 1e-5, "atol": 1e-5}
    torch.testing.assert_close(found, expected, rtol=1e-3 if bf16 else 1e-6, atol=1e-4)
    for mine, theirs in zip(given, wanted, strict=True):
        torch.testing.assert_close(mine, theirs, **near)


def fake_tokenizer() -> Any:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = {token: place for place, token in enumerate(SPECIAL_TOKENS)}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, "<unk>")), **NAMED)


def dataset(rows: list[dict[str, Any]]) -> EncodedDataset:
    learned = sum(label != IGNORED for row in rows for label in row["labels"])
    return EncodedDataset(rows=rows, characters=1000, target_tokens=learned, tokens=sum(row["length"] for row in rows))


def after(tmp_path: Path, batch_size: int, accumulation: int, **more: Any) -> torch.Tensor:
    """All weights after 12 steps of 8 examples."""
    options = TrainerOptions(
        max_steps=12, batch_size=batch_size, accumulation=accumulation, learning_rate=3e-3, precision="fp32",
        validate_every=12, keep_best=False, device="cpu", **more,
    )  # fmt: skip
    trained = gpt2()
    data = dataset(examples(64, seed=2)), dataset(examples(8, seed=3))
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    task = CausalLM(NoOptions()).prepare(TaskInputs(prompt, fake_tokenizer(), options, 5))
    trainer = make_trainer(trained, task, data, options, tmp_path / "checkpoints", 5, resumed=False)
    train(trainer, options, None)
    return torch.cat([p.detach().flatten() for p in trained.parameters()])


@pytest.fixture(scope="module")
def eight_at_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[torch.Tensor]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield after(tmp_path_factory.mktemp("eight"), 8, 1)
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("batch_size", "accumulation", "more"),
    [
        (4, 2, {}),
        (1, 8, {}),
        (8, 1, {"batching": "shuffled"}),
        (2, 4, {"batching": "shuffled"}),
        (8, 1, {"activation_checkpointing": True}),
    ],
)
def test_eight_examples_are_one_step_however_they_come(
    batch_size: int, accumulation: int, more: dict[str, Any], eight_at_once: torch.Tensor, tmp_path: Path
) -> None:
    """Float sums in another order differ in their last bits, and AdamW divides by them: 12 steps of 3e-3 move a
    weight by up to 0.036; what is seen here are about 1e-6 of that on average."""
    drift = (after(tmp_path, batch_size, accumulation, **more) - eight_at_once).abs()
    assert drift.max() < 1e-3
    assert drift.mean() < 2e-6


def test_other_examples_would_be_another_step(eight_at_once: torch.Tensor, tmp_path: Path) -> None:
    assert (after(tmp_path, 4, 1) - eight_at_once).abs().mean() > 1e-4
