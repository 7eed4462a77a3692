"""Live source of Saramin, which needs its consent and the user's contact."""

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
    """Options: `categories` and `accepted`.

    `categories` are words, one of which the 지원분야 contains. `accepted`: only accepted letters.
    """

    accepted: bool = True


@SOURCES.register("saramin", SaraminOptions)
class LiveSaramin(LiveSource):
    """Saramin's accepted cover letters. Needs its consent: live=true contact=…"""

    name = "saramin"
    terms = _TERMS

    def make_site(self, options: LiveOptions) -> Site:
        """Create the parser of the one list, or of a company search."""
        accepted = options.accepted if isinstance(options, SaraminOptions) else True
        return Saramin(licence=_TERMS.licence, company=options.company, accepted=accepted)

    def words(self) -> tuple[str, ...]:
        """Return the words to look for in the 지원분야.

        The site has no lists by category.
        """
        return tuple(self.options.categories)
