"""A whole site: its lists, then the pages they link to, then those of them that need a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.errors import WorkError
from jaso_core.records import Document
from jaso_core.say import bar, progress, say
from jaso_core.stage import StageRun
from jaso_crawl.fetch.browser import HOW_TO_INSTALL, Browser, find_installed
from jaso_crawl.fetch.engine import Job, fetch
from jaso_crawl.fetch.manners import Manners
from jaso_crawl.fetch.store import RenderedPages
from jaso_crawl.pages import Link, NeedsBrowser, Page, Rejection, Site, natural

RENDER = ("auto", "never")


@dataclass
class Harvest:
    """Crawls `site` into memory; every page goes to `store` first, so that a broken crawl is continued.

    `render`: "auto" uses a browser where a page needs one, "never" drops such pages.
    """

    site: Site
    manners: Manners
    store: Path
    render: str
    run: StageRun
    found: dict[str, Document | Rejection] = field(default_factory=dict, init=False)

    def collect(self) -> Iterator[Document | Rejection]:
        """Documents and rejections in the natural order of their URLs. WorkError as for `fetch`."""
        with self.run.timed("list"):
            links = self._lists()
        if not links:
            raise WorkError(f"{self.site.host}: the lists hold no entry", "the site may have changed its pages")
        with self.run.timed("fetch"):
            waiting = self._details(links)
        with self.run.timed("render"):
            self._rendered(waiting)
        parsed = sum(isinstance(result, Document) for result in self.found.values())
        self.run.counts.update(listed=len(links), parsed=parsed)
        for url in sorted(self.found, key=natural):
            yield self.found[url]

    def _lists(self) -> list[Link]:
        """One link a page, whatever lists it stands in. WorkError when a list page is not to be had."""
        links: dict[str, list[Link]] = {}
        start = self.site.start()
        first = {link.url for link in start}
        claimed = 0

        def on_page(page: Page) -> Iterable[Link]:
            nonlocal claimed
            listing = self.site.read_list(page)
            for link in listing.details:
                links.setdefault(link.url, []).append(link)
            claimed += (listing.total or 0) if page.url in first else 0
            shown.update()
            return listing.more

        with bar(None, "list pages", "page") as shown:
            self._fetch(start, on_page, _list_is_needed)
        seen = sum(len(found) for found in links.values())
        if claimed and claimed != seen:
            say(f"crawl: {self.site.host}: its lists claim {claimed:,} entries, {seen:,} were found")
        return [self.site.merge(links[url]) for url in sorted(links, key=natural)]

    def _details(self, links: list[Link]) -> list[Link]:
        """Reads each page; returns the links of those that need a browser."""
        waiting: list[Link] = []
        pages = 0

        def on_page(page: Page) -> Iterable[Link]:
            nonlocal pages
            pages += 1
            result = self.site.read_detail(page)
            if isinstance(result, NeedsBrowser):
                waiting.append(Link(page.url, page.context))
            else:
                self.found[page.url] = result
            shown.update()
            return ()

        def on_rejection(rejection: Rejection) -> None:
            self.found[rejection.where] = rejection
            shown.update()

        with bar(len(links), "pages", "page") as shown:
            self._fetch(links, on_page, on_rejection)
        self.run.counts["fetched"] = pages
        return sorted(waiting, key=lambda link: natural(link.url))

    def _fetch(
        self,
        links: Sequence[Link],
        on_page: Callable[[Page], Iterable[Link]],
        on_rejection: Callable[[Rejection], None],
    ) -> None:
        job = Job(self.site, links, on_page, on_rejection)
        fetch(job, self.manners, self.store, self.run.scratch.parent / "scrapy.log")

    def _rendered(self, waiting: list[Link]) -> None:
        """Opens the pages in a browser; without one they are dropped, and the user hears what to install."""
        self.run.counts["rendered"] = 0
        if not waiting:
            return
        with ExitStack() as stack:
            pages = RenderedPages(self.store)
            stack.callback(pages.close)
            browser = stack.enter_context(self._browser())
            for link in progress(waiting, len(waiting), "pages in a browser", "page"):
                page = self._render(link, pages, browser)
                self.found[link.url] = page if isinstance(page, Rejection) else self._read_rendered(page)
        dropped = [link for link in waiting if _reason(self.found[link.url]) == "needs_browser"]
        if dropped:
            say(f"crawl: {len(dropped):,} pages are dropped, they need a browser: {browser.unusable}")

    def _browser(self) -> Browser:
        installed = find_installed() if self.render == "auto" else None
        reason = "render=never" if self.render == "never" else f"none was found: {HOW_TO_INSTALL}, then crawl anew"
        profile = (self.run.scratch / "chromium").resolve()
        return Browser(installed, reason, self.manners.user_agent, self.manners.proxy, profile)

    def _render(self, link: Link, pages: RenderedPages, browser: Browser) -> Page | Rejection:
        stored = pages.get(link.url)
        if stored is not None:
            page: Page | Rejection = Page(link.url, stored[0], stored[1], link.context, rendered=True)
        else:
            time.sleep(self.manners.delay)  # the same manners as without a browser
            page = browser.render(link, self.site.clicks)
            if isinstance(page, Page):
                pages.put(page.url, page.html, page.fetched_at)
        self.run.counts["rendered"] += isinstance(page, Page)
        return page

    def _read_rendered(self, page: Page) -> Document | Rejection:
        result = self.site.read_detail(page)
        if isinstance(result, NeedsBrowser):
            return Rejection(page.url, "no_answers", "text is missing even in a browser")
        return result


def _reason(result: Document | Rejection) -> str | None:
    return result.reason if isinstance(result, Rejection) else None


def _list_is_needed(rejection: Rejection) -> None:
    """Without a list page nobody knows what is missing."""
    raise WorkError(f"{rejection.where}: {rejection.detail}", "a list page is needed; run it again later, it continues")
