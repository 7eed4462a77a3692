"""Read a site's list pages: every linked letter, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jaso_core.console import bar, say
from jaso_core.errors import WorkError
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.page_loader import PageLoader
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
    natural_sort_key,
)

LEAST_SHARE = 0.95
"""Minimum share of the entries that a list claims to have."""


@dataclass
class LetterLists:
    """Result of reading a site's lists.

    How many letters are listed, how many are filtered out, the matching links, and entries without a letter.
    """

    listed: int = 0
    filtered: int = 0
    links: list[Link] = field(default_factory=list)
    faults: list[Rejection] = field(default_factory=list)


def read_lists(site: Site, pages: PageLoader, filters: Filters, forgotten: Tombstones) -> LetterLists:
    """Read all lists, or as many pages as `filters.max_documents` needs.

    Forgotten letters are skipped. WorkError: a list page is unavailable or is none, or a list holds much less than it
    claims.
    """
    with bar(None, f"{site.name} lists", "page") as progress:
        reader = _ListReader(site, pages, filters, forgotten, progress.update)
        try:
            for start in site.start():
                reader.read(start)
        except ListNotStoredError:
            stored_links = pages.stored_links()
            if not stored_links:
                raise
            reader.take_stored_links(stored_links)
        else:
            reader.store_links()
    return reader.lists()


class ListNotStoredError(WorkError):
    """Offline, and a list page is not in the store.

    It was never fetched, or it was forgotten with a letter that it quoted.
    """


class _ListReader:
    def __init__(
        self, site: Site, pages: PageLoader, filters: Filters, forgotten: Tombstones, on_page: Callable[[], object]
    ) -> None:
        self._site = site
        self._pages = pages
        self._filters = filters
        self._forgotten = forgotten
        self._links_by_url: dict[str, list[Link]] = {}
        self._faults: list[Rejection] = []
        self._matching_urls: set[str] = set()
        self._on_page = on_page

    def read(self, start: Link) -> None:
        """Read one list from its first page on."""
        # Pages with letters {1, 2}, {3}, {3} → stops at the third page, with 3 letters seen.
        seen: set[str] = set()
        claimed: int | None = None
        pager = self._site.pager
        for listing in self._follow_links(start) if pager is None else self._walk_pager(start, pager):
            claimed = listing.total if claimed is None else claimed
            urls = {link.url for link in listing.details}
            if urls and urls <= seen:  # a pager may show its last page again and again
                break
            seen |= urls
            self._add(listing)
            self._on_page()
            if not urls or self._has_enough():
                break
        if not self._has_enough():
            self._check_claim(start, claimed, len(seen))

    def take_stored_links(self, links: list[Link]) -> None:
        """Use the links that the store remembers from earlier lists."""
        self._links_by_url, self._faults, self._matching_urls = {}, [], set()
        self._add(Listing(tuple(links)))

    def store_links(self) -> None:
        """Store the current links; report letters that a refresh no longer lists."""
        if self._pages.is_refresh and self._filters.max_documents is None:
            unlisted = sum(link.url not in self._links_by_url for link in self._pages.stored_links())
            if unlisted:
                say(
                    f"crawl: {self._site.host}: {unlisted:,} letters are no longer listed and left out; cache/ has them"
                )
        self._pages.store_links([self._site.merge(links) for links in self._links_by_url.values()])

    def lists(self) -> LetterLists:
        """Return the result: links in natural order of their URLs.

        In the lists' order if `max_documents` limits them.
        """
        if not self._links_by_url:
            for_company = f" for company={self._filters.company}" if self._filters.company else ""
            cure = "check its name" if for_company else "the site may have changed its pages"
            raise WorkError(f"{self._site.host}: the lists hold no entry{for_company}", cure)
        first_only = self._filters.max_documents is not None
        order = list(self._links_by_url) if first_only else sorted(self._links_by_url, key=natural_sort_key)
        links = [self._site.merge(self._links_by_url[url]) for url in order if url in self._matching_urls]
        filtered = len(self._links_by_url) - len(self._matching_urls)
        return LetterLists(len(self._links_by_url), filtered, links[: self._filters.max_documents], self._faults)

    def _follow_links(self, start: Link) -> Iterator[Listing]:
        queue = [start]
        while queue:
            listing = self._parse_list(self._fetch_list_page(queue[0]))
            yield listing
            queue = [*queue[1:], *listing.more]

    def _walk_pager(self, start: Link, pager: Pager) -> Iterator[Listing]:
        try:
            pages = self._pages.walk(start, pager)
        except RefusedError as error:
            raise _list_page_error(error.rejection) from None
        return (self._parse_list(page) for page in pages)

    def _fetch_list_page(self, link: Link) -> Page:
        """Fetch a list page; WorkError when unavailable, as letters would be missing."""
        try:
            return self._pages.fetch(link, "list")
        except RefusedError as error:
            raise _list_page_error(error.rejection) from None

    def _parse_list(self, page: Page) -> Listing:
        try:
            return read_list(self._site, page)
        except NotThereError as error:
            cure = "has the site changed? Mend its parser and run again, with offline=true if you like"
            raise WorkError(f"{page.url}: is no list page ({error})", cure) from None

    def _add(self, listing: Listing) -> None:
        self._faults += listing.faults
        for link in listing.details:
            self._links_by_url.setdefault(link.url, []).append(link)
            if link.url not in self._forgotten and self._filters.may_match(link.context):
                self._matching_urls.add(link.url)

    def _has_enough(self) -> bool:
        return self._filters.max_documents is not None and len(self._matching_urls) >= self._filters.max_documents

    def _check_claim(self, start: Link, claimed: int | None, seen: int) -> None:
        """Raise WorkError when a list gave far fewer letters than it claims.

        A slightly smaller number is only reported.
        """
        if claimed is None or seen >= claimed:
            return
        what = f"{start.url}: the list claims {claimed:,} letters, {seen:,} were found"
        if seen < LEAST_SHARE * claimed:
            raise WorkError(what, "has the site changed? See its list parser; the pages are kept in cache/")
        say(f"crawl: {what}")


def _list_page_error(rejection: Rejection) -> WorkError:
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
