"""Engine that generates with the transformers model at hand.

By our own decode loop where it can be used; else, and for beams, by transformers' own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import torch
from transformers import DynamicCache, GenerationConfig, GenerationMixin, LogitsProcessor, LogitsProcessorList
from transformers.cache_utils import DynamicLayer

from jaso_core.compat.transformers import forget_states, takes_dynamic_cache
from jaso_core.console import say
from jaso_core.generation.decode_loop import decode
from jaso_core.generation.generate import Rules, Task
from jaso_core.generation.sampling import TokenChoice

if TYPE_CHECKING:
    from transformers import PreTrainedModel


OnStep = Callable[[list[int]], None]


def require() -> None:
    """Nothing but what is imported above."""


def write(
    model: PreTrainedModel, folder: Path | None, tasks: Sequence[Task], rules: Rules
) -> Iterator[tuple[Task, list[int]]]:
    """See `jaso_core.generation.generate.Engine`."""
    del folder
    layers = decodable_layers(model) if rules.options.num_beams == 1 else 0
    if layers:
        yield from decode(model, layers, tasks, rules, last_only=takes_last_only(model))
        return
    for batch in batches_of(tasks, rules.options.batch_size, padded=takes_padding(model, rules.pad)):
        yield from by_transformers(model, batch, rules)


def decodable_layers(model: PreTrainedModel) -> int:
    """Return how many layers keep keys and values for our decode loop.

    0, with one line that says why, where it cannot be used.
    """
    layers, reason = _plain_layers(model)
    if reason:
        _say_once(f"{type(model).__name__}: written by transformers' own loop, which is slower ({reason})")
    return layers


def takes_last_only(model: PreTrainedModel) -> bool:
    """Whether the model's forward takes `logits_to_keep`."""
    return "logits_to_keep" in _parameters(model)


def _plain_layers(model: PreTrainedModel) -> tuple[int, str]:
    """Return how many layers keep keys and values, or 0 and why.

    The reason says why our decode loop is not for this model.
    """
    kind = cast(Any, type(model))
    missing = {"attention_mask", "position_ids", "past_key_values"} - _parameters(model)
    if missing:
        return 0, f"its forward takes no {min(missing)}"
    if getattr(model.config, "is_encoder_decoder", False) or getattr(model.config, "add_cross_attention", False):
        return 0, "it has an encoder"
    if kind.prepare_inputs_for_generation is not GenerationMixin.prepare_inputs_for_generation:
        return 0, "it prepares its inputs in its own way"
    layers = DynamicCache(config=model.config).layers
    if not layers or not takes_dynamic_cache(model):
        return 0, "it has a cache of its own"
    if any(type(layer) is not DynamicLayer for layer in layers):
        return 0, "not all its layers keep keys and values of the whole text"
    return len(layers), ""


def _parameters(model: PreTrainedModel) -> set[str]:
    return set(inspect.signature(type(model).forward).parameters)


@cache
def _say_once(message: str) -> None:
    say(message)


def batches_of(tasks: Sequence[Task], size: int, *, padded: bool = True) -> Iterator[list[Task]]:
    """Return batches with one `max_new_tokens` each.

    One, for transformers has one limit for a batch. Without padding the prompts of a batch have one length, too.

    Candidates of a beam search come from one prompt.
    """
    for _, same in groupby(tasks, key=lambda task: (task.max_new_tokens, padded or len(task.prompt))):
        group = list(same)
        while group:
            taken = list(dict.fromkeys(task.index for task in group))[:size]
            batch = [task for task in group if task.index in taken]
            yield batch
            group = group[len(batch) :]


def takes_padding(model: PreTrainedModel, pad: int) -> bool:
    """Return whether a prompt with padding on its left gives what it gives alone.

    It is tried: a state may run over the padding (RWKV, MiniMax), whatever mask the model is given. If not, it is
    printed once.
    """
    if model not in _TAKES_PADDING:
        _TAKES_PADDING[model] = _padding_changes(model, pad) <= _PADDING_TOLERANCE.get(model.dtype, 0.05)
        if not _TAKES_PADDING[model]:
            kind = type(model).__name__
            _say_once(f"{kind}: padding changes what it computes, so that only prompts of one length share a batch")
    return _TAKES_PADDING[model]


_TAKES_PADDING: WeakKeyDictionary[PreTrainedModel, bool] = WeakKeyDictionary()
_PADDING_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-3}
"""Shares of the logits' range. Rounding is at some 1e-6, in bfloat16 at some 1e-2."""


