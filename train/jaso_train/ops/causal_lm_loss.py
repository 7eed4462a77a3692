"""What a training step computes: the loss of the tokens that are to be learned, and nothing for the others.

A causal language model as transformers has it makes logits for every token, context and padding included. Here the
model's body runs over all tokens and its head only over those with a label.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers.modeling_outputs import CausalLMOutput

from jaso_core.modeling.encode import IGNORED
from jaso_train.ops import packed_attention as attention
from jaso_train.ops.linear_cross_entropy import linear_cross_entropy

CLOSE = 1e-2
LOUD = 1000.0


@contextmanager
def loss_on_labels_only(model: Any) -> Iterator[None]:
    """Within it `model(…, labels=…)` gives `.loss` and no logits; without labels the model is what it was.

    `model` is a causal language model of transformers, or one that PEFT wrapped. The loss is the mean over the labels,
    or their sum over `num_items_in_batch` where the Trainer gives that.
    """
    inner = _unwrapped(model)
    if "forward" in vars(inner):  # within such a block already: validation amid training
        yield
        return
    original = inner.forward
    direct = _is_body_and_head(inner)

    def forward(
        labels: Tensor | None = None, num_items_in_batch: Tensor | int | None = None, **inputs: Any
    ) -> CausalLMOutput:
        if labels is None:
            plain: CausalLMOutput = original(**inputs)
            return plain
        nats, count = summed_nats(inner, original, inputs, labels, direct=direct)
        return CausalLMOutput(loss=nats / (count if num_items_in_batch is None else num_items_in_batch))

    inner.forward = forward
    with _head_that_scores(inner.get_output_embeddings()) if direct else nullcontext():
        try:
            yield
        finally:
            del inner.forward


@contextmanager
def _head_that_scores(head: Any) -> Iterator[None]:
    """Within it `head(hidden, targets)` gives the summed loss. Called as a module, for FSDP brings its weights then."""
    plain = head.forward

    def forward(hidden: Tensor, targets: Tensor | None = None) -> Tensor:
        if targets is None:
            logits: Tensor = plain(hidden)
            return logits
        return linear_cross_entropy(hidden, head.weight, targets)

    head.forward = forward
    try:
        yield
    finally:
        del head.forward


def summed_nats(
    model: Any, original: Any, inputs: dict[str, Any], labels: Tensor, *, direct: bool
) -> tuple[Tensor, Tensor]:
    """−ln p summed over the labels that are not IGNORED, and their number. labels (rows, tokens), not yet shifted."""
    wanted = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED)
    learned = wanted != IGNORED
    targets = wanted[learned]
    with attention.resetting() if "cu_seq_lens_q" in inputs else nullcontext():
        given = (_body(model) if direct else original)(use_cache=False, **inputs)
    if direct:
        nats = model.get_output_embeddings()(given[0][learned], targets)
    else:
        nats = cross_entropy(given.logits[learned].float(), targets, reduction="sum")
    return nats, learned.sum()


def _unwrapped(model: Any) -> Any:
    """The model of transformers, also where PEFT is around it."""
    return model.get_base_model() if hasattr(model, "peft_config") else model


def _body(model: Any) -> Any:
    return getattr(model, model.base_model_prefix)


def _is_body_and_head(model: Any) -> bool:
    """Whether the logits are the head's weights times what the body gives, and nothing more (no scale, no cap).

    Not guessed from the architecture's name: tried on some tokens, with a head that speaks up, since a cap does nothing
    to the faint logits of a new model.
    """
    head = model.get_output_embeddings()
    bare = isinstance(head, torch.nn.Linear) and getattr(head, "bias", None) is None
    if not bare or not hasattr(model, model.base_model_prefix):
        return False
    ids = torch.arange(min(8, head.weight.shape[0]), device=head.weight.device)[None]
    was_training = model.training
    model.eval()
    louder = head.register_forward_hook(lambda _module, _inputs, logits: logits * LOUD)
    try:
        with torch.no_grad():
            expected = model(input_ids=ids, use_cache=False).logits.float()
            found = LOUD * (_body(model)(input_ids=ids, use_cache=False)[0] @ head.weight.T).float()
    finally:
        louder.remove()
        model.train(was_training)
    return bool((expected - found).abs().max() <= CLOSE * found.abs().max())


@contextmanager
def packed(model: Any) -> Iterator[None]:
    """Within it attention resets at the borders that a packed batch carries, and no mask is made for it."""
    inner = _unwrapped(model)
    before = inner.config._attn_implementation
    if before.startswith("flash_attention"):  # takes the same borders
        yield
        return
    inner.set_attn_implementation(attention.NAME)
    try:
        yield
    finally:
        inner.set_attn_implementation(before)
