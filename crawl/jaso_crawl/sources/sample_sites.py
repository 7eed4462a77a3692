"""The sites of the sample's web, each with the crawl's site that reads it, and which letters it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_crawl.sites.eduss.parser import Eduss
from jaso_crawl.sites.eduss.popup_parser import EdussPopup
from jaso_crawl.sites.jobkorea.parser import JobKorea
from jaso_crawl.sites.linkareer.parser import Linkareer
from jaso_crawl.sites.saramin.parser import Saramin
from jaso_crawl.types import Site
from jaso_synthetic.records import SYNTHETIC_LICENCE, SampleLetter
from jaso_synthetic.web.site import Web, base_of, has_plain_questions
from jaso_synthetic.web.sites import eduss, eduss_popup, jobkorea, linkareer, saramin

META = {"synthetic": True}


@dataclass(frozen=True)
class Kind:
    """`web` shows letters with hazards; `site` reads them; `can_show` says of which letters the structure can hold."""

    web: Callable[[tuple[SampleLetter, ...], frozenset[str]], Web]
    site: Callable[..., Site]
    options: dict[str, Any]
    can_show: Callable[[SampleLetter], bool]


KINDS = {
    "jobkorea": Kind(jobkorea.SampleJobKorea, JobKorea, {}, lambda letter: True),
    "saramin": Kind(saramin.SampleSaramin, Saramin, {}, has_plain_questions),
    "eduss": Kind(eduss.SampleEduss, Eduss, {"tenant": "jobsample"}, has_plain_questions),
    "eduss_popup": Kind(eduss_popup.SampleEdussPopup, EdussPopup, {"tenant": "jobsample"}, has_plain_questions),
    "linkareer": Kind(linkareer.SampleLinkareer, Linkareer, {}, linkareer.can_show),
}


def sites_of(names: Sequence[str]) -> tuple[str, ...]:
    """The names of sites, in their order; "all" is short for all. RequestError for an unknown one."""
    if "all" in names:
        return tuple(KINDS)
    for name in names:
        if name not in KINDS:
            raise RequestError(f"config key 'sites': '{name}' is unknown", did_you_mean(name, [*KINDS, "all"]))
    if not names:
        raise RequestError("config key 'sites': names no site", f"known: {', '.join(KINDS)}, all")
    return tuple(dict.fromkeys(names))


def webs_of(letters: Sequence[SampleLetter], names: Sequence[str], hazards: frozenset[str]) -> list[Web]:
    """The sites with their letters: one after the other gets the next; what a site cannot show goes to another.

    A letter that none of them can show is left out.
    """
    shown: dict[str, list[SampleLetter]] = {name: [] for name in names}
    for letter in letters:
        turn = letter.id % len(names)
        name = next((n for n in (*names[turn:], *names[:turn]) if KINDS[n].can_show(letter)), None)
        if name is not None:
            shown[name].append(letter)
    return [KINDS[name].web(tuple(chosen), hazards) for name, chosen in shown.items() if chosen]


def site_of(name: str, company: str | None = None) -> Site:
    """What crawls the sample's site of that name."""
    kind = KINDS[name]
    return kind.site(
        base=base_of(name), source="sample", licence=SYNTHETIC_LICENCE, meta=META, company=company, **kind.options
    )
