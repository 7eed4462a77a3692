"""Lineage of a run: the stages that led to its scores, and the first that changed.

Read from the manifests: each names its inputs with their digests, so that a folder that was made again since is not
taken for the one that was read. Nothing here depends on a folder's path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, TypedDict

from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_file
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.runner import changes

ORDER = ("crawl", "preprocess", "train", "evaluate", "score")


class StepFile(TypedDict):
    """A file of a step: its digest, and rows where it has some."""

    sha256: str
    rows: int | None


class Step(TypedDict):
    """One stage's folder, without paths; `inputs`: digests by name."""

    name: str
    stage: str
    request: dict[str, Any]
    inputs: dict[str, str]
    files: dict[str, StepFile]
    versions: dict[str, str]


_REPORT_FILES = re.compile(r"(.*/)?(run\.json|report\.html|card\.html|README\.md)|tensorboard/.*")
"""Files that report on a run, some with its times and commands.

Nothing is made from them.
"""

_ABSOLUTE = re.compile(r"(/|~|file:/|[A-Za-z]:[\\/]|\\\\).+", re.DOTALL)


def trace(run: Path) -> list[Step]:
    """Return the steps that led to `run`, in the order of the stages.

    As far as their folders are still there, unchanged.
    """
    by_hash: dict[str, tuple[Path, Manifest]] = {}
    queue = [run]
    while queue:
        folder = queue.pop(0)
        manifest = _manifest(folder)
        if manifest is None or manifest.content_hash() in by_hash:
            continue
        by_hash[manifest.content_hash()] = folder, manifest
        queue += _input_folders(folder, manifest)
    ranked = sorted((manifest for _, manifest in by_hash.values()), key=lambda manifest: _stage_order(manifest.stage))
    counts: dict[str, int] = {}
    steps = []
    for manifest in ranked:
        # Two crawls → steps "crawl" and "crawl 2"
        counts[manifest.stage] = number = counts.get(manifest.stage, 0) + 1
        steps.append(_step(manifest.stage if number == 1 else f"{manifest.stage} {number}", manifest))
    return steps


def first_change(before: Sequence[Step], after: Sequence[Step]) -> dict[str, Any] | None:
    """Return the first step known to both sides whose files differ; None without one.

    {"step", "files": [{"name", "what", "rows"}], "request": ["key: old → new"], "versions", "unknown"}; "unknown"
    names the steps before it that only one side knows, where the change may have begun.
    """
    old, new = {step["name"]: step for step in before}, {step["name"]: step for step in after}
    unknown = []
    for name in sorted(old.keys() | new.keys(), key=lambda name: (_stage_order(name.split()[0]), name)):
        if name not in old or name not in new:
            unknown.append(f"{name} (only known of the {'run' if name in new else 'baseline'})")
            continue
        files = _changed_files(old[name]["files"], new[name]["files"])
        if files:
            return {
                "step": name,
                "files": files,
                "request": changes(_state(old[name]), _state(new[name])),
                "versions": _changed_versions(old[name]["versions"], new[name]["versions"]),
                "unknown": unknown,
            }
    return None


def is_retrained(before: Sequence[Step], after: Sequence[Step]) -> bool:
    """Whether another training made the model.

    A model that only one side knows counts as another one.
    """
    models: list[list[Any]] = [
        [step["files"] for step in steps if step["stage"] == "train"]
        or [step["inputs"].get("model") for step in steps if step["stage"] == "evaluate"]
        for steps in (before, after)
    ]
    return models[0] != models[1]


def find_source(folder: Path, entry: Mapping[str, str]) -> Path | None:
    """Find the file or folder of a manifest's input entry, where it is unchanged.

    It is looked for at its path, then beside `folder`, where a moved pipeline has it.
    """
    path = Path(entry["path"])
    for candidate in (path, folder.parent / path.name, folder.parent / path.parent.name / path.name):
        if candidate.is_file() and sha256_file(candidate) == entry["sha256"]:
            return candidate
        manifest = _manifest(candidate)
        if manifest is not None and manifest.content_hash() == entry["sha256"]:
            return candidate
    return None


def strip_paths(value: Any) -> Any:
    """Replace each absolute path in the value by its last part."""
    if isinstance(value, Mapping):
        return {str(key): strip_paths(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strip_paths(item) for item in value]
    if isinstance(value, str) and _ABSOLUTE.fullmatch(value):
        return PurePath(value.replace("\\", "/")).name
    return value


def _stage_order(stage: str) -> int:
    return ORDER.index(stage) if stage in ORDER else len(ORDER)


def _step(name: str, manifest: Manifest) -> Step:
    return {
        "name": name,
        "stage": manifest.stage,
        "request": strip_paths(manifest.request),
        "inputs": {key: entry["sha256"] for key, entry in manifest.inputs.items()},
        "files": {
            file: {"sha256": entry.sha256, "rows": entry.rows}
            for file, entry in manifest.files.items()
            if not _REPORT_FILES.fullmatch(file)
        },
        "versions": dict(manifest.versions),
    }


def _input_folders(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """Yield the folders of the inputs.

    Of an input that is a file, the folder of the stage that wrote it.
    """
    for entry in manifest.inputs.values():
        source = find_source(folder, entry)
        if source is not None and source.is_dir():
            yield source
        elif source is not None:
            parent = _manifest(source.parent)
            if parent is not None and source.name in parent.files:
                yield source.parent


def _manifest(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder) if folder.is_dir() else None
    except RequestError:  # some other program's manifest.json
        return None


def _state(step: Step) -> dict[str, Any]:
    return {
        "request": step["request"],
        "inputs": {name: {"sha256": digest} for name, digest in step["inputs"].items()},
        "stage": step["stage"],
        "jaso": step["versions"].get("jaso"),
    }


def _changed_files(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            files.append({"name": name, "what": "new" if old is None else "gone", "rows": None})
        elif old["sha256"] != new["sha256"]:
            files.append({"name": name, "what": "changed", "rows": [old["rows"], new["rows"]]})
    return files


def _changed_versions(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [
        f"{name} {before.get(name, '(none)')} → {after.get(name, '(none)')}"
        for name in sorted((before.keys() | after.keys()) - {"jaso"})
        if before.get(name) != after.get(name)
    ]
