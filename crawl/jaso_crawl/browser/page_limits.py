"""Limits of one page: requests, seconds and size, so that no page is endless."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from jaso_core.config import check_positive_options
from jaso_crawl.browser.cdp import BrowserResponse, RequestHandler

MB = 2**20


@dataclass(frozen=True)
class PageLimits:
    """What one page of a site may cost; the group `limits` of a source that crawls.

    `page_requests`: to the site, of a page in a browser. `page_seconds`: in a browser, without the time of fetching.
    `page_mb`: of an answer, and of the text of a page in a browser. `list_pages`: of one list.
    """

    page_requests: int = 200
    page_seconds: float = 300.0
    page_mb: int = 32
    list_pages: int = 10_000

    def __post_init__(self) -> None:
        check_positive_options(self, "limits")

    @property
    def page_bytes(self) -> int:
        """Largest answer, in bytes."""
        return self.page_mb * MB


class OverLimitError(Exception):
    """A page passed a limit; `reason` as in rejected.jsonl, the message names the key."""

    def __init__(self, reason: str, what: str, key: str) -> None:
        super().__init__(f"{what}; limits.{key}= raises the limit")
        self.reason = reason


class PageBudget:
    """Use of the limits by one page; `serve` answers its requests and counts them."""

    def __init__(self, limits: PageLimits, serve: RequestHandler, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._serve = serve
        self._clock = clock
        self._list_pages = 0
        self._begin()

    def _begin(self) -> None:
        self._requests = 0
        self._fetching = 0.0
        self._started = self._clock()

    def serve(self, url: str) -> BrowserResponse | None:
        """Answer a request of the page. OverLimitError (too_many_requests)."""
        self._requests += 1
        if self._requests > self._limits.page_requests:
            what = f"its scripts ask for more than {self._limits.page_requests:,} addresses"
            raise OverLimitError("too_many_requests", what, "page_requests")
        started = self._clock()
        try:
            return self._serve(url)
        finally:
            self._fetching += self._clock() - started

    def check_time(self) -> None:
        """Raise OverLimitError (too_long) when the page has been shown for too long."""
        if self._clock() - self._started - self._fetching > self._limits.page_seconds:
            what = f"its scripts are not done after {self._limits.page_seconds:g} s"
            raise OverLimitError("too_long", what, "page_seconds")

    def check_size(self, characters: int) -> None:
        """Raise OverLimitError (too_large) for a page of too much text."""
        if characters > self._limits.page_bytes:
            what = f"it has grown to {characters:,} characters of HTML"
            raise OverLimitError("too_large", what, "page_mb")

    def turn_page(self) -> None:
        """Begin the next page of a list. OverLimitError (too_many_pages)."""
        self._list_pages += 1
        if self._list_pages >= self._limits.list_pages:
            what = f"the list has more than {self._limits.list_pages:,} pages"
            raise OverLimitError("too_many_pages", what, "list_pages")
        self._begin()
