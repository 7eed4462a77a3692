"""Eduss (educe.co.kr) since about 2023: list paged by script, window per letter.

It is a paid service behind a university's portal; `tenant` is that university's part of the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bs4 import Tag

from jaso_core.records import Document, Item
from jaso_crawl.season import season_of
from jaso_crawl.sites.html_text import exact_text, line, parse_html, remove_matching
from jaso_crawl.sites.letter import (
    cell_value,
    experience_of,
    merged,
    numbered_headings,
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

TITLE = ".title.cursor-pointer"
ANSWER = ".mb50.contents"
# Greedy: a company may itself be called 합격…
_TITLE = re.compile(r"^(?P<company>.*)\s*합격(?P<rest>.*)$")
_OPENS = re.compile(r"(?:window\.open\s*\(|location(?:\.href)?\s*=)\s*['\"]([^'\"]+)['\"]")
_ALERT = re.compile(
    r"\balert\s*\(.{0,200}?\)\s*(?:;\s*)?(?:history\.(?:back|go)|(?:window\.|self\.)?close)\s*\(", re.DOTALL
)
_LOGIN = re.compile(r"log-?[io]n|sign-?in|(?<![a-z])sso(?![a-z])", re.IGNORECASE)
_LEVEL = re.compile(r"신입|인턴|경력")
_NOT_THE_LETTER = ("script", "style", "iframe", "button", ".banner", ".ad", ".notice")


@dataclass(frozen=True)
class Eduss:
    """The site at `base`; `source`, `licence` and `meta` go into each document.

    The site has no URL for a search or a category: `company` is for the filter on the documents, `categories` stays
    empty.
    """

    base: str = "https://u.educe.co.kr"
    source: str = "eduss"
    licence: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    company: str | None = None
    categories: tuple[str, ...] = ()
    tenant: str = ""

    clicks: Clicks = Clicks(  # noqa: RUF009 - immutable
        dismiss=".layer_pop button", open="#print_area button.more:not(.on)", filled="#print_area .contents"
    )
    pager: Pager | None = Pager(  # noqa: RUF009 - immutable
        dismiss=".layer_pop button",
        next=".paging button.next",
        current=".paging .on",
        rows=TITLE,
    )

    @property
    def name(self) -> str:
        """Name of its page store."""
        return "eduss"

    @property
    def host(self) -> str:
        """The only host that is crawled."""
        return urlsplit(self.base).hostname or ""

    def start(self) -> Sequence[Link]:
        """Return the one list; a browser turns its pages."""
        return [Link(f"{root(self.base, self.tenant)}/passReport?p=sub")]

    def read_list(self, page: Page) -> Listing:
        """Parse the entries of the list's current state, as others have no URL."""
        soup = parse_html(page.html)
        titles = soup.select(TITLE)
        if not titles and soup.select_one(".paging") is None:
            raise NotThereError(TITLE)
        details: dict[str, Link] = {}
        faults = []
        for number, title in enumerate(titles, start=1):
            link = self._link(page.url, title)
            if link is None:
                where = f"{page.url}{'.' if '#' in page.url else '#'}{number}"
                faults.append(Rejection(where, "empty_entry", "the entry leads to no letter"))
            else:
                details.setdefault(link.url, link)
        return Listing(tuple(details.values()), faults=tuple(faults))

    def _link(self, page_url: str, title: Tag) -> Link | None:
        for target in _targets(title):
            url = resolve_url(target, page_url)._replace(fragment="")
            if url.hostname == self.host and _number(url.geturl()):
                return Link(f"{self.base}{url._replace(scheme='', netloc='').geturl()}", _context(line(title) or ""))
        return None

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge entries of one letter, which may differ in detail."""
        return Link(links[0].url, merged(link.context for link in links))

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a letter's page, or return why there is no letter."""
        soup = parse_html(page.html)
        area = soup.select_one("#print_area")
        if area is None:
            return rejection_if_gone(page, "#print_area")
        facts = _facts(remove_matching(area, _NOT_THE_LETTER))
        if line(area) is None:
            return Rejection(page.url, "missing", "the site lists this letter but shows an empty page")
        items = tuple(Item(question, answer) for question, answer in _pairs(area))
        head = line(area.select_one(".view-subject > span > span") or area.select_one(".view-subject"))
        level = _LEVEL.search(head or "")
        context = page.context
        meta = {
            **self.meta,
            "occupation": None,
            "experience": experience_of(head),
            "level": level[0] if level else None,
            "specs": [f"{label} {value}" for label, value in facts if label != "지원분야"],
            "head": head,
            "heading": context.get("heading"),
        }
        return Document(
            id=f"{self.source}:{_number(page.url)}",
            source=self.source,
            kind="letter",
            url=page.url,
            fetched_at=page.fetched_at,
            company=context.get("company"),
            role=next((value for label, value in facts if label == "지원분야"), context.get("role")),
            season=context.get("season"),
            items=items,
            meta=meta,
            licence=self.licence,
        )

    def is_login(self, url: str) -> bool:
        """Whether the URL is the log-in page, the portal's sign-on or the tenant's entry."""
        return asks_to_log_in(url, self.tenant)


