"""Load pages for the parsers: by GET or by browser, from the store or the site."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from jaso_crawl.browser.browser import Browser, NoBrowserError, RenderError
from jaso_crawl.browser.cdp import BrowserResponse, RequestHandler
from jaso_crawl.browser.page_limits import PageLimits
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.refused_urls import RefusedUrls
from jaso_crawl.http.client import Client, Freshness, RefusedError, iso_date
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import PageStore, RenderedPage, StoredPage
from jaso_crawl.types import (
    Link,
    Page,
    Pager,
    Rejection,
    Site,
)

Render = Callable[[str, RequestHandler, Browser], str]

# Final refusals of a page by the site. A 5xx or a 403 may succeed in the next run.
_FINAL_REASONS = ("robots", "redirected", "http_400", "http_405", "http_406", "http_451")

# Separates the pages of a walked list. A form feed is only white space in HTML, and is replaced within the pages.
_PAGE_BREAK = "\f"


class PageLoader:
    """Loader of one site's pages.

    Every method raises RefusedError for an unavailable page, and WorkError as `Client`. Refusals are remembered in
    `refusals`; rendered pages are stored like all others.
    """

    def __init__(
        self,
        site: Site,
        client: Client,
        store: PageStore,
        browsers: BrowserPool,
        since: Freshness,
        refusals: RefusedUrls,
        most_list_pages: int = PageLimits.list_pages,
    ) -> None:
        self._site = site
        self._client = client
        self._store = store
        self._browsers = browsers
        self._since = since
        self._refusals = refusals
        self._most_list_pages = most_list_pages
        self._list_pages = 0
        self._login_refusals: list[Rejection] = []

    @property
    def requests(self) -> int:
        """Number of requests sent, without robots.txt, retries and redirects."""
        return self._client.requests

    @property
    def is_refresh(self) -> bool:
        """Whether lists are fetched again."""
        return self._since.lists > 0

    def store_links(self, links: Sequence[Link]) -> None:
        """Store the lists' links, to read letters again without the lists."""
        self._store.put_links((link.url, link.context) for link in links)

    def stored_links(self) -> list[Link]:
        """Return the links that lists held in this run or an earlier one."""
        return [Link(url, context) for url, context in self._store.links().items()]

    def fetch(self, link: Link, kind: str) -> Page:
        """Fetch the page as the server sends it."""
        if kind == "list":
            self._list_pages += 1
            if self._list_pages > self._most_list_pages:
                detail = (
                    f"the lists have more than {self._most_list_pages:,} pages; limits.list_pages= raises the limit"
                )
                raise RefusedError(Rejection(link.url, "too_many_pages", detail))
        stored = self._get(link.url, kind)
        html = decode_page(stored.body, stored.headers.get("content-type"))
        return Page(link.url, html, _iso_date(stored), link.context, robots=stored.robots)

    def render(self, link: Link) -> Page:
        """Render the page in a browser, with everything folded opened."""
        rendered_page = self._get_rendered(
            link, "page", lambda url, serve, browser: browser.render(url, self._site.clicks, serve)
        )
        return Page(
            link.url,
            rendered_page.html,
            rendered_page.fetched_at,
            link.context,
            rendered=True,
            robots=rendered_page.robots,
        )

    def walk(self, link: Link, pager: Pager) -> list[Page]:
        """Render each page of a list whose pager has no URLs."""
        rendered_page = self._get_rendered(
            link, "list", lambda url, serve, browser: _join_pages(browser.walk(url, pager, serve))
        )
        return [
            Page(
                f"{link.url}#{number}",
                html,
                rendered_page.fetched_at,
                link.context,
                rendered=True,
                robots=rendered_page.robots,
            )
            for number, html in enumerate(rendered_page.html.split(_PAGE_BREAK), start=1)
        ]

    def _get(self, url: str, kind: str, needed_by: str | None = None) -> StoredPage:
        refusal = self._refusals.get(url)
        if refusal is not None:
            raise RefusedError(refusal)
        try:
            stored = self._client.get(url, kind, needed_by)
        except RefusedError as error:
            if kind == "page" and error.rejection.reason in _FINAL_REASONS:
                self._refusals.add(error.rejection)
            elif kind == "page" and error.rejection.reason == "login":
                self._login_refusals.append(error.rejection)
            raise
        while self._login_refusals:  # the session is alive: only these pages need a log-in
            self._refusals.add(self._login_refusals.pop())
        return stored

    def _get_rendered(self, link: Link, kind: str, make: Render) -> RenderedPage:
        """Return the rendered page from the store, else from a browser."""
        rendered_page = self._store.get_rendered(link.url, self._since.for_kind(kind))
        if rendered_page is None:
            source = self._get(link.url, kind)
            try:
                with self._browsers.acquire() as browser:
                    html = make(link.url, self._request_handler(link.url, kind), browser)
            except NoBrowserError:
                detail = "its text is filled in by a script, and no browser ran"
                raise RefusedError(Rejection(link.url, "needs_browser", detail)) from None
            except RenderError as error:
                raise RefusedError(Rejection(link.url, error.reason, str(error))) from None
            rendered_page = RenderedPage(link.url, kind, html, time.time(), _iso_date(source), source.robots)
            self._store.put_rendered(rendered_page)
        return rendered_page

    def _request_handler(self, page: str, kind: str) -> RequestHandler:
        """Return the handler of a browser's requests for `page`.

        It uses the same client as all other requests.
        """

        def serve(url: str) -> BrowserResponse | None:
            try:
                part = "list-part" if kind == "list" else "part"
                stored = self._get(url, kind if url == page else part, None if url == page else page)
            except RefusedError:
                return None
            content_type = stored.headers.get("content-type", "")
            if "html" not in content_type:
                return BrowserResponse(stored.status, content_type, stored.body)
            # Decoded as for the parsers, so that a browser cannot decode the same bytes differently.
            return BrowserResponse(
                stored.status, "text/html; charset=utf-8", decode_page(stored.body, content_type).encode()
            )

        return serve


def _iso_date(stored: StoredPage) -> str | None:
    return iso_date(stored.headers.get("date"))


def _join_pages(pages: list[str]) -> str:
    return _PAGE_BREAK.join(html.replace(_PAGE_BREAK, " ") for html in pages)
