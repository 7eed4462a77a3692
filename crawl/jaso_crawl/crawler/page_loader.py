"""PageLoader for the parsers: by a plain GET or by a browser, from the store or from the site."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from jaso_crawl.browser.browser import Browser, NoBrowserError, RenderError
from jaso_crawl.browser.cdp import BrowserResponse, RequestHandler
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

# Refusals that are the site's answer to this page. With a 5xx or a 403 the next run may have better luck.
_FINAL_REASONS = ("robots", "redirected", "http_400", "http_405", "http_406", "http_451")

# Between the pages of a walked list. A form feed means nothing in HTML, and none is left in what we store.
_PAGE_BREAK = "\f"


class PageLoader:
    """One site's pages. Every method raises RefusedError for a page that is not to be had, and WorkError as `Client`.

    What the site refused is remembered in `refusals`; what a browser made is stored like everything else.
    """

    def __init__(
        self,
        site: Site,
        client: Client,
        store: PageStore,
        browsers: BrowserPool,
        since: Freshness,
        refusals: RefusedUrls,
    ) -> None:
        self._site = site
        self._client = client
        self._store = store
        self._browsers = browsers
        self._since = since
        self._refusals = refusals
        self._login_refusals: list[Rejection] = []

    @property
    def requests(self) -> int:
        """How many requests this run sent, without robots.txt, repetitions and redirections."""
        return self._client.requests

    @property
    def is_refresh(self) -> bool:
        """Whether lists are asked for anew."""
        return self._since.lists > 0

    def store_links(self, links: Sequence[Link]) -> None:
        """Keeps what the lists said, so that letters can be read again when the lists themselves are forgotten."""
        self._store.put_links((link.url, link.context) for link in links)

    def stored_links(self) -> list[Link]:
        """What lists said in this run or another."""
        return [Link(url, context) for url, context in self._store.links().items()]

    def fetch(self, link: Link, kind: str) -> Page:
        """The page as the server sends it."""
        stored = self._get(link.url, kind)
        html = decode_page(stored.body, stored.headers.get("content-type"))
        return Page(link.url, html, _iso_date(stored), link.context, robots=stored.robots)

    def render(self, link: Link) -> Page:
        """The page after a browser opened what is folded on it."""
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
        """The pages of a list whose pager has no addresses."""
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
        while self._login_refusals:  # other pages still come: it was these that want a log-in, not a session that ended
            self._refusals.add(self._login_refusals.pop())
        return stored

    def _get_rendered(self, link: Link, kind: str, make: Render) -> RenderedPage:
        """From the store, else by a browser."""
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
        """What answers a browser's requests on behalf of `page`: the same client that fetches everything else."""

        def serve(url: str) -> BrowserResponse | None:
            try:
                part = "list-part" if kind == "list" else "part"
                stored = self._get(url, kind if url == page else part, None if url == page else page)
            except RefusedError:
                return None
            content_type = stored.headers.get("content-type", "")
            if "html" not in content_type:
                return BrowserResponse(stored.status, content_type, stored.body)
            # Decoded as for the parsers, so that a browser cannot read the same bytes in another way.
            return BrowserResponse(
                stored.status, "text/html; charset=utf-8", decode_page(stored.body, content_type).encode()
            )

        return serve


def _iso_date(stored: StoredPage) -> str | None:
    return iso_date(stored.headers.get("date"))


def _join_pages(pages: list[str]) -> str:
    return _PAGE_BREAK.join(html.replace(_PAGE_BREAK, " ") for html in pages)
