"""What passes between a site's pure parser and the machinery that fetches pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jaso_core.records import Document


@dataclass(frozen=True, slots=True)
class Link:
    """A page to fetch. `context` is what the linking page said about it; the parser gets it back.

    `company`, `season` and `role` in it are what filters look at before the page is fetched.
    """

    url: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page. `fetched_at` is the server's own Date, as ISO 8601 in UTC; `robots` is robots.txt's verdict."""

    url: str
    html: str
    fetched_at: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    rendered: bool = False
    robots: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was listed or handed in and did not become a document. One line of rejected.jsonl.

    `selector` is the CSS selector that found nothing, where that is the cause.
    """

    where: str
    reason: str
    detail: str
    selector: str | None = None

    def to_json(self) -> dict[str, str]:
        """The JSON object."""
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
    """What a list page says.

    `details` are the pages that it links to, in its order; `more` further list pages; `total` the number of entries
    that it claims for the whole list; `faults` entries that lead nowhere.
    """

    details: tuple[Link, ...]
    more: tuple[Link, ...] = ()
    total: int | None = None
    faults: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Clicks:
    """What a browser does on a page before its HTML is taken, as CSS selectors."""

    dismiss: str  # buttons of layers that cover the page; may be absent
    open: str  # buttons of what is folded; a button that did its work no longer matches
    filled: str  # elements that all hold text once everything is open


@dataclass(frozen=True, slots=True)
class Pager:
    """How a browser turns the pages of a list whose pager has no addresses, as CSS selectors."""

    dismiss: str  # buttons of layers that cover the list; may be absent
    next: str  # the button of the next page
    current: str  # the element whose text is the number of the page that is shown
    rows: str  # the entries: a page has come when they are there


class Site(Protocol):
    """One site: where it begins and how its pages are read. Pure: it never fetches anything itself."""

    @property
    def name(self) -> str:
        """A short name, unique among sites: that of its page store."""

    @property
    def host(self) -> str:
        """The only host that is crawled."""

    @property
    def clicks(self) -> Clicks:
        """How a page is opened up in a browser."""

    @property
    def pager(self) -> Pager | None:
        """How a browser walks through a list; None where list pages have addresses (`Listing.more`)."""

    def start(self) -> Sequence[Link]:
        """The first list pages."""

    def read_list(self, page: Page) -> Listing:
        """Reads a list page. NotThereError when it is none."""

    def merge(self, links: Sequence[Link]) -> Link:
        """One link out of all that lead to the same page, whatever their order."""

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Reads what a list page linked to. NotThereError when it is not built as it should be."""

    def is_login(self, url: str) -> bool:
        """Whether a redirection to `url` (absolute) asks us to log in."""


def natural_sort_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts "a:9" before "a:10"."""
    parts = re.findall(r"\d+|\D+", text)
    # By length, then digit by digit: int() refuses thousands of digits, and a mangled address may hold them.
    return tuple((0, len(digits := part.lstrip("0")), digits) if part.isdecimal() else (1, 0, part) for part in parts)


# Drawn as nothing, though Unicode counts them as letters, marks or symbols: Hangul fillers, the empty Braille pattern,
# the grapheme joiner, variation selectors.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f").union(map(chr, range(0xFE00, 0xFE10)))


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: white space, control characters, zero-width and other invisible ones only."""
    return all(char.isspace() or char in _FILLERS or unicodedata.category(char) in ("Cc", "Cf") for char in text)
