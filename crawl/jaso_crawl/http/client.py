"""Polite HTTP client for one host: Scrapy fetches, the page store caches."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from jaso_core.compat.scrapy import is_too_large
from jaso_core.errors import WorkError
from jaso_crawl.http.block_page import is_block_page
from jaso_crawl.http.certificates import certificate_cure, certificate_problem
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import PageStore, StoredPage
from jaso_crawl.http.politeness import CUT_OFF, FetchState, LoginNeededError, Politeness, scrapy_settings
from jaso_crawl.http.reactor import run_in_reactor
from jaso_crawl.http.robots import DisallowedError, RobotsUnreadableError, UntrustedError
from jaso_crawl.http.session_cookie import origin_of
from jaso_crawl.http.throttle import LONGEST_WAIT, Throttle, retry_after
from jaso_crawl.types import (
    Rejection,
    Site,
)

# Statuses worth storing; any other may change with the next request.
_PERMANENT_STATUSES = (200, 404, 410)
_MAX_CONSECUTIVE_FAILURES = 3
_REFUSED_STATUSES = (401, 403, 429)
_RETRY_CURE = "check the network and run it again, it continues"
_REFUSED_CURE = "the site turns us away: wait, or ask it; then run it again, it continues"
_LOGIN_CURE = "the site wants a log-in: renew your session, then run it again, it continues"


@dataclass(frozen=True)
class Freshness:
    """Earliest time (seconds since 1970) of pages that count as current."""

    lists: float = 0.0
    pages: float = 0.0

    def for_kind(self, kind: str) -> float:
        """Return the time for pages of `kind`."""
        return self.lists if kind.startswith("list") else self.pages


class RefusedError(Exception):
    """A page is unavailable; `rejection` says why."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.detail)
        self.rejection = rejection


