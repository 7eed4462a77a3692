"""Sample of JobKorea: routing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from jaso_synthetic.web.sites import jobkorea_pages as pages

NAME = "jobkorea"
ROBOTS = f"""User-agent: *
Allow: /starter/PassAssay
Disallow: /user/
Disallow: /Login/
Disallow: {pages.LIST_PATH}/View/{FORBIDDEN}
"""
SCRIPTED_EVERY = 60
_VIEW = f"{pages.LIST_PATH}/View/"
_ANSWER = f"{pages.LIST_PATH}/Answer"


@dataclass(frozen=True)
class SampleJobKorea:
    """Sample JobKorea: answers requests for `letters`, with `hazards`."""

    letters: tuple[SampleLetter, ...]
    hazards: frozenset[str] = frozenset()
    name: str = NAME
    host: str = f"{NAME}.sample.invalid"
    _by_id: Mapping[int, SampleLetter] = field(init=False, repr=False)
    _by_part: Mapping[int, Sequence[SampleLetter]] = field(init=False, repr=False)
    _scripted: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_part: dict[int, list[SampleLetter]] = {}
        for letter in sorted(self.letters, key=lambda letter: -letter.id):
            for part in (letter.part, *letter.also_listed_in):
                by_part.setdefault(part, []).append(letter)
        many_items = [letter.id for letter in self.letters if len(letter.items) > 2]
        object.__setattr__(self, "_by_id", {letter.id: letter for letter in self.letters})
        object.__setattr__(
            self, "_by_part", {part: self._with_duplicates(letters) for part, letters in by_part.items()}
        )
        object.__setattr__(
            self, "_scripted", frozenset(many_items[5::SCRIPTED_EVERY] if "script" in self.hazards else ())
        )

    def _with_duplicates(self, letters: Sequence[SampleLetter]) -> list[SampleLetter]:
        """Repeat the last entry of each page as the first of the next.

        It is as if letters move down while the reader is on the first page.
        """
        entries: list[SampleLetter] = []
        for letter in letters:
            if "duplicates" in self.hazards and entries and len(entries) % pages.PAGE_SIZE == 0:
                entries.append(entries[-1])
            entries.append(letter)
        return entries

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
            number = max(1, parse_number(query.get("page")))
            if query.get("schtxt"):
                return self._search(query["schtxt"], parse_number(query.get("schpart")), number, layer)
            return self._list(parse_number(query.get("schpart")), number, layer)
        if path.startswith(_VIEW.lower()):
            return self._detail(parse_number(path[len(_VIEW) :]), layer)
        if path == _ANSWER.lower():
            return self._fragment(parse_number(query.get("id")), parse_number(query.get("no")))
        return Response(404, pages.page("없는 페이지", "<p>페이지를 찾을 수 없습니다.</p>"), server_date(0))

    def targets(self) -> Iterable[str]:
        """Yield every target that shows something."""
        yield "/robots.txt"
        for part in sorted(self._by_part):
            for number in range(1, self._last_page(part) + 1):
                yield f"{pages.LIST_PATH}?schPart={part}&Page={number}"
        yield from (f"{_VIEW}{bad}" for hazard, bad in BAD_IDS.items() if hazard in self.hazards)
        for letter in self.letters:
            yield f"{_VIEW}{letter.id}"
            if self.is_scripted(letter.id):
                yield from (f"{_ANSWER}?id={letter.id}&no={n}" for n in range(3, len(letter.items) + 1))

    def address(self, letter_id: int) -> str:
        """Return the URL of a letter's page."""
        return f"{base_of(NAME)}{_VIEW}{letter_id}"

    def bad_pages(self) -> Mapping[str, str]:
        """Return {URL: the reason for which a crawl must reject it}."""
        return {self.address(BAD_IDS[hazard]): REASONS[hazard] for hazard in BAD_IDS if hazard in self.hazards}

    def is_scripted(self, letter_id: int) -> bool:
        """Return whether answers from the third on are missing in this letter's HTML."""
        return letter_id in self._scripted

    def _bad(self, part: int) -> list[int]:
        first = min(self._by_part, default=0)
        return [bad for hazard, bad in BAD_IDS.items() if hazard in self.hazards and part == first]

    def _last_page(self, part: int) -> int:
        return -(-(len(self._by_part.get(part, ())) + len(self._bad(part))) // pages.PAGE_SIZE)

    def _list(self, part: int, number: int, layer: str) -> Response:
        letters = self._by_part.get(part, ())
        entries = self._entries(letters, part, number)
        if number == self._last_page(part):
            entries += [pages.bad_entry(bad, part, number) for bad in self._bad(part)]
        total = len({letter.id for letter in letters}) + len(self._bad(part))
        body = pages.list_body(part, entries, total, number, self._last_page(part))
        return self._page(0, "합격자소서", body + layer)

    def _search(self, text: str, part: int, number: int, layer: str) -> Response:
        """Search by company.

        With the hazard it matches the text anywhere in a name, so that other companies are among the results.
        """
        matches = [
            letter
            for letter in sorted(self.letters, key=lambda letter: -letter.id)
            if (not part or part in (letter.part, *letter.also_listed_in))
            and matches_company(letter, text, self.hazards)
        ]
        last = -(-len(matches) // pages.PAGE_SIZE)
        search = f"&amp;schTxt={quote(text)}"
        body = pages.list_body(part, self._entries(matches, part, number), len(matches), number, last, search)
        return self._page(0, "합격자소서", body + layer)

    def _entries(self, letters: Sequence[SampleLetter], part: int, number: int) -> list[str]:
        start = (number - 1) * pages.PAGE_SIZE
        window = letters[start : start + pages.PAGE_SIZE]
        return [pages.entry(letter, part, number, "advert" in self.hazards) for letter in window]

    def _detail(self, letter_id: int, layer: str) -> Response:
        if letter_id == LOGIN and "login" in self.hazards:
            return Response(
                302, "", server_date(0), headers=(("Location", f"{pages.LOGIN_PATH}?re_url={_VIEW}{LOGIN}"),)
            )
        if letter_id == REDESIGNED and "redesigned" in self.hazards:
            return self._page(0, "합격자소서", pages.REDESIGNED_BODY)
        letter = self._by_id.get(letter_id)
        if letter is None:
            return Response(200, pages.MISSING_BODY, server_date(0))
        title = f"{letter.company} {letter.season} {letter.level_label} {letter.role or ''} 합격자소서"
        body = pages.detail_body(letter, self.is_scripted(letter_id), "advert" in self.hazards)
        return self._page(letter_id, title, body + layer)

    def _page(self, letter_id: int, title: str, body: str) -> Response:
        """Return a page; with the hazard some headers name no charset or a wrong one."""
        kind = "text/html; charset=utf-8"
        if "charset" in self.hazards and letter_id % 7 == 3:
            kind = "text/html"
        elif "charset" in self.hazards and letter_id % 7 == 5:
            kind = "text/html; charset=ISO-8859-1"
        return Response(200, pages.page(title, body), server_date(letter_id), kind)

    def _fragment(self, letter_id: int, number: int) -> Response:
        letter = self._by_id.get(letter_id)
        if letter is None or not 1 <= number <= len(letter.items):
            return Response(404, "", server_date(0))
        return Response(200, pages.answer_html(letter.items[number - 1]), server_date(letter_id))