def _padding_changes(model: PreTrainedModel, pad: int) -> float:
    """Return the greatest change of the logits by padding, as a share of their range.

    After a prompt of three tokens, and after one more, which is read with the cache.
    """
    embeddings: Any = model.get_input_embeddings()
    vocabulary = int(embeddings.num_embeddings)
    *prompt, forced = [token % vocabulary for token in (11, 23, 17, 29)]
    steps = [_forced_logits(model, [pad] * width + prompt, width, forced) for width in (0, 9)]
    alone, padded = (torch.cat(logits).double() for logits in steps)
    return float((alone - padded).abs().max() / (alone.max() - alone.min()).clamp(min=1e-9))


def _forced_logits(model: PreTrainedModel, ids: list[int], padding: int, forced: int) -> list[torch.Tensor]:
    """Return the logits of two steps, (1, vocabulary) each.

    The first of the two tokens is `forced`.
    """
    mask = [[0] * padding + [1] * (len(ids) - padding)]
    forget_states(model)
    with torch.no_grad(), _own_defaults(model, GenerationConfig()):
        out = cast(Any, model).generate(
            input_ids=torch.tensor([ids], device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            generation_config=GenerationConfig(
                max_new_tokens=2, do_sample=False, pad_token_id=ids[0], use_cache=True,
                return_dict_in_generate=True, output_logits=True,
            ),
            prefix_allowed_tokens_fn=lambda row, tokens: [forced],
        )  # fmt: skip
    return [logits.float() for logits in out.logits]


def by_transformers(
    model: PreTrainedModel, tasks: list[Task], rules: Rules, on_step: OnStep | None = None
) -> list[tuple[Task, list[int]]]:
    """Generate all texts of a batch by `model.generate`.

    `on_step` gets the new token of each row, but for beams.
    """
    options = rules.options
    beams = options.num_beams > 1
    prompts = [list(task.prompt) for task in tasks if not beams or task.candidate == 0]
    width = max(map(len, prompts))
    ids = torch.tensor([[rules.pad] * (width - len(row)) + row for row in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in prompts], device=model.device)
    processors = LogitsProcessorList([] if beams else [_OwnChoice(tasks, rules, width, model.device, on_step)])
    forget_states(model)
    # Not inference_mode: the weights that FSDP gathers for this have to train afterwards.
    with torch.no_grad(), _own_defaults(model, GenerationConfig()):
        out = cast(Any, model).generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=GenerationConfig(
                max_new_tokens=tasks[0].max_new_tokens,
                do_sample=False,
                eos_token_id=rules.stops,
                pad_token_id=rules.pad,
                use_cache=True,
                **(_beam_options(rules) if beams else {}),
            ),
            logits_processor=processors,
        )
    return [(task, [int(i) for i in row]) for task, row in zip(tasks, out[:, width:].tolist(), strict=True)]


def _beam_options(rules: Rules) -> dict[str, Any]:
    options = rules.options
    return {
        "num_beams": options.num_beams,
        "num_return_sequences": options.num_return_sequences,
        "length_penalty": options.length_penalty,
        "early_stopping": options.early_stopping,
        "repetition_penalty": options.repetition_penalty,
        "no_repeat_ngram_size": options.no_repeat_ngram_size or None,
        "min_new_tokens": options.min_new_tokens or None,
        "suppress_tokens": rules.banned or None,
    }


class _OwnChoice(LogitsProcessor):  # type: ignore[misc, unused-ignore]
    """Makes the token that `TokenChoice` would choose the likeliest."""

    def __init__(
        self, tasks: list[Task], rules: Rules, width: int, device: torch.device, on_step: OnStep | None
    ) -> None:
        self.on_step = on_step
        self.choice = TokenChoice(rules, device)
        self.width = width
        self.starts = torch.tensor([width - len(task.prompt) for task in tasks], device=device)
        self.draws = None
        if rules.options.do_sample:
            streams = [torch.Generator().manual_seed(task.seed) for task in tasks]
            rows = [torch.rand(tasks[0].max_new_tokens, generator=stream, dtype=torch.float64) for stream in streams]
            self.draws = torch.stack(rows).to(device)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        made = input_ids.shape[1] - self.width
        padding = torch.arange(input_ids.shape[1], device=input_ids.device) < self.starts[:, None]
        firsts = input_ids.gather(1, self.starts[:, None])
        tokens = torch.where(padding, firsts, input_ids)
        all_made = torch.full_like(self.starts, made)
        draws = self.draws[:, made] if self.draws is not None else None
        new = self.choice(scores.float().clone(), tokens, self.starts, all_made, draws)
        if self.on_step is not None:
            self.on_step(new.tolist())
        return cast(torch.FloatTensor, torch.full_like(scores, float("-inf")).scatter(1, new[:, None], 0.0))


@contextmanager
def _own_defaults(model: PreTrainedModel, config: GenerationConfig) -> Iterator[None]:
    """Ignore the checkpoint's generation_config.json within the block.

    It would fill in whatever the options leave open.
    """
    own_config = model.generation_config
    model.generation_config = config
    try:
        yield
    finally:
        model.generation_config = own_config
