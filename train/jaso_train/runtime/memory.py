"""Whether training will fit into memory, before the first step."""

from __future__ import annotations

import math
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import torch

from jaso_core.errors import RequestError
from jaso_core.parallel.distributed import world
from jaso_train.ops.linear_cross_entropy import LOGITS_AT_ONCE
from jaso_train.options import TrainerOptions
from jaso_train.runtime.devices import in_bf16, on_cpu

if TYPE_CHECKING:
    from jaso_train.data.dataset import EncodedDataset

GIB = 2**30
_CGROUP = Path("/sys/fs/cgroup")
# Bytes that one token leaves in one block for the way back, for each number of its width (by bf16 or not); and with
# dropout in attention, for each head and each token it sees (by packed or not). Measured on GPT-2 shapes, 512 and 768
# wide, on a CPU.
_PER_WIDTH = {True: 45, False: 85}
_PER_SEEN = {True: 1, False: 15}
_INPUT = 4  # what is kept of a block where its inside is computed again
_PROCESS = 0.4 * GIB  # Python with torch, and what the allocator wastes


@dataclass(frozen=True)
class Need:
    """Bytes of weights, of gradients and AdamW's two moments, of activations, and of a part of the logits."""

    weights: float
    optimizer: float
    activations: float
    logits: float

    @property
    def total(self) -> float:
        """All of it, with the process."""
        return self.weights + self.optimizer + self.activations + self.logits + _PROCESS


def memory_needed(model: Any, data: EncodedDataset, options: TrainerOptions) -> Need:
    """An estimate for one step; it is within a quarter of what was measured."""
    config = model.config
    bf16 = in_bf16(options.precision, options.device)
    tokens, seen = _tokens_at_once([row["length"] for row in data.rows], options)
    width, blocks, heads = config.hidden_size, config.num_hidden_layers, config.num_attention_heads
    in_block = tokens * width * _PER_WIDTH[bf16]
    if getattr(config, "attn_pdrop", getattr(config, "attention_dropout", 0)):
        in_block += tokens * heads * seen * _PER_SEEN[options.batching == "packed"]
    kept = in_block + blocks * tokens * width * _INPUT if options.activation_checkpointing else blocks * in_block
    sizes = [(value.numel(), value.element_size(), value.requires_grad) for value in model.parameters()]
    every, trained = sum(size for size, _, _ in sizes), sum(size for size, _, trains in sizes if trains)
    rows = min(tokens, LOGITS_AT_ONCE / config.vocab_size)
    shares = world().size if options.fsdp else 1
    return Need(
        weights=(sum(size * width for size, width, _ in sizes) + (2 * every if bf16 else 0)) / shares,
        optimizer=12.0 * trained / shares,
        activations=kept,
        logits=rows * config.vocab_size * 8 + 4 * config.vocab_size * width,
    )


def check_memory(model: Any, data: EncodedDataset, options: TrainerOptions) -> None:
    """RequestError when the device has less free than is needed, with what to try."""
    if not options.check_memory:
        return
    need, free = memory_needed(model, data, options), _free(options.device)
    if need.total <= free:
        return
    raise RequestError(
        f"training needs about {need.total / GIB:.1f} GiB (weights {need.weights / GIB:.1f}, gradients and optimiser "
        f"{need.optimizer / GIB:.1f}, activations {need.activations / GIB:.1f}, logits {need.logits / GIB:.1f}), "
        f"the device has {free / GIB:.1f}",
        _cure(need, free, options),
    )


def _cure(need: Need, free: float, options: TrainerOptions) -> str:
    room = free - (need.total - need.activations)
    if room > 0 and options.batch_size > 1:
        smaller = options.batch_size
        while smaller > 1 and need.activations * smaller / options.batch_size > room:
            smaller = math.ceil(smaller / 2)
        more = options.accumulation * math.ceil(options.batch_size / smaller)
        return f"try trainer.batch_size={smaller} trainer.accumulation={more}, or trainer.activation_checkpointing=true"
    if room > 0:
        return "try trainer.activation_checkpointing=true, or a smaller trainer.max_length"
    return (
        "try freeze=lora or freeze=last_block, several GPUs with trainer.fsdp=true, a smaller model, or "
        "trainer.check_memory=false if you know better"
    )


def _tokens_at_once(lengths: list[int], options: TrainerOptions) -> tuple[float, float]:
    """Tokens of a large batch, and how many of them a token sees at most, on average."""
    batch = min(options.batch_size, len(lengths))
    if options.batching != "packed":
        longest = max(lengths)
        return float(batch * longest), float(longest)
    mean = sum(lengths) / len(lengths)
    spread = math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths))
    return min(batch * mean + 3 * spread * math.sqrt(batch), sum(lengths)), mean + spread


def _free(device: str) -> float:
    """Bytes that this process may still take, with what it holds already."""
    if not on_cpu(device):
        free, _ = torch.cuda.mem_get_info()
        return float(free + torch.cuda.memory_reserved())
    own = psutil.Process().memory_info().rss
    return float(min(psutil.virtual_memory().available, _left_in_group()) + own)


def _left_in_group() -> float:
    """What the container's limit leaves, infinite where there is none."""
    try:
        limit = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (_CGROUP / "memory.current").read_text(encoding="ascii").strip()
        return math.inf if limit == "max" else float(limit) - float(used)
    except (OSError, ValueError):
        return math.inf


def peak_memory(cpu: bool) -> int:
    """The most bytes that this process has held: of the GPU, or on a CPU of everything."""
    if not cpu:
        return torch.cuda.max_memory_allocated()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
