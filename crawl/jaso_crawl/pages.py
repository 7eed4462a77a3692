"""What passes between a site's pure parser and the machinery that fetches pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jaso_core.records import Document


@dataclass(frozen=True, slots=True)
class Link:
    """A page to fetch. `context` is what the linking page said about it; the parser gets it back."""

    url: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page. `fetched_at` is the server's own Date, as ISO 8601 in UTC."""

    url: str
    html: str
    fetched_at: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    rendered: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was listed or handed in and did not become a document. One line of rejected.jsonl."""

    where: str
    reason: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """The JSON object."""
        return {"where": self.where, "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class NeedsBrowser:
    """The page's HTML lacks text that a script fills in."""

    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page says: the pages it links to, further list pages, and the number of entries it claims."""

    details: tuple[Link, ...]
    more: tuple[Link, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Clicks:
    """What a browser does on a page before its HTML is taken, as CSS selectors."""

    dismiss: str  # buttons of layers that cover the page; may be absent
    open: str  # buttons that reveal text
    filled: str  # elements that all hold text once everything is open


class Site(Protocol):
    """One site: where it begins and how its pages are read. Pure: it never fetches anything itself."""

    @property
    def host(self) -> str:
        """The only host that is crawled."""

    @property
    def clicks(self) -> Clicks:
        """How a page is opened up in a browser."""

    def start(self) -> Sequence[Link]:
        """The first list pages."""

    def read_list(self, page: Page) -> Listing:
        """Reads a list page."""

    def merge(self, links: Sequence[Link]) -> Link:
        """One link out of all that lead to the same page, whatever their order."""

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Reads what a list page linked to."""

    def is_block_page(self, html: str) -> bool:
        """Whether the site turned us away with a page of status 200."""


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts "a:9" before "a:10"."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
