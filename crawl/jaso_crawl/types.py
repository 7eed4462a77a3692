"""Data types of site parsers and the crawler: links, pages, listings, rejections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jaso_core.records import Document
from jaso_core.text.invisible import is_invisible


@dataclass(frozen=True, slots=True)
class Link:
    """A page to fetch.

    `context` is what the linking page said about it, which the parser gets back. Filters look at its `company`,
    `season` and `role` before the page is fetched.
    """

    url: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page.

    `fetched_at` is the server's own Date, as ISO 8601 in UTC; `robots` is robots.txt's verdict.
    """

    url: str
    html: str
    fetched_at: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    rendered: bool = False
    robots: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A listed or supplied thing that gave no document: a line of rejected.jsonl.

    `selector` is the CSS selector that found nothing, where that is the cause.
    """

    where: str
    reason: str
    detail: str
    selector: str | None = None

    def to_json(self) -> dict[str, str]:
        """Return the JSON object."""
        selector = {"selector": self.selector} if self.selector is not None else {}
        return {"where": self.where, "reason": self.reason, "detail": self.detail, **selector}


@dataclass(frozen=True, slots=True)
class NeedsBrowser:
    """The page's HTML lacks text that a script fills in."""

    url: str


class NotThereError(ValueError):
    """A page lacks what its parser needs: nothing matches `selector`."""

    def __init__(self, selector: str, detail: str | None = None) -> None:
        super().__init__(detail or f"nothing matches {selector}")
        self.selector = selector


@dataclass(frozen=True, slots=True)
class Listing:
    """Content of a list page.

    `details` are the pages that it links to, in its order; `more` further list pages; `total` the number of entries
    that it claims for the whole list; `faults` entries that lead nowhere.
    """

    details: tuple[Link, ...]
    more: tuple[Link, ...] = ()
    total: int | None = None
    faults: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Clicks:
    """CSS selectors of what a browser clicks before a page's HTML is taken."""

    dismiss: str  # buttons of layers over the page; may be absent
    open: str  # buttons of folded parts; stops matching after the click
    filled: str  # elements that all hold text once everything is open


@dataclass(frozen=True, slots=True)
class Pager:
    """CSS selectors for turning the pages of a list whose pager has no URLs."""

    dismiss: str  # buttons of layers over the list; may be absent
    next: str  # the button of the next page
    current: str  # the element whose text is the number of the page that is shown
    rows: str  # the entries; their presence means that the page is loaded


class Site(Protocol):
    """Protocol of a site's parser. Pure: it never fetches anything itself."""

    @property
    def name(self) -> str:
        """A short name, unique among sites: that of its page store."""

    @property
    def host(self) -> str:
        """The only host that is crawled."""

    @property
    def clicks(self) -> Clicks:
        """How a browser opens a page's folded parts."""

    @property
    def pager(self) -> Pager | None:
        """How a browser pages a list; None where list pages have URLs (`Listing.more`)."""

    def start(self) -> Sequence[Link]:
        """Return the first list pages."""

    def read_list(self, page: Page) -> Listing:
        """Parse a list page. NotThereError when it is none."""

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge all links to one page into one, independent of their order."""

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a page that a list links to. NotThereError for an unexpected structure."""

    def is_login(self, url: str) -> bool:
        """Whether a redirect to `url` (absolute) asks for a log-in."""


def natural_sort_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a natural sort key: "a:9" before "a:10"."""
    parts = re.findall(r"\d+|\D+", text)
    # Numbers by length, then digit by digit, as int() refuses the thousands of digits that a damaged URL may hold.
    # "a:10" → ((1, 0, "a:"), (0, 2, "10")); "a:007" → ((1, 0, "a:"), (0, 1, "7"))
    return tuple((0, len(digits := part.lstrip("0")), digits) if part.isdecimal() else (1, 0, part) for part in parts)


def is_blank(text: str) -> bool:
    """Whether the text is invisible: white space, control or zero-width characters."""
    return all(char.isspace() or is_invisible(char) for char in text)
