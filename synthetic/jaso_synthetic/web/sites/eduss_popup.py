"""Sample of Eduss in 2019: routing; lists by job, letters in pop-up windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    Response,
    base_of,
    matches_company,
    parse_number,
    server_date,
)
from jaso_synthetic.web.sites import eduss_popup_pages as pages

NAME = "eduss_popup"
ROBOTS = f"""User-agent: *
Allow: {pages.HOME}
Allow: /module/paperContents/
Disallow: {pages.LOGIN_PATH}
Disallow: {pages.VIEW.format(FORBIDDEN).removesuffix("&m_idx=19")}
"""
_CATEGORIES = {"SM": ("1005",), "MM": ("1006", "1007"), "ICT": ("1008",)}


@dataclass(frozen=True)
class SampleEdussPopup:
    """Sample Eduss of 2019: answers requests for `letters`, with `hazards`."""

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
        if path == pages.HOME and query.get("mod") == "passReport":
            return self._list(query, layer)
        if path == "/module/papercontents/":
            return self._detail(parse_number(query.get("product_no")), layer)
        if path in (pages.HOME, pages.LOGIN_PATH):
            return self._page(0, "로그인", "<p>학교 포털에서 로그인한 뒤 이용하세요.</p>" + layer)
        return self._page(0, "없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>", 404)

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something, except searches."""
        yield "/robots.txt"
        yield pages.LOGIN_PATH
        for code in pages.LABELS:
            yield from (pages.list_target(code, number) for number in range(1, self._last_page(code) + 1))
        yield from (pages.VIEW.format(bad) for hazard, bad in BAD_IDS.items() if hazard in self.hazards)
        yield from (pages.VIEW.format(letter.id) for letter in self.letters)

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page."""
        return base_of(NAME) + pages.VIEW.format(letter_id)

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: the reason for which a crawl must reject it}.

        Entries without a letter are at the ends of lists.
        """
        reasons = {self.address(bad): REASONS[hazard] for hazard, bad in BAD_IDS.items() if hazard in self.hazards}
        for code in pages.LABELS if "empty_entry" in self.hazards else ():
            last = self._last_page(code)
            rows = len(self._rows(code, last)) + 1
            reasons[f"{base_of(NAME)}{pages.list_target(code, last)}#{rows}"] = "empty_entry"
        return reasons

    def categories(self, letter: SampleLetter) -> tuple[str, ...]:
        """Return the categories that list a letter: by occupation, else by its number.

        With the hazard "duplicates" some are listed twice.
        """
        codes = tuple(pages.LABELS)
        fitting = _CATEGORIES.get(letter.occupation, codes)
        own = fitting[letter.id % len(fitting)]
        is_repeated = "duplicates" in self.hazards and letter.id % 7 == 0
        return tuple(sorted({own, codes[(codes.index(own) + 1) % len(codes)]})) if is_repeated else (own,)

    @cached_property
    def _by_category(self) -> Mapping[str, Sequence[SampleLetter | int]]:
        """Letters by category, newest first; unavailable ids follow in the first one."""
        newest = sorted(self.letters, key=lambda letter: -letter.id)
        bad = sorted((bad for hazard, bad in BAD_IDS.items() if hazard in self.hazards), reverse=True)
        entries: dict[str, list[SampleLetter | int]] = {
            code: [letter for letter in newest if code in self.categories(letter)] for code in pages.LABELS
        }
        entries[min(entries)].extend(bad)
        return entries

    @cached_property
    def _by_id(self) -> Mapping[int, SampleLetter]:
        return {letter.id: letter for letter in self.letters}

    def _last_page(self, code: str) -> int:
        return max(1, -(-len(self._by_category[code]) // pages.PAGE_SIZE))

    def _rows(self, code: str, number: int) -> Sequence[SampleLetter | int]:
        start = (number - 1) * pages.PAGE_SIZE
        return self._by_category.get(code, ())[start : start + pages.PAGE_SIZE]

    def _list(self, query: Mapping[str, str], layer: str) -> Response:
        number = max(1, parse_number(query.get("page")))
        if query.get("searchstr"):
            name = query["searchstr"]
            address = f"{pages.HOME}?mod=passReport&m_idx=17&cno=&gCode=0&gMode=1&searchStr={quote(name)}"
            return self._list_page(self._search(name), address, number, layer, with_empty=False)
        code = query.get("bno", "")
        address = pages.list_target(code if code in pages.LABELS else "", 1).rpartition("&page=")[0]
        return self._list_page(self._by_category.get(code, ()), address, number, layer, "empty_entry" in self.hazards)

    def _list_page(
        self, all_rows: Sequence[SampleLetter | int], address: str, number: int, layer: str, with_empty: bool
    ) -> Response:
        """Return a page of a list.

        With the hazard "last_page_again" the pager does not know the list's end and repeats the last page for ever.
        """
        repeats_last = "last_page_again" in self.hazards
        last = max(1, -(-len(all_rows) // pages.PAGE_SIZE))
        shown_page = min(number, last) if repeats_last else number
        start = (shown_page - 1) * pages.PAGE_SIZE
        entries = [self._entry(row) for row in all_rows[start : start + pages.PAGE_SIZE]]
        if with_empty and shown_page == last:
            entries.append(pages.empty_row())
        if "advert" in self.hazards and entries:
            entries.insert(len(entries) // 2, pages.advert_row())
        first = (number - 1) // pages.PAGER_BLOCK * pages.PAGER_BLOCK + 1
        numbers = (number, first, number + 1 if repeats_last else last)
        headings = "bare" not in self.hazards or shown_page % 2 == 0
        body = pages.list_body(entries, len(all_rows), address, numbers, headings)
        return self._page(0, "합격자소서 - 에듀스", body + layer)

    def _search(self, text: str) -> Sequence[SampleLetter]:
        """Search by company; with the hazard the text matches anywhere in a name."""
        matches = [letter for letter in self.letters if matches_company(letter, text, self.hazards)]
        return sorted(matches, key=lambda letter: -letter.id)

    def _entry(self, entry: SampleLetter | int) -> str:
        if isinstance(entry, int):
            return pages.row(entry, "없는회사", "2018 상반기", "영업관리")
        bare = "bare" in self.hazards
        role = "none" if bare and entry.id % 5 == 0 else entry.role
        season = "" if bare and entry.id % 11 == 0 else entry.season.replace("년", "", 1)
        return pages.row(entry.id, entry.company, season, role)

    def _detail(self, letter_id: int, layer: str) -> Response:
        letter = self._by_id.get(letter_id)
        if letter is not None:
            body = pages.detail_body(letter, "advert" in self.hazards) + layer
            return self._page(letter_id, "합격자소서 내용보기", body)
        if letter_id == LOGIN and "login" in self.hazards:
            return Response(302, "", server_date(0), headers=(("Location", pages.LOGIN_PATH),))
        if letter_id == REDESIGNED and "redesigned" in self.hazards:
            return self._page(0, "합격자소서 내용보기", pages.REDESIGNED_BODY)
        return self._page(0, "안내", pages.GONE)

    def _page(self, letter_id: int, title: str, body: str, status: int = 200) -> Response:
        """Encode a page; with the hazard "charset" as EUC-KR.

        Some pages then declare no charset, and some headers name a wrong one.
        """
        date = server_date(letter_id)
        if "charset" not in self.hazards:
            return Response(status, pages.page(title, body), date)
        declared = None if letter_id % 7 == 3 else "euc-kr"
        kind = "text/html; charset=utf-8" if letter_id % 5 == 1 else "text/html"
        html = pages.page(title, body, declared)
        return Response(status, html.encode("cp949", "xmlcharrefreplace"), date, kind)
