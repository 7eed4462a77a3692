"""What windows, soft caps and sinks cost in packed batches: seconds of a step, forward and backward.

    python benchmarks/train_attention.py [--rounds 10] [--device cpu] [--cores N]

What is compared is said in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any

from processes import keep_to
from transformers import AutoConfig

from jaso_core.console import result
from jaso_core.errors import WorkError
from jaso_core.modeling.load import draw_model, hush_transformers
from jaso_train.data.collators import PackingCollator, PaddingCollator, to_device
from jaso_train.ops.causal_lm_loss import loss_on_labels_only
from jaso_train.ops.packed_attention import use_packed_attention

VOCABULARY = 15_000
SIZES = {
    "vocab_size": VOCABULARY, "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 4,
    "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 64, "max_position_embeddings": 1024,
}  # fmt: skip
ALTERNATING = ["sliding_attention", "full_attention"] * 2
EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
LENGTHS = (1024, 700, 520, 410, 330, 260, 200, 150)
BATCHES = 1
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Pair:
    """Two ways to take a step: jaso's, and what it is measured by. `limit`: of the ratio of their seconds."""

    name: str
    ours: tuple[str, dict[str, Any], bool]
    theirs: tuple[str, dict[str, Any], bool]
    have_one_loss: bool
    limit: float = 1.1


PACKED, PADDED = True, False
CAPS = {"attn_logit_softcapping": 50.0, "final_logit_softcapping": None, "query_pre_attn_scalar": 64}
SINKS = {**EXPERTS, "sliding_window": 128, "layer_types": ALTERNATING}
PAIRS = [
    *(
        Pair(
            f"window of {window}, and no window, packed",
            ("mistral", {"sliding_window": window}, PACKED),
            ("mistral", {"sliding_window": None}, PACKED),
            have_one_loss=False,
        )
        for window in (128, 512)
    ),
    Pair(
        "soft cap, packed, and transformers' eager attention, padded",
        ("gemma2", {**CAPS, "sliding_window": 512}, PACKED),
        ("gemma2", {**CAPS, "sliding_window": 512}, PADDED),
        have_one_loss=True,
    ),
    Pair(
        "sinks, packed, and transformers' eager attention, padded",
        ("gpt_oss", SINKS, PACKED),
        ("gpt_oss", SINKS, PADDED),
        have_one_loss=True,
    ),
]


def main() -> None:
    """Prints a line for each pair; raises where two ways of one model have two losses."""
    asked = _arguments()
    keep_to(asked.cores)
    hush_transformers()
    batches = [_rows(seed) for seed in range(BATCHES)]
    tokens = sum(len(row["input_ids"]) for row in batches[0])
    result(f"{tokens:,} tokens a step in {len(LENGTHS)} examples of {min(LENGTHS)} to {max(LENGTHS)}, {asked.device}")
    for pair in PAIRS:
        _run(pair, batches, asked.rounds, asked.device)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="both take turns; the median of the ratios is shown")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--cores", type=int, help="how many to use; default: all")
    asked = parser.parse_args()
    if min(asked.rounds, asked.cores or 1) < 1:
        parser.error("give one round and one core, or more")
    return asked


def _rows(seed: int) -> list[dict[str, Any]]:
    draw = Random(seed)
    rows = []
    for length in LENGTHS:
        ids = [draw.randrange(VOCABULARY) for _ in range(length)]
        rows.append({"input_ids": ids, "labels": [-100] * 20 + ids[20:], "length": length})
    return rows


def _run(pair: Pair, batches: Sequence[list[dict[str, Any]]], rounds: int, device: str) -> None:
    ours, theirs = (_stepper(*way, batches, device) for way in (pair.ours, pair.theirs))
    losses = [step()[1] for step in (ours, theirs)]  # the first steps also warm up
    if pair.have_one_loss and abs(losses[0] - losses[1]) > TOLERANCE * losses[1]:
        raise WorkError(f"{pair.name}: two losses, {losses}", "mend that")
    seconds = [(ours()[0], theirs()[0]) for _ in range(rounds)]
    ratios = sorted(mine / other for mine, other in seconds)
    result(
        f"{pair.name}: {median(mine for mine, _ in seconds):.2f} s and {median(other for _, other in seconds):.2f} s, "
        f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; at most {pair.limit})"
    )


def _stepper(
    kind: str, config: dict[str, Any], is_packed: bool, batches: Sequence[list[dict[str, Any]]], device: str
) -> Callable[[], tuple[float, float]]:
    """Return what takes a step on each batch: seconds of all, and the loss."""
    model = draw_model(AutoConfig.for_model(kind, **{**SIZES, **config}), 1).to(device).train()
    collate = PackingCollator() if is_packed else PaddingCollator(0)
    ready = [to_device(collate(rows), device) for rows in batches]

    def step() -> tuple[float, float]:
        with ExitStack() as stack:
            if is_packed:
                stack.enter_context(use_packed_attention(model))
            stack.enter_context(loss_on_labels_only(model))
            started = time.perf_counter()
            loss = 0.0
            for batch in ready:
                model.zero_grad()
                step_loss = model(**batch).loss
                step_loss.backward()
                loss += step_loss.item()
            return time.perf_counter() - started, loss

    return step


if __name__ == "__main__":
    main()
