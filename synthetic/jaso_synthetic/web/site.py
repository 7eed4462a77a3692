"""Protocol and helpers shared by all sample sites."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from jaso_core.text.company_name import plain_company
from jaso_synthetic.records import SampleLetter

# Ids of list entries without a letter, by hazard. Ids of letters begin at 900001.
MISSING, FORBIDDEN, LOGIN, REDESIGNED, SHEET = 899404, 899403, 899302, 899500, 899200
BAD_IDS = {"redesigned": REDESIGNED, "missing": MISSING, "forbidden": FORBIDDEN, "login": LOGIN}
"""{hazard: the id that it lists}, equal on all sites."""
REASONS = {"missing": "missing", "forbidden": "robots", "login": "login", "redesigned": "unparsable"}
"""{hazard: the reason for which a crawl must reject its id}."""
_EPOCH = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response of a sample site. A str body is sent as UTF-8."""

    status: int
    body: str | bytes
    date: str
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class Web(Protocol):
    """One sample site: it shows `letters` with the hazards it was created with."""

    @property
    def name(self) -> str:
        """The name of the crawled site with the same structure: jobkorea, saramin …"""

    @property
    def host(self) -> str:
        """<name>.sample.invalid"""

    @property
    def letters(self) -> tuple[SampleLetter, ...]:
        """The letters that it shows."""

    def answer(self, target: str, first_visit: bool) -> Response:
        """Return the response to GET `target` (path and query). A pure function."""

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something, including robots.txt."""

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page, as its document has it."""

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: rejection reason} of all listed pages that are no letter.

        The reason is the one for which a crawl must reject the page.
        """


def base_of(name: str) -> str:
    """Return the base URL of a sample site. The top-level domain can never exist."""
    return f"http://{name}.sample.invalid"


def has_plain_questions(letter: SampleLetter) -> bool:
    """Return whether a site that numbers its questions ("1. ") can show the letter.

    White space after that number may be the site's or the question's, so no question may begin with white space.
    """
    return all(not item.question[:1].isspace() for item in letter.items)


def matches_company(letter: SampleLetter, company: str, hazards: frozenset[str]) -> bool:
    """Return whether a search for a company finds the letter.

    It matches the plain name or, with the hazard, any part of it.
    """
    searched_name, name = plain_company(company), plain_company(letter.company)
    return name == searched_name or ("wrong_company" in hazards and searched_name in name)


def server_date(letter_id: int) -> str:
    """Return the server's Date header: one minute per letter.

    The same corpus always gives the same bytes.
    """
    return format_datetime(_EPOCH + timedelta(minutes=max(0, letter_id - 900_000)), usegmt=True)


def digest(web: Web) -> str:
    """Return the SHA-256 of all that a site can show.

    Pages stored from another site are thus never taken for its own.
    """
    sha = hashlib.sha256()
    for target in web.targets():
        response = web.answer(target, False)
        body = response.body.encode() if isinstance(response.body, str) else response.body
        sha.update(f"{target} {response.status} {response.headers} {len(body)}\n".encode() + body)
    return sha.hexdigest()


def parse_number(text: str | None) -> int:
    """Parse a number of a query; 0 when it is none."""
    return int(text) if text and text.isdecimal() else 0
