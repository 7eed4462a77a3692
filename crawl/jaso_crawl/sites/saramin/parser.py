"""Saramin's accepted cover letters (합격자소서): one list, a box for each question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup, Tag

from jaso_core.records import Document, Item
from jaso_crawl.season import season_of
from jaso_crawl.sites.html_text import exact_text, line, parse_html, remove_matching
from jaso_crawl.sites.letter import (
    cell_value,
    experience_of,
    merged,
    parse_count,
    strip_number,
)
from jaso_crawl.types import (
    Clicks,
    Link,
    Listing,
    NotThereError,
    Page,
    Pager,
    Rejection,
)

_PATH = "/zf_user/public-recruit/coverletter"
_LETTER = re.compile(rf"{_PATH}/?\?(?:[^?]*&)?real_seq=(?P<seq>\d+)", re.IGNORECASE)
_LIST_PAGE = re.compile(rf"{_PATH}-list/page/(?P<page>\d+)", re.IGNORECASE)
_LOGIN = re.compile(r"/(?:auth|login|signin|sign-in)(?:/|$)", re.IGNORECASE)
# "가상은행 2018 하반기 신입 합격자소서". A company's name may hold a year, so the last one in the title counts.
_TITLE = re.compile(r"^(?P<company>.*\S)\s+(?P<rest>(?:19|20)\d{2}(?!\d).*)$")
_SITE_NAME = re.compile(r"\s+-\s+사람인.*$")
_LEVEL = re.compile(r"^\s*(?:19|20)\d{2}\s*년?\s*(?:상반기|하반기|상시|수시)?(?P<level>.*?)(?:합격\s*자|자소서|$)")
_ACCEPTED = re.compile(r"합격\s*자")
_ALERT = re.compile(r"\balert\s*\(")

_LISTING = "#listArea"
_ROOT = "div.open_recruit_content"
_HEADING = "h1.txt_logo > span.txt_recruit"
_BOXES = "div.wrap_self_intro div.box_ty3, div.cont div.box_ty3"
_QUESTION = "h3"
# The answer is the bare text before the first of these; a box may have any of them, or none.
_BEHIND_ANSWER = "h4.tsp_ty2, div.txt_self_point, div.txt_byte, button.btn_tsp_hide"
_NOT_THE_ANSWER = (_QUESTION, "button", "script", "style")


@dataclass(frozen=True)
class Saramin:
    """The site at `base`; `source`, `licence` and `meta` go into each document.

    `accepted`: only letters whose heading calls them accepted (합격자소서). `company` searches for a company. The site
    knows no job groups: `categories` are for a comparison with `Link.context["role"]`.
    """

    base: str = "https://www.saramin.co.kr"
    source: str = "saramin"
    licence: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    company: str | None = None
    categories: tuple[str, ...] = ()
    accepted: bool = True

    pager: Pager | None = None
    # The HTML is complete; nothing is known to be folded.
    clicks: Clicks = Clicks(  # noqa: RUF009 - immutable
        dismiss="div.firstPopUp button",
        open="div.wrap_self_intro button[aria-expanded='false']",
        filled="div.wrap_self_intro div.box_ty3",
    )

    @property
    def name(self) -> str:
        """Name of its page store."""
        return "saramin"

    @property
    def host(self) -> str:
        """The only host that is crawled."""
        return urlsplit(self.base).hostname or ""

    def start(self) -> Sequence[Link]:
        """Return the first list page."""
        return [self.list_link(1)]

    def list_link(self, page: int) -> Link:
        """Return a page of the list, counted from 1."""
        query = {"company_nm": self.company, "pass_status": "y" if self.accepted else None}
        query_string = urlencode({key: value for key, value in query.items() if value})
        return Link(f"{self.base}{_PATH}-list/page/{page}{'?' if query_string else ''}{query_string}", {"page": page})

    def read_list(self, page: Page) -> Listing:
        """Parse the entries' links with their rows' facts, and the next page's link."""
        area = parse_html(page.html).select_one(_LISTING)
        if area is None:
            raise NotThereError(_LISTING)
        details, faults = [], []
        for number, row in enumerate(_entries(area), start=1):
            link = self._entry(row)
            if link is not None:
                details.append(link)
            elif not row.select("a[href]"):  # one that leads elsewhere is an advertisement
                faults.append(Rejection(f"{page.url}#{number}", "empty_entry", "the entry leads to no letter"))
        page_number = int(page.context["page"])
        more = (self.list_link(page_number + 1),) if details and _last_page(area) > page_number else ()
        return Listing(tuple(details), more, None, tuple(faults))

    def _entry(self, row: Tag) -> Link | None:
        for a in row.select("td.td_apply_subject a[href]"):
            if (match := _LETTER.search(str(a["href"]))) is not None:
                title = line(a)
                company, rest = _split_title(title)
                cells = row.find_all("td", recursive=False)
                role = cell_value(line(cells[2])) if len(cells) > 2 else None
                context = {"title": title, "company": company, "season": season_of(rest), "role": role}
                return Link(f"{self.base}{_PATH}?real_seq={match['seq']}", context)
        return None

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge entries of one letter, listed twice when the list grows meanwhile."""
        return Link(links[0].url, merged(link.context for link in links))

    def read_detail(self, page: Page) -> Document | Rejection:
        """Parse a letter's page, or return why there is no letter."""
        soup = parse_html(page.html)
        root = soup.select_one(_ROOT)
        if root is None:
            # The wording of the alert is unknown: any alert counts on a page without a letter.
            if _ALERT.search(page.html):
                return Rejection(page.url, "missing", "the site shows an alert in place of the letter")
            raise NotThereError(_ROOT)
        company, heading = _head(soup, root)
        if self.accepted and heading is None:
            raise NotThereError(_HEADING)
        if self.accepted and not _ACCEPTED.search(heading or ""):
            return Rejection(page.url, "not_accepted", f"its heading does not call it accepted: {heading:.100}")
        items = _items(root)
        if not any(item.answer for item in items):
            return Rejection(page.url, "no_answers", "none of the questions has an answer")
        return self._document(page, root, company, heading, items)

    def _document(
        self, page: Page, root: Tag, company: str | None, heading: str | None, items: tuple[Item, ...]
    ) -> Document:
        number = _LETTER.search(page.url)
        level = _LEVEL.match(heading or "")
        meta = {
            **self.meta,
            "occupation": None,  # the site's 지원분야 is free text
            "experience": experience_of(heading),
            "level": cell_value(level["level"]) if level else None,
            "specs": [],  # not on the site
            "heading": exact_text(root.select_one(_HEADING)) or heading,
        }
        return Document(
            id=f"{self.source}:{number['seq'] if number else page.url}",
            source=self.source,
            kind="letter",
            url=page.url,
            fetched_at=page.fetched_at,
            company=company or page.context.get("company"),
            role=_role(root) or page.context.get("role"),
            season=season_of(heading) or page.context.get("season"),
            items=items,
            meta=meta,
            licence=self.licence,
        )

    def is_login(self, url: str) -> bool:
        """Whether a redirect to `url` asks for a log-in."""
        return _LOGIN.search(urlsplit(url).path) is not None


