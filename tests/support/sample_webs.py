"""Crawling the sample's web in a test: one site, real HTTP, and what the server saw."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.crawl_site import CrawlOptions, crawl_site
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.sources.sample_sites import site_of, webs_of
from jaso_crawl.types import (
    Link,
    Page,
    Rejection,
    Site,
)
from jaso_synthetic.corpus import generate
from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.hazards import hazards_of
from jaso_synthetic.web.server import serving
from jaso_synthetic.web.site import Response, Web


def sample_web(name: str = "jobkorea", letters: int = 30, *hazards: str) -> Web:
    """One site of the sample, with letters that it can show."""
    corpus = generate(letters=letters, interviews=0, seed=7)
    return webs_of(corpus.letters, [name], hazards_of(hazards))[0]


@dataclass
class Crawled:
    """What a crawl gave, and what the server saw of it."""

    documents: list[Document]
    rejected: dict[str, str]
    counts: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def targets(self) -> list[str]:
        """What was asked for, in that order."""
        return [request["target"] for request in self.requests]

    def texts(self) -> dict[str, list[tuple[str | None, str | None]]]:
        """{URL: question-answer pairs}."""
        return {document.url or "": [(i.question, i.answer) for i in document.items] for document in self.documents}


@dataclass
class Crawler:
    """Crawls `web` into `folder`; a second `crawl` finds the pages that the first one stored."""

    web: Web
    folder: Path
    delay: float = 0.0
    render: bool = False
    company: str | None = None
    filters: Filters = field(default_factory=Filters)

    def crawl(self, refresh: str = "none", offline: bool = False) -> Crawled:
        """One run, as `jaso crawl` does it. Raises what a crawl raises."""
        log = self.folder / f"requests-{len(list(self.folder.glob('requests-*')))}.jsonl"
        run = StageRun("crawl", self.folder, continued=False)
        agent = user_agent("test")
        hazards = getattr(self.web, "hazards", frozenset[str]())
        try:
            with serving([self.web], hazards, log) as proxy, BrowserPool(agent, 2, self.render) as browsers:
                manners = Politeness(agent, self.delay, proxy=proxy, timeout=1.5, initial_backoff=0.02)
                ways = CrawlOptions(manners, self.filters, refresh, offline)
                site = site_of(self.web.name, self.company)
                found = list(crawl_site(site, self.folder / "pages.sqlite", ways, browsers, run))
        finally:
            self.requests = read_log(log)
        documents = [one for one in found if isinstance(one, Document)]
        rejected = {one.where: one.reason for one in found if isinstance(one, Rejection)}
        return Crawled(documents, rejected, run.counts, self.requests)


@dataclass(frozen=True)
class Changed:
    """A web whose answers a test replaces: {target: answer}."""

    inner: Web
    answers: dict[str, Response]
    hazards: frozenset[str] = frozenset()

    def answer(self, target: str, first_visit: bool) -> Response:
        """The test's answer, else the web's."""
        return self.answers.get(target) or self.inner.answer(target, first_visit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The request log in the order of arrival."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return sorted((json.loads(line) for line in lines), key=lambda request: request["at"])


def pairs(letters: tuple[SampleLetter, ...], web: Web) -> dict[str, list[tuple[str | None, str | None]]]:
    """What a crawl must find, character for character."""
    return {web.address(letter.id): [(item.question, item.answer) for item in letter.items] for letter in letters}


def asked_twice(requests: list[dict[str, Any]]) -> list[str]:
    """Addresses that were asked for although a whole answer had already been given."""
    good = Counter(
        (request["host"], request["target"])
        for request in requests
        if request["whole"] and request["status"] < 400 and request["hazard"] != "block"
    )
    return [f"{host}{target}" for (host, target), times in good.items() if times > 1]


def gaps(requests: list[dict[str, Any]]) -> list[float]:
    """Seconds between the end of an answer and the next request to the same host; negative for two at once."""
    found: list[float] = []
    for host in {request["host"] for request in requests}:
        own = [request for request in requests if request["host"] == host]
        found += [after["at"] - before["until"] for before, after in pairwise(own)]
    return found


def fetched(web: Web, link: Link) -> Page:
    """A page of the sample's web, without the network."""
    answer = web.answer(urlsplit(link.url)._replace(scheme="", netloc="", fragment="").geturl(), True)
    assert answer.status == 200
    body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
    return Page(link.url, decode_page(body, answer.content_type), answer.date, link.context)


def walk(site: Site, web: Web) -> tuple[dict[str, list[Link]], list[Rejection]]:
    """All that the lists link to, and their faults, by the parser alone. A list ends where a page brings nothing new."""
    links: dict[str, list[Link]] = {}
    faults: list[Rejection] = []
    for start in site.start():
        waiting, seen, claimed = [start], set[str](), None
        while waiting:
            listing = site.read_list(fetched(web, waiting.pop()))
            claimed = listing.total if claimed is None else claimed
            urls = {link.url for link in listing.details}
            if urls and urls <= seen:
                break
            seen |= urls
            for link in listing.details:
                links.setdefault(link.url, []).append(link)
            faults += listing.faults
            waiting += listing.more
        assert claimed in (None, len(seen))
    return links, faults
