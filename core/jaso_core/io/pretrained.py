"""Load models and tokenizers with transformers; no code of their folder is run.

The one place that calls `from_pretrained`: `tests/contracts/test_foreign_code.py` looks for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jaso_core.compat.tokenizers import panics_as_errors
from jaso_core.errors import RequestError, first_line
from jaso_core.io.files import read_json
from jaso_core.io.model_size_limits import check_sizes

_DESCRIPTIONS = (
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
    "processor_config.json",
)
_SENTENCE = "지원 동기를 말씀해 주세요."
_KERNEL_KEYS = ("attn_implementation", "_attn_implementation", "experts_implementation", "_experts_implementation")


def check_no_code(folder: Path) -> None:
    """Raise RequestError when a model's folder asks for code to be run.

    Not only Python files beside the weights are code (`auto_map`): an attention named `owner/repository` is a compiled
    kernel that transformers would download.
    """
    for name in _DESCRIPTIONS:
        if not (folder / name).is_file():
            continue
        body = read_json(folder / name)
        if not isinstance(body, dict):
            raise RequestError(f"{folder / name}: not a JSON object", "fetch or copy the file once more")
        pairs = list(_pairs(body))
        kernel = any(key in _KERNEL_KEYS and "/" in str(value) for key, value in pairs)
        if kernel or any(key == "auto_map" and value for key, value in pairs):
            raise RequestError(
                f"{folder / name}: the model brings code of its own ({'kernels' if kernel else 'auto_map'})",
                "that is never run: take a model of an architecture that transformers has",
            )


def _pairs(body: object) -> Iterator[tuple[str, object]]:
    """Yield all keys and values, those of nested objects too."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _check_folder(folder: Path) -> None:
    check_no_code(folder)
    if (folder / "config.json").is_file():
        check_sizes(folder, read_json(folder / "config.json"))


def read_config_json(folder: Path) -> dict[str, Any]:
    """Return config.json as it is.

    RequestError when it is absent, no JSON object, asks for code to be run, or claims sizes that no model has.
    """
    _check_folder(folder)
    if not (folder / "config.json").is_file():
        raise RequestError(f"{folder}: has no config.json", "copy the model's config.json there")
    config: dict[str, Any] = read_json(folder / "config.json")
    return config


def load_pretrained_config(folder: Path) -> Any:
    """Return the configuration that transformers reads in `folder`.

    RequestError for code in the folder; what transformers raises is the caller's to explain.
    """
    from transformers import AutoConfig

    _check_folder(folder)
    return AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)


def load_pretrained_model(loader: Any, folder: Path, **options: Any) -> Any:
    """Return what `loader.from_pretrained` makes of `folder`: a model.

    `loader`: a class of transformers. RequestError for code in the folder, and for an adapter, which would load the
    model that it names; what transformers raises is the caller's to explain.
    """
    _check_folder(folder)
    if (folder / "adapter_config.json").is_file():
        raise RequestError(f"{folder}: holds an adapter", "merge it into its model and give that folder")
    return loader.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False, weights_only=True, **options
    )


def load_pretrained_tokenizer(loader: Any, folder: Path) -> Any:
    """Return what `loader.from_pretrained` makes of `folder`: a tokenizer.

    As `load_pretrained_model`; a panic of its library is a ValueError, and so is whatever a sentence makes it raise.
    """
    _check_folder(folder)
    with panics_as_errors():
        tokenizer = loader.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        try_tokenizer(tokenizer)
    return tokenizer


def try_tokenizer(tokenizer: Any) -> None:
    """Raise ValueError for a tokenizer of transformers that cannot encode and decode."""
    try:
        with panics_as_errors():
            tokenizer.decode(tokenizer(_SENTENCE)["input_ids"])
    except Exception as error:  # plain ones too: "unk_id is missing"
        raise ValueError(f"it cannot encode '{_SENTENCE}': {first_line(error)}") from None
