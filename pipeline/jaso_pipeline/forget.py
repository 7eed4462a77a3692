"""`jaso forget`: delete a record from all crawls and list derived folders."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from jaso_core.console import result, say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.folder import STATE
from jaso_core.stage.manifest import NAME, Manifest, read_manifest

_MAX_LISTED = 5


def forget(arguments: list[str]) -> None:
    """Run `jaso forget <url|company|document id> [dir]`, by default below runs/.

    RequestError when no crawl at or below `dir` holds the target.
    """
    from jaso_crawl.forget import find
    from jaso_crawl.forget import forget as remove

    target, root = _parse_arguments(arguments)
    manifests = _complete_folders(root)
    matches = []
    for folder in (folder for folder, manifest in manifests.items() if manifest.stage == "crawl"):
        try:
            matches += [match for match in [find(folder, target)] if match.ids or match.urls]
        except RequestError as error:
            say(f"not searched: {error}")
    for folder in _unfinished_crawls(root):
        say(f"not searched: {folder}: not complete; run its crawl again, then forget")
    if not matches:
        raise RequestError(f"{root}: no crawl there holds '{target}'", "give a document's id, its address or a company")
    derived = _derived_folders(
        manifests, {match.folder for match in matches}, {name for match in matches for name in match.ids}
    )
    for match in matches:
        pages = remove(match)
        result(
            f"{match.folder}: forgot {_format_ids(match.ids)}; {pages:,} stored pages are gone, the lists among them"
        )
    for folder in derived:
        result(f"{folder}: {manifests[folder].stage} made from it; run it again to be rid of it there, too")
    if not derived:
        result(f"nothing else below {root} was made from it")


def _parse_arguments(arguments: list[str]) -> tuple[str, Path]:
    if len(arguments) not in (1, 2) or not arguments[0].strip():
        cure = "for example: jaso forget sample:900001 runs/demo"
        raise RequestError("`jaso forget` needs an id, an address or a company, and perhaps a folder", cure)
    root = Path(arguments[1]) if len(arguments) == 2 else Path("runs")
    if not root.is_dir():
        raise RequestError(f"{root}: no such folder", "say where: jaso forget <what> <dir>")
    return arguments[0].strip(), root


def _complete_folders(root: Path) -> dict[Path, Manifest]:
    """Return {folder: manifest} of every complete folder at or below `root`."""
    folders = sorted(path.parent for path in root.rglob(NAME) if not any(p.startswith(".") for p in path.parts[:-1]))
    return {folder: manifest for folder in folders if (manifest := read_manifest(folder)) is not None}


def _unfinished_crawls(root: Path) -> list[Path]:
    """Return the folders of interrupted crawls."""
    states = [path for path in root.rglob(f"{STATE}/request.json") if not (path.parents[1] / NAME).is_file()]
    return sorted(path.parents[1] for path in states if read_json(path).get("stage") == "crawl")


def _derived_folders(manifests: dict[Path, Manifest], crawls: set[Path], ids: set[str]) -> list[Path]:
    """Return the folders derived from the crawls: by content, by path, or by id.

    By id: a Parquet file holds the id of a document that is to be forgotten.
    """
    digests = {digest for folder in crawls for digest in _digests(manifests[folder])}
    paths = {path.resolve() for path in crawls}
    derived: list[Path] = []
    previous = -1
    # to a fixpoint: preprocess reads the crawl, train reads preprocess …
    while previous != len(derived):
        previous = len(derived)
        for folder, manifest in manifests.items():
            if folder in crawls or folder in derived:
                continue
            inputs = manifest.inputs.values()
            has_read = any(entry["sha256"] in digests or _is_below(entry["path"], paths) for entry in inputs)
            if has_read or _contains_ids(folder, manifest, ids):
                derived.append(folder)
                digests |= _digests(manifest)
                paths.add(folder.resolve())
    return derived


def _digests(manifest: Manifest) -> set[str]:
    return {manifest.content_hash(), *(entry.sha256 for entry in manifest.files.values())}


def _is_below(path: str, folders: set[Path]) -> bool:
    resolved = Path(path).resolve()
    return any(resolved == folder or folder in resolved.parents for folder in folders)


def _contains_ids(folder: Path, manifest: Manifest, ids: set[str]) -> bool:
    for path in (folder / name for name in manifest.files if name.endswith(".parquet")):
        if path.is_file() and "document_id" in pq.read_schema(path).names:
            stored_ids = pq.read_table(path, columns=["document_id"])["document_id"].to_pylist()
            if not ids.isdisjoint(stored_ids):
                return True
    return False


def _format_ids(ids: tuple[str, ...]) -> str:
    if not ids:
        return "a page that was no record"
    listed = ", ".join(ids[:_MAX_LISTED])
    more = f" and {len(ids) - _MAX_LISTED:,} more" if len(ids) > _MAX_LISTED else ""
    return f"{len(ids):,} records ({listed}{more})" if len(ids) != 1 else ids[0]
