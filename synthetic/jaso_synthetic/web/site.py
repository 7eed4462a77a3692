"""What every site of the sample's web has in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from jaso_core.text.company_name import plain_company
from jaso_synthetic.records import SampleLetter

# Numbers of list entries behind which no letter stands, by hazard. The letters' own begin at 900001.
MISSING, FORBIDDEN, LOGIN, REDESIGNED, SHEET = 899404, 899403, 899302, 899500, 899200
BAD_IDS = {"redesigned": REDESIGNED, "missing": MISSING, "forbidden": FORBIDDEN, "login": LOGIN}
"""{hazard: the number that it lists}, as every site has them."""
REASONS = {"missing": "missing", "forbidden": "robots", "login": "login", "redesigned": "unparsable"}
"""{hazard: the reason for which a crawl must reject its number}."""
_EPOCH = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Response:
    """What the server sends. A text is sent as UTF-8."""

    status: int
    body: str | bytes
    date: str
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class Web(Protocol):
    """One site of the sample: it shows `letters`, with the hazards that it was made with."""

    @property
    def name(self) -> str:
        """As the crawl's site of the same structure is called: jobkorea, saramin …"""

    @property
    def host(self) -> str:
        """<name>.sample.invalid"""

    @property
    def letters(self) -> tuple[SampleLetter, ...]:
        """What it shows."""

    def answer(self, target: str, first_visit: bool) -> Response:
        """The answer to GET `target` (path and query). A pure function."""

    def targets(self) -> Iterable[str]:
        """Every address that shows something, robots.txt among them."""

    def address(self, letter_id: int) -> str:
        """The URL of a letter's page, as its document has it."""

    def bad_pages(self) -> Mapping[str, str]:
        """{URL: the reason for which a crawl must reject it}, for all that is listed and is no letter."""


def base_of(name: str) -> str:
    """The address of the sample site of that name. The top-level domain can never exist."""
    return f"http://{name}.sample.invalid"


def has_plain_questions(letter: SampleLetter) -> bool:
    """Whether a site that numbers its questions ("1. ") can show the letter so that a parser can tell its texts.

    White space behind that number may be the site's or the question's.
    """
    return all(not item.question[:1].isspace() for item in letter.items)


def matches_company(letter: SampleLetter, company: str, hazards: frozenset[str]) -> bool:
    """Whether a search for a company finds the letter: by its plain name, or with the hazard by any part of it."""
    searched_name, name = plain_company(company), plain_company(letter.company)
    return name == searched_name or ("wrong_company" in hazards and searched_name in name)


def server_date(letter_id: int) -> str:
    """The server's Date: a minute a letter, so that the same corpus always gives the same bytes."""
    return format_datetime(_EPOCH + timedelta(minutes=max(0, letter_id - 900_000)), usegmt=True)


def digest(web: Web) -> str:
    """Identifies all that a site can show, so that pages stored from another one are never taken for its own."""
    sha = hashlib.sha256()
    for target in web.targets():
        response = web.answer(target, False)
        body = response.body.encode() if isinstance(response.body, str) else response.body
        sha.update(f"{target} {response.status} {response.headers} {len(body)}\n".encode() + body)
    return sha.hexdigest()


def parse_number(text: str | None) -> int:
    """A number in a query; 0 when it is none."""
    return int(text) if text and text.isdecimal() else 0
