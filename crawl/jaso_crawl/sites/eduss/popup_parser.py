"""Eduss (educe.co.kr) of about 2019: lists by job, letters in pop-up windows.

A letter's page holds its questions and answers only; company, season and role are in the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from bs4 import BeautifulSoup, Tag

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Document, Item
from jaso_crawl.season import season_of
from jaso_crawl.sites.eduss.parser import asks_to_log_in, rejection_if_gone, root
from jaso_crawl.sites.html_text import exact_text, line, parse_html, remove_matching
from jaso_crawl.sites.letter import (
    cell_value,
    merged,
    numbered_headings,
    parse_count,
    resolve_url,
    strip_number,
)
from jaso_crawl.types import (
    Clicks,
    Link,
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Pager,
    Rejection,
)

CATEGORIES = {"1005": ("영업", "SM"), "1006": ("생산", "MM"), "1007": ("건축", "MM"), "1008": ("IT", "ICT")}
"""Codes of the known lists by job (bno): label, and the closest AI Hub occupation."""
PAGE_SIZE = 15
_TABLE = "table.bbs_ltype"
_OPENS = re.compile(r"paperView\s*\(\s*['\"]?\d+['\"]?\s*,\s*['\"]?(\d+)['\"]?")
_TOTAL = re.compile(r"총\s*([\d,]+)\s*건")
_COLUMNS = {
    "company": re.compile("기업|회사"),
    "season": re.compile("연도|년도|시기|시즌"),
    "role": re.compile("직무|직종"),
}
_POSITIONS = {"company": 0, "season": 1, "role": 2}
_NOT_THE_LETTER = ("script", "style", "iframe", "button", ".banner", ".ad", ".notice")


@dataclass(frozen=True)
class EdussPopup:
    """The site at `base`; `source`, `licence` and `meta` go into each document.

    `categories` are codes or labels of CATEGORIES, none means all; a `company` is searched for instead. `tenant` is the
    university's part of the path.
    """

    base: str = "http://u.educe.co.kr"
    source: str = "eduss_popup"
    licence: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    company: str | None = None
    categories: tuple[str, ...] = ()
    tenant: str = ""

    clicks: Clicks = Clicks(  # noqa: RUF009 - immutable
        dismiss=".layer_pop button", open=".content button.more:not(.on)", filled=".content .fon_13"
    )
    pager: Pager | None = None

    @property
    def name(self) -> str:
        """Name of its page store."""
        return "eduss_popup"

    @property
    def host(self) -> str:
        """The only host that is crawled."""
        return urlsplit(self.base).hostname or ""

    def start(self) -> Sequence[Link]:
        """Return the first list page of each category, or of the company search.

        RequestError for an unknown category.
        """
        return [self.list_link(code, 1) for code in ((None,) if self.company else category_codes(self.categories))]

    def list_link(self, category: str | None, page: int) -> Link:
        """Return a list page of a category, or of the search; counted from 1."""
        by_job = {"m_idx": 19, "gMode": 1, "bno": category, "chk_mno": "Y"}
        by_company = {"m_idx": 17, "cno": "", "gCode": 0, "gMode": 1, "searchStr": self.company or ""}
        parameters = by_job if category is not None else by_company
        query = urlencode({"mod": "passReport", **parameters, "page": page}, quote_via=quote)
        return Link(f"{root(self.base, self.tenant)}/?{query}", {"category": category, "page": page})

    def read_list(self, page: Page) -> Listing:
        """Parse the rows and the next page's link.

        There is a next page when the pager links to one; without a pager, when this page is full.
        """
        soup = parse_html(page.html)
        table = soup.select_one(_TABLE)
        if table is None:
            raise NotThereError(_TABLE)
        category, page_number = page.context.get("category"), int(page.context.get("page") or 1)
        columns = _columns(table)
        rows = [row for row in table.select("tr") if len(row.find_all("td", recursive=False)) > 1]
        details: dict[str, Link] = {}
        faults = []
        for number, row in enumerate(rows, start=1):
            letter_number = _letter_number(row)
            if letter_number is None:
                where = f"{page.url}#{number}"
                faults.append(Rejection(where, "empty_entry", "the row opens no letter"))
            else:
                url = f"{self.base}/module/paperContents/?content_type=5&product_no={letter_number}&m_idx=19"
                context = {**_context(row, columns), "categories": [category] if category is not None else []}
                details.setdefault(url, Link(url, context))
        has_next = _has_next_page(soup, page_number, len(rows)) and bool(details)
        more = (self.list_link(category, page_number + 1),) if has_next else ()
        return Listing(tuple(details.values()), more, _total(soup), tuple(faults))

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge entries of one letter, whose categories and details may differ."""
        categories = sorted({code for link in links for code in link.context["categories"]})
        context = merged({key: link.context[key] for key in link.context if key != "categories"} for link in links)
        return Link(links[0].url, {**context, "categories": categories})

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a letter's page, or return why there is no letter."""
        content = parse_html(page.html).select_one(".content")
        if content is None:
            return rejection_if_gone(page, ".content")
        if line(remove_matching(content, _NOT_THE_LETTER)) is None:
            return Rejection(page.url, "missing", "the site lists this letter but shows an empty page")
        context = page.context
        categories = sorted(context.get("categories", ()))
        meta = {
            **self.meta,
            "occupation": occupation_of(categories),
            "experience": None,
            "level": None,
            "specs": [],
            "categories": categories,
            "heading": context.get("heading"),
        }
        return Document(
            id=f"{self.source}:{dict(parse_qsl(urlsplit(page.url).query)).get('product_no')}",
            source=self.source,
            kind="letter",
            url=page.url,
            fetched_at=page.fetched_at,
            company=context.get("company"),
            role=context.get("role"),
            season=context.get("season"),
            items=tuple(_items(content)),
            meta=meta,
            licence=self.licence,
        )

    def is_login(self, url: str) -> bool:
        """Whether the URL is the log-in page, the portal's sign-on or the tenant's entry."""
        return asks_to_log_in(url, self.tenant)


