"""Remove records from a crawl folder: files, stored pages, and future crawls."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from jaso_core.errors import RequestError
from jaso_core.io.files import sha256_file, write_jsonl
from jaso_core.io.shapes import read_jsonl_as
from jaso_core.stage.folder import lock
from jaso_core.stage.manifest import FileEntry, Manifest, read_manifest
from jaso_core.text.company_name import plain_company
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.http.page_store import PageStore

_DOCUMENTS, _REJECTED, _TRUTH = "documents.jsonl", "rejected.jsonl", "truth.jsonl"


class _Document(TypedDict):
    """A line of documents.jsonl, as far as it is read here."""

    id: str
    url: NotRequired[str | None]
    company: NotRequired[str | None]
    items: list[Any]


class _Rejected(TypedDict):
    """A line of rejected.jsonl."""

    where: str
    reason: str


class _Truth(TypedDict):
    """A line of truth.jsonl."""

    id: str


_KINDS = {_DOCUMENTS: _Document, _REJECTED: _Rejected, _TRUTH: _Truth}


@dataclass(frozen=True)
class Matches:
    """Records of one crawl folder that match a query."""

    folder: Path
    ids: tuple[str, ...]
    urls: tuple[str, ...]


def find(folder: Path, query: str) -> Matches:
    """Find records of a complete crawl folder by id, URL or company.

    A company matches whatever its legal form. RequestError when the folder's documents.jsonl is damaged.
    """
    documents = _read_rows(folder / _DOCUMENTS, _Document)
    matching = [row for row in documents if row["id"] == query]
    matching = matching or [row for row in documents if _same_url(row.get("url"), query)]
    if not matching and plain_company(query):
        matching = [row for row in documents if plain_company(row.get("company")) == plain_company(query)]
    urls = [row["url"] for row in matching if row.get("url")]
    urls += [row["where"] for row in _read_rows(folder / _REJECTED, _Rejected) if _same_url(row["where"], query)]
    if "://" in query:
        urls += [url for path in _store_paths(folder) for url in _stored_urls(path) if _same_url(url, query)]
    return Matches(folder, tuple(row["id"] for row in matching), tuple(dict.fromkeys(urls)))


def forget(matches: Matches) -> int:
    """Remove the records and their pages; return the number of removed pages.

    A kill in between loses only time: the folder then counts as changed, and is made again without them. RequestError
    when another process writes the folder.
    """
    folder = matches.folder
    with lock(folder):
        manifest = read_manifest(folder)
        if manifest is None:
            raise RequestError(f"{folder}: not complete", "let its crawl finish first")
        rows = {name: _read_rows(folder / name, kind) for name, kind in _KINDS.items()}  # all readable
        Tombstones(folder).add([*matches.ids, *matches.urls])
        pages = 0
        for path in _store_paths(folder):
            with PageStore(path) as store:
                pages += store.forget(matches.urls)
        _rewrite(matches, manifest, rows)
    return pages


def _store_paths(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*.sqlite"))


def _stored_urls(path: Path) -> list[str]:
    with PageStore(path) as store:
        return [*store.urls("page"), *store.links()]


def _rewrite(matches: Matches, manifest: Manifest, all_rows: Mapping[str, list[dict[str, Any]]]) -> None:
    folder, ids, urls = matches.folder, set(matches.ids), set(matches.urls)
    rows_to_drop: dict[str, list[dict[str, Any]]] = {}
    is_forgotten_by_file: dict[str, Callable[[Mapping[str, Any]], bool]] = {
        _DOCUMENTS: lambda row: row["id"] in ids,
        _REJECTED: lambda row: row["where"] in urls,
        _TRUTH: lambda row: row["id"] in ids,
    }
    files = dict(manifest.files)
    for name, is_forgotten in is_forgotten_by_file.items():
        if name not in files:
            continue
        rows = all_rows[name]
        rows_to_drop[name] = [row for row in rows if is_forgotten(row)]
        if rows_to_drop[name]:
            remaining = [row for row in rows if not is_forgotten(row)]
            path = folder / name
            write_jsonl(path, remaining)
            files[name] = FileEntry(sha256_file(path), path.stat().st_size, len(remaining))
    counts = dict(manifest.counts)
    forgotten = rows_to_drop[_DOCUMENTS]
    for name, number in (("documents", len(forgotten)), ("items", sum(len(row["items"]) for row in forgotten))):
        counts[name] = counts.get(name, 0) - number
    forgotten_reasons = Counter(row["reason"] for row in rows_to_drop.get(_REJECTED, []))
    counts["rejected"] = {
        k: n - forgotten_reasons[k] for k, n in counts.get("rejected", {}).items() if n > forgotten_reasons[k]
    }
    counts["forgotten"] = counts.get("forgotten", 0) + len(forgotten)
    dataclasses.replace(manifest, files=files, counts=counts).write(folder)


def _read_rows(path: Path, kind: type[Any]) -> list[Any]:
    """Read the objects of a JSONL file; an empty list when it is absent."""
    if not path.is_file():
        return []
    try:
        return list(read_jsonl_as(path, kind))
    except RequestError as error:
        raise RequestError(f"{path}: is damaged ({error})", "run its crawl once more") from None


def _same_url(url: str | None, query: str) -> bool:
    return url is not None and "://" in query and _without_scheme(url) == _without_scheme(query)


def _without_scheme(url: str) -> str:
    return url.partition("://")[2].partition("#")[0].rstrip("/")
