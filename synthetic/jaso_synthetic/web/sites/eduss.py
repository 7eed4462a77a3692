"""Sample of Eduss since 2023: routing; the list is paged by script only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.site import (
    BAD_IDS,
    FORBIDDEN,
    LOGIN,
    REASONS,
    REDESIGNED,
    Response,
    base_of,
    parse_number,
    server_date,
)
from jaso_synthetic.web.sites import eduss_pages as pages

NAME = "eduss"
ROBOTS = f"""User-agent: *
Allow: {pages.LIST_PATH}
Disallow: {pages.LOGIN_PATH}
Disallow: {pages.VIEW_PATH}?no={FORBIDDEN}
"""


@dataclass(frozen=True)
class SampleEduss:
    """Sample Eduss: answers requests for `letters`, with `hazards`.

    That the list needs a browser is the site's nature.
    """

    letters: tuple[SampleLetter, ...]
    hazards: frozenset[str] = frozenset()
    name: str = NAME
    host: str = f"{NAME}.sample.invalid"

    def answer(self, target: str, first_visit: bool) -> Response:
        """Return the response to GET `target` (path and query).

        On the first visit a layer may cover the page.
        """
        url = urlsplit(target)
        path, query = url.path.lower(), {key.lower(): values[-1] for key, values in parse_qs(url.query).items()}
        layer = pages.FIRST_VISIT_LAYER if first_visit and "layer" in self.hazards else ""
        if path == "/robots.txt":
            return Response(200, ROBOTS, server_date(0), "text/plain; charset=utf-8")
        if path == pages.LIST_PATH.lower():
            body = pages.list_body(self._rows(1), self.last_page, "last_page_again" not in self.hazards)
            return Response(200, pages.page("합격자소서", body + layer), server_date(0))
        if path == pages.ROWS_PATH.lower():
            return Response(200, self._rows(parse_number(query.get("page"))), server_date(0))
        if path == pages.VIEW_PATH.lower():
            return self._detail(parse_number(query.get("no")), layer)
        if path == pages.LOGIN_PATH:
            return Response(200, pages.page("로그인", "<p>학교 포털에서 로그인한 뒤 이용하세요.</p>"), server_date(0))
        return Response(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>"), server_date(0))

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something."""
        yield "/robots.txt"
        yield pages.LOGIN_PATH
        yield f"{pages.LIST_PATH}?p=sub"
        yield from (f"{pages.ROWS_PATH}?page={number}" for number in range(2, self.last_page + 1))
        yield from (f"{pages.VIEW_PATH}?no={bad}" for hazard, bad in BAD_IDS.items() if hazard in self.hazards)
        yield from (f"{pages.VIEW_PATH}?no={letter.id}" for letter in self.letters)

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page."""
        return f"{base_of(NAME)}{pages.VIEW_PATH}?no={letter_id}"

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: the reason for which a crawl must reject it}.

        The entry without a letter is at the list's end.
        """
        reasons = {self.address(bad): REASONS[hazard] for hazard, bad in BAD_IDS.items() if hazard in self.hazards}
        if "empty_entry" in self.hazards:
            rows = len(self._window(self.last_page)) + 1
            reasons[f"{base_of(NAME)}{pages.LIST_PATH}?p=sub#{self.last_page}.{rows}"] = "empty_entry"
        return reasons

    @property
    def last_page(self) -> int:
        """The number of the list's last page."""
        return max(1, -(-len(self._entries) // pages.PAGE_SIZE))

    @cached_property
    def _entries(self) -> Sequence[SampleLetter | int]:
        """Letters, newest first, then unavailable ids; some repeat on the next page."""
        entries: list[SampleLetter | int] = [*sorted(self.letters, key=lambda letter: -letter.id)]
        entries += sorted((bad for hazard, bad in BAD_IDS.items() if hazard in self.hazards), reverse=True)
        oldest_first = sorted(self.letters, key=lambda letter: letter.id)
        repeated = [letter for letter in oldest_first if "duplicates" in self.hazards and letter.id % 9 == 0]
        index_by_id = {entry.id: index for index, entry in enumerate(entries) if isinstance(entry, SampleLetter)}
        for letter in repeated:  # from the list's end, so that indices still needed do not move
            entries.insert(min(index_by_id[letter.id] + pages.PAGE_SIZE, len(entries)), letter)
        return entries

    @cached_property
    def _by_id(self) -> Mapping[int, SampleLetter]:
        return {letter.id: letter for letter in self.letters}

    def _window(self, number: int) -> Sequence[SampleLetter | int]:
        start = (number - 1) * pages.PAGE_SIZE
        return self._entries[start : start + pages.PAGE_SIZE] if number > 0 else ()

    def _rows(self, number: int) -> str:
        rows = [self._row(entry) for entry in self._window(number)]
        if number == self.last_page and "empty_entry" in self.hazards:
            rows.append(pages.empty_row())
        if "advert" in self.hazards:
            rows.insert(len(rows) // 2, pages.advert_row())
        return pages.rows_html(rows)

    def _row(self, entry: SampleLetter | int) -> str:
        if isinstance(entry, int):
            return pages.row(entry, "없는회사", "2021")
        return pages.row(entry.id, entry.company, entry.season[:4])

    def _detail(self, letter_id: int, layer: str) -> Response:
        letter = self._by_id.get(letter_id)
        if letter is not None:
            body = pages.detail_body(letter, "advert" in self.hazards, "bare" in self.hazards) + layer
            return Response(200, pages.page("합격자소서 내용", body), server_date(letter_id))
        if letter_id == LOGIN and "login" in self.hazards:
            return Response(302, "", server_date(0), headers=(("Location", pages.LOGIN_PATH),))
        is_new = letter_id == REDESIGNED and "redesigned" in self.hazards
        return Response(
            200, pages.page("합격자소서 내용", pages.REDESIGNED_BODY if is_new else pages.EMPTY_BODY), server_date(0)
        )
