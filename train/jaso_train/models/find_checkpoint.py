"""Find a pretrained checkpoint: a local folder or a model of the hub."""

from __future__ import annotations

import re
from pathlib import Path

from jaso_core import model_sources
from jaso_core.errors import RequestError
from jaso_core.modeling.checkpoint import model_folder
from jaso_core.modeling.pretrained_checkpoint import is_trained_by_jaso
from jaso_train.tokenizers import TokenizerOptions

_SHA256 = re.compile(r"[0-9a-f]{64}")


def find_folder(path: str, revision: str | None, *, config_only: bool = False) -> Path:
    """Return the folder `path`, or the hub model of this name and revision.

    Of a folder of `jaso train`, its model/.

    RequestError as `jaso_core.model_sources.find_folder`.
    """
    cure = "set model.path=<folder with config.json, tokenizer.json and weights>, or a name on the hub"
    folder = model_sources.find_folder(path, revision, "model.path", cure, config_only=config_only)
    return model_folder(folder) if is_trained_by_jaso(folder) else folder


def check_sha256(sha256: str | None) -> None:
    """Raise RequestError when model.sha256 is no such digest."""
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise RequestError(
            f"config key 'model.sha256': '{sha256}'", "give 64 hexadecimal digits in lower case, or null"
        )


def require_pretrained_tokenizer(family: str, tokenizer: TokenizerOptions) -> None:
    """Raise RequestError for a tokenizer trained here.

    The weights belong to another vocabulary.
    """
    if tokenizer.name != "pretrained":
        raise RequestError(f"config key 'tokenizer': {family} has its own", "take tokenizer=pretrained with it")
