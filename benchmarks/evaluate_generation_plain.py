"""What benchmarks/evaluate_generation.py starts: makes the model, or writes with a contender. Prints one JSON line."""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch

VOCABULARY = 51_200
FIRST = 200  # ids below are left to markers
STOPS = 800
"""So many random tokens end a text: with one end-of-text token random weights either never end or always."""

WAYS: dict[str, dict[str, Any]] = {
    # With the penalty, because random weights soon go round in circles, in which no text ends.
    "greedy": {"do_sample": False, "repetition_penalty": 1.2},
    "sampling": {"do_sample": True, "temperature": 0.9, "top_p": 0.95, "top_k": 0},
}


def main() -> None:
    """Arguments: name, way, folder, device, prompts, tokens, batch, layers."""
    name, way, folder, device, *rest = sys.argv[1:]
    prompts, tokens, batch, layers = map(int, rest)
    with redirect_stdout(sys.stderr):
        if name == "make":
            answer: dict[str, Any] = make(Path(folder), device, prompts, layers)
        else:
            answer = write(name, way, Path(folder), device, tokens, batch)
    sys.stdout.write(json.dumps(answer) + "\n")


def make(folder: Path, device: str, prompts: int, layers: int) -> dict[str, Any]:
    """Model, tokenizer and prompts, once for all."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import AutoModelForCausalLM, GPT2Config, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = GPT2Config(vocab_size=VOCABULARY, n_layer=layers, bos_token_id=1, eos_token_id=1, pad_token_id=3)
    # Weights as they are drawn make all tokens about as likely, so that rounding decides between them.
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        model.transformer.ln_f.weight.mul_(8)
    model.save_pretrained(folder / "model")
    words = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>"] + [f"w{i}" for i in range(6, VOCABULARY)]
    raw = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="</s>", pad_token="<pad>", unk_token="<unk>")
    tokenizer.save_pretrained(folder / "model")
    chance = random.Random(0)
    lengths = [max(4, min(200, round(chance.lognormvariate(3.4, 0.6)))) for _ in range(prompts)]
    rows = [[chance.randrange(FIRST, VOCABULARY) for _ in range(length)] for length in lengths]
    stops = sorted(chance.sample(range(FIRST, VOCABULARY), STOPS))
    (folder / "rows.json").write_text(json.dumps({"prompts": rows, "stops": stops}), encoding="utf-8")
    where = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    facts = {
        "model": f"KoGPT2's shape ({layers} × 768, vocabulary 51,200), random weights, fp32",
        "prompts": f"{prompts} prompts of {min(lengths)} to {max(lengths)} tokens, {STOPS:,} tokens end a text",
        "device": where,
    }
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return facts


def write(name: str, way: str, folder: Path, device: str, tokens: int, batch: int) -> dict[str, Any]:
    """Times one contender; loading the model is not in it, a first short text is written before."""
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    model = AutoModelForCausalLM.from_pretrained(folder / "model").to(device).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder / "model")
    tokenizer.padding_side = "left"
    body = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    prompts, stops = body["prompts"], body["stops"]
    contender = jaso if name == "jaso" else piped
    how = contender(model, tokenizer, stops, way, batch=1 if name == "single" else batch, by_length=name == "sorted")
    how(prompts[:2], 4)
    torch.manual_seed(0)
    started = time.perf_counter()
    texts = how(prompts, tokens)
    if device == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if device == "cuda":
        peak = torch.cuda.max_memory_allocated()
    return {"seconds": seconds, "tokens": sum(map(len, texts)), "texts": texts, "peak": peak}


Write = Callable[[list[list[int]], int], list[list[int]]]
"""(prompts, new tokens at most) → new ids up to the stop token."""


def jaso(model: Any, tokenizer: Any, stops: list[int], way: str, *, batch: int, by_length: bool) -> Write:
    """`jaso_core.generation.generate`."""
    from jaso_core.generation.generate import GenerationOptions, generate

    del by_length

    def how(prompts: list[list[int]], tokens: int) -> list[list[int]]:
        options = GenerationOptions(max_new_tokens=tokens, batch_size=batch, **WAYS[way])
        found = dict(generate(model, tokenizer, prompts, options, limit=1024, stops=stops))
        return [found[i][0].ids for i in range(len(prompts))]

    return how


def piped(model: Any, tokenizer: Any, stops: list[int], way: str, *, batch: int, by_length: bool) -> Write:
    """`pipeline("text-generation")`, which gets the same stops and the same tokens that may not come."""
    from transformers import pipeline

    from jaso_core.generation.generate import banned_ids

    banned = banned_ids(tokenizer, stops)
    writer = pipeline("text-generation", model=model, tokenizer=tokenizer, device=model.device, batch_size=batch)

    def how(prompts: list[list[int]], tokens: int) -> list[list[int]]:
        order = sorted(range(len(prompts)), key=lambda i: -len(prompts[i])) if by_length else list(range(len(prompts)))
        texts = [" ".join(tokenizer.convert_ids_to_tokens(prompts[i])) for i in order]
        made = writer(
            texts, return_tensors=True, max_new_tokens=tokens, eos_token_id=stops, suppress_tokens=banned,
            pad_token_id=3, **WAYS[way],
        )  # fmt: skip
        found: list[list[int]] = [[] for _ in prompts]
        for i, one in zip(order, made, strict=True):
            found[i] = _new(one[0]["generated_token_ids"], prompts[i], stops)
        return found

    return how


def _new(ids: Any, prompt: list[int], stops: list[int]) -> list[int]:
    row = [int(i) for i in ids]
    start = next(place for place in range(len(row)) if row[place : place + len(prompt)] == prompt) + len(prompt)
    ended = set(stops)
    end = next((place for place in range(start, len(row)) if row[place] in ended), len(row))
    return row[start:end]


if __name__ == "__main__":
    main()
