"""Live source of JobKorea, which needs its consent and the user's contact."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_crawl.crawler.live_source import LiveOptions, LiveSource, Terms
from jaso_crawl.sites.jobkorea.job_groups import PARTS
from jaso_crawl.sites.jobkorea.parser import JobKorea
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.types import Site

_TERMS = Terms(
    "linked at the foot of https://www.jobkorea.co.kr/ (이용약관, personal members, art. 18)",
    "JobKorea's terms of use (art. 18) forbid copying or using its contents without prior consent",
    "unlicensed: JobKorea's terms of use (art. 18) forbid copying or using its contents without prior consent",
)


@dataclass(frozen=True)
class JobKoreaOptions(LiveOptions):
    """Options; `categories`: job groups by number (schPart) or label, empty for all."""


@SOURCES.register("jobkorea", JobKoreaOptions)
class LiveJobKorea(LiveSource):
    """JobKorea's accepted cover letters. Needs its consent: live=true contact=…"""

    name = "jobkorea"
    terms = _TERMS

    def make_site(self, options: LiveOptions) -> Site:
        """Create the parser for the chosen job groups, or for a company search in them."""
        parts = tuple(dict.fromkeys(job_group_of(category) for category in options.categories)) or tuple(PARTS)
        return JobKorea(licence=_TERMS.licence, parts=parts, company=options.company)


def job_group_of(category: str) -> int:
    """Return the number of a job group. RequestError for an unknown one."""
    by_label = {label: part for part, (label, _) in PARTS.items()}
    if category.isdecimal() and int(category) in PARTS:
        return int(category)
    if category not in by_label:
        what = f"config key 'categories': '{category}' is no job group of JobKorea"
        raise RequestError(what, did_you_mean(category, [*by_label, *map(str, PARTS)]))
    return by_label[category]
