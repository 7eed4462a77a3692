"""The page store: every page that was fetched or rendered, with its headers, time and hash, in one SQLite file.

A page is one transaction: it is there whole or not at all, whenever the process is killed. It is stored before
anyone reads it, so that a parser can be mended and run again without asking the site.
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
    """An answer of a site. `stored_at` in seconds since 1970; header names are in lower case.

    `kind`: robots, list, page (a letter's), and list-part or part for what a browser fetched for one (`needed_by`).
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
    """A page as a browser had it in the end."""

    url: str
    kind: str
    html: str
    stored_at: float
    fetched_at: str | None
    robots: str | None = None


class PageStore:
    """A context manager. May be used by several threads. WorkError when SQLite fails: full disk, damaged file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._catch_sqlite_errors():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA secure_delete=ON")  # what was forgotten is overwritten
            self._connection.executescript(_TABLES)

    def __enter__(self) -> PageStore:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._connection.close()

    def get(self, url: str, since: float = 0.0) -> StoredPage | None:
        """The answer to `url`, if it was stored at `since` or later."""
        row = self._fetch_row("SELECT * FROM page WHERE url = ? AND stored_at >= ?", url, since)
        if row is None:
            return None
        url, kind, final_url, status, headers, compressed, digest, stored_at, robots, needed_by = row
        body = self._decompress(url, compressed, digest)
        return StoredPage(url, kind, final_url, status, json.loads(headers), body, stored_at, robots, needed_by)

    def put(self, page: StoredPage) -> None:
        """Stores, in place of what was there."""
        values = (
            page.url, page.kind, page.final_url, page.status, json.dumps(dict(page.headers)),
            zlib.compress(page.body, 1), _digest(page.body), page.stored_at, page.robots, page.needed_by,
        )  # fmt: skip
        self._write(f"INSERT OR REPLACE INTO page VALUES ({', '.join('?' * len(values))})", values)

    def get_rendered(self, url: str, since: float = 0.0) -> RenderedPage | None:
        """What a browser made of `url`, if that was stored at `since` or later."""
        row = self._fetch_row("SELECT * FROM rendered WHERE url = ? AND stored_at >= ?", url, since)
        if row is None:
            return None
        url, kind, compressed, digest, stored_at, fetched_at, robots = row
        return RenderedPage(
            url, kind, self._decompress(url, compressed, digest).decode(), stored_at, fetched_at, robots
        )

    def put_rendered(self, page: RenderedPage) -> None:
        """Stores, in place of what was there."""
        html = page.html.encode(errors="replace")  # a script may have made half a character
        values = (page.url, page.kind, zlib.compress(html, 1), _digest(html), page.stored_at, page.fetched_at,
                  page.robots)  # fmt: skip
        self._write(f"INSERT OR REPLACE INTO rendered VALUES ({', '.join('?' * len(values))})", values)

    def urls(self, kind: str) -> list[str]:
        """The addresses of all stored pages of a kind."""
        with self._lock, self._catch_sqlite_errors():
            return [
                url for (url,) in self._connection.execute("SELECT url FROM page WHERE kind = ? ORDER BY url", (kind,))
            ]

    def put_links(self, links: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """What the lists said of each letter, for when their pages are gone: (URL, what the parser needs to know)."""
        rows = [(url, json.dumps(dict(context), ensure_ascii=False)) for url, context in links]
        with self._lock, self._catch_sqlite_errors():
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO link VALUES (?, ?)", rows)
            self._connection.execute("COMMIT")

    def links(self) -> dict[str, Any]:
        """{URL: context} of all letters that a list ever named and nobody asked to forget."""
        with self._lock, self._catch_sqlite_errors():
            rows = self._connection.execute("SELECT url, context FROM link ORDER BY url").fetchall()
        return {url: json.loads(context) for url, context in rows}

    def forget(self, urls: Iterable[str]) -> int:
        """Removes the pages of letters, what was fetched for them, and every list page, for those quote letters.

        Returns the number of pages that are gone. The bytes are overwritten.
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
