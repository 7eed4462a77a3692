"""Download of a model from the Hugging Face hub, into the hub library's cache.

Size, licence and free disk are printed before the first byte. Errors are one line each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError, first_line
from jaso_core.io.free_space import free_disk

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_SMALL_FILES = ("README.md", "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
                "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "prompt.json")  # fmt: skip
_LOG_IN = "ask for access on its page, then log in (`hf auth login`)"


@dataclass(frozen=True)
class _Listing:
    """Files of a model on the hub at one commit that are needed, with sizes."""

    commit: str
    sizes: dict[str, int]
    licence: str | None

    @property
    def bytes(self) -> int:
        return sum(self.sizes.values())


def is_hub_name(name: str) -> bool:
    """Return whether `name` may be one on the hub: "owner/model" or "model"."""
    return bool(_HUB_NAME.fullmatch(name)) and ".." not in name and "--" not in name


def download_model(name: str, revision: str | None, key: str, *, config_only: bool = False) -> Path:
    """Return the cached folder of a model of the hub; what it lacks is downloaded.

    `key` names the option for messages. `config_only`: config.json alone. RequestError for a name or revision that the
    hub does not have, for a gated model, without room on the disk, and for what is not in the cache where
    HF_HUB_OFFLINE is set; WorkError when the hub is not reached. What is in the cache whole is used without the hub
    where `revision` is a commit, or the hub is not reached.
    """
    from huggingface_hub import constants

    cached = _in_cache(name, revision)
    if cached is not None and _COMMIT.fullmatch(revision or ""):
        return cached
    if constants.HF_HUB_OFFLINE:
        if cached is None:
            where = f" at revision {revision}" if revision else ""
            raise RequestError(
                f"{key} '{name}': no such folder, and not in the local hub cache{where}",
                f"set {key}=<folder with config.json, tokenizer.json and weights>, or unset HF_HUB_OFFLINE",
            )
        return cached
    try:
        with _hub_errors(name, revision, key):
            return _fetch(name, revision, key, config_only=config_only)
    except WorkError as error:
        if cached is None:
            raise
        say(f"{error.what}: the copy in the local hub cache is used")
        return cached


def _fetch(name: str, revision: str | None, key: str, *, config_only: bool) -> Path:
    from huggingface_hub import HfApi, constants, snapshot_download

    listing = _list(HfApi().model_info(name, revision=revision, files_metadata=True))
    if "config.json" not in listing.sizes:
        raise RequestError(f"{key} '{name}': holds no config.json on the hub", "give a model of transformers")
    if config_only:
        return Path(snapshot_download(name, revision=revision, allow_patterns=["config.json"]))
    complete = _in_cache(name, listing.commit)
    if complete is not None:
        return complete
    cache = Path(constants.HF_HUB_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    free = free_disk(cache)
    say(
        f"{name}: {_size(listing.bytes)} from the hub, licence {listing.licence or 'not named'}, "
        f"{_size(free)} free on the disk; commit {listing.commit[:12]}"
    )
    if listing.bytes > free:
        raise RequestError(
            f"{key} '{name}': {_size(listing.bytes)}, and {_size(free)} are free in {cache}",
            "make room there, or set HF_HOME to a folder on another disk",
        )
    return Path(snapshot_download(name, revision=revision, allow_patterns=list(listing.sizes)))


def _list(info: ModelInfo) -> _Listing:
    sizes = {file.rfilename: int(file.size or 0) for file in info.siblings or ()}
    weights = [file for file in sizes if file.endswith(".safetensors") and "/" not in file]
    # Only where there are none: a pickle is converted when it is read.
    weights = weights or [file for file in sizes if re.fullmatch(r"pytorch_model.*\.bin", file)]
    index = [file for file in sizes if re.fullmatch(r"(model\.safetensors|pytorch_model\.bin)\.index\.json", file)]
    wanted = [*(file for file in _SMALL_FILES if file in sizes), *weights, *index]
    card = info.card_data
    licence = getattr(card, "license_name", None) or getattr(card, "license", None)
    return _Listing(str(info.sha), {file: sizes[file] for file in wanted}, str(licence) if licence else None)


@contextmanager
def _hub_errors(name: str, revision: str | None, key: str) -> Iterator[None]:
    """Convert the errors of the hub's library to one line."""
    from huggingface_hub import errors

    unreached = (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, getattr(errors, "HTTPError", OSError), OSError)
    try:
        yield
    except errors.GatedRepoError:
        raise RequestError(f"{key} '{name}': its owner gives access on request", _LOG_IN) from None
    except errors.RevisionNotFoundError:
        raise RequestError(
            f"{key} '{name}': has no revision '{revision}'", "give a branch, tag or commit of it"
        ) from None
    except errors.RepositoryNotFoundError:
        cure = "check the name; for a private one log in (`hf auth login`)"
        raise RequestError(f"{key} '{name}': no such folder, and no model of that name on the hub", cure) from None
    except (errors.HFValidationError, ValueError) as error:
        raise RequestError(f"{key} '{name}': {first_line(error)}", "write owner/model") from None
    except unreached as error:
        raise WorkError(
            f"{key} '{name}': the hub is not reached ({first_line(error)[:120]})",
            "check the network, or give a folder; with HF_HUB_OFFLINE=1 only the local hub cache is read",
        ) from None


def _in_cache(name: str, revision: str | None) -> Path | None:
    """Return the complete cached snapshot of a revision.

    A revision is a full or shortened commit, or a branch; None is the main branch.
    """
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    folder = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type="model")
    branch = folder / "refs" / (revision or "main")
    if branch.is_file():
        revision = branch.read_text(encoding="utf-8").strip()
    if revision is None or not _COMMIT.fullmatch(revision) or not (folder / "snapshots").is_dir():
        return None
    matches = [path for path in (folder / "snapshots").iterdir() if path.name.startswith(revision)]
    complete = [path for path in matches if _is_complete(path)]
    return complete[0] if len(complete) == 1 else None


def _is_complete(folder: Path) -> bool:
    if not (folder / "config.json").is_file():
        return False
    shards = _shards(folder)
    return all((folder / shard).is_file() for shard in shards) if shards else _has_weights(folder)


def _shards(folder: Path) -> Sequence[str]:
    # Of a download that was broken off some shards are there, and the index names the others.
    index = folder / "model.safetensors.index.json"
    names = re.findall(r'"([^"/]+\.safetensors)"', index.read_text(encoding="utf-8")) if index.is_file() else []
    return sorted(set(names))


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors")) or any(folder.glob("*.bin"))


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