def category_codes(categories: Sequence[str]) -> tuple[str, ...]:
    """Convert codes or labels of categories to unique codes; all if there are none.

    Raises:
        RequestError: a label is unknown. A code may be: the site has more than this list.
    """
    labels = {label: code for code, (label, _) in CATEGORIES.items()}
    for name in categories:
        if name not in labels and not name.isdecimal():
            cure = did_you_mean(name, [*labels, *CATEGORIES])
            raise RequestError(f"config key 'categories': '{name}' is unknown", cure)
    return tuple(dict.fromkeys(labels.get(name, name) for name in categories)) or tuple(CATEGORIES)


def occupation_of(categories: Sequence[str]) -> str | None:
    """Return the occupation on which all known categories agree, else None."""
    occupations = {CATEGORIES[code][1] for code in categories if code in CATEGORIES}
    return occupations.pop() if len(occupations) == 1 else None


def _columns(table: Tag) -> Mapping[str, int]:
    """Map facts to a row's cells by the table's headings.

    Without headings the usual order holds.
    """
    headings = [line(th) or "" for th in table.select("th")]
    if not headings:
        return _POSITIONS
    indices = {
        key: [index for index, text in enumerate(headings) if pattern.search(text)] for key, pattern in _COLUMNS.items()
    }
    return {key: columns[0] for key, columns in indices.items() if columns}


def _letter_number(row: Tag) -> str | None:
    """Return the number of the letter that a click on the row opens.

    The link's own URL is not used.
    """
    scripts = (str(tag.get(name) or "") for tag in (row, *row.find_all(True)) for name in ("onclick", "href"))
    return next((match[1] for script in scripts if (match := _OPENS.search(script))), None)


def _context(row: Tag, columns: Mapping[str, int]) -> dict[str, str | None]:
    cells = row.find_all(["td", "th"], recursive=False)
    values = {key: cell_value(cells[index].get_text(" ")) for key, index in columns.items() if index < len(cells)}
    heading = values.get("season")
    return {
        "company": values.get("company"),
        "season": season_of(heading),
        "role": values.get("role"),
        "heading": heading,
    }


def _total(soup: BeautifulSoup) -> int | None:
    match = _TOTAL.search(line(soup.select_one(".contents .total")) or "")
    return parse_count(match[1]) if match else None


def _has_next_page(soup: BeautifulSoup, page_number: int, rows: int) -> bool:
    pager = soup.select_one(".paging")
    if pager is None:
        return rows >= PAGE_SIZE
    queries = (parse_qs(resolve_url(a["href"]).query) for a in pager.select("a[href]"))
    return any((parse_count(page) or 0) > page_number for query in queries for page in query.get("page", ()))


def _items(content: Tag) -> Iterator[Item]:
    """Yield each question with the cells up to the next one.

    Paragraphs of an answer may be in cells of their own.
    """
    # Cells "1. 동기", 하나, 둘<table>셋</table>, 셋, "2. 포부", 넷 → starts [0, 4]. The inner cell 셋 is part of its
    # outer cell and not counted again: answers "하나\n둘셋" and "넷"
    cells = content.select("td, th")
    starts, has_numbers = _questions(cells)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(cells)], strict=True), start=1):
        question = exact_text(cells[start])
        following = _outermost_cells(cells[start + 1 : end])
        if not following:
            raise NotThereError(".fon_13 ~ td", f"no cell stands behind question {number}")
        answer = "\n".join(text for cell in following if (text := exact_text(cell)))
        yield Item(strip_number(question or "", number) if has_numbers else question, answer or None)


def _outermost_cells(cells: Sequence[Tag]) -> list[Tag]:
    """Filter cells that are not inside another one: an answer may hold a table."""
    cell_ids = {id(cell) for cell in cells}
    return [cell for cell in cells if not any(id(parent) in cell_ids for parent in cell.parents)]


def _questions(cells: Sequence[Tag]) -> tuple[list[int], bool]:
    """Find the question cells, and whether the site has numbered them.

    Elsewhere the class fon_13 is a mere font size.
    """
    marked = [index for index, cell in enumerate(cells) if "fon_13" in (cell.get("class") or ())]
    filled = [index for index, cell in enumerate(cells) if _is_filled_with_mark(cell)]
    candidates = sorted({*marked, *filled})
    if not candidates:
        raise NotThereError(".content .fon_13")
    chosen = [candidates[index] for index in numbered_headings([cells[index].get_text() for index in candidates])]
    # A single "1. " may be the writer's own, if there are more questions.
    if len(chosen) > 1 or (chosen and not set(marked) - set(chosen)):
        return chosen, True
    return marked or candidates, False


def _is_filled_with_mark(cell: Tag) -> bool:
    """Whether one .fon_13 inside the cell holds all of its text."""
    inner = cell.select(".fon_13")
    return len(inner) == 1 and line(inner[0]) is not None and line(inner[0]) == line(cell)
