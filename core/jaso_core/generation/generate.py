"""Text generation with a causal language model, many texts at a time.

A text depends on its prompt, the options and its own seed only: not on how many are written at once, nor on the order
of the prompts.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

from jaso_core.errors import RequestError
from jaso_core.generation.mask_tokens import mask_token_ids
from jaso_core.generation.options import GenerationOptions
from jaso_core.modeling.encode import end_id

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = ["Generated", "GenerationOptions", "banned_ids", "generate", "require_engine"]

_MARKER = re.compile(r"</?(?:s|d|usr|sys|pad|unk|mask|unused\d+)>")
"""How KoGPT2 spells its markers; its vocabulary does not flag all of them as special."""

_ENGINES = {"transformers": "jaso_core.generation.torch_engine", "vllm": "jaso_core.generation.vllm_engine"}
"""Modules that offer what `Engine` says, by the names that `GenerationOptions.engine` knows."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Generated text as token ids, and what ended it.

    `ids`: of the new text, without the token that ended it. `index`: of its context. `stop`: what ended it.
    `candidate` counts the texts for one context from 0; those of a beam search are in the order of their score.
    """

    index: int
    ids: list[int]
    stop: Literal["end", "length"]
    candidate: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """One text to be generated.

    It has at most `max_new_tokens` ids after the ids of `prompt`.
    """

    index: int
    candidate: int
    prompt: Sequence[int]
    max_new_tokens: int
    seed: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Generation rules that all texts have in common.

    `pad` is the token where there is nothing. `limit`: tokens of a prompt and its text together.
    """

    options: GenerationOptions
    stops: list[int]
    banned: list[int]
    pad: int
    limit: int


class Engine(Protocol):
    """A module that writes."""

    def require(self) -> None:
        """RequestError when something that it needs is missing on this machine."""

    def write(
        self, model: PreTrainedModel, folder: Path | None, tasks: Sequence[Task], rules: Rules
    ) -> Iterator[tuple[Task, list[int]]]:
        """Yield each task with its new token ids, as they are ready.

        Ids from a stop token on do not count.

        `tasks` are sorted, the longest prompts first; those of one context are neighbours.
        """


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
    folder: Path | None = None,
) -> Iterator[tuple[int, list[Generated]]]:
    """Yield (position of a context, its `num_return_sequences` texts) when ready.

    The order is that in which they are ready; contexts whose positions are in `done` are left out.

    `limit` is the greatest number of tokens of a context and its text together. `keys` (default: the positions) seed
    the sampling of each text. `stops` (default: the end-of-text token) are the tokens at which a text ends; no other
    special token can come. `folder` holds the model for engines that load it themselves. RequestError when a context
    leaves no room for a text.
    """
    names = keys if keys is not None else [str(i) for i in range(len(contexts))]
    longest_first = sorted(range(len(contexts)), key=lambda i: (-len(contexts[i]), i))
    candidates = [tasks_of(i, contexts[i], names[i], options, limit) for i in longest_first]
    tasks = [task for texts in candidates for task in texts if task.index not in done]
    if not tasks:
        return
    engine = _engine(options)
    engine.require()
    rules = rules_of(tokenizer, options, stops, limit)
    unfinished: dict[int, list[Generated]] = {}
    for task, ids in engine.write(model, folder, tasks, rules):
        texts = unfinished.setdefault(task.index, [])
        texts.append(finished(task, ids, rules.stops))
        if len(texts) == options.num_return_sequences:
            yield task.index, sorted(unfinished.pop(task.index), key=lambda text: text.candidate)


def require_engine(options: GenerationOptions) -> None:
    """RequestError when this machine lacks what `options.engine` needs."""
    _engine(options).require()


def banned_ids(tokenizer: PreTrainedTokenizerFast, stops: Sequence[int] | None = None) -> list[int]:
    """Return the ids of markers and other special tokens, which no text may hold.

    `stops` (default: the end-of-text token) may come.
    """
    ends = {end_id(tokenizer)}
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    special |= {i for i in tokenizer.all_special_ids if i is not None} | ends
    special |= {i for token, i in tokenizer.get_vocab().items() if _MARKER.fullmatch(token)}
    return sorted(special - set(stops or ends))


def _engine(options: GenerationOptions) -> Engine:
    return cast(Engine, importlib.import_module(_ENGINES[options.engine]))  # torch or vLLM: only when asked for


def tasks_of(index: int, context: Sequence[int], key: str, options: GenerationOptions, limit: int) -> list[Task]:
    """Return tasks for the `num_return_sequences` texts of one context.

    RequestError when the context leaves no room for a text.
    """
    max_new_tokens = min(options.max_new_tokens, limit - len(context))
    if max_new_tokens < 1:
        raise RequestError(
            f"a prompt has {len(context)} tokens, the model was trained on {limit} with the answer",
            "leave the example out or train with a greater trainer.max_length",
        )
    return [
        Task(index, candidate, context, max_new_tokens, _seed(options.seed, key, candidate))
        for candidate in range(options.num_return_sequences)
    ]


def rules_of(
    tokenizer: PreTrainedTokenizerFast, options: GenerationOptions, stops: Sequence[int] | None, limit: int
) -> Rules:
    """What all texts of a call have in common."""
    ends = list(stops or [end_id(tokenizer)])
    banned = banned_ids(tokenizer, ends)
    if not options.masks:
        banned = sorted({*banned, *mask_token_ids(tokenizer)} - set(ends))
    pad = tokenizer.pad_token_id
    if pad is None or pad in ends:  # the penalty for repetition must not see an end token in the padding
        pad = banned[0] if banned else ends[0]
    return Rules(options, ends, banned, int(pad), limit)


def _seed(seed: int, key: str, candidate: int) -> int:
    """The first candidate's does not depend on how many there are."""
    name = f"{seed}\n{key}" + (f"\n{candidate}" if candidate else "")
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:7])


def finished(task: Task, ids: list[int], stops: Sequence[int]) -> Generated:
    """The text of a task: its ids up to the first stop token."""
    end = next((position for position, i in enumerate(ids) if i in stops), None)
    if end is None:
        return Generated(task.index, ids, "length", task.candidate)
    return Generated(task.index, ids[:end], "end", task.candidate)
