"""What benchmarks/train.py gives to all contenders alike: examples, initial weights, the machine; and what is checked
before anything is timed."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import NormalDist, median
from typing import Any

from jaso_core.console import quiet
from jaso_core.io.files import write_jsonl
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.records import Example
from jaso_synthetic.corpus import generate

CONTEXT = 1024
HELD_OUT = 32
# 어절 an answer: the median, the spread of its logarithm, the shortest and the longest.
MEDIAN, SPREAD, SHORTEST, LONGEST = 120, 0.45, 30, 330
# Learned tokens. The sample's texts repeat themselves: with 15,000 a token would be a word, with so few an 어절 has
# about as many tokens (2.5) as KoGPT2's vocabulary gives real text. The other rows of the embedding are never seen.
VOCABULARY = 1200
SEED = 7


@dataclass(frozen=True)
class Shape:
    """A GPT-2 of that many layers, that width, heads and rows of embeddings; steps and examples a step by device."""

    name: str
    layers: int
    width: int
    heads: int
    vocabulary: int
    steps: dict[str, int]


SHAPES = {
    "scratch": Shape("gpt_scratch-512", 4, 512, 8, 15_000, {"cpu": 30, "cuda": 60}),
    "kogpt2": Shape("KoGPT2's shape", 12, 768, 12, 51_200, {"cpu": 8, "cuda": 40}),
}


def answers(count: int, seed: int) -> Iterator[Example]:
    """Synthetic interview answers; long ones are several of the sample's after each other, cut at a word.

    Their lengths are the log-normal distribution's quantiles, so that few examples have its median too.
    """
    talks = generate(0, 400, seed).interviews
    draw = Random(seed)
    places = draw.sample(range(count), count)
    for number, place in enumerate(places):
        wanted = round(MEDIAN * math.exp(SPREAD * NormalDist().inv_cdf((place + 0.5) / count)))
        talk, words = draw.choice(talks), list[str]()
        while len(words) < wanted:
            words += draw.choice(talks).answer.split()
        text = " ".join(words[: min(max(wanted, SHORTEST), LONGEST)])
        yield Example(str(number), str(number), str(number), "train", talk.question, text)


def write_inputs(folder: Path, shape: Shape, count: int) -> str:
    """train.jsonl, held_out.jsonl and model/ (initial weights, tokenizer); what there is to tell of the texts."""
    from jaso_core.modeling.load import draw_model, hush_transformers
    from jaso_train.data.dataset import encode_all
    from jaso_train.models.gpt_scratch import ScratchOptions, scratch_config
    from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

    hush_transformers()
    folder.mkdir(parents=True)
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    learned = list(answers(count, SEED))
    with quiet():
        # Trained on texts of its own, so that it is the same for any number of examples.
        texts = tokenizer_texts(list(answers(400, SEED + 1)))
        tokenizer = train_tokenizer(texts, TokenizerOptions(vocabulary=VOCABULARY), CONTEXT)
        for name, examples in (("train", learned), ("held_out", list(answers(HELD_OUT, SEED + 2)))):
            rows = encode_all(examples, prompt, tokenizer, CONTEXT, long="truncate").rows
            write_jsonl(folder / f"{name}.jsonl", ({key: row[key] for key in ("input_ids", "labels")} for row in rows))
    options = ScratchOptions(hidden_size=shape.width, layers=shape.layers, heads=shape.heads, context=CONTEXT)
    config = scratch_config(options, tokenizer)
    config.vocab_size = shape.vocabulary
    model = draw_model(config, SEED)
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    words = [len(str(each.answer).split()) for each in learned]
    return (
        f"{shape.layers} layers × {shape.width}, {shape.heads} heads, vocabulary {shape.vocabulary:,}: "
        f"{model.num_parameters():,} parameters, dropout {config.resid_pdrop}; answers of {median(words):.0f} 어절 "
        f"(median), {min(words)} to {max(words)}"
    )


def look_at_device(device: str) -> tuple[bool, float | None, str]:
    """Whether it computes in bf16; on CUDA the FLOP/s of a bf16 matrix product of 8192³ (median of 30); its name."""
    import torch

    from jaso_train.runtime.devices import supports_bf16

    able = supports_bf16(device)
    if device == "cpu":
        return able, None, f"CPU, {len(os.sched_getaffinity(0))} cores"
    side = 8192
    left, right = (torch.randn(side, side, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    seconds = []
    for _ in range(40):
        torch.cuda.synchronize()
        started = time.perf_counter()
        left @ right
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return able, 2 * side**3 / median(seconds[10:]), torch.cuda.get_device_name()


def compare_with_plain(folder: Path, device: str) -> tuple[float, float, float]:
    """On four examples, without dropout: how far jaso's losses (packed, padded) are from `model(**batch).loss`, and
    their gradients from its, in parts of its norm. And the held-out loss of the initial weights."""
    import torch
    from train_watch import nats_a_token, read_rows
    from transformers import AutoModelForCausalLM

    from jaso_core.modeling.load import hush_transformers
    from jaso_train.data.collators import PackingCollator, PaddingCollator
    from jaso_train.ops.causal_lm_loss import loss_on_labels_only
    from jaso_train.ops.packed_attention import use_packed_attention

    hush_transformers()
    rows = read_rows(str(folder / "train.jsonl"))[:4]
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32).to(device).eval()
    padded = PaddingCollator(model.config.pad_token_id)

    def step(collate: Callable[[Sequence[Any]], dict[str, Any]]) -> tuple[float, Any]:
        model.zero_grad()
        batch = {key: each.to(device) if torch.is_tensor(each) else each for key, each in collate(rows).items()}
        loss = model(**batch).loss
        loss.backward()
        return loss.item(), torch.cat([weight.grad.flatten() for weight in model.parameters()])

    plain, slope = step(padded)
    with loss_on_labels_only(model):
        found = [step(padded)]
        with use_packed_attention(model):
            found.append(step(PackingCollator()))
    loss = max(abs(each - plain) for each, _ in found)
    gradient = max(float((each - slope).norm() / slope.norm()) for _, each in found)
    return loss, gradient, nats_a_token(model, read_rows(str(folder / "held_out.jsonl")))
