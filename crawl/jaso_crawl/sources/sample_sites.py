"""Sample sites, the parsers that read them, and the letters that each shows."""

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
class SampleSite:
    """A sample site and its parser.

    `web` shows letters with hazards; `site` parses them; `can_show` says which letters its structure can hold.
    """

    web: Callable[[tuple[SampleLetter, ...], frozenset[str]], Web]
    site: Callable[..., Site]
    options: dict[str, Any]
    can_show: Callable[[SampleLetter], bool]


SAMPLE_SITES = {
    "jobkorea": SampleSite(jobkorea.SampleJobKorea, JobKorea, {}, lambda letter: True),
    "saramin": SampleSite(saramin.SampleSaramin, Saramin, {}, has_plain_questions),
    "eduss": SampleSite(eduss.SampleEduss, Eduss, {"tenant": "jobsample"}, has_plain_questions),
    "eduss_popup": SampleSite(eduss_popup.SampleEdussPopup, EdussPopup, {"tenant": "jobsample"}, has_plain_questions),
    "linkareer": SampleSite(linkareer.SampleLinkareer, Linkareer, {}, linkareer.can_show),
}


def expand_site_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return unique site names in order; "all" means all.

    RequestError for an unknown one.
    """
    if "all" in names:
        return tuple(SAMPLE_SITES)
    for name in names:
        if name not in SAMPLE_SITES:
            raise RequestError(f"config key 'sites': '{name}' is unknown", did_you_mean(name, [*SAMPLE_SITES, "all"]))
    if not names:
        raise RequestError("config key 'sites': names no site", f"known: {', '.join(SAMPLE_SITES)}, all")
    return tuple(dict.fromkeys(names))


def webs_of(letters: Sequence[SampleLetter], names: Sequence[str], hazards: frozenset[str]) -> list[Web]:
    """Distribute letters over the sites in turn, and create the sites.

    A letter that its site cannot show goes to another one; if none can show it, it is left out.
    """
    letters_by_site: dict[str, list[SampleLetter]] = {name: [] for name in names}
    for letter in letters:
        first = letter.id % len(names)
        name = next((n for n in (*names[first:], *names[:first]) if SAMPLE_SITES[n].can_show(letter)), None)
        if name is not None:
            letters_by_site[name].append(letter)
    return [
        SAMPLE_SITES[name].web(tuple(site_letters), hazards)
        for name, site_letters in letters_by_site.items()
        if site_letters
    ]


def site_of(name: str, company: str | None = None) -> Site:
    """Create the parser of the sample site of that name."""
    kind = SAMPLE_SITES[name]
    return kind.site(
        base=base_of(name), source="sample", licence=SYNTHETIC_LICENCE, meta=META, company=company, **kind.options
    )
