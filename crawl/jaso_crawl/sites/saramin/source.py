"""Saramin itself. Nothing is fetched unless the user says so and says who asks."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_crawl.crawler.live_source import LiveOptions, LiveSource, Terms
from jaso_crawl.sites.saramin.parser import Saramin
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.types import Site

_TERMS = Terms(
    "linked at the foot of https://www.saramin.co.kr/ (이용약관)",
    "Saramin grants no licence to its letters and its public interface gives job postings only; ask before you copy",
    "unlicensed: rights stay with the writers and Saramin",
)


@dataclass(frozen=True)
class SaraminOptions(LiveOptions):
    """`categories` are words, one of which stands in the 지원분야. `accepted`: only those that got in."""

    accepted: bool = True


@SOURCES.register("saramin", SaraminOptions)
class LiveSaramin(LiveSource):
    """Saramin's accepted cover letters. Needs its consent: live=true contact=…"""

    name = "saramin"
    terms = _TERMS

    def make_site(self, options: LiveOptions) -> Site:
        """One list, or what a search for a company finds."""
        accepted = options.accepted if isinstance(options, SaraminOptions) else True
        return Saramin(licence=_TERMS.licence, company=options.company, accepted=accepted)

    def words(self) -> tuple[str, ...]:
        """The site has no lists by category: the letters are chosen by their 지원분야."""
        return tuple(self.options.categories)
