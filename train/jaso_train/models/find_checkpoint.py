"""Find a pretrained checkpoint: a local folder or the local hub cache."""

from __future__ import annotations

import re
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_train.tokenizers import TokenizerOptions

_SMALL = ["*.json", "README.md"]
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def find_folder(path: str, revision: str | None, *, config_only: bool = False) -> Path:
    """Return the folder `path`, or the cached hub model of this name and revision.

    RequestError when there is neither. Nothing is downloaded unless the user sets HF_HUB_OFFLINE=0; then what is
    needed: safetensors, or else the pickle.
    """
    folder = Path(path).expanduser()
    if folder.is_dir():
        return folder
    cure = "set model.path=<folder with config.json, tokenizer.json and weights>, or HF_HUB_OFFLINE=0 to fetch it"
    if not _HUB_NAME.fullmatch(path) or path.startswith("."):
        raise RequestError(f"model.path '{path}': no such folder", cure)
    cached = _in_cache(path, revision) if revision else None
    return cached or _download(path, revision, cure, config_only=config_only)


def _in_cache(name: str, revision: str | None) -> Path | None:
    """Return the cached snapshot of a full or shortened commit.

    Also when it was fetched as a branch.
    """
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    snapshots = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type="model") / "snapshots"
    if revision is None or not re.fullmatch(r"[0-9a-f]{7,40}", revision) or not snapshots.is_dir():
        return None
    matches = [folder for folder in snapshots.iterdir() if folder.name.startswith(revision)]
    complete = [folder for folder in matches if any(folder.glob("*.safetensors")) or any(folder.glob("*.bin"))]
    return complete[0] if len(complete) == 1 else None


def _download(name: str, revision: str | None, cure: str, *, config_only: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        if config_only:
            return Path(snapshot_download(name, revision=revision, allow_patterns=["config.json"]))
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=[*_SMALL, "*.safetensors"]))
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(name, revision=revision, allow_patterns=[*_SMALL, "pytorch_model.bin"]))
        return folder
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
        what = f"model.path '{name}': no such folder, and not in the local hub cache"
        raise RequestError(what + (f" at revision {revision}" if revision else ""), cure) from None


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
