"""The sample site: which address shows what. It answers like JobKorea, with its hazards, and knows no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

from jaso_crawl.sample import pages
from jaso_crawl.sample.model import SampleLetter
from jaso_crawl.sites.jobkorea import MISSING

HOST = "jobkorea.sample.invalid"
BASE = f"http://{HOST}"
ROBOTS = f"User-agent: *\nAllow: /starter/PassAssay\nDisallow: /user/\nDisallow: {pages.LIST_PATH}/View/899403\n"
# Listed under the first part in use: one letter whose page is gone, one that robots.txt forbids.
GONE, FORBIDDEN = 899404, 899403
SCRIPTED_EVERY = 60
_EPOCH = datetime(2026, 1, 5, tzinfo=UTC)
_VIEW = f"{pages.LIST_PATH}/View/".lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends."""

    status: int
    body: str
    date: str
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SampleSite:
    """Answers requests for `letters`. `hazards` adds list entries whose pages cannot be had."""

    letters: Sequence[SampleLetter]
    hazards: bool = True
    _by_id: Mapping[int, SampleLetter] = field(init=False, repr=False)
    _by_part: Mapping[int, Sequence[SampleLetter]] = field(init=False, repr=False)
    _scripted: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_part: dict[int, list[SampleLetter]] = {}
        for letter in sorted(self.letters, key=lambda letter: -letter.id):
            for part in (letter.part, *letter.also_listed_in):
                by_part.setdefault(part, []).append(letter)
        long = [letter.id for letter in self.letters if len(letter.items) > 2]
        object.__setattr__(self, "_by_id", {letter.id: letter for letter in self.letters})
        object.__setattr__(self, "_by_part", by_part)
        object.__setattr__(self, "_scripted", frozenset(long[5::SCRIPTED_EVERY]))

    def answer(self, target: str, first_visit: bool) -> Answer:
        """The answer to GET `target` (path and query). On the first visit a layer covers the page."""
        url = urlsplit(target)
        path, query = url.path.lower(), {key.lower(): values[-1] for key, values in parse_qs(url.query).items()}
        layer = pages.FIRST_VISIT_LAYER if first_visit else ""
        if path == "/robots.txt":
            return Answer(200, ROBOTS, _date(0), "text/plain; charset=utf-8")
        if path == pages.LIST_PATH.lower():
            return self._list(_number(query.get("schpart")), max(1, _number(query.get("page"))), layer)
        if path.startswith(_VIEW):
            return self._detail(_number(path[len(_VIEW) :]), layer)
        if path == f"{pages.LIST_PATH}/Answer".lower():
            return self._fragment(_number(query.get("id")), _number(query.get("no")))
        return Answer(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>"), _date(0))

    def is_scripted(self, letter_id: int) -> bool:
        """Whether the answers from the third on are missing from this letter's HTML."""
        return letter_id in self._scripted

    def digest(self) -> str:
        """Identifies all that the site can show, so that pages stored from another one are never taken for its own."""
        sha = hashlib.sha256(ROBOTS.encode())
        for part in sorted(self._by_part):
            for number in range(1, -(-self._total(part) // pages.PAGE_SIZE) + 1):
                sha.update(self._list(part, number, "").body.encode())
        for letter in self.letters:
            sha.update(self._detail(letter.id, "").body.encode())
            for number in range(3, len(letter.items) + 1) if self.is_scripted(letter.id) else ():
                sha.update(self._fragment(letter.id, number).body.encode())
        return sha.hexdigest()

    def _hazards(self, part: int) -> tuple[int, ...]:
        return (GONE, FORBIDDEN) if self.hazards and part == min(self._by_part, default=0) else ()

    def _total(self, part: int) -> int:
        return len(self._by_part.get(part, ())) + len(self._hazards(part))

    def _list(self, part: int, number: int, layer: str) -> Answer:
        entries = [pages.entry(letter, part, number) for letter in self._window(part, number)]
        if number == -(-self._total(part) // pages.PAGE_SIZE):
            entries += [
                pages.entry_of(hazard, "없는회사", "2021년 상반기", "신입", None, "문항 미리보기", part, number)
                for hazard in self._hazards(part)
            ]
        body = pages.list_body(part, entries, self._total(part), number)
        return Answer(200, pages.page("합격자소서", body + layer), _date(0))

    def _window(self, part: int, number: int) -> Sequence[SampleLetter]:
        start = (number - 1) * pages.PAGE_SIZE
        return self._by_part.get(part, ())[start : start + pages.PAGE_SIZE]

    def _detail(self, letter_id: int, layer: str) -> Answer:
        letter = self._by_id.get(letter_id)
        if letter is None:
            return Answer(200, pages.missing_body(MISSING), _date(0))
        title = f"{letter.company} {letter.season} {letter.level_label} {letter.role or ''} 합격자소서"
        body = pages.detail_body(letter, self.is_scripted(letter_id))
        return Answer(200, pages.page(title, body + layer), _date(letter_id))

    def _fragment(self, letter_id: int, number: int) -> Answer:
        letter = self._by_id.get(letter_id)
        if letter is None or not 1 <= number <= len(letter.items):
            return Answer(404, "", _date(0))
        return Answer(200, pages.answer_html(letter.items[number - 1]), _date(letter_id))


def _date(letter_id: int) -> str:
    """The server's Date: a minute a letter, so that the same corpus always gives the same bytes."""
    return format_datetime(_EPOCH + timedelta(minutes=max(0, letter_id - 900_000)), usegmt=True)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
