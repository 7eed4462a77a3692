"""`jaso forget`: removes a record wherever it was crawled to, and says what was made from it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from jaso_core.console import result, say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.folder import STATE
from jaso_core.stage.manifest import NAME, Manifest, read_manifest

_FIRST_LISTED = 5


def forget(arguments: list[str]) -> None:
    """`jaso forget <url|company|document id> [dir]`: at and below `dir`, else below runs/.

    RequestError when nothing there answers to it.
    """
    from jaso_crawl.forget import find
    from jaso_crawl.forget import forget as remove

    what, root = _asked(arguments)
    manifests = _manifests(root)
    found = []
    for folder in (folder for folder, manifest in manifests.items() if manifest.stage == "crawl"):
        try:
            found += [one for one in [find(folder, what)] if one.ids or one.urls]
        except RequestError as error:
            say(f"not searched: {error}")
    for folder in _unfinished(root):
        say(f"not searched: {folder}: not complete; run its crawl again, then forget")
    if not found:
        raise RequestError(f"{root}: no crawl there holds '{what}'", "give a document's id, its address or a company")
    used_by = _used_by(manifests, {one.folder for one in found}, {name for one in found for name in one.ids})
    for one in found:
        pages = remove(one)
        result(f"{one.folder}: forgot {_counted(one.ids)}; {pages:,} stored pages are gone, the lists among them")
    for folder in used_by:
        result(f"{folder}: {manifests[folder].stage} made from it; run it again to be rid of it there, too")
    if not used_by:
        result(f"nothing else below {root} was made from it")


def _asked(arguments: list[str]) -> tuple[str, Path]:
    if len(arguments) not in (1, 2) or not arguments[0].strip():
        cure = "for example: jaso forget sample:900001 runs/demo"
        raise RequestError("`jaso forget` needs an id, an address or a company, and perhaps a folder", cure)
    root = Path(arguments[1]) if len(arguments) == 2 else Path("runs")
    if not root.is_dir():
        raise RequestError(f"{root}: no such folder", "say where: jaso forget <what> <dir>")
    return arguments[0].strip(), root


def _manifests(root: Path) -> dict[Path, Manifest]:
    """Every complete folder at or below `root`."""
    folders = sorted(path.parent for path in root.rglob(NAME) if not any(p.startswith(".") for p in path.parts[:-1]))
    return {folder: manifest for folder in folders if (manifest := read_manifest(folder)) is not None}


def _unfinished(root: Path) -> list[Path]:
    """Crawls that were broken off."""
    states = [path for path in root.rglob(f"{STATE}/request.json") if not (path.parents[1] / NAME).is_file()]
    return sorted(path.parents[1] for path in states if read_json(path).get("stage") == "crawl")


def _used_by(manifests: dict[Path, Manifest], crawls: set[Path], ids: set[str]) -> list[Path]:
    """The folders that were made from what is to be forgotten: by content, by path, or because they hold its id."""
    digests = {digest for folder in crawls for digest in _digests(manifests[folder])}
    paths = {path.resolve() for path in crawls}
    used: list[Path] = []
    before = -1
    while before != len(used):
        before = len(used)
        for folder, manifest in manifests.items():
            if folder in crawls or folder in used:
                continue
            inputs = manifest.inputs.values()
            read = any(entry["sha256"] in digests or _below(entry["path"], paths) for entry in inputs)
            if read or _holds(folder, manifest, ids):
                used.append(folder)
                digests |= _digests(manifest)
                paths.add(folder.resolve())
    return used


def _digests(manifest: Manifest) -> set[str]:
    return {manifest.content_hash(), *(entry.sha256 for entry in manifest.files.values())}


def _below(path: str, folders: set[Path]) -> bool:
    place = Path(path).resolve()
    return any(place == folder or folder in place.parents for folder in folders)


def _holds(folder: Path, manifest: Manifest, ids: set[str]) -> bool:
    for path in (folder / name for name in manifest.files if name.endswith(".parquet")):
        if path.is_file() and "document_id" in pq.read_schema(path).names:
            held = pq.read_table(path, columns=["document_id"])["document_id"].to_pylist()
            if not ids.isdisjoint(held):
                return True
    return False


def _counted(ids: tuple[str, ...]) -> str:
    if not ids:
        return "a page that was no record"
    shown = ", ".join(ids[:_FIRST_LISTED])
    more = f" and {len(ids) - _FIRST_LISTED:,} more" if len(ids) > _FIRST_LISTED else ""
    return f"{len(ids):,} records ({shown}{more})" if len(ids) != 1 else ids[0]
