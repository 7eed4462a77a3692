"""Live source of Eduss (educe.co.kr), which needs the user's account and consent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_crawl.crawler.live_source import LiveOptions, LiveSource, Terms
from jaso_crawl.crawler.options import check_choice
from jaso_crawl.sites.eduss.parser import Eduss
from jaso_crawl.sites.eduss.popup_parser import EdussPopup
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.types import Site

COOKIE_VARIABLE = "EDUSS_COOKIE"
"""Environment variable with the Cookie header of the user's own session. It is written nowhere."""

LAYOUTS = ("new", "popup")
_TERMS = Terms(
    "those of your university's career service and of https://u.educe.co.kr/",
    "Eduss is a paid service behind a university's log-in: a crawl needs your own account and the consent of both",
    "unlicensed: rights stay with the writers and Eduss",
)


@dataclass(frozen=True)
class EdussOptions(LiveOptions):
    """Options of Eduss: `tenant`, `layout`, `categories`.

    `tenant` is your university's part of the address. `layout`: "new" (since about 2023) or "popup" (2019).
    `categories` exist in the layout "popup" alone: codes such as 1008, or labels.
    """

    tenant: str = ""
    layout: str = "new"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("layout", self.layout, LAYOUTS)
        if self.categories and self.layout == "new":
            raise RequestError("config key 'categories': this layout has no lists by category", "leave it empty")


@SOURCES.register("eduss", EdussOptions)
class LiveEduss(LiveSource):
    """Eduss's accepted cover letters. Needs an account and consent: live=true contact=… tenant=… and $EDUSS_COOKIE"""

    name = "eduss"
    terms = _TERMS

    def make_site(self, options: LiveOptions) -> Site:
        """Create the parser of the chosen layout."""
        assert isinstance(options, EdussOptions)
        if options.layout == "new":
            return Eduss(licence=_TERMS.licence, tenant=options.tenant)
        return EdussPopup(
            licence=_TERMS.licence, tenant=options.tenant, company=options.company,
            categories=tuple(options.categories),
        )  # fmt: skip

    def inputs(self) -> Mapping[str, Path]:
        """Check as every live source; also that there is a tenant and a session."""
        inputs = super().inputs()
        assert isinstance(self.options, EdussOptions)
        if not self.options.tenant:
            what = "source=eduss needs your university's part of the address"
            raise RequestError(what, "add tenant=<what follows u.educe.co.kr/>")
        if self.cookie() is None and not self.options.offline:
            raise RequestError(
                "source=eduss needs your own session", f"log in, then put the Cookie header into ${COOKIE_VARIABLE}"
            )
        return inputs

    def cookie(self) -> str | None:
        """Return the session cookie from the environment."""
        return os.environ.get(COOKIE_VARIABLE) or None
