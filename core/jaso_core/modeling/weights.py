"""Model weights: located, hashed, and read without executing code in the files.

Safetensors files are taken as they are. A pickle (pytorch_model.bin) is unpickled once, by a reader that builds
tensors and nothing else, and is cached as safetensors; the user's folder is never written to.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_path, read_json, sha256_file

if TYPE_CHECKING:
    from torch import Tensor

SAFE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLE = "pytorch_model.bin"
CACHE_VARIABLE = "JASO_CACHE"

_MOST_SHARING = 4
_FETCH_AGAIN = "fetch or copy the file once more"


@dataclass(frozen=True)
class Weights:
    """Located weights as safetensors files in `folder`.

    `sha256`: hash of the user's file, pickle or not; of the lines of `sha256sum` where there are several files.
    """

    folder: Path
    sha256: str


def find_weights(folder: Path, pinned: str | None = None) -> Weights:
    """Locate the weights in `folder`, converting a pickle if needed.

    RequestError: none there, damaged, with code in them, of another hash than `pinned`.
    """
    if not folder.is_dir():
        raise RequestError(f"{folder}: no such folder", "give the folder that the model lies in")
    files = _files(folder)
    sha256 = _sha256(files)
    if pinned is not None and sha256 != pinned:
        raise RequestError(
            f"{files[0]}: its sha256 is {sha256}, not {pinned}",
            "these are other weights: give those that were meant, or the new hash",
        )
    if files[0].name == PICKLE:
        return Weights(_convert_pickle(files[0], sha256), sha256)
    for file in files:
        _check_header(file, _FETCH_AGAIN)
    return Weights(folder, sha256)


def _files(folder: Path) -> list[Path]:
    if (folder / "adapter_config.json").is_file():  # transformers would load the model that it names
        raise RequestError(f"{folder}: holds an adapter", "merge it into its model and give that folder")
    if (folder / SAFE).is_file():
        return [folder / SAFE]
    if (folder / INDEX).is_file():
        return _shards(folder)
    if (folder / PICKLE).is_file():
        return [folder / PICKLE]
    if (folder / f"{PICKLE}.index.json").is_file():
        raise RequestError(f"{folder}: has its weights in several pickles", "give them as safetensors")
    raise RequestError(f"{folder}: has no {SAFE} or {PICKLE}", "put the model's weights there")


def _shards(folder: Path) -> list[Path]:
    """Return the files that the index names, sorted; none outside the folder."""
    index = read_json(folder / INDEX)
    table = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(table, dict) or not table:
        raise RequestError(f"{folder / INDEX}: names no files", _FETCH_AGAIN)
    names = sorted({str(name) for name in table.values()})
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise RequestError(f"{folder / INDEX}: there is no file '{name}' beside it", _FETCH_AGAIN)
    return [folder / name for name in names]


def _sha256(files: Sequence[Path]) -> str:
    if len(files) == 1:
        return sha256_file(files[0])
    lines = "".join(f"{sha256_file(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _check_header(file: Path, cure: str) -> None:
    """Check the length of a safetensors file, which its header states."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(file), "pt"):
            return
    except (SafetensorError, OSError) as error:
        raise RequestError(f"{file}: is damaged ({str(error).splitlines()[0]})", cure) from None


def _convert_pickle(pickle: Path, sha256: str) -> Path:
    """Return a cache folder with the pickle's tensors as model.safetensors.

    Converted when the cache does not have it.
    """
    folder = cache_folder() / "weights" / sha256
    file = folder / SAFE
    if file.is_file():
        _check_header(file, "remove it: it is made again")
        return folder
    from safetensors.torch import save_file

    tensors = _read_pickle(pickle)
    with atomic_path(file) as temporary:
        save_file(tensors, str(temporary), metadata={"format": "pt"})
    say(f"{pickle} is a pickle: read without running anything in it, and kept as {file}")
    return folder


def cache_folder() -> Path:
    """Return the cache folder, $JASO_CACHE or ~/.cache/jaso.

    Its contents can be rebuilt at any time.
    """
    folder = os.environ.get(CACHE_VARIABLE)
    return Path(folder) if folder else Path.home() / ".cache" / "jaso"


def _read_pickle(file: Path) -> dict[str, Tensor]:
    """Return the tensors by name, no two with shared memory.

    RequestError for damage, and for anything but tensors.
    """
    import torch

    archive = zipfile.is_zipfile(file)
    if not archive and file.read_bytes()[:2] == b"PK":
        raise RequestError(f"{file}: is damaged (its end is missing)", _FETCH_AGAIN)
    try:
        # Files from before PyTorch 1.6 are no archives and cannot be mapped; `weights_only` holds for them too.
        _check_archive(file)
        state: Any = torch.load(str(file), map_location="cpu", weights_only=True, mmap=archive)
    except RequestError:
        raise
    except Exception as error:  # a damaged file may raise anything
        forbidden = re.search(r"GLOBAL (\S+)", str(error))
        if forbidden:
            what = f"{file}: wants to run {forbidden[1]} when it is opened; it was not run"
            raise RequestError(what, "trust no such file: give weights as safetensors from a source you know") from None
        raise RequestError(f"{file}: is damaged or no file of PyTorch's", _FETCH_AGAIN) from None
    if not isinstance(state, dict) or not state or not all(torch.is_tensor(value) for value in state.values()):
        raise RequestError(f"{file}: holds more than named tensors", "give the model's state dict, or safetensors")
    _check_claims(file, state)
    return _unshare_memory({str(name): value for name, value in state.items()})


def _check_archive(file: Path) -> None:
    """Raise RequestError for an archive that unpacks to more than it is.

    PyTorch packs nothing.
    """
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > file.stat().st_size:
        what = f"{file}: unpacks to {size:,} bytes, and has {file.stat().st_size:,}"
        raise RequestError(what, "trust no such file: give weights as safetensors from a source you know")


def _check_claims(file: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise RequestError for tensors that claim more than the file holds.

    A stride of 0 makes 4 TB of four bytes. Tied tensors share their bytes, so some claim them twice.
    """
    claimed = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    size = file.stat().st_size
    if claimed > _MOST_SHARING * size:
        name = max(tensors, key=lambda key: tensors[key].numel() * tensors[key].element_size())
        what = f"{file}: its tensors, '{name}' above all, claim {claimed:,} bytes, and it has {size:,}"
        raise RequestError(what, "trust no such file: give weights as safetensors from a source you know")


def _unshare_memory(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copy tensors that share memory (tied embeddings), which safetensors cannot hold."""
    seen: set[int] = set()
    separate = {}
    for name, tensor in tensors.items():
        address = tensor.untyped_storage().data_ptr()
        separate[name] = tensor.clone().contiguous() if address in seen else tensor.contiguous()
        seen.add(address)
    return separate
