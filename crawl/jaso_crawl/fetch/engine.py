"""Scrapy as the engine: robots.txt, delay, retries, page store and duplicate filter are its own or built on it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NoReturn

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from jaso_core.errors import WorkError
from jaso_crawl.fetch.manners import LONGEST_WAIT, Manners, RobotsUnreadable, retry_after
from jaso_crawl.fetch.reactor import run_in_reactor
from jaso_crawl.fetch.store import connect, trouble_told
from jaso_crawl.pages import Link, Page, Rejection, Site

_HERE = "jaso_crawl.fetch"


@dataclass
class Job:
    """One crawl. `on_page` gives the links to follow; `on_rejection` hears of each page that could not be had."""

    site: Site
    links: Sequence[Link]
    on_page: Callable[[Page], Iterable[Link]]
    on_rejection: Callable[[Rejection], None]
    error: BaseException | None = field(default=None, init=False)


def fetch(job: Job, manners: Manners, store: Path, log: Path) -> None:
    """Fetches the job's pages and those they link to, one at a time; pages in `store` are not asked for again.

    WorkError: the site turned us away, asked for a long pause, cannot be reached, or robots.txt cannot be read.
    """
    with trouble_told(store):
        connect(store).close()  # here, because Scrapy would only log that it cannot be opened
    runner = AsyncCrawlerRunner(_settings(job.site, manners, store))

    async def crawl() -> None:
        await runner.crawl(PageSpider, job=job)

    with _log_to(log):
        run_in_reactor(crawl, runner.stop)
    if job.error is not None:
        raise job.error


class PageSpider(Spider):
    """Hands pages to the job and follows what it gives back."""

    name = "jaso"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self.allowed_domains = [job.site.host]

    async def start(self) -> AsyncIterator[Request]:
        """Called by Scrapy."""
        for link in self._job.links:
            yield self._request(link)

    def _request(self, link: Link) -> Request:
        return Request(link.url, self._page, errback=self._failed, cb_kwargs={"link": link})

    def _page(self, response: Response, link: Link) -> Iterator[Request]:
        try:
            page = _page(response, link)
            if self._job.site.is_block_page(page.html):
                raise WorkError(
                    f"{link.url}: the site has blocked this address", "wait a day, raise delay=, then run it again"
                )
            following = list(self._job.on_page(page))
        except Exception as error:
            self._stop(error)
        for further in following:
            yield self._request(further)

    def _failed(self, failure: Failure) -> None:
        link: Link = failure.request.cb_kwargs["link"]  # type: ignore[attr-defined]
        outcome = _judge(link.url, failure.value)
        if isinstance(outcome, WorkError):
            self._stop(outcome)
        try:
            self._job.on_rejection(outcome)
        except Exception as error:
            self._stop(error)

    def _stop(self, error: BaseException) -> NoReturn:
        self._job.error = self._job.error or error
        raise CloseSpider("stopped")


def _judge(url: str, error: BaseException | None) -> Rejection | WorkError:
    """A page that is not to be had is dropped; trouble that concerns the whole site ends the crawl."""
    if isinstance(error, HttpError):
        status = error.response.status
        wait = retry_after(error.response.headers.get("Retry-After"), time.time())
        if status in (429, 503) and wait is not None and wait > LONGEST_WAIT:
            return WorkError(f"{url}: the site asks for a pause of {wait:,.0f} s", "run it again then, it continues")
        return Rejection(url, f"http_{status}", f"the server answered {status}")
    if isinstance(error, RobotsUnreadable):
        return WorkError(f"{url}: robots.txt of this site cannot be read", "run it again later, it continues")
    if isinstance(error, IgnoreRequest):
        return Rejection(url, "robots", f"not fetched: {error}")
    if isinstance(error, sqlite3.Error):
        return WorkError(f"{url}: cannot be stored ({error})", "make room on the disk and run it again, it continues")
    return WorkError(f"{url}: cannot be reached ({error})", "check the network and run it again, it continues")


def _page(response: Response, link: Link) -> Page:
    html = response.text if isinstance(response, TextResponse) else ""
    return Page(link.url, html, iso_date(response.headers.get("Date")), link.context)


def iso_date(header: bytes | str | None) -> str | None:
    """An HTTP date as 2026-01-01T00:00:00Z; None when there is none."""
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    try:
        return parsedate_to_datetime(text or "").astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        return None


def _settings(site: Site, manners: Manners, store: Path) -> Settings:
    return Settings(
        {
            "USER_AGENT": manners.user_agent,
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": 1,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": manners.delay,
            "DOWNLOAD_TIMEOUT": manners.timeout,
            "AUTOTHROTTLE_ENABLED": manners.throttle,
            "AUTOTHROTTLE_START_DELAY": manners.delay,
            "RETRY_TIMES": manners.retries,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "INFO",
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_STORAGE": f"{_HERE}.store.SqliteCache",
            "HTTPCACHE_POLICY": f"{_HERE}.store.LastingPages",
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
                f"{_HERE}.manners.StrictRobots": 100,
                "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
                f"{_HERE}.manners.PatientRetry": 550,
                f"{_HERE}.manners.ThroughProxy": 740,
            },
            "JASO_SITE": site,
            "JASO_STORE": str(store),
            "JASO_PROXY": manners.proxy,
        }
    )


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
