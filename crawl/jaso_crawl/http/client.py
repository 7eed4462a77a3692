"""A polite client for one host: Scrapy fetches, the store remembers, and the caller gets one page at a time."""

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
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from jaso_core.errors import WorkError
from jaso_crawl.http.block_page import is_block_page
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import PageStore, Stored
from jaso_crawl.http.politeness import CUT_OFF, FetchState, LoginNeededError, Politeness, scrapy_settings
from jaso_crawl.http.reactor import in_reactor
from jaso_crawl.http.robots import BarredError, RobotsUnreadableError
from jaso_crawl.http.throttle import LONGEST_WAIT, Throttle, retry_after
from jaso_crawl.types import (
    Rejection,
    Site,
)

# Answers that stay what they are; anything else may be better the next time.
_LASTING = (200, 404, 410)
_FAILURES_IN_A_ROW = 3
_TURNED_AWAY = (401, 403, 429)
_AGAIN = "check the network and run it again, it continues"
_ASK = "the site turns us away: wait, or ask it; then run it again, it continues"
_LOG_IN = "the site wants a log-in: renew your session, then run it again, it continues"


@dataclass(frozen=True)
class Freshness:
    """From which moment (seconds since 1970) stored pages are taken for current, by kind."""

    lists: float = 0.0
    pages: float = 0.0

    def of(self, kind: str) -> float:
        """For a page of `kind`."""
        return self.lists if kind.startswith("list") else self.pages


class RefusedError(Exception):
    """A page is not to be had; `rejection` says why."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.detail)
        self.rejection = rejection


class Client:
    """A context manager. `get` may be called from any thread; requests go out one at a time all the same.

    With `offline` nothing is requested: what the store lacks is refused as "not_stored". After a WorkError nothing is
    requested any more, whoever asks: other threads may still be at work.
    """

    def __init__(
        self, site: Site, manners: Politeness, store: PageStore, log: Path, since: Freshness, offline: bool = False
    ) -> None:
        self._site = site
        self._manners = manners
        self._store = store
        self._log = log
        self._since = since
        self._offline = offline
        self._crawler: Crawler | None = None
        self._turn = threading.Lock()
        self._failures = 0
        self._ended: WorkError | None = None
        self.requests = 0

    def __enter__(self) -> Client:
        self._logging = _log_to(self._log)
        self._logging.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            if self._crawler is not None:
                in_reactor(self._crawler.stop_async)
        finally:
            self._logging.__exit__(*error)

    def get(self, url: str, kind: str, needed_by: str | None = None) -> Stored:
        """The answer to GET `url`, from the store if it is there.

        RefusedError when this page is not to be had. WorkError when the site as a whole is not: it turned us away,
        asks for a long pause, cannot be reached, or its robots.txt cannot be read.
        """
        stored = self._store.get(url, self._since.of(kind))
        if stored is not None:
            return self._accepted(stored)
        if self._offline:
            raise RefusedError(Rejection(url, "not_stored", "the store does not hold this page, and offline=true"))
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or address.hostname != self._site.host:
            raise RefusedError(Rejection(url, "robots", f"not on {self._site.host}"))
        with self._turn:
            stored = self._store.get(url, self._since.of(kind))  # another thread may have waited for it before us
            if stored is not None:
                return self._accepted(stored)
            if self._ended is not None:
                raise WorkError(self._ended.what, self._ended.cure)
            try:
                fetched = self._fetched(url, kind, needed_by)
            except WorkError as error:
                self._ended = error
                raise
            if fetched.status in _LASTING:
                self._store.put(fetched)
        return self._accepted(fetched)

    def _accepted(self, page: Stored) -> Stored:
        if page.status != 200:
            raise RefusedError(Rejection(page.url, f"http_{page.status}", f"the server answered {page.status}"))
        return page

    def _fetched(self, url: str, kind: str, needed_by: str | None) -> Stored:
        crawler = self._crawler = self._crawler or self._started()
        self.requests += 1
        engine: Any = crawler.engine
        try:
            response: Response = in_reactor(lambda: engine.download_async(Request(url)))
        except RobotsUnreadableError:
            raise WorkError(
                f"{url}: robots.txt of this site cannot be read", "run it again later, it continues"
            ) from None
        except LoginNeededError as error:
            raise self._failed(url, error, "login", _LOG_IN) from None
        except IgnoreRequest as error:
            self._failures = 0
            reason = "robots" if isinstance(error, BarredError) else "redirected"
            raise RefusedError(Rejection(url, reason, str(error))) from None
        except WorkError:
            raise
        except Exception as error:
            raise self._failed(url, error) from None
        if CUT_OFF in response.flags:
            raise self._failed(url, "its answer broke off each time")
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        if response.status in (429, 503) and wait is not None and wait > LONGEST_WAIT:
            cure = "run it again then, it continues"
            raise WorkError(f"{url}: the site asks for a pause of {wait:,.0f} s", cure)
        fetched = _stored(url, kind, needed_by, response)
        if is_block_page(decode_page(fetched.body, fetched.headers.get("content-type"))):
            raise WorkError(f"{url}: the site has blocked us", "wait a day, raise delay=, then run it again")
        if fetched.status >= 500 or fetched.status in _TURNED_AWAY:
            cure = _ASK if fetched.status in _TURNED_AWAY else _AGAIN
            raise self._failed(url, f"the server answered {fetched.status}", f"http_{fetched.status}", cure)
        self._failures = 0
        return fetched

    def _failed(self, url: str, error: object, reason: str = "unreachable", cure: str = _AGAIN) -> Exception:
        """One page may be broken; when one after the other fails, it is not the page."""
        self._failures += 1
        if self._failures < _FAILURES_IN_A_ROW:
            return RefusedError(Rejection(url, reason, _plain(error)))
        return WorkError(f"{url}: cannot be reached ({_plain(error)})", cure)

    def _started(self) -> Crawler:
        pace = Throttle(self._manners.delay, self._manners.stumble)
        shared = FetchState(pace, self._store, self._site.is_login, self._manners.proxy)
        settings = Settings(scrapy_settings(self._manners, shared))
        ready = threading.Event()

        async def start() -> tuple[Crawler, asyncio.Task[None]]:
            crawler = Crawler(_Idle, settings)
            crawler.signals.connect(ready.set, signal=signals.engine_started)
            return crawler, asyncio.ensure_future(crawler.crawl_async())

        crawler, self._task = in_reactor(start)
        if not ready.wait(30):
            raise RuntimeError("Scrapy's engine did not start")
        return crawler


class _Idle(Spider):
    """Keeps Scrapy's engine open; requests are handed to the engine itself."""

    name = "jaso"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> _Idle:
        """Called by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.stay, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Called by Scrapy. There is nothing to begin with."""
        for request in list[Request]():
            yield request

    def stay(self) -> None:
        """Called by Scrapy when there is nothing to do."""
        raise DontCloseSpider


def _stored(url: str, kind: str, needed_by: str | None, response: Response) -> Stored:
    headers = {name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
               for name, values in response.headers.items() if name.lower() != b"set-cookie"}  # fmt: skip
    verdict = response.request.meta.get("robots") if response.request is not None else None
    return Stored(url, kind, response.url, response.status, headers, response.body, time.time(), verdict, needed_by)


def iso_date(header: str | None) -> str | None:
    """An HTTP date as 2026-01-01T00:00:00Z; None when there is none."""
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError):
        return None


def _plain(error: object) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:200]


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Scrapy's log goes to a file: the terminal is for progress and errors."""
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
