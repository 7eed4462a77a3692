"""Base class of live sites: options, required consent switches, terms of use."""

from __future__ import annotations

import inspect
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_core.stage.code_digest import code_digest
from jaso_core.stage.runner import StageRun, volatile
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.crawl_site import CrawlOptions, crawl_site
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.options import WebOptions
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.types import (
    Rejection,
    Site,
)

SHORTEST_DELAY = 1.0
"""Seconds between two requests to a live site."""

# Modules that determine the documents made from stored pages.
_PARSER_MODULES = (
    "jaso_crawl.sites",
    "jaso_crawl.types",
    "jaso_crawl.season",
    "jaso_crawl.crawler.validate",
    "jaso_crawl.crawler.list_pages",
    "jaso_crawl.crawler.site_crawler",
    "jaso_crawl.crawler.filters",
    "jaso_crawl.http.encoding",
)
EQUAL_PARSERS = frozenset({"87527f741f97"})
"""Digests of former parsers that read pages to the same documents.

They are of version b2f1752: since then modules have moved and names have changed only. To be emptied by the change that
makes `test_parsers_give_the_bytes_of_the_listed_digests` fail.
"""
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://\S+\.\S+")


@dataclass(frozen=True)
class Terms:
    """A live site's terms: their address, rule on automated access, record licence."""

    address: str
    automated_access: str
    licence: str


@dataclass(frozen=True)
class LiveOptions(WebOptions):
    """Options of a live site; `contact` (e-mail or web address) is in the User-Agent."""

    live: bool = volatile(False)
    contact: str = volatile("")
    categories: list[str] = field(default_factory=list)
    delay: float = volatile(5.0)


class LiveSource(ABC):
    """Abstract source of a live site; a subclass supplies its parser and terms."""

    name: str
    terms: Terms

    def __init__(self, options: LiveOptions) -> None:
        self.options = options
        self.site = self.make_site(options)

    @abstractmethod
    def make_site(self, options: LiveOptions) -> Site:
        """Create the site's parser for these options."""

    def words(self) -> tuple[str, ...]:
        """Return words, one of which a letter's role must contain.

        For sites whose lists cannot be queried by category.
        """
        return ()

    def cookie(self) -> str | None:
        """Return the user's own session cookie, for sites that require a log-in."""
        return None

    def inputs(self) -> Mapping[str, Path]:
        """Check the switches that a live site needs; return no input files.

        RequestError when `live`, `contact` or `delay` do not permit a crawl.
        """
        options = self.options
        if options.offline:
            return {}
        if not options.live:
            cure = "with their written consent add live=true contact=<your e-mail>; source=sample needs none"
            raise RequestError(
                f"source={self.name} asks {self.site.host} for pages; {self.terms.automated_access}", cure
            )
        if not _CONTACT.fullmatch(options.contact) or not options.contact.isascii():
            what = "needs a contact for its User-Agent" if not options.contact else "needs a real contact"
            raise RequestError(f"source={self.name} {what}", "add contact=<your e-mail or web address>")
        if not SHORTEST_DELAY <= options.delay < float("inf"):
            raise RequestError(f"delay={options.delay:g} is too short for a live site", "give 1 second or more")
        return {}

    def parsers_digest(self) -> str:
        """Return a hash of the parser code; a change re-reads stored pages.

        Complete folders are then made again from the store.
        """
        return parsers_digest(self.site)

    def refresh_reason(self) -> str | None:
        """Return why a complete folder is updated all the same, or None."""
        return self.options.refresh_reason()

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield letters by number, after reporting the site's terms."""
        options = self.options
        if not options.offline:
            say(f"crawl: {self.site.host}: {self.terms.automated_access}")
            say(f"crawl: its terms: {self.terms.address}; docs/law.md says more")
        politeness = Politeness(
            user_agent(options.contact), options.delay, cookie=self.cookie(), largest_page=options.limits.page_bytes
        )
        filters = Filters(options.period, options.company, self.words(), options.max_documents)
        crawl_options = CrawlOptions(politeness, filters, options.refresh, options.offline, options.limits.list_pages)
        store = run.out / "cache" / f"{self.site.name}.sqlite"
        may_render = options.render != "never"
        with BrowserPool(politeness.user_agent, options.browsers, may_render, options.limits) as browsers:
            yield from crawl_site(self.site, store, crawl_options, browsers, run)


def parsers_digest(*sites: Site) -> str:
    """Hash the modules that turn a page's bytes into a document."""
    return code_digest(_PARSER_MODULES, {Path(inspect.getfile(type(site))) for site in sites})
