"""Pages for the parsers: by a plain GET or by a browser, from the store or from the site."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from jaso_crawl.browser.browser import Browser, NoBrowserError, PageTroubleError
from jaso_crawl.browser.cdp import Serve, Served
from jaso_crawl.browser.pool import Browsers
from jaso_crawl.crawler.refused_urls import Refusals
from jaso_crawl.http.client import Client, Freshness, RefusedError, iso_date
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import PageStore, Rendered, Stored
from jaso_crawl.types import (
    Link,
    Page,
    Pager,
    Rejection,
    Site,
)

Make = Callable[[str, Serve, Browser], str]

# Refusals that are the site's answer to this page. With a 5xx or a 403 the next run may have better luck.
_ANSWERS = ("robots", "redirected", "http_400", "http_405", "http_406", "http_451")

# Between the pages of a walked list. A form feed means nothing in HTML, and none is left in what we store.
_PAGE_BREAK = "\f"


class Pages:
    """One site's pages. Every method raises RefusedError for a page that is not to be had, and WorkError as `Client`.

    What the site refused is remembered in `refusals`; what a browser made is stored like everything else.
    """

    def __init__(
        self, site: Site, client: Client, store: PageStore, browsers: Browsers, since: Freshness, refusals: Refusals
    ) -> None:
        self._site = site
        self._client = client
        self._store = store
        self._browsers = browsers
        self._since = since
        self._refusals = refusals
        self._logins: list[Rejection] = []

    @property
    def requests(self) -> int:
        """How many requests this run sent, without robots.txt, repetitions and redirections."""
        return self._client.requests

    @property
    def is_refresh(self) -> bool:
        """Whether lists are asked for anew."""
        return self._since.lists > 0

    def remember(self, links: Sequence[Link]) -> None:
        """Keeps what the lists said, so that letters can be read again when the lists themselves are forgotten."""
        self._store.put_links((link.url, link.context) for link in links)

    def remembered(self) -> list[Link]:
        """What lists said in this run or another."""
        return [Link(url, context) for url, context in self._store.links().items()]

    def plain(self, link: Link, kind: str) -> Page:
        """The page as the server sends it."""
        stored = self._got(link.url, kind)
        html = decode_page(stored.body, stored.headers.get("content-type"))
        return Page(link.url, html, _date(stored), link.context, robots=stored.robots)

    def rendered(self, link: Link) -> Page:
        """The page after a browser opened what is folded on it."""
        made = self._made(link, "page", lambda url, serve, browser: browser.render(url, self._site.clicks, serve))
        return Page(link.url, made.html, made.fetched_at, link.context, rendered=True, robots=made.robots)

    def walked(self, link: Link, pager: Pager) -> list[Page]:
        """The pages of a list whose pager has no addresses."""
        made = self._made(link, "list", lambda url, serve, browser: _joined(browser.walk(url, pager, serve)))
        return [
            Page(f"{link.url}#{number}", html, made.fetched_at, link.context, rendered=True, robots=made.robots)
            for number, html in enumerate(made.html.split(_PAGE_BREAK), start=1)
        ]

    def _got(self, url: str, kind: str, needed_by: str | None = None) -> Stored:
        refused = self._refusals.get(url)
        if refused is not None:
            raise RefusedError(refused)
        try:
            stored = self._client.get(url, kind, needed_by)
        except RefusedError as error:
            if kind == "page" and error.rejection.reason in _ANSWERS:
                self._refusals.add(error.rejection)
            elif kind == "page" and error.rejection.reason == "login":
                self._logins.append(error.rejection)
            raise
        while self._logins:  # other pages still come: it was these that want a log-in, not a session that ended
            self._refusals.add(self._logins.pop())
        return stored

    def _made(self, link: Link, kind: str, make: Make) -> Rendered:
        """From the store, else by a browser."""
        made = self._store.get_rendered(link.url, self._since.of(kind))
        if made is None:
            source = self._got(link.url, kind)
            try:
                with self._browsers.one() as browser:
                    html = make(link.url, self._server(link.url, kind), browser)
            except NoBrowserError:
                detail = "its text is filled in by a script, and no browser ran"
                raise RefusedError(Rejection(link.url, "needs_browser", detail)) from None
            except PageTroubleError as error:
                raise RefusedError(Rejection(link.url, error.reason, str(error))) from None
            made = Rendered(link.url, kind, html, time.time(), _date(source), source.robots)
            self._store.put_rendered(made)
        return made

    def _server(self, page: str, kind: str) -> Serve:
        """What answers a browser's requests on behalf of `page`: the same client that fetches everything else."""

        def serve(url: str) -> Served | None:
            try:
                part = "list-part" if kind == "list" else "part"
                stored = self._got(url, kind if url == page else part, None if url == page else page)
            except RefusedError:
                return None
            kind_of_body = stored.headers.get("content-type", "")
            if "html" not in kind_of_body:
                return Served(stored.status, kind_of_body, stored.body)
            # Decoded as for the parsers, so that a browser cannot read the same bytes in another way.
            return Served(stored.status, "text/html; charset=utf-8", decode_page(stored.body, kind_of_body).encode())

        return serve


def _date(stored: Stored) -> str | None:
    return iso_date(stored.headers.get("date"))


def _joined(pages: list[str]) -> str:
    return _PAGE_BREAK.join(html.replace(_PAGE_BREAK, " ") for html in pages)
