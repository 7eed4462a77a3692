"""Limits of foreign model files: what config.json and tokenizer.json may claim."""

from __future__ import annotations

import base64
import copy
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError
from jaso_core.io.free_space import free_memory

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

LAYERS_VARIABLE = "JASO_MAX_LAYERS"
"""Environment variable: the most layers that a config.json may have."""
GROWTH_VARIABLE = "JASO_MAX_TOKENIZER_GROWTH"
"""Environment variable: how many times longer a tokenizer may make a text."""

# 70 billion parameters have 80 layers, the deepest transformer of a paper has 1,000 (DeepNet).
_MOST_LAYERS = 10_000
# Heads, experts and the like are made one by one in many architectures. The most in use are some thousands.
_MOST_PARTS = 100_000
_LAYERS = re.compile(r"layers?$|^n_layer", re.IGNORECASE)
_PARTS = re.compile(r"^(num|n)_.*(head|expert|block|stage|group|branch|stream|layer)", re.IGNORECASE)
# NFKC makes 18 characters of one (U+FDFA). A few such steps are real, repeated ones are not.
_MOST_GROWTH = 1000.0
# Bytes on disk for each parameter: two bits are the fewest of any quantised weights.
_LEAST_BYTES = 0.25
_WEIGHTS = ("*.safetensors", "pytorch_model.bin")


def check_sizes(folder: Path, config: Mapping[str, Any]) -> None:
    """Check what a model folder's files claim, before anything is built from them.

    RequestError for more layers or parts than any model has, and for a tokenizer that makes texts endless.
    """
    for key, value in _integers(config):
        is_layers = _LAYERS.search(key) is not None
        most = int(os.environ.get(LAYERS_VARIABLE) or _MOST_LAYERS) if is_layers else _MOST_PARTS
        if (is_layers or _PARTS.search(key)) and value > most:
            cure = "take a config.json that belongs to the weights"
            raise RequestError(
                f"{folder / 'config.json'}: '{key}' is {value:,}, more than {most:,}",
                f"{cure}, or set ${LAYERS_VARIABLE}" if is_layers else cure,
            )
    file = folder / "tokenizer.json"
    if file.is_file():
        check_growth(file)


def check_parameters(folder: Path, config: PreTrainedConfig, weights_folder: Path | None) -> None:
    """Check the number of parameters against the weights on disk, or the free memory.

    The model is built without memory for its tensors. RequestError when config.json describes far more than the
    weights hold; without a `weights_folder`, when it does not fit into memory.
    """
    count = _count_parameters(config)
    if count is None:  # what is wrong with it is said where it is loaded
        return
    what = f"{folder / 'config.json'}: describes {count:,} parameters"
    if weights_folder is None:
        if 4 * count > (free := free_memory()):
            raise RequestError(f"{what}, {4 * count:,} bytes, and {free:,} are free", "take a smaller model")
        return
    size = sum(file.stat().st_size for pattern in _WEIGHTS for file in weights_folder.glob(pattern))
    if size and _LEAST_BYTES * count > size:
        cure = "the weights and config.json do not belong together: give both from one place"
        raise RequestError(f"{what}, the weights have {size:,} bytes", cure)


def check_growth(file: Path) -> None:
    """Raise RequestError for a tokenizer.json that makes texts endless."""
    data = file.read_bytes()
    if not any(kind in data for kind in (b'"Replace"', b'"Prepend"', b'"Precompiled"')):
        return
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return  # said where it is loaded
    most = float(os.environ.get(GROWTH_VARIABLE) or _MOST_GROWTH)
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        growth = _growth(body.get(part)) if isinstance(body, dict) else 1.0
        if growth > most:
            what = f"{file}: its {part} makes a text {growth:,.0f} times as long"
            raise RequestError(what, f"take the model's own tokenizer.json, or set ${GROWTH_VARIABLE}")


def _growth(step: Any) -> float:
    """Return the most by which a step can multiply the length of a text.

    Replace "a" by 1,000 letters, three times in a row → 1,000,000,000.
    """
    if not isinstance(step, dict):
        return 1.0
    kind = step.get("type")
    if kind == "Replace":
        return max(1.0, len(str(step.get("content") or "")) / _shortest_match(step.get("pattern")))
    if kind == "Prepend":  # to each word
        return 1.0 + len(str(step.get("prepend") or ""))
    if kind == "Precompiled":
        return _charsmap_growth(step.get("precompiled_charsmap"))
    growth = 1.0
    for key in ("normalizers", "pretokenizers", "decoders"):
        steps = step.get(key)
        for inner in steps if isinstance(steps, list) else ():
            growth *= _growth(inner)
    return growth


def _shortest_match(pattern: Any) -> int:
    """Return the characters that a pattern takes at least: 1 for a regular expression."""
    text = pattern.get("String") if isinstance(pattern, dict) else None
    return max(1, len(text)) if isinstance(text, str) else 1


def _charsmap_growth(charsmap: Any) -> float:
    """Return the growth by SentencePiece's map of characters.

    The length of a trie, the trie, and texts that end in NUL.
    """
    try:
        data = base64.b64decode(charsmap)
    except (TypeError, ValueError):
        return 1.0
    texts = data[4 + int.from_bytes(data[:4], "little") :]
    longest = max((len(text) for text in texts.split(b"\0")), default=1)
    # Bytes of UTF-8, three for a character of Hangul or of CJK
    return max(1.0, longest / 3)


def _integers(config: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the whole numbers of a configuration and of those within it (text_config)."""
    pending: list[Any] = [config]
    while pending:
        for key, value in pending.pop().items():
            if isinstance(value, dict):
                pending.append(value)
            elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
                yield str(key), int(min(value, 10**30))


def _count_parameters(config: PreTrainedConfig) -> int | None:
    """Return the parameters of a model, built on the meta device.

    None when it cannot be built.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            # A copy: transformers notes its choice of attention in what it is given.
            model: Any = AutoModelForCausalLM.from_config(copy.deepcopy(config))
        return int(sum(parameter.numel() for parameter in model.parameters()))
    except Exception:
        return None
