"""Live source of Linkareer, which needs its consent and the user's contact."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_crawl.crawler.live_source import LiveOptions, LiveSource, Terms
from jaso_crawl.sites.linkareer.parser import Linkareer
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.types import Site

_TERMS = Terms(
    "linked at the foot of https://linkareer.com/ (이용약관, art. 16)",
    "Linkareer's terms of use (art. 16) forbid automatic access that burdens its servers, and grant no licence",
    "unlicensed: rights stay with the writers and Linkareer",
)


@dataclass(frozen=True)
class LinkareerOptions(LiveOptions):
    """Options; `categories` are roles as the site's own search takes them (role=)."""


@SOURCES.register("linkareer", LinkareerOptions)
class LiveLinkareer(LiveSource):
    """Linkareer's accepted cover letters. Needs its consent: live=true contact=…"""

    name = "linkareer"
    terms = _TERMS

    def make_site(self, options: LiveOptions) -> Site:
        """Create the parser of a search for each role, newest first."""
        return Linkareer(licence=_TERMS.licence, company=options.company, categories=tuple(options.categories))
