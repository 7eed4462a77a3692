"""Check of batches before training: their loss is that of each example alone.

Packed examples must not see each other, and padding must change nothing. Whether that holds depends on the architecture
(attention of its own, position biases, convolutions, states that run on), so it is tried on the run's own model with
some of its own examples, before the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from jaso_core.errors import RequestError, first_line
from jaso_core.modeling.encode import IGNORED
from jaso_core.modeling.positions import positions_of
from jaso_train.data.batching import BatchingCheck
from jaso_train.data.collators import Batch, Collator, PackingCollator, PaddingCollator, Row, to_device
from jaso_train.ops.causal_lm_loss import loss_on_labels_only
from jaso_train.ops.packed_attention import unwrap_peft, use_packed_attention
from jaso_train.runtime.float32_model import in_float32

LOSS_TOLERANCE = 1e-5
GRADIENT_TOLERANCE = 1e-4
_COARSE = 2e-2
"""Tolerance of both where the check has to run in 16 bits."""
_LONGEST = 2
_REASON_WIDTH = 160
_REFUSALS = (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError)
"""What architectures raise for a batch that they do not know."""


@dataclass(frozen=True)
class _Result:
    """Loss of some examples together (−ln p, nats) and its gradient.

    The gradient is that of the embedded tokens, a row for each: any influence of one token on the loss of another is
    in it.
    """

    nats: Tensor
    gradient: Tensor


def check_batching(model: Any, rows: Sequence[Row], asked: str, pad: int, batch_size: int = 1) -> BatchingCheck:
    """Return the batching to train with: `asked`, or `grouped` where packing fails.

    `rows`: the training split, of which a batch has `batch_size`. Dropout is off, and the random state stays as it is.
    RequestError where the loss of padded batches differs as well, and for a model that sees the tokens that it
    predicts.
    """
    chosen = _choose_rows(rows)
    with in_float32(unwrap_peft(model)) as (checked, is_exact):
        alone = _join([_plain(checked, row) for row in chosen])
        if not _is_causal(checked, chosen[0], 10 * GRADIENT_TOLERANCE if is_exact else 5 * _COARSE):
            raise RequestError(
                f"model '{checked.config.model_type}' sees the tokens that it has to predict",
                "take a causal language model",
            )
        verdict = _compare(checked, chosen, alone, asked, pad, is_exact=is_exact)
        if asked == "packed" and verdict.reason is None:
            verdict = replace(verdict, reason=_fail_on_long_row(checked, rows, batch_size))
        if verdict.reason is None or asked != "packed":
            return _accept(verdict, checked)
        grouped = _compare(checked, chosen, alone, "grouped", pad, is_exact=is_exact)
        return replace(_accept(grouped, checked), asked="packed", reason=verdict.reason)


def _accept(verdict: BatchingCheck, model: Any) -> BatchingCheck:
    if verdict.reason is not None:
        raise RequestError(
            f"model '{model.config.model_type}': in padded batches its loss is not that of each example alone "
            f"({verdict.reason})",
            "take another model: what is beside an example would change what is learned from it",
        )
    return verdict


def _compare(
    model: Any, rows: Sequence[Row], alone: _Result, batching: str, pad: int, *, is_exact: bool
) -> BatchingCheck:
    """Return how far a batch is from its examples one by one.

    With a `reason` where it is too far.
    """
    check = BatchingCheck(
        batching, batching, len(rows), len(rows[0]["input_ids"]), dtype="float32" if is_exact else "bfloat16"
    )
    try:
        together = _batched(model, rows, pad, is_packed=batching == "packed")
    except _REFUSALS as error:
        return replace(check, reason=_reason(error))
    loss = _relative(together.nats, alone.nats)
    gradient = _relative(together.gradient, alone.gradient)
    check = replace(check, loss_difference=loss, gradient_difference=gradient)
    loss_limit, gradient_limit = (LOSS_TOLERANCE, GRADIENT_TOLERANCE) if is_exact else (_COARSE, 5 * _COARSE)
    if loss <= loss_limit and gradient <= gradient_limit:
        return check
    return replace(check, reason=f"{loss:.1e} of the loss, {gradient:.1e} of the gradient's norm")


def _fail_on_long_row(model: Any, rows: Sequence[Row], batch_size: int) -> str | None:
    """Return why a packed row with more tokens than the model has positions fails.

    None where it does not, or where no batch is as long. Some architectures have tables of that size.
    """
    positions = positions_of(model.config.to_dict())
    by_length = sorted(rows, key=lambda row: -int(row["length"]))[:batch_size]
    if positions is None or sum(int(row["length"]) for row in by_length) <= positions:
        return None
    totals = accumulate(int(row["length"]) for row in by_length)
    needed = 1 + next(at for at, total in enumerate(totals) if total > positions)
    try:
        with torch.no_grad(), use_packed_attention(model), loss_on_labels_only(model):
            model(**_batch(model, by_length[:needed], PackingCollator()), num_items_in_batch=1)
    except _REFUSALS as error:
        return _reason(error)
    return None


def _choose_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the longest examples, where a window shows, with a short one between."""
    by_length = sorted(rows, key=lambda row: -int(row["length"]))
    longest = by_length[:_LONGEST]
    return [longest[0], by_length[len(by_length) // 2], *longest[1:]]


def _plain(model: Any, row: Row) -> _Result:
    """Compute an example alone, as transformers does."""

    def nats() -> Tensor:
        logits = model(input_ids=_tensor(model, [row["input_ids"]]), use_cache=False).logits[0, :-1].float()
        return cross_entropy(logits, _tensor(model, row["labels"][1:]), ignore_index=IGNORED, reduction="sum")

    loss, gradient = _with_gradient(model, nats)
    return _Result(loss, gradient[0])


def _batched(model: Any, rows: Sequence[Row], pad: int, *, is_packed: bool) -> _Result:
    """Compute examples together, as training does."""
    batch = _batch(model, rows, PackingCollator() if is_packed else PaddingCollator(pad))
    with use_packed_attention(model) if is_packed else nullcontext(), loss_on_labels_only(model):
        loss, gradient = _with_gradient(model, lambda: model(**batch, num_items_in_batch=1).loss)
    if is_packed:
        return _Result(loss, gradient[0])
    # Padding has a gradient too: 0, which is not compared.
    return _Result(loss, torch.cat([gradient[at, : len(row["input_ids"])] for at, row in enumerate(rows)]))


def _batch(model: Any, rows: Sequence[Row], collate: Collator) -> Batch:
    return to_device(collate(rows), next(model.parameters()).device)


def _join(results: Sequence[_Result]) -> _Result:
    return _Result(
        torch.stack([result.nats for result in results]).sum(), torch.cat([result.gradient for result in results])
    )


def _with_gradient(model: Any, nats: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
    """Return a loss, and its gradient by what the input embeddings put out."""
    embedded: list[Tensor] = []

    def cut(_module: Any, _inputs: Any, output: Tensor) -> Tensor:
        embedded.append(output.detach().requires_grad_())
        return embedded[-1] * 1  # some models scale it in place, which a leaf does not allow

    hook = model.get_input_embeddings().register_forward_hook(cut)
    try:
        loss = nats()
        (gradient,) = torch.autograd.grad(loss, embedded[:1])
    finally:
        hook.remove()
    return loss.detach(), gradient


def _is_causal(model: Any, row: Row, tolerance: float) -> bool:
    """Return whether later tokens leave the outputs at earlier ones as they are."""
    ids = row["input_ids"]
    half = max(1, len(ids) // 2)
    with torch.no_grad():
        whole = model(input_ids=_tensor(model, [ids]), use_cache=False).logits[0, :half].float()
        begin = model(input_ids=_tensor(model, [ids[:half]]), use_cache=False).logits[0].float()
    return _relative(whole, begin) <= tolerance


def _tensor(model: Any, values: Any) -> Tensor:
    return torch.tensor(values, device=next(model.parameters()).device)


def _relative(value: Tensor, expected: Tensor) -> float:
    difference = (value.double() - expected.double()).norm()
    return float(difference / expected.double().norm().clamp_min(torch.finfo(torch.float64).tiny))


def _reason(error: Exception) -> str:
    """Return the first line of an error.

    One of memory says nothing of the batch, and is raised.
    """
    if isinstance(error, torch.OutOfMemoryError):
        raise error
    return first_line(error)[:_REASON_WIDTH]
