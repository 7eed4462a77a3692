"""`jaso show prompt <name>`: a rendered prompt, its tokens and loss mask.

With data it also counts tokens, truncated and unusable examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import yaml

from jaso_core.config import config_folder, to_settings
from jaso_core.console import progress, quiet
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.files import read_examples
from jaso_core.io.sentences import read_sentences
from jaso_core.modeling.bind_prompt import bind_prompt
from jaso_core.modeling.checkpoint import PROMPT_FILE, hush_transformers, load_tokenizer, model_folder, read_prompt_file
from jaso_core.modeling.encode import IGNORED, encode_example, marker_id
from jaso_core.prompts import PROMPTS, PromptFormat
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.prompts.specimen import SPECIMEN
from jaso_core.records import Example
from jaso_core.stage.manifest import read_manifest
from jaso_pipeline.inspect.token_grid import MAX_TOKENS, Tint, colour_text, fit_width, grid, show_controls, token_texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

KEYS = ("input", "max_length", "model")
_NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class PromptRequest:
    """Parsed arguments of `jaso show prompt`.

    `prompt` with its options; folders of `jaso preprocess` and `jaso train`; the limit in tokens; options of the
    tokenizer that is trained where no model brings one.
    """

    prompt: PromptFormat
    data: Path | None
    model: Path | None
    max_length: int
    tokenizer: Mapping[str, Any]


@dataclass
class TokenCounts:
    """Token counts of a training split in a format.

    Counts of the usable examples; the others are counted by the field that they lack.
    """

    contexts: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    missing_fields: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    first: Example | None = None

    def usable(self, limit: int) -> list[tuple[int, int]]:
        """Return (context, target) token counts where the context is below the limit."""
        return [pair for pair in zip(self.contexts, self.targets, strict=True) if pair[0] < limit]


def parse_request(name: str, text: str, arguments: Sequence[str]) -> PromptRequest:
    """Parse the format's YAML and `key=value` arguments.

    RequestError for an invalid key or value.
    """
    node: dict[str, Any] = {**(yaml.safe_load(text) or {}), "name": name}
    values: dict[str, str] = {}
    tokenizer: dict[str, Any] = {}
    for argument in arguments:
        key, _, value = argument.partition("=")
        group, _, option = key.partition(".")
        if group in ("prompt", "tokenizer") and option and value:
            (node if group == "prompt" else tokenizer)[option] = _parse_value(value)
        elif key in KEYS and value:
            values[key] = value
        elif key in KEYS:
            raise RequestError(f"`jaso show prompt`: '{argument}' has no value", f"write {key}=…")
        else:
            raise RequestError(f"`jaso show prompt`: key '{key}' is unknown", did_you_mean(key, list(KEYS)))
    model = Path(values["model"]) if "model" in values else None
    if model is not None and not (model_folder(model) / PROMPT_FILE).is_file():
        raise RequestError(f"{model}: is no folder with a trained model", "give the out= of `jaso train`")
    data = Path(values["input"]) if "input" in values else None
    limit = _limit(values["max_length"]) if "max_length" in values else _default_limit(model)
    return PromptRequest(PROMPTS.build(node, "prompt"), data, model, limit, tokenizer)


def _parse_value(text: str) -> Any:
    """Parse a YAML value; a number keeps its spelling, which may be a text: 2024_05."""
    value = yaml.safe_load(text)
    return text if isinstance(value, int | float) and str(value) != text else value


def show_prompt(request: PromptRequest, colour: bool, width: int) -> Iterator[str]:
    """Yield lines: declaration, an example with its tokens, and counts of the data.

    RequestError when a folder is not what it should be, or no example of it can be used.
    """
    prompt = request.prompt
    examples = _training_split(request.data) if request.data else []
    tokenizer, tokenizer_name = _tokenizer(request, examples)
    if request.model is not None:
        prompt, _ = bind_prompt(prompt, tokenizer)
        request = replace(request, prompt=prompt)
    yield from ("", *_declaration_lines(prompt))
    if request.data is None:
        yield from ("", f"invented example; tokens: {tokenizer_name}", "")
        yield from _example_lines(SPECIMEN, request, tokenizer, colour, width)
        return
    parts = _expand(request.data, prompt, examples)
    counts = measure(parts, prompt, tokenizer, request.max_length)
    if counts.first is None:
        raise _no_usable_example(request, counts, len(parts))
    yield from ("", f"first usable training example, {counts.first.id}; tokens: {tokenizer_name}", "")
    yield from _example_lines(counts.first, request, tokenizer, colour, width)
    yield from ("", f"training split of {request.data}, max_length {request.max_length:,}", "")
    yield from _count_lines(counts, request, len(examples), len(parts))


def measure(
    examples: Sequence[Example], prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> TokenCounts:
    """Encode each example without truncation and count its tokens."""
    counts = TokenCounts()
    unknown = -1 if tokenizer.unk_token_id is None else tokenizer.unk_token_id
    for example in progress(examples, len(examples), "encoding", "examples"):
        missing = prompt.lacks(example)
        counts.missing_fields.update(missing[:1])
        if missing:
            continue
        encoded = encode_example(example, prompt, tokenizer, _NO_LIMIT)
        context = encoded.labels.count(IGNORED)
        counts.contexts.append(context)
        counts.targets.append(len(encoded.labels) - context)
        counts.unknown += encoded.input_ids.count(unknown)
        if counts.first is None and context < max_length:
            counts.first = example
    return counts


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 2:
        raise RequestError(f"`jaso show prompt`: max_length={value}", "give a number of tokens, 2 or more")
    return int(value)


def _default_limit(model: Path | None) -> int:
    """Return max_length of the model, else that of trainer=default."""
    if model is not None:
        return read_prompt_file(model_folder(model))["max_length"]
    text = (config_folder() / "trainer" / "default.yaml").read_text(encoding="utf-8")
    return int(yaml.safe_load(text)["max_length"])


def _tokenizer(request: PromptRequest, examples: Sequence[Example]) -> tuple[PreTrainedTokenizerFast, str]:
    """Return (tokenizer, its description)."""
    from jaso_train.models.markers import add_markers
    from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

    hush_transformers()
    if request.model is not None:
        tokenizer = load_tokenizer(model_folder(request.model))
        return tokenizer, f"tokenizer of {request.model}, {len(tokenizer):,}"
    if request.data is not None:
        options = to_settings(request.tokenizer, TokenizerOptions, "tokenizer")
        tokenizer = train_tokenizer(tokenizer_texts(examples), options, request.max_length)
        add_markers(tokenizer, request.prompt.new_tokens)
        return tokenizer, f"{options.name}, {len(tokenizer):,}, trained on this training split"
    options = to_settings({"vocabulary": 500, **request.tokenizer}, TokenizerOptions, "tokenizer")
    with quiet():
        tokenizer = train_tokenizer(tokenizer_texts([SPECIMEN] * 9), options, request.max_length)
    add_markers(tokenizer, request.prompt.new_tokens)
    return (
        tokenizer,
        f"{options.name}, {len(tokenizer):,}, trained on this example alone (model=<train dir> for another)",
    )


def _training_split(folder: Path) -> list[Example]:
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None or manifest.stage != "preprocess":
        raise RequestError(f"{folder}: is no complete preprocess folder", "give the out= of `jaso preprocess`")
    examples = read_examples(folder / "examples" / "train.parquet")
    if not examples:
        raise RequestError(f"{folder}: has no training examples", "preprocess with more documents")
    return examples


def _expand(folder: Path, prompt: PromptFormat, examples: list[Example]) -> list[Example]:
    if not prompt.wants_sentences:
        return examples
    sentences = read_sentences(folder)
    return [part for example in examples for part in prompt.expand(example, sentences.get(example.id))]


def _no_usable_example(request: PromptRequest, counts: TokenCounts, count: int) -> RequestError:
    reasons = [f"{number:,} have no {what}" for what, number in counts.missing_fields.items()]
    reasons += [f"{len(counts.contexts):,} have a prompt that fills max_length {request.max_length}"] * bool(
        counts.contexts
    )
    return RequestError(
        f"{request.data}: none of {count:,} training examples can be used with prompt format '{request.prompt.name}' "
        f"({', '.join(reasons)})",
        "take another prompt, a source that has the fields, or a larger max_length",
    )


def _declaration_lines(prompt: PromptFormat) -> Iterator[str]:
    yield f"reads:   {', '.join(prompt.reads) or 'nothing'}"
    yield f"writes:  {prompt.writes}"
    yield f"stops:   {', '.join(prompt.stops)}"
    yield f"markers: {' '.join(prompt.markers())}"
    if prompt.wants_sentences:
        yield "trains on parts of answers, made of the sentences of `jaso preprocess`"


def _example_lines(
    example: Example, request: PromptRequest, tokenizer: PreTrainedTokenizerFast, colour: bool, width: int
) -> Iterator[str]:
    """Yield the pieces, one per line, and the tokens with the loss mask."""
    prompt = request.prompt
    for piece in prompt.context(example):
        kind, tint = ("marker", Tint.MARKER) if piece.marker else ("given", Tint.GIVEN)
        yield f"  {kind:<8}{colour_text(show_controls(piece.text), tint, colour)}"
    for piece in prompt.ending(example):
        text = str(tokenizer.convert_ids_to_tokens(marker_id(piece, tokenizer))) if piece.marker else piece.text
        kind = "marker" if piece.marker else "learned"
        yield f"  {kind:<8}{colour_text(show_controls(text), Tint.LEARNED, colour)}"
    encoded = encode_example(example, prompt, tokenizer, request.max_length)
    learned = sum(label != IGNORED for label in encoded.labels)
    yield ""
    yield f"  {len(encoded.labels):,} tokens, {learned:,} learned"
    yield "  (+ has a part in the loss, · has none; ~ holds a part of a character)"
    yield ""
    yield from grid(token_texts(example, prompt, tokenizer), encoded, colour, width)
    if len(encoded.labels) > MAX_TOKENS:
        yield f"  … {len(encoded.labels) - MAX_TOKENS:,} more tokens"
    if encoded.truncated:
        yield f"  … {encoded.truncated:,} more tokens do not fit max_length {request.max_length}: not learned"


def _count_lines(counts: TokenCounts, request: PromptRequest, examples: int, parts: int) -> Iterator[str]:
    limit, usable = request.max_length, counts.usable(request.max_length)
    lost = [context + target - limit for context, target in usable if context + target > limit]
    seen_tokens = sum(min(context + target, limit) for context, target in usable)
    learned = sum(min(target, limit - context) for context, target in usable)
    rows: list[tuple[str, int, str]] = [("examples", examples, "")]
    if request.prompt.wants_sentences:
        rows.append(("parts of them", parts, ""))
    rows += [
        (f"without {what}", count, _percentage(count, parts)) for what, count in sorted(counts.missing_fields.items())
    ]
    too_long = len(counts.contexts) - len(usable)
    rows.append((f"prompt fills {limit:,} tokens", too_long, _percentage(too_long, parts)))
    rows.append(("usable", len(usable), _percentage(len(usable), parts)))
    of_tokens = _percentage(sum(lost), sum(target for _, target in usable))
    rows.append((f"truncated at {limit:,} tokens", len(lost), f"{_percentage(len(lost), len(usable))} of the usable"))
    rows.append(("target tokens lost by it", sum(lost), of_tokens))
    rows.append(("tokens that are learned", learned, f"{_percentage(learned, seen_tokens)} of what the model sees"))
    of_all = f"{_percentage(counts.unknown, sum(counts.contexts) + sum(counts.targets))} of all"
    rows.append(("tokens that are unknown", counts.unknown, of_all))
    for what, count, share in rows:
        yield f"  {fit_width(what, 34)} {count:>12,}  {share}".rstrip()
    yield ""
    yield f"  {'tokens of an example':<34} {'median':>12} {'p95':>8} {'max':>8}"
    for what, lengths in (("prompt", counts.contexts), ("target, with the end token", counts.targets)):
        yield f"  {what:<34} {median(lengths):>12,.0f} {_p95(lengths):>8,} {max(lengths):>8,}"


def _p95(numbers: Sequence[int]) -> int:
    """Return the 95th percentile by nearest rank."""
    return sorted(numbers)[ceil(0.95 * len(numbers)) - 1]


def _percentage(part: int, whole: int) -> str:
    return f"{part / whole:6.1%}" if whole else ""
