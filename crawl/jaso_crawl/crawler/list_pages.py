"""A site's lists: every letter that they link to, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jaso_core.console import bar, say
from jaso_core.errors import WorkError
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.page_loader import Pages
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.crawler.validate import read_list
from jaso_crawl.http.client import RefusedError
from jaso_crawl.types import (
    Link,
    Listing,
    NotThereError,
    Page,
    Pager,
    Rejection,
    Site,
    natural,
)

LEAST_SHARE = 0.95
"""Of the entries that a list claims to have."""


@dataclass
class Lists:
    """What the lists of a site hold: how many letters, which of them may be wanted, and entries without a letter."""

    listed: int = 0
    filtered: int = 0
    links: list[Link] = field(default_factory=list)
    faults: list[Rejection] = field(default_factory=list)


def read_lists(site: Site, pages: Pages, filters: Filters, forgotten: Tombstones) -> Lists:
    """Reads all lists, or so much of them as `filters.max_documents` asks for. What was forgotten is passed over.

    WorkError: a list page is not to be had or is none, or a list holds much less than it claims.
    """
    with bar(None, f"{site.name} lists", "page") as shown:
        reader = _Reader(site, pages, filters, forgotten, shown.update)
        try:
            for start in site.start():
                reader.read(start)
        except ListNotStoredError:
            remembered = pages.remembered()
            if not remembered:
                raise
            reader.take_remembered(remembered)
        else:
            reader.remember()
    return reader.lists()


class ListNotStoredError(WorkError):
    """Offline, and a list page is not in the store: never fetched, or forgotten with a letter that it quoted."""


class _Reader:
    def __init__(
        self, site: Site, pages: Pages, filters: Filters, forgotten: Tombstones, tick: Callable[[], object]
    ) -> None:
        self._site = site
        self._pages = pages
        self._filters = filters
        self._forgotten = forgotten
        self._found: dict[str, list[Link]] = {}
        self._faults: list[Rejection] = []
        self._wanted: set[str] = set()
        self._tick = tick

    def read(self, start: Link) -> None:
        """One list, from its first page on."""
        seen: set[str] = set()
        claimed: int | None = None
        pager = self._site.pager
        for listing in self._linked(start) if pager is None else self._walked(start, pager):
            claimed = listing.total if claimed is None else claimed
            urls = {link.url for link in listing.details}
            if urls and urls <= seen:  # a pager may show its last page again and again
                break
            seen |= urls
            self._take(listing)
            self._tick()
            if not urls or self._is_enough():
                break
        if not self._is_enough():
            self._check(start, claimed, len(seen))

    def take_remembered(self, links: list[Link]) -> None:
        """Goes by what the lists once said."""
        self._found, self._faults, self._wanted = {}, [], set()
        self._take(Listing(tuple(links)))

    def remember(self) -> None:
        """Keeps what the lists say now; a refresh says how many letters they no longer name."""
        if self._pages.is_refresh and self._filters.max_documents is None:
            gone = sum(link.url not in self._found for link in self._pages.remembered())
            if gone:
                say(f"crawl: {self._site.host}: {gone:,} letters are no longer listed and left out; cache/ has them")
        self._pages.remember([self._site.merge(links) for links in self._found.values()])

    def lists(self) -> Lists:
        """What was found, in the lists' order if only the first are wanted, else in the natural order of addresses."""
        if not self._found:
            asked = f" for company={self._filters.company}" if self._filters.company else ""
            cure = "check its name" if asked else "the site may have changed its pages"
            raise WorkError(f"{self._site.host}: the lists hold no entry{asked}", cure)
        first_only = self._filters.max_documents is not None
        order = list(self._found) if first_only else sorted(self._found, key=natural)
        links = [self._site.merge(self._found[url]) for url in order if url in self._wanted]
        filtered = len(self._found) - len(self._wanted)
        return Lists(len(self._found), filtered, links[: self._filters.max_documents], self._faults)

    def _linked(self, start: Link) -> Iterator[Listing]:
        coming = [start]
        while coming:
            listing = self._listing(self._needed(coming[0]))
            yield listing
            coming = [*coming[1:], *listing.more]

    def _walked(self, start: Link, pager: Pager) -> Iterator[Listing]:
        try:
            pages = self._pages.walked(start, pager)
        except RefusedError as error:
            raise _needed(error.rejection) from None
        return (self._listing(page) for page in pages)

    def _needed(self, link: Link) -> Page:
        """Without a list page nobody knows what is missing."""
        try:
            return self._pages.plain(link, "list")
        except RefusedError as error:
            raise _needed(error.rejection) from None

    def _listing(self, page: Page) -> Listing:
        try:
            return read_list(self._site, page)
        except NotThereError as error:
            cure = "has the site changed? Mend its parser and run again, with offline=true if you like"
            raise WorkError(f"{page.url}: is no list page ({error})", cure) from None

    def _take(self, listing: Listing) -> None:
        self._faults += listing.faults
        for link in listing.details:
            self._found.setdefault(link.url, []).append(link)
            if link.url not in self._forgotten and self._filters.may_want(link.context):
                self._wanted.add(link.url)

    def _is_enough(self) -> bool:
        return self._filters.max_documents is not None and len(self._wanted) >= self._filters.max_documents

    def _check(self, start: Link, claimed: int | None, seen: int) -> None:
        """WorkError when a list gave much less than it claims; a word when it gave a little less."""
        if claimed is None or seen >= claimed:
            return
        what = f"{start.url}: the list claims {claimed:,} letters, {seen:,} were found"
        if seen < LEAST_SHARE * claimed:
            raise WorkError(what, "has the site changed? See its list parser; the pages are kept in cache/")
        say(f"crawl: {what}")


def _needed(rejection: Rejection) -> WorkError:
    cure = "a list page is needed; run it again later, it continues"
    if rejection.reason == "needs_browser":
        cure = "a browser is needed for this list: see jaso doctor"
    if rejection.reason == "not_stored":
        return ListNotStoredError(f"{rejection.where}: {rejection.detail}", "crawl it once without offline=true")
    if rejection.reason == "login":
        cure = "renew your session, then run it again, it continues"
    if rejection.reason == "robots":
        cure = "there is no switch against robots.txt; ask the site"
    return WorkError(f"{rejection.where}: {rejection.detail}", cure)
