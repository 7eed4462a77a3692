"""The sample's Saramin: which address shows what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, quote, urlsplit

from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.site import (
    BAD,
    FORBIDDEN,
    LOGIN,
    REASONS,
    REDESIGNED,
    SHEET,
    Answer,
    base_of,
    date_of,
    is_found,
    number_of,
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
"""So many letters move down to the next page while somebody reads the one before."""
_BAD = {**BAD, "sheet": SHEET}
_REASONS = {**REASONS, "sheet": "not_accepted"}


@dataclass(frozen=True)
class SampleSaramin:
    """Answers requests for `letters`, with `hazards`."""

    letters: tuple[SampleLetter, ...]
    hazards: frozenset[str] = frozenset()
    name: str = NAME
    host: str = f"{NAME}.sample.invalid"

    def answer(self, target: str, first_visit: bool) -> Answer:
        """The answer to GET `target` (path and query). On the first visit a layer may cover the page."""
        url = urlsplit(target)
        path, query = url.path.lower(), {key.lower(): values[-1] for key, values in parse_qs(url.query).items()}
        layer = FIRST_VISIT_LAYER if first_visit and "layer" in self.hazards else ""
        if path == "/robots.txt":
            return Answer(200, ROBOTS, date_of(0), "text/plain; charset=utf-8")
        if path.startswith(pages.LIST_PATH):
            number = max(1, number_of(path.rpartition("/page/")[2]))
            return self._list(number, query.get("company_nm"), url.query, layer)
        if path == pages.DETAIL_PATH:
            return self._detail(number_of(query.get("real_seq")), layer)
        return Answer(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>", "", True), date_of(0))

    def targets(self) -> Iterable[str]:
        """Every address that shows something, but for searches."""
        yield "/robots.txt"
        yield from (f"{pages.LIST_PATH}/page/{number}" for number in range(1, self._last(self._rows(None)) + 1))
        yield from (f"{pages.DETAIL_PATH}?real_seq={bad}" for hazard, bad in _BAD.items() if hazard in self.hazards)
        yield from (f"{pages.DETAIL_PATH}?real_seq={letter.id}" for letter in self.letters)

    def address(self, letter_id: int) -> str:
        """The URL of a letter's page."""
        return f"{base_of(NAME)}{pages.DETAIL_PATH}?real_seq={letter_id}"

    def bad_pages(self) -> Mapping[str, str]:
        """{URL: the reason for which a crawl that wants accepted letters must reject it}."""
        found = {self.address(_BAD[hazard]): _REASONS[hazard] for hazard in _BAD if hazard in self.hazards}
        if "empty_entry" in self.hazards:
            rows = self._rows(None)
            last = self._last(rows)
            number = "".join(self._entries(rows, last)).count("<tr")
            found[f"{base_of(NAME)}{pages.LIST_PATH}/page/{last}?pass_status=y#{number}"] = "empty_entry"
        return found

    @cached_property
    def _by_id(self) -> Mapping[int, SampleLetter]:
        return {letter.id: letter for letter in self.letters}

    def _rows(self, company: str | None) -> list[pages.Row]:
        """What a search finds; all that is listed when it asks for nothing. The newest comes first."""
        letters = sorted(
            (letter for letter in self.letters if not company or is_found(letter, company, self.hazards)),
            key=lambda one: -one.id,
        )
        rows = [pages.Row(letter.id, pages.title_of(letter), letter.role) for letter in letters]
        if not company:
            for hazard, bad in _BAD.items():
                kind = "자소서 문항" if hazard == "sheet" else "합격자소서"
                rows += [pages.Row(bad, f"없는회사 2021 상반기 신입 {kind}", None)] if hazard in self.hazards else []
        return rows

    def _last(self, rows: list[pages.Row]) -> int:
        return max(1, -(-len(rows) // pages.PAGE_SIZE))

    def _list(self, number: int, company: str | None, query: str, layer: str) -> Answer:
        rows = self._rows(company)
        last = self._last(rows)
        if "last_page_again" in self.hazards:
            number = min(number, last)
        asked = f"?{quote(query, safe='=&%+')}" if query else ""
        body = pages.list_body(self._entries(rows, number), number, last, asked, "last_page_again" in self.hazards)
        return self._page(0, number % 2 == 1, "합격자소서", body, layer)

    def _entries(self, rows: list[pages.Row], number: int) -> list[str]:
        start = (number - 1) * pages.PAGE_SIZE
        shown = rows[start : start + pages.PAGE_SIZE]
        if "duplicates" in self.hazards and shown:
            shown = rows[max(0, start - REPEATED) : start] + shown
        advert = "advert" in self.hazards
        entries = [pages.row_html(row, len(rows) - start - index, advert) for index, row in enumerate(shown)]
        return entries + ([pages.EMPTY_ROW] if "empty_entry" in self.hazards and number == self._last(rows) else [])

    def _detail(self, letter_id: int, layer: str) -> Answer:
        if letter_id == LOGIN and "login" in self.hazards:
            where = f"{pages.LOGIN_PATH}?url={quote(f'{pages.DETAIL_PATH}?real_seq={LOGIN}', safe='')}"
            return Answer(302, "", date_of(0), headers=(("Location", where),))
        if letter_id == REDESIGNED and "redesigned" in self.hazards:
            return self._page(0, True, "합격자소서", pages.REDESIGNED_BODY, layer)
        if letter_id == SHEET and "sheet" in self.hazards:
            return self._page(0, True, "없는회사 2021 상반기 신입 자소서 문항", pages.SHEET_BODY, layer)
        letter = self._by_id.get(letter_id)
        if letter is None:
            return self._page(0, True, "합격자소서", pages.MISSING_BODY, "")
        body = pages.detail_body(letter, "bare" in self.hazards, "advert" in self.hazards)
        return self._page(letter_id, letter_id % 3 != 0, pages.title_of(letter), body, layer)

    def _page(self, letter_id: int, charset: bool, title: str, body: str, layer: str) -> Answer:
        """With the hazard, every third letter and every second list come as bytes that nothing explains."""
        named = charset or "charset" not in self.hazards
        html = pages.page(title, body, layer, named)
        return (
            Answer(200, html, date_of(letter_id))
            if named
            else Answer(200, html.encode(), date_of(letter_id), "text/html")
        )
