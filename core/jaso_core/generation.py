"""Writing texts with a causal language model, many at a time. A text depends on its prompt, the options and its own
seed only: not on the batch that it is made in, nor on the order of the prompts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from jaso_core.errors import RequestError
from jaso_core.labels import end_id
from jaso_core.stage import volatile

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast

_MARKER = re.compile(r"</?(?:s|d|usr|sys|pad|unk|mask|unused\d+)>")
"""How KoGPT2 spells its markers; its vocabulary does not flag all of them as special."""


@dataclass(frozen=True)
class GenerationOptions:
    """How a text is drawn from the model. `top_k: 0`, `top_p: 1` and `repetition_penalty: 1` switch these off.

    `batch_size` is a matter of speed: it changes a text only where two tokens are equally likely to the last bit.
    """

    name: str = "greedy"
    max_new_tokens: int = 256
    do_sample: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    num_beams: int = 1
    seed: int = 1
    batch_size: int = volatile(16)

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1 or self.num_beams < 1 or self.batch_size < 1:
            raise ValueError("max_new_tokens, num_beams and batch_size must be 1 or more")
        if self.temperature <= 0 or not 0 < self.top_p <= 1 or self.top_k < 0 or self.repetition_penalty <= 0:
            raise ValueError("temperature and repetition_penalty must be > 0, top_k >= 0, top_p in (0, 1]")
        if self.do_sample and self.num_beams > 1:
            raise ValueError("do_sample=true and num_beams > 1 exclude each other")


@dataclass(frozen=True, slots=True)
class Generated:
    """`ids` of the new text without the token that ended it; `index` of its context; `stop` says what ended it."""

    index: int
    ids: list[int]
    stop: Literal["end", "length"]


def generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    contexts: Sequence[Sequence[int]],
    options: GenerationOptions,
    *,
    limit: int,
    keys: Sequence[str] | None = None,
    done: Container[int] = (),
    stops: Sequence[int] | None = None,
) -> Iterator[tuple[int, list[Generated]]]:
    """Yields (batch number, its texts). The batches are those of `plan_batches`; those in `done` are left out.

    `limit` is the greatest number of tokens of a context and its text together. `keys` (default: the positions) seed
    the sampling of each text. `stops` (default: the end-of-text token) are the tokens at which a text ends; no other
    special token can come. RequestError when a context leaves no room for a text.
    """
    names = keys if keys is not None else [str(i) for i in range(len(contexts))]
    ends = list(stops or [end_id(tokenizer)])
    ready = _ready(model, tokenizer, options, ends)
    for number, batch in enumerate(plan_batches([len(ids) for ids in contexts], options, limit)):
        if number not in done:
            room = min(options.max_new_tokens, limit - len(contexts[batch[0]]))
            rows = [list(contexts[i]) for i in batch]
            new = ready(rows, [names[i] for i in batch], room)
            yield number, [_generated(i, ids, ends) for i, ids in zip(batch, new, strict=True)]


def plan_batches(lengths: Sequence[int], options: GenerationOptions, limit: int) -> list[list[int]]:
    """Positions by batch, the longest first. All contexts of a batch have the same room for new tokens."""
    batches: list[list[int]] = []
    room_of_last = -1
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        room = min(options.max_new_tokens, limit - lengths[i])
        if room < 1:
            raise RequestError(
                f"a prompt has {lengths[i]} tokens, the model was trained on {limit} with the answer",
                "leave the example out or train with a greater trainer.max_length",
            )
        if not batches or room != room_of_last or len(batches[-1]) == options.batch_size:
            batches.append([])
        batches[-1].append(i)
        room_of_last = room
    return batches


def banned_ids(tokenizer: PreTrainedTokenizerFast, stops: Sequence[int] | None = None) -> list[int]:
    """Markers and other special tokens, which no text may hold; `stops` (default: the end-of-text token) may come."""
    ends = {end_id(tokenizer)}
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    special |= {i for i in tokenizer.all_special_ids if i is not None} | ends
    special |= {i for token, i in tokenizer.get_vocab().items() if _MARKER.fullmatch(token)}
    return sorted(special - set(stops or ends))


_Ready = Callable[[list[list[int]], list[str], int], list[list[int]]]


def _ready(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, options: GenerationOptions, ends: list[int]
) -> _Ready:
    """The work on one batch: (contexts, keys, room) → new ids."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    banned = banned_ids(tokenizer, ends)
    pad = tokenizer.pad_token_id
    if pad is None or pad in ends:  # the penalty for repetition must not see an end token where only padding stands
        pad = banned[0] if banned else ends[0]

    def run(rows: list[list[int]], keys: list[str], room: int) -> list[list[int]]:
        width = max(map(len, rows))
        ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows], device=model.device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device)
        config = GenerationConfig(
            max_new_tokens=room,
            do_sample=False,
            num_beams=options.num_beams,
            repetition_penalty=options.repetition_penalty,
            suppress_tokens=banned or None,
            eos_token_id=ends,
            pad_token_id=pad,
            use_cache=True,
        )
        processors = LogitsProcessorList([_seeded_sampling(options, keys)] if options.do_sample else [])
        # Not inference_mode: the weights that FSDP gathers for this have to train afterwards.
        with torch.no_grad(), _own_defaults(model, GenerationConfig()):
            out = cast(Any, model).generate(
                input_ids=ids, attention_mask=mask, generation_config=config, logits_processor=processors
            )
        return [[int(i) for i in row] for row in out[:, width:].tolist()]

    return run


@contextmanager
def _own_defaults(model: PreTrainedModel, config: GenerationConfig) -> Iterator[None]:
    """Without the checkpoint's generation_config.json, which would fill in whatever the options leave open."""
    kept = model.generation_config
    model.generation_config = config
    try:
        yield
    finally:
        model.generation_config = kept


def _seeded_sampling(options: GenerationOptions, keys: Sequence[str]) -> Any:
    """A logits processor after which the greatest logit is a sample (the Gumbel-max trick), with a seed for each row.

    The usual multinomial draw takes one random stream for the whole batch, so that each text depends on its neighbours.
    """
    import torch
    from transformers import LogitsProcessor, LogitsProcessorList
    from transformers.generation.logits_process import (
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
    )

    warpers = LogitsProcessorList([TemperatureLogitsWarper(options.temperature)])
    if options.top_k:
        warpers.append(TopKLogitsWarper(options.top_k))
    if options.top_p < 1:
        warpers.append(TopPLogitsWarper(options.top_p))
    streams = [torch.Generator().manual_seed(_seed(options.seed, key)) for key in keys]

    class SeededSampling(LogitsProcessor):  # type: ignore[misc, unused-ignore]
        def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
            warped = warpers(input_ids, scores.float())
            noise = torch.empty(warped.shape)
            for row, stream in zip(noise, streams, strict=True):
                row.exponential_(generator=stream)
            return cast(torch.FloatTensor, warped - noise.log().to(warped.device))

    return SeededSampling()


def _seed(seed: int, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{key}".encode()).digest()[:7])


def _generated(index: int, ids: list[int], ends: Sequence[int]) -> Generated:
    place = next((place for place, i in enumerate(ids) if i in ends), None)
    return Generated(index, ids, "length") if place is None else Generated(index, ids[:place], "end")
