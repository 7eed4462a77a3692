"""JobKorea's accepted cover letters (합격자소서): lists by job group, letter pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bs4 import BeautifulSoup, Tag

from jaso_core.records import Document, Item
from jaso_crawl.season import season_of
from jaso_crawl.sites.html_text import exact_text, line, parse_html, remove_matching
from jaso_crawl.sites.jobkorea.job_groups import PARTS, occupation_of
from jaso_crawl.sites.letter import (
    experience_of,
    parse_count,
    resolve_url,
)
from jaso_crawl.types import (
    Clicks,
    Link,
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Rejection,
)

GONE_MESSAGE = "선택하신 합격자소서 정보가 없습니다."
LOGIN_PATH = "/Login/Login_Tot.asp"
_VIEW = re.compile(r"/starter/PassAssay/View/(\d+)", re.IGNORECASE)
_TOTAL = re.compile(r"총\s*([\d,]+)\s*건")
_HEAD = re.compile(r"^(?P<season>\d{4}년\s*(?:상반기|하반기|수시))?\s*(?P<level>신입|인턴|경력)?\s*(?P<role>.*)$")
_NOT_THE_ANSWER = (".txSpllChk", ".sup", ".advice")


@dataclass(frozen=True)
class JobKorea:
    """The site at `base`; `source`, `licence` and `meta` go into each document.

    Its lists are those of job groups (`parts`); with `company`, what a search finds in them, in one search for all.
    """

    base: str = "https://www.jobkorea.co.kr"
    source: str = "jobkorea"
    licence: str | None = None
    parts: tuple[int, ...] = tuple(PARTS)
    company: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    clicks: Clicks = Clicks(  # noqa: RUF009 - immutable
        dismiss="div.firstPopUp button",
        open="dl.qnaLists > dt:not(.on) > button",
        filled="dl.qnaLists > dd > div.tx",
    )

    pager: None = None

    @property
    def name(self) -> str:
        """Name of its page store."""
        return "jobkorea"

    @property
    def host(self) -> str:
        """The only host that is crawled."""
        return urlsplit(self.base).hostname or ""

    def start(self) -> Sequence[Link]:
        """Return the first page of each list."""
        everywhere = self.company is not None and self.parts == tuple(PARTS)
        return [self.list_link(part, 1) for part in ((None,) if everywhere else self.parts)]

    def list_link(self, part: int | None, page: int) -> Link:
        """Return a list page of a job group, of a search, or of both; counted from 1."""
        group = {"schPart": part} if part is not None else {}
        search = {"schTxt": self.company, "isFilterChecked": 0} if self.company else {}
        query = urlencode({**group, **search, "OrderBy": 0, "Page": page})
        return Link(f"{self.base}/starter/PassAssay?{query}", {"part": part, "page": page})

    def read_list(self, page: Page) -> Listing:
        """Parse each letter's link once, and the next page's link from the pager."""
        soup = parse_html(page.html)
        if soup.select_one("div.starListsWrap") is None:
            raise NotThereError("div.starListsWrap")
        part, number = page.context["part"], int(page.context["page"])
        details = [link for entry in soup.select("ul.selfLists > li") for link in self._entry(entry, part)]
        more = (self.list_link(part, number + 1),) if details and _has_next_page(soup, number) else ()
        return Listing(tuple(details), more, _total(soup))

    def _entry(self, entry: Tag, part: int | None) -> list[Link]:
        ids = [match[1] for a in entry.select("a[href]") if (match := _VIEW.search(str(a["href"])))]
        context = {
            "parts": [part] if part is not None else [],
            "company": line(entry.select_one("p.tit span.titTx")),
            "season": season_of(line(entry.select_one("span.linkArray > span.career"))),
        }
        return [Link(f"{self.base}/starter/PassAssay/View/{ids[0]}", context)] if ids else []

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge entries of one letter, which may be in several job groups."""
        parts = sorted({part for link in links for part in link.context["parts"]})
        return Link(links[0].url, {**links[0].context, "parts": parts})

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a letter's page, or return why there is no letter.

        NeedsBrowser when a script fills in an answer.
        """
        if GONE_MESSAGE in page.html:
            return Rejection(page.url, "missing", "the site lists this letter but no longer has it")
        soup = parse_html(page.html)
        items = tuple(Item(_question(dt), _answer(dd)) for dt, dd in _pairs(soup))
        if any(item.answer is None for item in items) and not page.rendered:
            return NeedsBrowser(page.url)
        return self._document(page, soup, items)

    def _document(self, page: Page, soup: BeautifulSoup, items: tuple[Item, ...]) -> Document:
        title = soup.select_one("div.viewTitWrap > h2.hd")
        head = _HEAD.match((line(title.select_one("em")) if title else None) or "")
        season, level, role = head.group("season", "level", "role") if head else (None, None, None)
        parts = list(page.context.get("parts", []))
        meta = {
            **self.meta,
            "occupation": occupation_of(parts),
            "experience": experience_of(level),
            "level": level,
            "parts": parts,
            "grade": _grade(soup),
            "specs": [text for li in soup.select("ul.specLists > li") if (text := line(li)) and "읽음" not in text],
        }
        return Document(
            id=f"{self.source}:{page.url.rsplit('/', 1)[-1]}",
            source=self.source,
            kind="letter",
            url=page.url,
            fetched_at=page.fetched_at,
            company=line(title.select_one("strong > a")) if title else None,
            role=role or None,
            season=season,
            items=items,
            meta=meta,
            licence=self.licence,
        )

    def is_login(self, url: str) -> bool:
        """Whether a redirect leads to the log-in."""
        return urlsplit(url).path.lower().startswith("/login/")


def _pairs(soup: BeautifulSoup) -> list[tuple[Tag, Tag]]:
    """Pair each question with the element of its answer."""
    dts, dds = soup.select("dl.qnaLists > dt"), soup.select("dl.qnaLists > dd")
    if not dts:
        raise NotThereError("dl.qnaLists > dt")
    if len(dts) != len(dds):
        raise NotThereError("dl.qnaLists > dd", f"{len(dts)} questions, {len(dds)} answers")
    return list(zip(dts, dds, strict=True))


def _question(dt: Tag) -> str | None:
    """Return the question's text, without its number and the button's labels.

    The labels (질문 Q1., 보기) are in spans of their own.
    """
    return exact_text(dt.select_one("button > span.tx"))


def _answer(dd: Tag) -> str | None:
    """Return the text of the box directly below dd.

    The expert's boxes elsewhere have the same tag and class.
    """
    box = dd.select_one(":scope > div.tx")
    return exact_text(remove_matching(box, _NOT_THE_ANSWER)) if box is not None else None


def _grade(soup: BeautifulSoup) -> int | None:
    text = line(soup.select_one("div.adviceTotal > div.hd > span.grade"))
    return parse_count(text or "")


def _total(soup: BeautifulSoup) -> int | None:
    match = _TOTAL.search(line(soup.select_one("div.starListsWrap h4")) or "")
    return parse_count(match[1]) if match else None


def _has_next_page(soup: BeautifulSoup, number: int) -> bool:
    """Whether the pager links to a page beyond `number`.

    The arrow to the next block of ten counts, too.
    """
    pages = [
        parse_count(page) or 0
        for a in soup.select("div.tplPagination a[href]")
        for key, values in parse_qs(resolve_url(a["href"]).query).items()
        if key.lower() == "page"
        for page in values
    ]
    return any(page > number for page in pages)