def _entries(area: Tag) -> list[Tag]:
    """Return the rows with a title cell.

    Headings, advertisements and "no result" have none.
    """
    return [row for row in area.select("table.recruit_content_list tr") if row.select_one("td.td_apply_subject")]


def _last_page(area: Tag) -> int:
    """Return the highest page that the pager or its arrow links to."""
    matches = (_LIST_PAGE.search(str(a["href"])) for a in area.select(":scope > div a[href]"))
    return max((parse_count(match["page"]) or 0 for match in matches if match), default=0)


def _split_title(title: str | None) -> tuple[str | None, str | None]:
    """Split a title into company, and the rest from the year on.

    (None, the whole title) when it names no year after a company.
    """
    match = _TITLE.match(title or "")
    return (match["company"], match["rest"]) if match else (None, title)


def _head(soup: BeautifulSoup, root: Tag) -> tuple[str | None, str | None]:
    """Return company and heading; the page's title supplies what is missing."""
    title = _SITE_NAME.sub("", line(soup.select_one("title")) or "")
    from_title = _split_title(title or None)
    company = line(root.select_one("h1.txt_logo > span.tit_company_name")) or from_title[0]
    return company, line(root.select_one(_HEADING)) or from_title[1]


def _role(root: Tag) -> str | None:
    """Return the text after the bar of "지원분야 | 전산"; it may hold bars, too."""
    _, bar, role = (line(root.select_one("span.tag_apply")) or "").partition("|")
    return cell_value(role) if bar else None


def _items(root: Tag) -> tuple[Item, ...]:
    """Parse one item per box; () for a sheet that only lists questions.

    NotThereError when there is neither.
    """
    boxes = root.select(_BOXES)
    if not boxes and root.select_one("ol.list > li") is None:
        raise NotThereError(_BOXES)
    return tuple(_item(box, number) for number, box in enumerate(boxes, start=1))


def _item(box: Tag, number: int) -> Item:
    heading = box.select_one(_QUESTION)
    if heading is None:
        raise NotThereError(f"div.box_ty3 {_QUESTION}", f"box {number} has no {_QUESTION}")
    question = exact_text(heading)
    first = box.select_one(_BEHIND_ANSWER)
    if first is not None:
        _cut_from(box, first)
    answer = exact_text(remove_matching(box, _NOT_THE_ANSWER))
    return Item(strip_number(question, number) if question else None, answer)


def _cut_from(box: Tag, first: Tag) -> None:
    """Remove `first` and all that follows it within `box`."""
    node = first
    while node is not box and node.parent is not None:
        for later in list(node.next_siblings):
            later.extract()
        node = node.parent
    first.extract()
