"""A whole site: its lists, then the letters they link to, then those of them that need a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from jaso_core.console import bar, say
from jaso_core.errors import WorkError
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.browser.pool import Browsers
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.list_pages import Lists, read_lists
from jaso_crawl.crawler.page_loader import Pages
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.http.client import RefusedError
from jaso_crawl.types import (
    Link,
    NeedsBrowser,
    Page,
    Rejection,
    Site,
    natural,
)

LEAST_YIELD = 0.95
"""Of the letters that the lists promise. Below that a crawl fails: the site may have changed."""

_FEW = 2  # letters that may be odd by themselves, however few there are

# Reasons that the site or the user gave: such a letter was never promised to us.
_EXPLAINED = ("robots", "needs_browser", "not_accepted", "not_stored")
# Letters that may be gone, one here and one there; when that is said of many, the site has turned us away.
_GONE = ("missing", "login", "http_404", "http_410")
MOST_GONE = 0.2
"""Of the letters that the lists promise."""


@dataclass
class SiteCrawler:
    """One site's letters. `collect` may be called once; then `counts` says what became of the listed letters."""

    site: Site
    pages: Pages
    browsers: Browsers
    filters: Filters
    run: StageRun
    counts: dict[str, Any] = field(default_factory=dict, init=False)
    _found: dict[str, Document | Rejection] = field(default_factory=dict, init=False)
    _rejected: Counter[str] = field(default_factory=Counter, init=False)

    def collect(self) -> Iterator[Document | Rejection]:
        """Documents and rejections in the natural order of their URLs.

        WorkError as for `read_lists`, and when the site gives much less than its lists promise.
        """
        with self.run.timed("list"):
            lists = read_lists(self.site, self.pages, self.filters, Tombstones(self.run.out))
        self.counts.update(listed=lists.listed, filtered=lists.filtered, fetched=0, rendered=0)
        with self.run.timed("fetch"):
            waiting = self._fetch(lists.links)
        with self.run.timed("render"):
            self._render(waiting)
        self._check_yield()
        self._finish_counts(lists)
        for url in sorted(self._found, key=natural):
            yield self._found[url]
        yield from lists.faults

    def _fetch(self, links: list[Link]) -> list[Link]:
        """Reads each page as the server sends it; returns the links of those that need a browser."""
        waiting: list[Link] = []
        with bar(len(links), f"{self.site.name} letters", "page") as shown:
            for link in links:
                try:
                    page = self.pages.plain(link, "page")
                except RefusedError as error:
                    self._take(link, error.rejection)
                else:
                    self.counts["fetched"] += 1
                    result = self._read(page)
                    if isinstance(result, NeedsBrowser):
                        waiting.append(link)
                    else:
                        self._take(link, result)
                self._show(shown)
        return waiting

    def _render(self, waiting: list[Link]) -> None:
        """Opens pages in browsers, several at a time; without one they are dropped, and the user hears why."""
        if not waiting:
            return
        with bar(len(waiting), f"{self.site.name} in a browser", "page") as shown:
            threads = ThreadPoolExecutor(self.browsers.size)
            try:
                for link, result in zip(waiting, threads.map(self._in_browser, waiting), strict=True):
                    self.counts["rendered"] += isinstance(result, Document)
                    self._take(link, result)
                    self._show(shown)
            finally:
                threads.shutdown(cancel_futures=True)  # when one page ends the crawl, the others are not begun
        if self._rejected["needs_browser"]:
            dropped = self._rejected["needs_browser"]
            say(f"crawl: {dropped:,} pages are dropped, they need a browser: {self.browsers.unusable}")

    def _in_browser(self, link: Link) -> Document | Rejection:
        try:
            result = self._read(self.pages.rendered(link))
        except RefusedError as error:
            return error.rejection
        if isinstance(result, NeedsBrowser):
            return Rejection(link.url, "no_answer", "text is missing even in a browser")
        return result

    def _read(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """The parser's result, signed with robots.txt's verdict."""
        result = read_detail(self.site, page)
        if isinstance(result, Document):
            return replace(result, meta={**result.meta, "robots": page.robots})
        return result

    def _take(self, link: Link, result: Document | Rejection) -> None:
        if isinstance(result, Document) and not self.filters.wants(result):
            self.counts["filtered"] += 1
            return
        self._found[link.url] = result
        if isinstance(result, Rejection):
            self._rejected[result.reason] += 1

    def _show(self, shown: Any) -> None:
        shown.set_postfix_str(f"{self._rejected.total():,} rejected", refresh=False)
        shown.update()

    def _check_yield(self) -> None:
        parsed = len(self._found) - self._rejected.total()
        excused: tuple[str, ...] = _EXPLAINED
        promised = len(self._found) - self._rejected_for(_EXPLAINED)
        if self._rejected_for(_GONE) <= max(_FEW, MOST_GONE * promised):
            excused += _GONE
            promised -= self._rejected_for(_GONE)
        if promised - parsed <= (_FEW if parsed else 0) or parsed >= LEAST_YIELD * promised:
            return
        bad = [r for r in self._found.values() if isinstance(r, Rejection) and r.reason not in excused]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(Counter(r.reason for r in bad).items()))
        raise WorkError(
            f"{self.site.host}: only {parsed:,} of {promised:,} letters could be read ({reasons}); "
            f"the first that could not is {bad[0].where}: {bad[0].detail}",
            "has the site changed, or turned us away? The pages are kept: mend the parser or ask the site, then go on",
        )

    def _rejected_for(self, reasons: tuple[str, ...]) -> int:
        return sum(self._rejected[reason] for reason in reasons)

    def _finish_counts(self, lists: Lists) -> None:
        rejected = self._rejected + Counter(fault.reason for fault in lists.faults)
        parsed = len(self._found) - self._rejected.total()
        self.counts.update(parsed=parsed, rejected=dict(sorted(rejected.items())), requests=self.pages.requests)
