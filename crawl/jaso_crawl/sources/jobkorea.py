"""JobKorea itself. Nothing is fetched unless the user says so and says who asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_core.stage import StageRun, volatile
from jaso_crawl.fetch.manners import Manners, user_agent
from jaso_crawl.harvest import RENDER, Harvest
from jaso_crawl.pages import Rejection
from jaso_crawl.sites.jobkorea import JobKorea
from jaso_crawl.sites.jobkorea_parts import PARTS
from jaso_crawl.sources import SOURCES

TERMS = "JobKorea's terms of use (art. 18) forbid copying or using its contents without prior consent"
_LICENCE = f"unlicensed: {TERMS}"
_SHORTEST_DELAY = 1.0


@dataclass(frozen=True)
class JobKoreaOptions:
    """`contact` (an e-mail or web address) stands in the User-Agent; `parts` are JobKorea's job groups."""

    live: bool = False
    contact: str = volatile("")
    parts: list[int] = field(default_factory=lambda: list(PARTS))
    delay: float = volatile(5.0)
    render: str = "auto"


@SOURCES.register("jobkorea", JobKoreaOptions)
class LiveJobKorea:
    """JobKorea's accepted cover letters. Needs its consent: live=true contact=…"""

    def __init__(self, options: JobKoreaOptions) -> None:
        self._options = options

    def inputs(self) -> Mapping[str, Path]:
        """It reads nothing of the user's. RequestError without the switches that a live site needs."""
        if not self._options.live:
            cure = "with their written consent add live=true contact=<your e-mail>; source=sample needs none"
            raise RequestError(f"source=jobkorea asks www.jobkorea.co.kr for pages, and {TERMS}", cure)
        if not self._options.contact.strip():
            raise RequestError("source=jobkorea needs a contact for its User-Agent", "add contact=<your e-mail>")
        if self._options.delay < _SHORTEST_DELAY:
            raise RequestError(f"delay={self._options.delay:g} is too short for a live site", "give 1 second or more")
        if self._options.render not in RENDER:
            raise RequestError(f"render={self._options.render} is unknown", f"known: {', '.join(RENDER)}")
        return {}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Letters by number."""
        options = self._options
        site = JobKorea(licence=_LICENCE, parts=tuple(options.parts))
        manners = Manners(user_agent(options.contact), options.delay)
        store = run.out / "cache" / "jobkorea.sqlite"
        yield from Harvest(site, manners, store, options.render, run).collect()
