"""Pool of browsers, reused for many pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue

from jaso_crawl.browser.browser import Browser, NoBrowserError
from jaso_crawl.browser.find_chromium import HOW_TO_INSTALL, find_installed
from jaso_crawl.browser.page_limits import PageLimits


class BrowserPool:
    """Context manager of at most `size` browsers, started when first needed."""

    def __init__(
        self,
        user_agent: str,
        size: int,
        allowed: bool = True,
        limits: PageLimits = PageLimits(),  # noqa: B008 - immutable
    ) -> None:
        installed = find_installed() if allowed else None
        self.unusable_reason: str | None = None
        """Why there is no browser; None while there may be one."""
        if installed is None:
            missing = f"none was found: {HOW_TO_INSTALL}, then run it again with refresh=lists"
            self.unusable_reason = missing if allowed else "render=never"
        self.size = size
        self._all: list[Browser] = []
        if installed is not None:
            self._all = [Browser(installed, user_agent, limits=limits) for _ in range(size)]
        self._free: LifoQueue[Browser] = LifoQueue()
        for browser in reversed(self._all):
            self._free.put(browser)

    def __enter__(self) -> BrowserPool:
        return self

    def __exit__(self, *_: object) -> None:
        for browser in self._all:
            browser.close()

    @contextmanager
    def acquire(self) -> Iterator[Browser]:
        """Borrow a free browser; wait until one is free. NoBrowserError."""
        if self.unusable_reason is not None:
            raise NoBrowserError(self.unusable_reason)
        browser = self._free.get()
        try:
            yield browser
        except NoBrowserError as error:
            self.unusable_reason = str(error)
            raise
        finally:
            self._free.put(browser)
