"""Puts the parts of a crawl together: store, client, browsers, and what makes a run fresh, continued or offline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jaso_core.io.files import read_json, write_json
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.browser.pool import Browsers
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.page_loader import Pages
from jaso_crawl.crawler.refused_urls import Refusals
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

_DAY = 24 * 3600  # seconds after which a refresh that was broken off begins anew


@dataclass(frozen=True)
class CrawlOptions:
    """How a crawl is done. `refresh`: "lists" asks for the lists anew and fetches what is new, "all" for everything.

    `offline`: no request at all, only what the store holds.
    """

    manners: Politeness
    filters: Filters
    refresh: str = "none"
    offline: bool = False


def crawl_site(
    site: Site, store: Path, ways: CrawlOptions, browsers: Browsers, run: StageRun
) -> Iterator[Document | Rejection]:
    """All letters of a site, in the natural order of their URLs; its counts go into `run.counts`. WorkError."""
    since = _since(run.scratch / "refresh.json", ways.refresh)
    refusals = Refusals(run.scratch / f"refused-{site.name}.jsonl")
    with (
        PageStore(store) as pages_on_disk,
        Client(site, ways.manners, pages_on_disk, run.scratch.parent / "scrapy.log", since, ways.offline) as client,
    ):
        pages = Pages(site, client, pages_on_disk, browsers, since, refusals)
        harvest = SiteCrawler(site, pages, browsers, ways.filters, run)
        yield from harvest.collect()
    for name in COLUMNS:
        run.counts[name] = run.counts.get(name, 0) + harvest.counts[name]
    run.counts.setdefault("sites", {})[site.name] = harvest.counts


def _since(path: Path, refresh: str) -> Freshness:
    """The moment since when stored pages are current. It outlives a kill, so that nothing is fetched twice."""
    state = read_json(path) if path.is_file() else None
    stale = state is not None and (time.time() - state["since"] > _DAY or refresh not in ("none", state["refresh"]))
    if state is None or stale:
        if refresh == "none":
            return Freshness()
        state = {"since": time.time(), "refresh": refresh}
        write_json(path, state)
    since = float(state["since"])
    return Freshness(lists=since, pages=since if state["refresh"] == "all" else 0.0)
