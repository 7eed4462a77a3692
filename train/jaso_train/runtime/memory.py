"""Memory estimate: check before the first step whether training will fit."""

from __future__ import annotations

import math
import resource
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import torch

from jaso_core.errors import RequestError
from jaso_core.io.free_space import free_memory
from jaso_core.parallel.distributed import world
from jaso_train.ops.linear_cross_entropy import LOGITS_AT_ONCE
from jaso_train.options import TrainerOptions
from jaso_train.runtime.devices import in_bf16, on_cpu

if TYPE_CHECKING:
    from jaso_train.data.dataset import TaskDataset

GIB = 2**30
# Bytes that one token keeps in one block for the backward pass: for each unit of the width (by bf16 or not); and with
# dropout in attention, for each head and each token it attends to (by packed or not). Measured on GPT-2 shapes, 512
# and 768 wide, on a CPU.
_BYTES_PER_WIDTH = {True: 45, False: 85}
_BYTES_PER_SCORE = {True: 1, False: 15}
_BYTES_OF_INPUT = 4  # of a block, for each unit of the width, where activation checkpointing computes the rest again
_PROCESS_BYTES = 0.4 * GIB  # Python with torch, and what the allocator wastes


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes of weights, gradients with AdamW's two moments, activations and logits.

    Logits: those of one chunk.
    """

    weights: float
    optimizer: float
    activations: float
    logits: float

    @property
    def total(self) -> float:
        """All of it, with the process itself."""
        return self.weights + self.optimizer + self.activations + self.logits + _PROCESS_BYTES


def estimate_memory(model: Any, data: TaskDataset, options: TrainerOptions) -> MemoryEstimate:
    """Estimate the memory of one step; within a quarter of what was measured."""
    config = model.config
    bf16 = in_bf16(options.precision, options.device)
    tokens, attended = _tokens_at_once(data.lengths, options)
    width, blocks = config.hidden_size, config.num_hidden_layers
    heads = getattr(config, "num_attention_heads", 0)  # a state-space model has none
    in_block = tokens * width * _BYTES_PER_WIDTH[bf16]
    if getattr(config, "attn_pdrop", getattr(config, "attention_dropout", 0)):
        in_block += tokens * heads * attended * _BYTES_PER_SCORE[options.batching == "packed"]
    activations = (
        in_block + blocks * tokens * width * _BYTES_OF_INPUT if options.activation_checkpointing else blocks * in_block
    )
    sizes = [(value.numel(), value.element_size(), value.requires_grad) for value in model.parameters()]
    total, trained = sum(size for size, _, _ in sizes), sum(size for size, _, trains in sizes if trains)
    rows = min(tokens, LOGITS_AT_ONCE / config.vocab_size)
    shards = world().size if options.fsdp else 1
    return MemoryEstimate(
        weights=(sum(size * width for size, width, _ in sizes) + (2 * total if bf16 else 0)) / shards,
        optimizer=12.0 * trained / shards,
        activations=activations,
        logits=rows * config.vocab_size * 8 + 4 * config.vocab_size * width,
    )


def check_memory(model: Any, data: TaskDataset, options: TrainerOptions) -> None:
    """Raise RequestError when the device has too little free memory, with what to try."""
    if not options.check_memory:
        return
    need, free = estimate_memory(model, data, options), _free(options.device)
    if need.total <= free:
        return
    raise RequestError(
        f"training needs about {need.total / GIB:.1f} GiB (weights {need.weights / GIB:.1f}, gradients and optimiser "
        f"{need.optimizer / GIB:.1f}, activations {need.activations / GIB:.1f}, logits {need.logits / GIB:.1f}), "
        f"the device has {free / GIB:.1f}",
        _suggest(need, free, options),
    )


def _suggest(need: MemoryEstimate, free: float, options: TrainerOptions) -> str:
    available = free - (need.total - need.activations)
    if available > 0 and options.batch_size > 1:
        smaller = options.batch_size
        while smaller > 1 and need.activations * smaller / options.batch_size > available:
            smaller = math.ceil(smaller / 2)
        steps = options.accumulation * math.ceil(options.batch_size / smaller)
        return (
            f"try trainer.batch_size={smaller} trainer.accumulation={steps}, or trainer.activation_checkpointing=true"
        )
    if available > 0:
        return "try trainer.activation_checkpointing=true, or a smaller trainer.max_length"
    return (
        "try freeze=lora or freeze=last_block, several GPUs with trainer.fsdp=true, a smaller model, or "
        "trainer.check_memory=false if you know better"
    )


def _tokens_at_once(lengths: list[int], options: TrainerOptions) -> tuple[float, float]:
    """Return the tokens of a large batch, and how many of them a token attends to.

    The latter at most, on average.
    """
    batch = min(options.batch_size, len(lengths))
    if options.batching != "packed":
        longest = max(lengths)
        return float(batch * longest), float(longest)
    mean = sum(lengths) / len(lengths)
    spread = math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths))
    # Packed: the sum of a batch of random lengths, plus three of its standard deviations.
    return min(batch * mean + 3 * spread * math.sqrt(batch), sum(lengths)), mean + spread


def _free(device: str) -> float:
    """Return the bytes that this process may still take, with those it holds already."""
    if not on_cpu(device):
        free, _ = torch.cuda.mem_get_info()
        return float(free + torch.cuda.memory_reserved())
    resident = psutil.Process().memory_info().rss
    return float(free_memory() + resident)


def peak_memory(cpu: bool) -> int:
    """Return this process' peak memory in bytes: the GPU's, or on a CPU all of it."""
    if not cpu:
        return torch.cuda.max_memory_allocated()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
