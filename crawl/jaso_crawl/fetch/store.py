"""The page store: every page that was fetched or rendered, in one SQLite file.

Scrapy's own file cache writes a page in several steps, so that a kill leaves half a page which the next run believes.
Here a page is one transaction: it is there whole or not at all.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scrapy import Request, Spider
from scrapy.extensions.httpcache import DummyPolicy
from scrapy.http import Headers, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings
from w3lib.http import headers_dict_to_raw, headers_raw_to_dict

from jaso_core.errors import WorkError

_TABLES = """
CREATE TABLE IF NOT EXISTS fetched (key TEXT PRIMARY KEY, url TEXT, status INTEGER, headers BLOB, body BLOB);
CREATE TABLE IF NOT EXISTS rendered (url TEXT PRIMARY KEY, fetched_at TEXT, html BLOB);
"""
# Answers that stay what they are; anything else may be better the next time.
_LASTING = (200, 404, 410)


@contextmanager
def trouble_told(path: Path) -> Iterator[None]:
    """Makes a WorkError with a cure of what SQLite complains about."""
    try:
        yield
    except sqlite3.Error as error:
        cure = "make room on the disk, or remove this file when it is damaged; then run it again"
        raise WorkError(f"{path}: the page store failed ({error})", cure) from None


def connect(path: Path) -> sqlite3.Connection:
    """Opens the store at `path`, making it when absent. One connection belongs to one thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.executescript(_TABLES)
    return connection


class SqliteCache:
    """A cache storage for Scrapy's HTTP cache (setting HTTPCACHE_STORAGE). JASO_STORE names the file."""

    def __init__(self, settings: BaseSettings) -> None:
        self._path = Path(settings["JASO_STORE"])

    def open_spider(self, spider: Spider) -> None:
        """Called by Scrapy in the thread that crawls."""
        fingerprinter = spider.crawler.request_fingerprinter
        if fingerprinter is None:
            raise RuntimeError("Scrapy opened a spider without a request fingerprinter")
        self._fingerprinter = fingerprinter
        self._connection = connect(self._path)

    def close_spider(self, spider: Spider) -> None:
        """Called by Scrapy at the end."""
        self._connection.close()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """The stored answer to an equal request, or None."""
        row = self._connection.execute(
            "SELECT url, status, headers, body FROM fetched WHERE key = ?", (self._key(request),)
        ).fetchone()
        if row is None:
            return None
        url, status, raw_headers, packed = row
        headers, body = Headers(headers_raw_to_dict(raw_headers)), zlib.decompress(packed)
        kind = responsetypes.from_args(headers=headers, url=url, body=body)
        return kind(url=url, status=status, headers=headers, body=body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Stores in one transaction."""
        headers = headers_dict_to_raw(response.headers)
        row = (self._key(request), response.url, response.status, headers, zlib.compress(response.body, 1))
        self._connection.execute("INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?)", row)

    def _key(self, request: Request) -> str:
        return self._fingerprinter.fingerprint(request).hex()


class LastingPages(DummyPolicy):
    """A cache policy for Scrapy: keeps pages and lasting refusals, never a block page, and robots.txt not for long."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._is_block_page = settings["JASO_SITE"].is_block_page

    def should_cache_request(self, request: Request) -> bool:
        """robots.txt is asked for anew in each run: permission is not something to remember."""
        return request.callback is not NO_CALLBACK and super().should_cache_request(request)

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """A block page comes with status 200 and would otherwise be believed for ever."""
        return response.status in _LASTING and not self._is_block_page(response.text if _is_text(response) else "")


def _is_text(response: Response) -> bool:
    return hasattr(response, "encoding")


class RenderedPages:
    """The pages that a browser rendered, by URL."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with trouble_told(path):
            self._connection = connect(path)

    def get(self, url: str) -> tuple[str, str | None] | None:
        """(html, fetched_at), or None."""
        row = self._connection.execute("SELECT html, fetched_at FROM rendered WHERE url = ?", (url,)).fetchone()
        return None if row is None else (zlib.decompress(row[0]).decode(), row[1])

    def put(self, url: str, html: str, fetched_at: str | None) -> None:
        """Stores in one transaction."""
        row = (url, fetched_at, zlib.compress(html.encode(), 1))
        with trouble_told(self._path):
            self._connection.execute("INSERT OR REPLACE INTO rendered VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
