"""Assemble a site's crawl: page store, client, browsers, freshness, offline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jaso_core.io.files import read_json, write_json
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.browser.page_limits import PageLimits
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.page_loader import PageLoader
from jaso_crawl.crawler.refused_urls import RefusedUrls
from jaso_crawl.crawler.site_crawler import SiteCrawler
from jaso_crawl.crawler.summary import COLUMNS
from jaso_crawl.http.client import Client, Freshness
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.politeness import Politeness
from jaso_crawl.types import (
    Rejection,
    Site,
)

RENDER = ("auto", "never")
REFRESH = ("none", "lists", "all")

_MAX_REFRESH_AGE = 24 * 3600  # seconds after which an interrupted refresh restarts


@dataclass(frozen=True)
class CrawlOptions:
    """How a crawl is done.

    `refresh`: "lists" fetches the lists again and the pages that are new, "all" everything. `offline`: no requests,
    only the page store. `list_pages`: the most of one site.
    """

    politeness: Politeness
    filters: Filters
    refresh: str = "none"
    offline: bool = False
    list_pages: int = PageLimits.list_pages


def crawl_site(
    site: Site, store_path: Path, options: CrawlOptions, browsers: BrowserPool, run: StageRun
) -> Iterator[Document | Rejection]:
    """Crawl all letters of a site, in the natural order of their URLs.

    Its counts go into `run.counts`. WorkError.
    """
    since = _load_freshness(run.scratch / "refresh.json", options.refresh)
    refusals = RefusedUrls(run.scratch / f"refused-{site.name}.jsonl")
    with (
        PageStore(store_path) as page_store,
        Client(
            site, options.politeness, page_store, run.scratch.parent / "scrapy.log", since, options.offline
        ) as client,
    ):
        loader = PageLoader(site, client, page_store, browsers, since, refusals, options.list_pages)
        crawler = SiteCrawler(site, loader, browsers, options.filters, run)
        yield from crawler.collect()
    for name in COLUMNS:
        run.counts[name] = run.counts.get(name, 0) + crawler.counts[name]
    run.counts.setdefault("sites", {})[site.name] = crawler.counts


def _load_freshness(path: Path, refresh: str) -> Freshness:
    """Return the time since when stored pages count as current.

    It is kept on disk and survives SIGKILL, so that nothing is fetched twice.
    """
    state = read_json(path) if path.is_file() else None
    stale = state is not None and (
        time.time() - state["since"] > _MAX_REFRESH_AGE or refresh not in ("none", state["refresh"])
    )
    if state is None or stale:
        if refresh == "none":
            return Freshness()
        state = {"since": time.time(), "refresh": refresh}
        write_json(path, state)
    since = float(state["since"])
    return Freshness(lists=since, pages=since if state["refresh"] == "all" else 0.0)
