"""Sample of Linkareer: routing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs, quote, urlsplit

from jaso_synthetic.records import SampleItem, SampleLetter
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
from jaso_synthetic.web.sites import linkareer_pages as pages
from jaso_synthetic.web.sites.jobkorea_pages import FIRST_VISIT_LAYER

NAME = "linkareer"
ROBOTS = f"""User-agent: *
Allow: /
Disallow: /stem/learn/*
Disallow: {pages.LOGIN_PATH}
Disallow: {pages.DETAIL_PATH}/{FORBIDDEN}
"""
REPEATED = 2
"""Number of letters that move down to the next page while the page before is read."""
_CONTENT = re.compile(rf"{pages.DETAIL_PATH}/(\d+)/content")
_OWN_NUMBER = re.compile(r"^\s*\d+\s*\.", re.MULTILINE)


def can_show(letter: SampleLetter) -> bool:
    """Return whether the letter can be split again once it is a single text.

    The site divides it by numbers at the beginning of lines and by blank lines: a question must be one line, no answer
    may number its own, and none may begin or end with a blank line or end with what the page itself writes below it.
    The headline is divided by bars between spaces.
    """
    return " / " not in f"{letter.company}{letter.role}" and all(map(_is_divisible, letter.items))


def _is_divisible(item: SampleItem) -> bool:
    first, *_, last = (*item.answer.split("\n", 1), *item.answer.rsplit("\n", 1))
    return (
        "\n" not in item.question
        and not _OWN_NUMBER.search(item.answer)
        and bool(item.question.strip() and first.strip() and last.strip())
        and last.strip() not in pages.LABELS
    )


@dataclass(frozen=True)
class SampleLinkareer:
    """Sample Linkareer: answers requests for `letters`, with `hazards`."""

    letters: tuple[SampleLetter, ...]
    hazards: frozenset[str] = frozenset()
    name: str = NAME
    host: str = f"{NAME}.sample.invalid"

    def answer(self, target: str, first_visit: bool) -> Response:
        """Return the response to GET `target` (path and query).

        On the first visit a layer may cover the page.
        """
        url = urlsplit(target)
        query = {key.lower(): values[-1] for key, values in parse_qs(url.query).items()}
        layer = FIRST_VISIT_LAYER if first_visit and "layer" in self.hazards else ""
        if url.path == "/robots.txt":
            return Response(200, ROBOTS, server_date(0), "text/plain; charset=utf-8")
        if url.path == pages.LIST_PATH:
            return self._list(max(1, parse_number(query.get("page"))), query, layer)
        if match := _CONTENT.fullmatch(url.path):
            return self._content(int(match[1]))
        if url.path.startswith(f"{pages.DETAIL_PATH}/"):
            return self._detail(parse_number(url.path.rpartition("/")[2]), layer)
        return Response(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>", ""), server_date(0))

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something, except searches."""
        yield "/robots.txt"
        for number in range(1, self._last_page(len(self._entries(None, None))) + 1):
            yield f"{pages.LIST_PATH}?page={number}&tab=all&sort=PASSED_AT"
        yield from (f"{pages.DETAIL_PATH}/{bad}" for hazard, bad in BAD_IDS.items() if hazard in self.hazards)
        for letter in self.letters:
            yield f"{pages.DETAIL_PATH}/{letter.id}"
            if self.is_scripted(letter.id):
                yield pages.content_path(letter.id)

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page."""
        return f"{base_of(NAME)}{pages.DETAIL_PATH}/{letter_id}"

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: the reason for which a crawl must reject it}."""
        reasons = {self.address(BAD_IDS[hazard]): REASONS[hazard] for hazard in BAD_IDS if hazard in self.hazards}
        if "empty_entry" in self.hazards:
            entries = self._entries(None, None)
            last = self._last_page(len(entries))
            number = len(self._window(entries, last)) + 1
            reasons[f"{base_of(NAME)}{pages.LIST_PATH}?page={last}&tab=all&sort=PASSED_AT#{number}"] = "empty_entry"
        return reasons

    def is_scripted(self, letter_id: int) -> bool:
        """Return whether this letter's text is missing in its HTML."""
        return "script" in self.hazards and letter_id % 12 == 7

    @cached_property
    def _by_id(self) -> Mapping[int, SampleLetter]:
        return {letter.id: letter for letter in self.letters}

    def _entries(self, role: str | None, company: str | None) -> list[SampleLetter | int]:
        """Return search results, newest first; without a query all that is listed."""
        letters: list[SampleLetter | int] = [
            letter
            for letter in sorted(self.letters, key=lambda letter: -letter.id)
            if (not role or role.casefold() in (letter.role or "").casefold())
            and (not company or matches_company(letter, company, self.hazards))
        ]
        return letters if role or company else letters + [bad for name, bad in BAD_IDS.items() if name in self.hazards]

    def _last_page(self, entries: int) -> int:
        return max(1, -(-entries // pages.PAGE_SIZE))

    def _list(self, number: int, query: Mapping[str, str], layer: str) -> Response:
        matches = self._entries(query.get("role"), query.get("organizationname"))
        last = self._last_page(len(matches))
        if "last_page_again" in self.hazards:
            number = min(number, last)
        entries = [self._entry(entry, number) for entry in self._window(matches, number)]
        entries += [pages.EMPTY_ENTRY] if "empty_entry" in self.hazards and number == last else []
        return Response(200, pages.page("합격 자기소개서 | 링커리어", pages.list_body(entries), layer), server_date(0))

    def _window(self, matches: list[SampleLetter | int], number: int) -> list[SampleLetter | int]:
        start = (number - 1) * pages.PAGE_SIZE
        window = matches[start : start + pages.PAGE_SIZE]
        if "duplicates" in self.hazards and window:
            window = matches[max(0, start - REPEATED) : start] + window
        return window

    def _entry(self, entry: SampleLetter | int, number: int) -> str:
        if isinstance(entry, int):
            return pages.entry_of(entry, ("없는회사", "기획", "2021 상반기", "미리보기"), number)
        return pages.entry(entry, number, "bare" in self.hazards, "advert" in self.hazards)

    def _detail(self, letter_id: int, layer: str) -> Response:
        if letter_id == LOGIN and "login" in self.hazards:
            where = f"{pages.LOGIN_PATH}?redirect={quote(f'{pages.DETAIL_PATH}/{LOGIN}', safe='')}"
            return Response(302, "", server_date(0), headers=(("Location", where),))
        letter = self._by_id.get(letter_id)
        if letter is not None:
            body = pages.detail_body(letter, self._variant_of(letter))
            return Response(200, pages.page(f"{letter.company} 합격 자기소개서", body, layer), server_date(letter_id))
        is_redesigned = letter_id == REDESIGNED and "redesigned" in self.hazards
        body = pages.REDESIGNED_BODY if is_redesigned else pages.MISSING_BODY
        return Response(200, pages.page("합격 자기소개서", body, ""), server_date(0))

    def _variant_of(self, letter: SampleLetter) -> pages.PageVariant:
        """Return the page variant of a letter.

        At most one of script, truncated and bare applies to it.
        """
        number, advert = letter.id, "advert" in self.hazards
        if self.is_scripted(number):
            return pages.PageVariant("", None, scripted=True, advert=advert)
        plain = pages.text_of(letter)
        stored = pages.with_summary(plain, number) if advert else plain
        article = pages.with_label(stored, number) if advert else plain
        # drop the last half of the letter's own text; a prepended summary stays
        beginning = f"{stored[: len(stored) - len(plain) // 2]}…"
        if "truncated" in self.hazards and number % 10 == 0:
            return pages.PageVariant(beginning, stored, hint=True, advert=advert)
        if "truncated" in self.hazards and number % 10 == 5:
            return pages.PageVariant(article, beginning, advert=advert)
        if "bare" in self.hazards:
            return (
                pages.PageVariant(article, None, advert=advert),
                pages.PageVariant(article, stored, broken=True, advert=advert),
                pages.PageVariant(article, stored, bare=True, specs="p", advert=advert),
                pages.PageVariant(article, stored, specs="", advert=advert),
            )[number % 4]
        return pages.PageVariant(article, stored, advert=advert)

    def _content(self, letter_id: int) -> Response:
        letter = self._by_id.get(letter_id)
        if letter is None or not self.is_scripted(letter_id):
            return Response(404, "", server_date(0))
        return Response(200, pages.text_of(letter), server_date(letter_id), "text/plain; charset=utf-8")