class Client:
    """Context manager of a client; thread-safe, one request at a time.

    With `offline` nothing is requested: what the store lacks is refused as "not_stored". After a WorkError no thread
    can request anything more.
    """

    def __init__(
        self, site: Site, politeness: Politeness, store: PageStore, log: Path, since: Freshness, offline: bool = False
    ) -> None:
        self._site = site
        self._politeness = politeness
        self._store = store
        self._log = log
        self._since = since
        self._offline = offline
        self._crawler: Crawler | None = None
        self._request_lock = threading.Lock()
        self._consecutive_failures = 0
        self._fatal_error: WorkError | None = None
        self.requests = 0

    def __enter__(self) -> Client:
        self._logging = _log_to(self._log)
        self._logging.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            if self._crawler is not None:
                run_in_reactor(self._crawler.stop_async)
        finally:
            self._logging.__exit__(*error)

    def get(self, url: str, kind: str, needed_by: str | None = None) -> StoredPage:
        """Return the answer to GET `url`, from the store if it is there.

        RefusedError when this page is unavailable. WorkError when the whole site is: it refused the crawler, asks for a
        long pause, cannot be reached, or its robots.txt cannot be read.
        """
        stored = self._store.get(url, self._since.for_kind(kind))
        if stored is not None:
            return self._check_status(stored)
        if self._offline:
            raise RefusedError(Rejection(url, "not_stored", "the store does not hold this page, and offline=true"))
        url_parts = urlsplit(url)
        if url_parts.scheme not in ("http", "https") or url_parts.hostname != self._site.host:
            raise RefusedError(Rejection(url, "robots", f"not on {self._site.host}"))
        with self._request_lock:
            stored = self._store.get(url, self._since.for_kind(kind))  # fetched by another thread meanwhile
            if stored is not None:
                return self._check_status(stored)
            if self._fatal_error is not None:
                raise WorkError(self._fatal_error.what, self._fatal_error.cure)
            try:
                fetched = self._fetch(url, kind, needed_by)
            except WorkError as error:
                self._fatal_error = error
                raise
            if fetched.status in _PERMANENT_STATUSES:
                self._store.put(fetched)
        return self._check_status(fetched)

    def _check_status(self, page: StoredPage) -> StoredPage:
        if page.status != 200:
            raise RefusedError(Rejection(page.url, f"http_{page.status}", f"the server answered {page.status}"))
        return page

    def _fetch(self, url: str, kind: str, needed_by: str | None) -> StoredPage:
        crawler = self._crawler = self._crawler or self._start_crawler()
        self.requests += 1
        engine: Any = crawler.engine
        try:
            response: Response = run_in_reactor(lambda: engine.download_async(Request(url)))
        except UntrustedError as error:
            raise _untrusted(url, str(error)) from None
        except RobotsUnreadableError:
            raise WorkError(
                f"{url}: robots.txt of this site cannot be read", "run it again later, it continues"
            ) from None
        except LoginNeededError as error:
            raise self._failure(url, error, "login", _LOGIN_CURE) from None
        except (IgnoreRequest, DownloadCancelledError) as error:
            self._consecutive_failures = 0
            if isinstance(error, DownloadCancelledError) or is_too_large(error):
                largest = self._politeness.largest_page
                detail = f"its answer has more than {largest:,} bytes; limits.page_mb= raises the limit"
                raise RefusedError(Rejection(url, "too_large", detail)) from None
            reason = "robots" if isinstance(error, DisallowedError) else "redirected"
            raise RefusedError(Rejection(url, reason, str(error))) from None
        except WorkError:
            raise
        except Exception as error:
            if (problem := certificate_problem(error)) is not None:
                raise _untrusted(url, problem) from None
            raise self._failure(url, error) from None
        if CUT_OFF in response.flags:
            raise self._failure(url, "its answer broke off each time")
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        if response.status in (429, 503) and wait is not None and wait > LONGEST_WAIT:
            cure = "run it again then, it continues"
            raise WorkError(f"{url}: the site asks for a pause of {wait:,.0f} s", cure)
        fetched = _to_stored_page(url, kind, needed_by, response)
        if is_block_page(decode_page(fetched.body, fetched.headers.get("content-type"))):
            raise WorkError(f"{url}: the site has blocked us", "wait a day, raise delay=, then run it again")
        if fetched.status >= 500 or fetched.status in _REFUSED_STATUSES:
            cure = _REFUSED_CURE if fetched.status in _REFUSED_STATUSES else _RETRY_CURE
            raise self._failure(url, f"the server answered {fetched.status}", f"http_{fetched.status}", cure)
        self._consecutive_failures = 0
        return fetched

    def _failure(self, url: str, error: object, reason: str = "unreachable", cure: str = _RETRY_CURE) -> Exception:
        """Return the error to raise: RefusedError for one page, WorkError for a series.

        One page may be broken; when several fail in a row, the cause is the site.
        """
        self._consecutive_failures += 1
        if self._consecutive_failures < _MAX_CONSECUTIVE_FAILURES:
            return RefusedError(Rejection(url, reason, _one_line(error)))
        return WorkError(f"{url}: cannot be reached ({_one_line(error)})", cure)

    def _start_crawler(self) -> Crawler:
        throttle = Throttle(self._politeness.delay, self._politeness.initial_backoff)
        politeness, origin = self._politeness, origin_of(self._site.start()[0].url)
        state = FetchState(throttle, self._store, self._site.is_login, politeness.proxy, politeness.cookie, origin)
        settings = Settings(scrapy_settings(self._politeness, state))
        ready = threading.Event()

        async def start() -> tuple[Crawler, asyncio.Task[None]]:
            crawler = Crawler(_IdleSpider, settings)
            crawler.signals.connect(ready.set, signal=signals.engine_started)
            return crawler, asyncio.ensure_future(crawler.crawl_async())

        crawler, self._task = run_in_reactor(start)
        if not ready.wait(30):
            raise RuntimeError("Scrapy's engine did not start")
        return crawler


class _IdleSpider(Spider):
    """Keep Scrapy's engine open; requests are handed to the engine itself."""

    name = "jaso"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> _IdleSpider:
        """Create the spider; called by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.stay_open, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Yield no start requests; called by Scrapy."""
        for request in list[Request]():
            yield request

    def stay_open(self) -> None:
        """Keep an idle spider open; called by Scrapy."""
        raise DontCloseSpider


def _to_stored_page(url: str, kind: str, needed_by: str | None, response: Response) -> StoredPage:
    headers = {name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
               for name, values in response.headers.items() if name.lower() != b"set-cookie"}  # fmt: skip
    verdict = response.request.meta.get("robots") if response.request is not None else None
    return StoredPage(url, kind, response.url, response.status, headers, response.body, time.time(), verdict, needed_by)


def iso_date(header: str | None) -> str | None:
    """Convert an HTTP date to 2026-01-01T00:00:00Z; None when it is invalid."""
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError):
        return None


def _untrusted(url: str, problem: str) -> WorkError:
    """Return the error that ends a crawl: whoever answered is not the site."""
    return WorkError(f"{url}: the certificate of its server is not accepted ({problem})", certificate_cure())


def _one_line(error: object) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:200]


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Redirect Scrapy's log to a file: the terminal shows progress and errors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(name) for name in ("scrapy", "jaso", "twisted", "asyncio")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()