def root(base: str, tenant: str) -> str:
    """Return the URL of a university's part of the site, without trailing slash."""
    return f"{base}/{tenant}".rstrip("/")


def asks_to_log_in(url: str, tenant: str) -> bool:
    """Whether a redirect to `url` asks for a log-in; equal in both layouts."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if _LOGIN.search(parts.path) or _LOGIN.search(query.get("mod", "")):
        return True
    return parts.path.strip("/").lower() in ("", tenant.strip("/").lower()) and "mod" not in query


def rejection_if_gone(page: Page, selector: str) -> Rejection:
    """Return the rejection of a page whose alert says that the letter is gone.

    For pages where `selector` matches nothing.

    Raises:
        NotThereError: the page shows no alert either.
    """
    if _ALERT.search(page.html):
        return Rejection(page.url, "missing", "the site lists this letter but no longer has it")
    raise NotThereError(selector)


def _targets(title: Tag) -> Iterator[str]:
    """Yield URLs of the 내용보기 buttons in a title's row, then of the title itself."""
    row = _row(title)
    openers = [tag for tag in row.select("a, button, input, [onclick]") if "내용보기" in _label(tag)] if row else []
    for tag in [*openers, title]:
        href = str(tag.get("href") or "")
        if href and not href.startswith(("#", "javascript:")):
            yield href
        for script in (href, str(tag.get("onclick") or "")):
            yield from _OPENS.findall(script)


def _row(title: Tag) -> Tag | None:
    """Return the largest box around a title with no other title, inside the list."""
    row = None
    for box in title.parents:
        has_others = len(box.select(TITLE, limit=2)) > 1
        if box.name in ("body", "html", "[document]") or has_others or box.select_one(".paging"):
            break
        row = box
    return row


def _label(tag: Tag) -> str:
    return "".join((tag.get_text() or str(tag.get("value") or "")).split())


def _context(heading: str) -> dict[str, Any]:
    """Parse a list heading: "가상통신 합격자소서 / 2022" has company, then year.

    Without the word 합격 a slash separates them.
    """
    match = _TITLE.match(heading)
    company, rest = match.group("company", "rest") if match else heading.partition("/")[::2]
    return {"company": cell_value(company), "season": season_of(rest), "role": None, "heading": heading or None}


def _facts(area: Tag) -> list[tuple[str, str]]:
    """Extract the applicant's facts as (label, value), without blank ones.

    Removes the labels from the tree.
    """
    facts = []
    for li in area.select("li"):
        label = li.select_one(":scope > strong")
        if label is None or li.find_parent(_is_answer) is not None:
            continue
        name = cell_value(label.extract().get_text(" "))
        value = cell_value(li.get_text(" ").strip().lstrip(":"))
        if name is not None and value is not None:
            facts.append((name.rstrip(" :"), value))
    return facts


def _is_answer(tag: Tag) -> bool:
    return {"mb50", "contents"} <= set(tag.get("class") or ())


def _pairs(area: Tag) -> list[tuple[str | None, str | None]]:
    """Pair each question with the answers before the next one, joined by line ends."""
    blocks = [tag for tag in area.select(f".mt30, {ANSWER}") if tag.find_parent(_is_answer) is None]
    starts, has_numbers = _questions(blocks)
    if not any(_is_answer(tag) for tag in blocks):
        raise NotThereError(f"#print_area {ANSWER}")
    pairs = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(blocks)], strict=True), start=1):
        question = exact_text(blocks[start])
        texts = [text for tag in blocks[start + 1 : end] if _is_answer(tag) and (text := exact_text(tag))]
        pairs.append((strip_number(question or "", number) if has_numbers else question, "\n".join(texts) or None))
    return pairs


def _questions(blocks: Sequence[Tag]) -> tuple[list[int], bool]:
    """Find the question blocks, and whether the site has numbered them.

    Elsewhere the class mt30 is mere spacing.
    """
    candidates = [index for index, tag in enumerate(blocks) if not _is_answer(tag) and line(tag) is not None]
    if not candidates:
        raise NotThereError("#print_area .mt30")
    chosen = [candidates[index] for index in numbered_headings([blocks[index].get_text() for index in candidates])]
    others = [
        index for index in set(candidates) - set(chosen) if index + 1 < len(blocks) and _is_answer(blocks[index + 1])
    ]
    # A single "1. " may be the writer's own, if there are more questions.
    if len(chosen) > 1 or (chosen and not others):
        return chosen, True
    return candidates, False


def _number(url: str) -> str | None:
    """Return the letter's number in its page's URL."""
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("no")
    return named or next(iter(re.findall(r"\d+", f"{parts.path}?{parts.query}")[::-1]), None)
