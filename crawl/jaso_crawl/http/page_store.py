"""Page store: fetched and rendered pages with headers, time and hash in SQLite.

A page is one transaction: after a kill it is there whole or not at all. It is stored before it is parsed, so that a
corrected parser can run again without a request to the site.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import WorkError

_TABLES = """
CREATE TABLE IF NOT EXISTS page (
    url TEXT PRIMARY KEY, kind TEXT, final_url TEXT, status INTEGER, headers TEXT, body BLOB, sha256 TEXT,
    stored_at REAL, robots TEXT, needed_by TEXT);
CREATE TABLE IF NOT EXISTS link (url TEXT PRIMARY KEY, context TEXT);
CREATE TABLE IF NOT EXISTS rendered (
    url TEXT PRIMARY KEY, kind TEXT, html BLOB, sha256 TEXT, stored_at REAL, fetched_at TEXT, robots TEXT);
"""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A stored answer of a site.

    `stored_at` in seconds since 1970; header names are in lower case. `kind`: robots, list, page (a letter's), and
    list-part or part for what a browser fetched for one (`needed_by`).
    """

    url: str
    kind: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    stored_at: float
    robots: str | None = None
    needed_by: str | None = None


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page's final HTML in a browser."""

    url: str
    kind: str
    html: str
    stored_at: float
    fetched_at: str | None
    robots: str | None = None


class PageStore:
    """Context manager of a page store; thread-safe.

    WorkError when SQLite fails: full disk, damaged file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._catch_sqlite_errors():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA secure_delete=ON")  # overwrite deleted pages
            self._connection.executescript(_TABLES)

    def __enter__(self) -> PageStore:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._connection.close()

    def get(self, url: str, since: float = 0.0) -> StoredPage | None:
        """Return the answer to `url` if stored at `since` or later, else None."""
        row = self._fetch_row("SELECT * FROM page WHERE url = ? AND stored_at >= ?", url, since)
        if row is None:
            return None
        url, kind, final_url, status, headers, compressed, digest, stored_at, robots, needed_by = row
        body = self._decompress(url, compressed, digest)
        return StoredPage(url, kind, final_url, status, json.loads(headers), body, stored_at, robots, needed_by)

    def put(self, page: StoredPage) -> None:
        """Store a page, replacing an earlier one."""
        values = (
            page.url, page.kind, page.final_url, page.status, json.dumps(dict(page.headers)),
            zlib.compress(page.body, 1), _digest(page.body), page.stored_at, page.robots, page.needed_by,
        )  # fmt: skip
        self._write(f"INSERT OR REPLACE INTO page VALUES ({', '.join('?' * len(values))})", values)

    def get_rendered(self, url: str, since: float = 0.0) -> RenderedPage | None:
        """Return the rendered `url` if stored at `since` or later, else None."""
        row = self._fetch_row("SELECT * FROM rendered WHERE url = ? AND stored_at >= ?", url, since)
        if row is None:
            return None
        url, kind, compressed, digest, stored_at, fetched_at, robots = row
        return RenderedPage(
            url, kind, self._decompress(url, compressed, digest).decode(), stored_at, fetched_at, robots
        )

    def put_rendered(self, page: RenderedPage) -> None:
        """Store a rendered page, replacing an earlier one."""
        html = page.html.encode(errors="replace")  # scripts can make lone surrogates
        values = (page.url, page.kind, zlib.compress(html, 1), _digest(html), page.stored_at, page.fetched_at,
                  page.robots)  # fmt: skip
        self._write(f"INSERT OR REPLACE INTO rendered VALUES ({', '.join('?' * len(values))})", values)

    def urls(self, kind: str) -> list[str]:
        """Return the URLs of all stored pages of a kind."""
        with self._lock, self._catch_sqlite_errors():
            return [
                url for (url,) in self._connection.execute("SELECT url FROM page WHERE kind = ? ORDER BY url", (kind,))
            ]

    def put_links(self, links: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Store each letter's context from the lists, for when list pages are gone.

        `links`: (URL, context for the parser).
        """
        rows = [(url, json.dumps(dict(context), ensure_ascii=False)) for url, context in links]
        with self._lock, self._catch_sqlite_errors():
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO link VALUES (?, ?)", rows)
            self._connection.execute("COMMIT")

    def links(self) -> dict[str, Any]:
        """Return {URL: context} of all letters ever listed and not forgotten."""
        with self._lock, self._catch_sqlite_errors():
            rows = self._connection.execute("SELECT url, context FROM link ORDER BY url").fetchall()
        return {url: json.loads(context) for url, context in rows}

    def forget(self, urls: Iterable[str]) -> int:
        """Remove letters' pages, what was fetched for them, and all list pages.

        List pages quote letters. Returns the number of removed pages. The bytes are overwritten.
        """
        removed = 0
        with self._lock, self._catch_sqlite_errors():
            for url in urls:
                removed += self._connection.execute(
                    "DELETE FROM page WHERE url = ?1 OR needed_by = ?1", (url,)
                ).rowcount
                removed += self._connection.execute("DELETE FROM rendered WHERE url = ?", (url,)).rowcount
                self._connection.execute("DELETE FROM link WHERE url = ?", (url,))
            for table in ("page", "rendered"):
                removed += self._connection.execute(f"DELETE FROM {table} WHERE kind LIKE 'list%'").rowcount
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return removed

    def _fetch_row(self, query: str, *values: object) -> Any:
        with self._lock, self._catch_sqlite_errors():
            return self._connection.execute(query, values).fetchone()

    def _write(self, query: str, values: tuple[object, ...]) -> None:
        with self._lock, self._catch_sqlite_errors():
            self._connection.execute(query, values)

    def _decompress(self, url: str, compressed: bytes, digest: str) -> bytes:
        with self._catch_sqlite_errors():
            try:
                body = zlib.decompress(compressed)
            except zlib.error as error:
                raise sqlite3.DatabaseError(f"{url} is damaged: {error}") from None
            if _digest(body) != digest:
                raise sqlite3.DatabaseError(f"{url} no longer has its hash")
            return body

    @contextmanager
    def _catch_sqlite_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            cure = "make room on the disk, or remove this file when it is damaged; then run it again"
            raise WorkError(f"{self.path}: the page store failed ({error})", cure) from None


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
