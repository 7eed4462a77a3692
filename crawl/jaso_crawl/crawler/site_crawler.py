"""Crawl a whole site: lists, then letters by GET, then those that need a browser."""

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
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.list_pages import LetterLists, read_lists
from jaso_crawl.crawler.page_loader import PageLoader
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.http.client import RefusedError
from jaso_crawl.types import (
    Link,
    NeedsBrowser,
    Page,
    Rejection,
    Site,
    natural_sort_key,
)

LEAST_YIELD = 0.95
"""Minimum share of the promised letters. Below it the crawl fails: the site may have changed."""

_MAX_ODD = 2  # letters that may always fail, however few there are

# Rejected by the site's or the user's rules: these letters do not count as promised.
_EXCUSED_REASONS = ("robots", "needs_browser", "not_accepted", "not_stored")
# A few letters may be gone; if many are, the site refuses the crawler.
_GONE_REASONS = ("missing", "login", "http_404", "http_410")
MOST_GONE = 0.2
"""Maximum share of the promised letters that may be gone."""


@dataclass
class SiteCrawler:
    """Crawler of one site's letters.

    `collect` may be called once; then `counts` says what became of the listed letters.
    """

    site: Site
    pages: PageLoader
    browsers: BrowserPool
    filters: Filters
    run: StageRun
    counts: dict[str, Any] = field(default_factory=dict, init=False)
    _results: dict[str, Document | Rejection] = field(default_factory=dict, init=False)
    _reason_counts: Counter[str] = field(default_factory=Counter, init=False)

    def collect(self) -> Iterator[Document | Rejection]:
        """Yield documents and rejections in the natural order of their URLs.

        WorkError as for `read_lists`, and when the site gives far fewer letters than its lists promise.
        """
        with self.run.timed("list"):
            lists = read_lists(self.site, self.pages, self.filters, Tombstones(self.run.out))
        self.counts.update(listed=lists.listed, filtered=lists.filtered, fetched=0, rendered=0)
        with self.run.timed("fetch"):
            links_to_render = self._fetch(lists.links)
        with self.run.timed("render"):
            self._render(links_to_render)
        self._check_yield()
        self._finish_counts(lists)
        for url in sorted(self._results, key=natural_sort_key):
            yield self._results[url]
        yield from lists.faults

    def _fetch(self, links: list[Link]) -> list[Link]:
        """Fetch and parse each page; return the links that need a browser."""
        links_to_render: list[Link] = []
        with bar(len(links), f"{self.site.name} letters", "page") as progress:
            for link in links:
                try:
                    page = self.pages.fetch(link, "page")
                except RefusedError as error:
                    self._add_result(link, error.rejection)
                else:
                    self.counts["fetched"] += 1
                    result = self._parse(page)
                    if isinstance(result, NeedsBrowser):
                        links_to_render.append(link)
                    else:
                        self._add_result(link, result)
                self._update_progress(progress)
        return links_to_render

    def _render(self, links_to_render: list[Link]) -> None:
        """Render pages in parallel browsers; without one, drop them and say why."""
        if not links_to_render:
            return
        with bar(len(links_to_render), f"{self.site.name} in a browser", "page") as progress:
            threads = ThreadPoolExecutor(self.browsers.size)
            try:
                for link, result in zip(links_to_render, threads.map(self._render_one, links_to_render), strict=True):
                    self.counts["rendered"] += isinstance(result, Document)
                    self._add_result(link, result)
                    self._update_progress(progress)
            finally:
                threads.shutdown(cancel_futures=True)  # after a WorkError no further page is rendered
        if self._reason_counts["needs_browser"]:
            dropped = self._reason_counts["needs_browser"]
            say(f"crawl: {dropped:,} pages are dropped, they need a browser: {self.browsers.unusable_reason}")

    def _render_one(self, link: Link) -> Document | Rejection:
        try:
            result = self._parse(self.pages.render(link))
        except RefusedError as error:
            return error.rejection
        if isinstance(result, NeedsBrowser):
            return Rejection(link.url, "no_answer", "text is missing even in a browser")
        return result

    def _parse(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a page; add robots.txt's verdict to the document's meta."""
        result = read_detail(self.site, page)
        if isinstance(result, Document):
            return replace(result, meta={**result.meta, "robots": page.robots})
        return result

    def _add_result(self, link: Link, result: Document | Rejection) -> None:
        if isinstance(result, Document) and not self.filters.matches(result):
            self.counts["filtered"] += 1
            return
        self._results[link.url] = result
        if isinstance(result, Rejection):
            self._reason_counts[result.reason] += 1

    def _update_progress(self, progress: Any) -> None:
        progress.set_postfix_str(f"{self._reason_counts.total():,} rejected", refresh=False)
        progress.update()

    def _check_yield(self) -> None:
        # 100 promised, none gone: 95 must be parsed. 100 promised, 20 gone: 76 of the other 80.
        # 10 promised, none gone: 8, as two may always fail.
        parsed = len(self._results) - self._reason_counts.total()
        excused_reasons: tuple[str, ...] = _EXCUSED_REASONS
        promised = len(self._results) - self._count_rejected(_EXCUSED_REASONS)
        if self._count_rejected(_GONE_REASONS) <= max(_MAX_ODD, MOST_GONE * promised):
            excused_reasons += _GONE_REASONS
            promised -= self._count_rejected(_GONE_REASONS)
        if promised - parsed <= (_MAX_ODD if parsed else 0) or parsed >= LEAST_YIELD * promised:
            return
        unexcused = [r for r in self._results.values() if isinstance(r, Rejection) and r.reason not in excused_reasons]
        reasons = ", ".join(
            f"{reason} {count:,}" for reason, count in sorted(Counter(r.reason for r in unexcused).items())
        )
        raise WorkError(
            f"{self.site.host}: only {parsed:,} of {promised:,} letters could be read ({reasons}); "
            f"the first that could not is {unexcused[0].where}: {unexcused[0].detail}",
            "has the site changed, or turned us away? The pages are kept: mend the parser or ask the site, then go on",
        )

    def _count_rejected(self, reasons: tuple[str, ...]) -> int:
        return sum(self._reason_counts[reason] for reason in reasons)

    def _finish_counts(self, lists: LetterLists) -> None:
        rejected = self._reason_counts + Counter(fault.reason for fault in lists.faults)
        parsed = len(self._results) - self._reason_counts.total()
        self.counts.update(parsed=parsed, rejected=dict(sorted(rejected.items())), requests=self.pages.requests)
