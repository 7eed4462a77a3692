"""Where an embedding model is: a local folder or the Hugging Face hub cache."""

from __future__ import annotations

from pathlib import Path

from jaso_core.errors import RequestError

_FILE_PATTERNS = ["*.json", "*.txt", "*.model", "*.safetensors"]


def check_model(model: str, key: str) -> None:
    """Raise RequestError when `model` is neither a folder nor in the hub cache.

    As far as that is known without the network; `key` is the option that names it.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or Path(model).expanduser().is_dir():
        model_folder(model, key)


def model_folder(model: str, key: str) -> Path:
    """Return the folder of the model's files. RequestError when there is none.

    Of a folder of `jaso train`, its model/. Downloads a hub name unless HF_HUB_OFFLINE is set.
    """
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _hub_snapshot(model, key)
    if not (folder / "config.json").is_file() and (folder / "model" / "config.json").is_file():
        folder = folder / "model"
    if not (folder / "config.json").is_file():
        raise RequestError(f"{key}: {folder} has no config.json", "give the folder that the model lies in")
    return folder


def _hub_snapshot(name: str, key: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, allow_patterns=_FILE_PATTERNS))
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(name, allow_patterns=[*_FILE_PATTERNS, "pytorch_model.bin"]))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
        raise RequestError(
            f"{key}: '{name}' is no folder, and not in the local hub cache",
            f"give {key}=<folder with config.json, tokenizer and weights>, or HF_HUB_OFFLINE=0 to fetch it by its name",
        ) from None
    return folder
