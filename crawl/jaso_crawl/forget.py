"""Takes records out of a crawl's folder: its files, its stored pages, and whatever a later crawl would bring back."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.io.files import read_jsonl, sha256_file, write_jsonl
from jaso_core.stage.folder import lock
from jaso_core.stage.manifest import FileEntry, Manifest, read_manifest
from jaso_core.text.company_name import plain_company
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.http.page_store import PageStore

_DOCUMENTS, _REJECTED, _TRUTH = "documents.jsonl", "rejected.jsonl", "truth.jsonl"


@dataclass(frozen=True)
class Found:
    """Records of one crawl folder that answer to what was asked for."""

    folder: Path
    ids: tuple[str, ...]
    urls: tuple[str, ...]


def find(folder: Path, what: str) -> Found:
    """The records of a complete crawl folder with this id, URL or company (whatever its legal form).

    RequestError when the folder's documents.jsonl is damaged.
    """
    documents = _rows(folder / _DOCUMENTS)
    chosen = [row for row in documents if row["id"] == what]
    chosen = chosen or [row for row in documents if _same_url(row.get("url"), what)]
    if not chosen and plain_company(what):
        chosen = [row for row in documents if plain_company(row.get("company")) == plain_company(what)]
    urls = [row["url"] for row in chosen if row.get("url")]
    urls += [row["where"] for row in _rows(folder / _REJECTED) if _same_url(row["where"], what)]
    if "://" in what:
        urls += [url for path in _stores(folder) for url in _stored_urls(path) if _same_url(url, what)]
    return Found(folder, tuple(row["id"] for row in chosen), tuple(dict.fromkeys(urls)))


def forget(found: Found) -> int:
    """Removes the records and their pages for good; returns the number of stored pages that went.

    A kill in between loses nothing but time: the folder then counts as changed, and is made again without them.
    RequestError when another process writes the folder.
    """
    folder = found.folder
    with lock(folder):
        manifest = read_manifest(folder)
        if manifest is None:
            raise RequestError(f"{folder}: not complete", "let its crawl finish first")
        rows = {name: _rows(folder / name) for name in (_DOCUMENTS, _REJECTED, _TRUTH)}  # all can be read: go on
        Tombstones(folder).add([*found.ids, *found.urls])
        pages = 0
        for path in _stores(folder):
            with PageStore(path) as store:
                pages += store.forget(found.urls)
        _rewrite(found, manifest, rows)
    return pages


def _stores(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*.sqlite"))


def _stored_urls(path: Path) -> list[str]:
    with PageStore(path) as store:
        return [*store.urls("page"), *store.links()]


def _rewrite(found: Found, manifest: Manifest, all_rows: Mapping[str, list[dict[str, Any]]]) -> None:
    folder, ids, urls = found.folder, set(found.ids), set(found.urls)
    dropped: dict[str, list[dict[str, Any]]] = {}
    tests: dict[str, Callable[[Mapping[str, Any]], bool]] = {
        _DOCUMENTS: lambda row: row["id"] in ids,
        _REJECTED: lambda row: row["where"] in urls,
        _TRUTH: lambda row: row["id"] in ids,
    }
    files = dict(manifest.files)
    for name, is_forgotten in tests.items():
        if name not in files:
            continue
        rows = all_rows[name]
        dropped[name] = [row for row in rows if is_forgotten(row)]
        if dropped[name]:
            kept = [row for row in rows if not is_forgotten(row)]
            path = folder / name
            write_jsonl(path, kept)
            files[name] = FileEntry(sha256_file(path), path.stat().st_size, len(kept))
    counts = dict(manifest.counts)
    gone = dropped[_DOCUMENTS]
    for name, number in (("documents", len(gone)), ("items", sum(len(row["items"]) for row in gone))):
        counts[name] = counts.get(name, 0) - number
    gone_reasons = Counter(row["reason"] for row in dropped.get(_REJECTED, []))
    counts["rejected"] = {k: n - gone_reasons[k] for k, n in counts.get("rejected", {}).items() if n > gone_reasons[k]}
    counts["forgotten"] = counts.get("forgotten", 0) + len(gone)
    dataclasses.replace(manifest, files=files, counts=counts).write(folder)


def _rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file, as they are; none when there is no such file."""
    if not path.is_file():
        return []
    try:
        return [row for _, row in read_jsonl(path)]
    except RequestError as error:
        raise RequestError(f"{path}: is damaged ({error})", "run its crawl once more") from None


def _same_url(url: str | None, what: str) -> bool:
    return url is not None and "://" in what and _bare(url) == _bare(what)


def _bare(url: str) -> str:
    return url.partition("://")[2].partition("#")[0].rstrip("/")
