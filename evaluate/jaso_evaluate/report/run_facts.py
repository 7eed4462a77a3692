"""Facts of earlier stages for the report, read from their folders.

No model is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jaso_core.io.shapes import read_json_as, read_jsonl_as
from jaso_core.stage.manifest import Manifest, read_manifest
from jaso_core.stage.schema import LogRow, PreprocessStats


def training_facts(train_folder: Path) -> dict[str, Any]:
    """Return command, time, request and log.jsonl of the training."""
    manifest = read_manifest(train_folder)
    log = train_folder / "log.jsonl"
    return {**_manifest_facts(manifest), "log": list(read_jsonl_as(log, LogRow)) if log.is_file() else []}


def input_facts(preprocess_folder: Path) -> dict[str, Any]:
    """Return command, time, counts and dropped rows by reason of the preprocessing."""
    manifest = read_manifest(preprocess_folder)
    stats = preprocess_folder / "stats.json"
    return {**_manifest_facts(manifest), "stats": read_json_as(stats, PreprocessStats) if stats.is_file() else {}}


def crawl_facts(preprocess_folder: Path) -> list[dict[str, Any]]:
    """Return command, time and licences of each crawl that was preprocessed.

    Where its folder is still there.
    """
    manifest = read_manifest(preprocess_folder)
    folders = [Path(entry["path"]) for entry in manifest.inputs.values()] if manifest is not None else []
    return [_manifest_facts(read_manifest(folder)) for folder in folders if read_manifest(folder) is not None]


def _manifest_facts(manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        return {}
    return {
        "command": manifest.command,
        "seconds": manifest.timings.get("total_seconds"),
        "jaso": manifest.versions.get("jaso"),
        "request": dict(manifest.request),
        "licences": list(manifest.licences),
        "counts": dict(manifest.counts),
    }
