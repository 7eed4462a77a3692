"""Validate a site parser's input size and output: no empty items, no �."""

from __future__ import annotations

from jaso_core.records import Document
from jaso_crawl.types import (
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Rejection,
    Site,
    is_blank,
)

UNPARSABLE = "unparsable"
LARGEST_PAGE = 8 * 2**20
"""Characters. A letter's page has some ten thousand; larger ones cost too much memory to parse."""
MOST_TAGS = 20_000
"""Maximum number of "<". A letter's page has some thousands; far more keep a parser busy for minutes."""

_REPLACEMENT_CHARACTER = "\ufffd"


def read_detail(site: Site, page: Page) -> Document | Rejection | NeedsBrowser:
    """Parse a letter's page; reject empty questions or answers, and �."""
    if size := _size_excess(page.html):
        return Rejection(page.url, "too_large", f"{size} are no letter")
    try:
        result = site.read_detail(page)
    except NotThereError as error:
        return Rejection(page.url, UNPARSABLE, str(error), error.selector)
    return _check_items(page, result) if isinstance(result, Document) else result


def read_list(site: Site, page: Page) -> Listing:
    """Parse a list page. NotThereError when it is none."""
    if size := _size_excess(page.html):
        raise NotThereError("html", f"{size} are no list")
    return site.read_list(page)


def _size_excess(html: str) -> str | None:
    if len(html) > LARGEST_PAGE:
        return f"{len(html):,} characters"
    tags = html.count("<")
    return f"{tags:,} tags" if tags > MOST_TAGS else None


def _check_items(page: Page, document: Document) -> Document | Rejection:
    for number, item in enumerate(document.items, start=1):
        for name, text in (("question", item.question), ("answer", item.answer)):
            if text is None or is_blank(text):
                return Rejection(page.url, f"no_{name}", f"{name} {number} is empty")
            if _REPLACEMENT_CHARACTER in text:
                return Rejection(page.url, "bad_character", f"{name} {number} holds bytes that no charset explains")
    if not document.items:
        return Rejection(page.url, "no_question", "it holds no question")
    return document
