"""Hazards of real sites by name; the sample sites can reproduce each."""

from __future__ import annotations

from collections.abc import Iterable

from jaso_core.errors import RequestError, did_you_mean

# On the pages. A hazard that only one site has is ignored by the others.
PAGE_HAZARDS = {
    "layer": "a layer covers the page on the first visit",
    "script": "some answers, or the next list page, come only when a script is run",
    "missing": "a listed letter is gone: an alert, or an empty page",
    "forbidden": "a listed letter lies under a path that robots.txt bars",
    "login": "a listed letter's page redirects to the log-in",
    "redesigned": "a letter's page is built in another way than all others",
    "advert": "advertisements between the entries, links to guides, boxes that look like answers",
    "duplicates": "letters stand twice in a list, or in several lists",
    "wrong_company": "a search for a company finds others whose name contains it",
    "last_page_again": "a page number beyond the last shows the last page once more",
    "empty_entry": "a list ends with an entry that has no letter",
    "sheet": "a mere sheet of questions is listed among the letters",
    "bare": "boxes without the parts that all others have: counters, advice, buttons, roles",
    "charset": "pages in EUC-KR, pages without a charset, and pages whose header names a wrong one",
    "truncated": "a page shows less than its letter's data holds",
}
# On the network. They affect the same addresses in every run, and end after a few requests.
NETWORK_HAZARDS = {
    "slow": "some pages take long to come",
    "stalled": "some pages do not come at all the first time",
    "broken": "some answers break off in the middle the first time",
    "busy": "429 with Retry-After, as seconds and as a date",
    "errors": "bursts of 5xx",
    "redirects": "some pages have moved to another address of the site",
}
FATAL_HAZARDS = {"block": "from some request on every page is a block page with status 200, until the next run"}

USUAL = frozenset({"layer", "script", "missing", "forbidden", "advert", "duplicates", "bare"})
"""What `hazards=usual` means: an ordinary day on such a site."""

ALL = frozenset(PAGE_HAZARDS) | frozenset(NETWORK_HAZARDS)
"""What `hazards=all` means. Without block, since no crawl survives that one."""


def hazards_of(names: Iterable[str]) -> frozenset[str]:
    """Parse hazard names; "usual", "all" and "none" are short for several.

    RequestError for an unknown name.
    """
    hazards = {**PAGE_HAZARDS, **NETWORK_HAZARDS, **FATAL_HAZARDS}
    chosen: set[str] = set()
    for name in names:
        if name not in (*hazards, "usual", "all", "none"):
            cure = did_you_mean(name, [*hazards, "usual", "all", "none"])
            raise RequestError(f"config key 'hazards': '{name}' is unknown", cure)
        chosen |= {"usual": USUAL, "all": ALL, "none": frozenset[str]()}.get(name, frozenset({name}))
    return frozenset(chosen)
