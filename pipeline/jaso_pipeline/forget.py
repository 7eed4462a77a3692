"""`jaso forget`: delete a record from all crawls and list derived folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jaso_core.console import result, say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.io.parquet import read_parquet_batches, read_parquet_schema
from jaso_core.stage.folder_state import FolderStates
from jaso_core.stage.manifest import NAME, Manifest, read_manifest
from jaso_core.stage.own_files import STATE
from jaso_core.text.company_name import plain_company

if TYPE_CHECKING:
    from jaso_crawl.forget import Matches

_MAX_LISTED = 5


def forget(arguments: list[str]) -> None:
    """Run `jaso forget <url|company|document id> [dir]`, by default below runs/.

    Folders made from the record are also listed where they are outside a narrow `dir`, and again when the record was
    forgotten before. RequestError when no crawl at or below `dir` holds the target, or ever did.
    """
    from jaso_crawl.forget import forget as remove

    target, root = _parse_arguments(arguments)
    wide = _wider_folder(root)
    manifests = _complete_folders(wide)
    matches = _find_matches(manifests, target)
    inside = [match for match in matches if _is_at_or_below(match.folder, root)]
    for folder in _unfinished_crawls(wide):
        say(f"not searched: {folder}: not complete; run its crawl again, then forget")
    earlier = _forgotten_before(manifests, target)
    if not inside and not any(_is_at_or_below(folder, root) for folder in earlier):
        cure = "give a document's id, its address or a company"
        cure = f"{matches[0].folder} holds it: give that folder" if matches else cure
        raise RequestError(f"{root}: no crawl there holds '{target}'", cure)
    # listed before anything is removed: then the crawls' digests are still those that others were made from
    derived = _derived_folders(
        manifests, {match.folder for match in inside}, {name for match in inside for name in match.ids}
    )
    remaining = [folder for folder in _remaining_folders(manifests, earlier) if folder not in derived]
    for match in inside:
        pages = remove(match)
        result(
            f"{match.folder}: forgot {_format_ids(match.ids)}; {pages:,} stored pages are gone, the lists among them"
        )
    if not inside:
        result(f"{', '.join(map(str, earlier))}: '{target}' was forgotten before")
    for folder in derived:
        result(f"{folder}: {manifests[folder].stage} made from it; run it again to be rid of it there, too")
    for folder in remaining:
        result(f"{folder}: {manifests[folder].stage} made before it was forgotten; run it again to be rid of it there")
    for match in matches:
        if match not in inside:
            result(f"{match.folder}: also holds it; jaso forget '{target}' {match.folder} removes it there")
    if not derived and not remaining:
        result(f"nothing else below {wide} was made from it")


def _find_matches(manifests: Mapping[Path, Manifest], target: str) -> list[Matches]:
    """Return the crawls that hold the target; a damaged one is reported."""
    from jaso_crawl.forget import find

    matches = []
    for folder in (folder for folder, manifest in manifests.items() if manifest.stage == "crawl"):
        try:
            matches += [match for match in [find(folder, target)] if match.ids or match.urls]
        except RequestError as error:
            say(f"not searched: {error}")
    return matches


def _wider_folder(root: Path) -> Path:
    """Return the folder in which others may have been made from a crawl in `root`.

    The usual runs/ if `root` is in it; the folder around a crawl, since the other stages are beside it.
    """
    runs = Path("runs")
    if runs.is_dir() and _is_at_or_below(root, runs):
        return runs
    return root.parent if (root / NAME).is_file() else root


def _is_at_or_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _forgotten_before(manifests: Mapping[Path, Manifest], target: str) -> list[Path]:
    """Return the crawls in which the target was forgotten by an earlier command.

    They keep digests of ids and addresses only. A company is known by the examples that still name it.
    """
    from jaso_crawl.crawler.tombstones import Tombstones

    crawls = {folder: Tombstones(folder) for folder, manifest in manifests.items() if manifest.stage == "crawl"}
    ids = {row[0] for folder, manifest in manifests.items() for row in _stored_records(folder, manifest, target)}
    names = {target, *ids}
    return [folder for folder, tombstones in crawls.items() if any(name in tombstones for name in names)]


def _stored_records(folder: Path, manifest: Manifest, company: str) -> Iterator[tuple[str, str]]:
    """Yield (document id, company) of the examples of a company."""
    wanted = plain_company(company)
    for path in _example_files(folder, manifest) if wanted else ():
        if "company" not in read_parquet_schema(path).names:
            continue
        for batch in read_parquet_batches(path, ["document_id", "company"]):
            for name, stored in zip(batch["document_id"].to_pylist(), batch["company"].to_pylist(), strict=True):
                if plain_company(stored) == wanted:
                    yield name, stored


def _remaining_folders(manifests: Mapping[Path, Manifest], crawls: Sequence[Path]) -> list[Path]:
    """Return folders that hold forgotten records, or were made from such.

    Of those made from the crawls only the ones that were not made again since.
    """
    from jaso_crawl.crawler.tombstones import Tombstones

    states, tombstones = FolderStates(), [Tombstones(folder) for folder in crawls]
    forgotten = {
        name
        for folder, manifest in manifests.items()
        for name in _document_ids(folder, manifest)
        if any(name in stones for stones in tombstones)
    }
    return [
        folder
        for folder in _derived_folders(manifests, set(crawls), forgotten)
        if _contains_ids(folder, manifests[folder], forgotten) or states.outdated(folder, manifests[folder])
    ]


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
    requests = {path.parents[1]: read_json(path) for path in states}
    return sorted(
        folder for folder, body in requests.items() if isinstance(body, dict) and body.get("stage") == "crawl"
    )


def _derived_folders(manifests: Mapping[Path, Manifest], crawls: set[Path], ids: set[str]) -> list[Path]:
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
    return not ids.isdisjoint(_document_ids(folder, manifest))


def _document_ids(folder: Path, manifest: Manifest) -> set[str]:
    return {
        name
        for path in _example_files(folder, manifest)
        for batch in read_parquet_batches(path, ["document_id"])
        for name in batch["document_id"].to_pylist()
    }


def _example_files(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """Yield the folder's Parquet files with a column document_id."""
    for path in (folder / name for name in manifest.files if name.endswith(".parquet")):
        if path.is_file() and "document_id" in read_parquet_schema(path).names:
            yield path


def _format_ids(ids: tuple[str, ...]) -> str:
    if not ids:
        return "a page that was no record"
    listed = ", ".join(ids[:_MAX_LISTED])
    more = f" and {len(ids) - _MAX_LISTED:,} more" if len(ids) > _MAX_LISTED else ""
    return f"{len(ids):,} records ({listed}{more})" if len(ids) != 1 else ids[0]
