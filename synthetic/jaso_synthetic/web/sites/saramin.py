"""Sample of Saramin: routing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, quote, urlsplit

from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.site import (
    BAD_IDS,
    FORBIDDEN,
    LOGIN,
    REASONS,
    REDESIGNED,
    SHEET,
    Response,
    base_of,
    matches_company,
    parse_number,
    server_date,
)
from jaso_synthetic.web.sites import saramin_pages as pages
from jaso_synthetic.web.sites.jobkorea_pages import FIRST_VISIT_LAYER

NAME = "saramin"
ROBOTS = f"""User-agent: *
Allow: {pages.LIST_PATH}
Allow: {pages.DETAIL_PATH}
Disallow: /zf_user/auth/
Disallow: /zf_user/recruit/
Disallow: {pages.DETAIL_PATH}?real_seq={FORBIDDEN}
"""
REPEATED = 2
"""Number of letters that move down to the next page while the page before is read."""
_BAD_IDS = {**BAD_IDS, "sheet": SHEET}
_REASONS = {**REASONS, "sheet": "not_accepted"}


@dataclass(frozen=True)
class SampleSaramin:
    """Sample Saramin: answers requests for `letters`, with `hazards`."""

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
        layer = FIRST_VISIT_LAYER if first_visit and "layer" in self.hazards else ""
        if path == "/robots.txt":
            return Response(200, ROBOTS, server_date(0), "text/plain; charset=utf-8")
        if path.startswith(pages.LIST_PATH):
            number = max(1, parse_number(path.rpartition("/page/")[2]))
            return self._list(number, query.get("company_nm"), url.query, layer)
        if path == pages.DETAIL_PATH:
            return self._detail(parse_number(query.get("real_seq")), layer)
        return Response(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>", "", True), server_date(0))

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something, except searches."""
        yield "/robots.txt"
        yield from (f"{pages.LIST_PATH}/page/{number}" for number in range(1, self._last_page(self._rows(None)) + 1))
        yield from (f"{pages.DETAIL_PATH}?real_seq={bad}" for hazard, bad in _BAD_IDS.items() if hazard in self.hazards)
        yield from (f"{pages.DETAIL_PATH}?real_seq={letter.id}" for letter in self.letters)

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page."""
        return f"{base_of(NAME)}{pages.DETAIL_PATH}?real_seq={letter_id}"

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: the rejection reason of a crawl that wants accepted letters}."""
        reasons = {self.address(_BAD_IDS[hazard]): _REASONS[hazard] for hazard in _BAD_IDS if hazard in self.hazards}
        if "empty_entry" in self.hazards:
            rows = self._rows(None)
            last = self._last_page(rows)
            number = "".join(self._entries(rows, last)).count("<tr")
            reasons[f"{base_of(NAME)}{pages.LIST_PATH}/page/{last}?pass_status=y#{number}"] = "empty_entry"
        return reasons

    @cached_property
    def _by_id(self) -> Mapping[int, SampleLetter]:
        return {letter.id: letter for letter in self.letters}

    def _rows(self, company: str | None) -> list[pages.Row]:
        """Return search results, newest first; without a query all that is listed."""
        letters = sorted(
            (letter for letter in self.letters if not company or matches_company(letter, company, self.hazards)),
            key=lambda letter: -letter.id,
        )
        rows = [pages.Row(letter.id, pages.title_of(letter), letter.role) for letter in letters]
        if not company:
            for hazard, bad in _BAD_IDS.items():
                kind = "자소서 문항" if hazard == "sheet" else "합격자소서"
                rows += [pages.Row(bad, f"없는회사 2021 상반기 신입 {kind}", None)] if hazard in self.hazards else []
        return rows

    def _last_page(self, rows: list[pages.Row]) -> int:
        return max(1, -(-len(rows) // pages.PAGE_SIZE))

    def _list(self, number: int, company: str | None, query: str, layer: str) -> Response:
        rows = self._rows(company)
        last = self._last_page(rows)
        if "last_page_again" in self.hazards:
            number = min(number, last)
        query_string = f"?{quote(query, safe='=&%+')}" if query else ""
        body = pages.list_body(
            self._entries(rows, number), number, last, query_string, "last_page_again" in self.hazards
        )
        return self._page(0, number % 2 == 1, "합격자소서", body, layer)

    def _entries(self, rows: list[pages.Row], number: int) -> list[str]:
        start = (number - 1) * pages.PAGE_SIZE
        window = rows[start : start + pages.PAGE_SIZE]
        if "duplicates" in self.hazards and window:
            window = rows[max(0, start - REPEATED) : start] + window
        advert = "advert" in self.hazards
        entries = [pages.row_html(row, len(rows) - start - index, advert) for index, row in enumerate(window)]
        return entries + (
            [pages.EMPTY_ROW] if "empty_entry" in self.hazards and number == self._last_page(rows) else []
        )

    def _detail(self, letter_id: int, layer: str) -> Response:
        if letter_id == LOGIN and "login" in self.hazards:
            location = f"{pages.LOGIN_PATH}?url={quote(f'{pages.DETAIL_PATH}?real_seq={LOGIN}', safe='')}"
            return Response(302, "", server_date(0), headers=(("Location", location),))
        if letter_id == REDESIGNED and "redesigned" in self.hazards:
            return self._page(0, True, "합격자소서", pages.REDESIGNED_BODY, layer)
        if letter_id == SHEET and "sheet" in self.hazards:
            return self._page(0, True, "없는회사 2021 상반기 신입 자소서 문항", pages.SHEET_BODY, layer)
        letter = self._by_id.get(letter_id)
        if letter is None:
            return self._page(0, True, "합격자소서", pages.MISSING_BODY, "")
        body = pages.detail_body(letter, "bare" in self.hazards, "advert" in self.hazards)
        return self._page(letter_id, letter_id % 3 != 0, pages.title_of(letter), body, layer)

    def _page(self, letter_id: int, charset: bool, title: str, body: str, layer: str) -> Response:
        """Return a page; with the hazard some come without any charset.

        These are every third letter and every second list.
        """
        named = charset or "charset" not in self.hazards
        html = pages.page(title, body, layer, named)
        return (
            Response(200, html, server_date(letter_id))
            if named
            else Response(200, html.encode(), server_date(letter_id), "text/html")
        )
