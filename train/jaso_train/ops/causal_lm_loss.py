"""Causal-LM loss over the labelled tokens only.

A causal language model of transformers computes logits for every token, context and padding included. Here the model's
body runs over all tokens and its head only over those with a label.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers.modeling_outputs import CausalLMOutput

from jaso_core.compat.torch import has_replaced_forward, replace_forward
from jaso_core.modeling.encode import IGNORED
from jaso_train.ops import packed_attention as attention
from jaso_train.ops.linear_cross_entropy import linear_cross_entropy

_IN_OWN_PRECISION: ContextVar[bool] = ContextVar("losses are computed outside of autocast", default=False)
_TOLERANCE = 1e-2
_LOGIT_SCALE = 1000.0


@contextmanager
def loss_on_labels_only(model: Any) -> Iterator[None]:
    """Make `model(…, labels=…)` return `.loss` and no logits within the context.

    Without labels the model is unchanged. `model` is a causal language model of transformers, or one that PEFT wrapped.
    The loss is the mean over the labels, or their sum over `num_items_in_batch` where the Trainer passes that.
    """
    inner = attention.unwrap_peft(model)
    if has_replaced_forward(inner):  # within such a context already: validation amid training
        yield
        return
    original = inner.forward
    direct = _is_body_and_head(inner)

    def forward(
        labels: Tensor | None = None, num_items_in_batch: Tensor | int | None = None, **inputs: Any
    ) -> CausalLMOutput:
        if labels is None:
            output: CausalLMOutput = original(**inputs)
            return output
        with torch.autocast(labels.device.type, enabled=False) if _IN_OWN_PRECISION.get() else nullcontext():
            nats, count = compute_nll(inner, original, inputs, labels, direct=direct)
        # Over the labels of all micro-batches of a step, where they are accumulated: so the losses add up to one mean.
        return CausalLMOutput(loss=nats / (count if num_items_in_batch is None else num_items_in_batch))

    head = _fused_loss_head(inner.get_output_embeddings()) if direct else nullcontext()
    with replace_forward(inner, forward), head:
        yield


@contextmanager
def in_own_precision() -> Iterator[None]:
    """Compute losses in the weights' own precision within the context.

    accelerate enters autocast in the model's forward, around the one of `loss_on_labels_only`: outside of it nothing
    can turn it off.
    """
    token = _IN_OWN_PRECISION.set(True)
    try:
        yield
    finally:
        _IN_OWN_PRECISION.reset(token)


@contextmanager
def _fused_loss_head(head: Any) -> Iterator[None]:
    """Make `head(hidden, targets)` return the summed loss within the context.

    Called as a module, since FSDP gathers its weights then.
    """
    original = head.forward

    def forward(hidden: Tensor, targets: Tensor | None = None) -> Tensor:
        if targets is None:
            logits: Tensor = original(hidden)
            return logits
        return linear_cross_entropy(hidden, head.weight, targets)

    with replace_forward(head, forward):
        yield


def compute_nll(
    model: Any, original: Any, inputs: dict[str, Any], labels: Tensor, *, direct: bool
) -> tuple[Tensor, Tensor]:
    """Return −ln p summed over the labels that are not IGNORED, and their number.

    labels (rows, tokens), not yet shifted.
    """
    # labels [a, b, c] → next_labels [b, c, IGNORED]: the output at a token predicts the token after it.
    next_labels = torch.nn.functional.pad(labels[:, 1:], (0, 1), value=IGNORED)
    is_learned = next_labels != IGNORED
    targets = next_labels[is_learned]
    with attention.without_mask() if "cu_seq_lens_q" in inputs else nullcontext():
        output = (_body(model) if direct else original)(use_cache=False, **inputs)
    if direct:
        nats = model.get_output_embeddings()(output[0][is_learned], targets)
    else:
        nats = cross_entropy(output.logits[is_learned].float(), targets, reduction="sum")
    return nats, is_learned.sum()


def _body(model: Any) -> Any:
    return getattr(model, model.base_model_prefix)


def _is_body_and_head(model: Any) -> bool:
    """Return whether the logits are the head's weights times the body's output only.

    That is, without a scale or a cap. Not guessed from the architecture's name: tried on some tokens, with scaled-up
    head outputs, since a cap does nothing to the small logits of a new model.
    """
    head = model.get_output_embeddings()
    is_plain = isinstance(head, torch.nn.Linear) and getattr(head, "bias", None) is None
    if not is_plain or not hasattr(model, model.base_model_prefix):
        return False
    ids = torch.arange(min(8, head.weight.shape[0]), device=head.weight.device)[None]
    was_training = model.training
    model.eval()
    # A cap 30 · tanh(x / 30) leaves a logit of 0.1 at 0.1, but makes 29.9 of 1000 · 0.1.
    hook = head.register_forward_hook(lambda _module, _inputs, logits: logits * _LOGIT_SCALE)
    try:
        with torch.no_grad():
            expected = model(input_ids=ids, use_cache=False).logits.float()
            product = _LOGIT_SCALE * (_body(model)(input_ids=ids, use_cache=False)[0] @ head.weight.T).float()
    finally:
        hook.remove()
        model.train(was_training)
    return bool((expected - product).abs().max() <= _TOLERANCE * product.abs().max())
