"""Linkareer's accepted cover letters: a list, or one per job; letter data as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup, Tag

from jaso_core.records import Document
from jaso_crawl.season import season_of
from jaso_crawl.sites.html_text import exact_text, line, parse_html, replace_lone_surrogates
from jaso_crawl.sites.letter import (
    cell_value,
    experience_of,
    merged,
    resolve_url,
)
from jaso_crawl.sites.linkareer.letter_text import Letter, split_letter, whole_text, written_text
from jaso_crawl.types import (
    Clicks,
    Link,
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Pager,
    Rejection,
    is_blank,
)

_LETTER = re.compile(r"^/cover-letter/(?P<id>\d+)/?$", re.IGNORECASE)
_NO_LETTER = re.compile(r"^/cover-letter(?:/\D*)?$", re.IGNORECASE)
_LOGIN = re.compile(r"/(?:auth|login|signin|sign[-_]in)(?:/|$)", re.IGNORECASE)
_SEASON = re.compile(r"(?:19|20)\d{2}\s*년?\s*(?:상반기|하반기|상시|수시)?")
_ALERT = re.compile(r"\balert\s*\(")
_LOGIN_HINT = re.compile(r"로그인.{0,20}(?:전체|전문|나머지|더\s?보|계속)")

_MAIN = "#__next main"
_ARTICLE = "article#coverLetterContent"
_ENTRY = 'a[href*="/cover-letter"], div[class*="coverletter-content-box"]'
_SPECS = ("university", "major", "grades", "languageScore", "career", "activity", "license")


@dataclass(frozen=True)
class Linkareer:
    """The site at `base`; `source`, `licence` and `meta` go into each document.

    `categories` are words for jobs, each searched for separately; `company` searches for a company.
    """

    base: str = "https://linkareer.com"
    source: str = "linkareer"
    licence: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    company: str | None = None
    categories: tuple[str, ...] = ()

    pager: Pager | None = None
    clicks: Clicks = Clicks(  # noqa: RUF009 - immutable
        dismiss="div.firstPopUp button",
        open=f"{_ARTICLE} button[aria-expanded='false']",
        filled=_ARTICLE,
    )

    @property
    def name(self) -> str:
        """Name of its page store."""
        return "linkareer"

    @property
    def host(self) -> str:
        """The only host that is crawled."""
        return urlsplit(self.base).hostname or ""

    def start(self) -> Sequence[Link]:
        """Return the first page of each list."""
        return [self.list_link(category, 1) for category in (self.categories or (None,))]

    def list_link(self, category: str | None, page: int) -> Link:
        """Return a list page of a category, or of all letters; counted from 1."""
        query = {"page": page, "tab": "all", "sort": "PASSED_AT", "role": category, "organizationName": self.company}
        query_string = urlencode({key: value for key, value in query.items() if value})
        return Link(f"{self.base}/cover-letter/search?{query_string}", {"category": category, "page": page})

    def read_list(self, page: Page) -> Listing:
        """Parse each letter's link once, and the next page's link.

        The pager is unreliable: any page with entries may have a next one.
        """
        main = parse_html(page.html).select_one(_MAIN)
        if main is None:
            raise NotThereError(_MAIN)
        entries_by_url: dict[str, list[dict[str, str | None]]] = {}
        faults: list[Rejection] = []
        for tag in main.select(_ENTRY):
            path = self._path(tag if tag.name == "a" else tag.find_parent("a"))
            if (match := _LETTER.match(path)) is not None:
                if tag.name == "a":
                    entries_by_url.setdefault(f"{self.base}/cover-letter/{match['id']}", []).append(_entry(tag))
            elif tag.name != "a" and (not path or _NO_LETTER.match(path)):  # a box that leads elsewhere is an advert
                where = f"{page.url}#{len(entries_by_url) + len(faults) + 1}"
                faults.append(Rejection(where, "empty_entry", "the entry leads to no letter"))
        details = tuple(Link(url, merged(entries)) for url, entries in entries_by_url.items())
        more = (self.list_link(page.context.get("category"), int(page.context["page"]) + 1),) if details else ()
        return Listing(details, more, None, tuple(faults))

    def _path(self, a: Tag | None) -> str:
        """Return a link's path on this site.

        "" for no link, the whole URL when it is another site's.
        """
        href = str(a.get("href") or "") if a is not None else ""
        url = resolve_url(href)
        return url.path if url.hostname in (None, self.host) else href

    def merge(self, links: Sequence[Link]) -> Link:
        """Merge entries of one letter, which several searches may find."""
        return Link(links[0].url, merged(link.context for link in links))

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Parse a letter's page, or return why there is no letter.

        NeedsBrowser when a script fills in the text.
        """
        soup = parse_html(page.html)
        data = _next_data(soup)
        record = _record(data, f"CoverLetter:{page.url.rstrip('/').rpartition('/')[2]}")
        article = soup.select_one(_ARTICLE)
        stored = record.get("content")
        stored = (
            replace_lone_surrogates(stored).replace("\r\n", "\n")
            if isinstance(stored, str) and not is_blank(stored)
            else None
        )
        if article is None and stored is None:
            if _is_gone(data) or (_ALERT.search(page.html) and soup.select_one("h1") is None):
                return Rejection(page.url, "missing", "the site lists this letter but no longer has it")
            raise NotThereError(_ARTICLE)
        text = whole_text(stored, written_text(article))
        if text is None:
            empty = Rejection(page.url, "no_answers", "its text is missing even in a browser")
            return empty if page.rendered else NeedsBrowser(page.url)
        if _asks_for_login(soup) and (stored is None or text.rstrip().endswith(("…", "..."))):
            return Rejection(page.url, "truncated", "only its beginning is shown to those who are not logged in")
        letter = split_letter(text)
        if not letter.items:
            return Rejection(page.url, "no_questions", 'free form: no line of its text begins with "1. "')
        return self._document(page, soup, record, letter)

    def _document(self, page: Page, soup: BeautifulSoup, record: Mapping[str, Any], letter: Letter) -> Document:
        headline = soup.select_one("main h1")
        company, role, season = _headline(line(headline))
        type_values = record.get("types")
        types = (
            [kind for type_value in type_values if (kind := _text(type_value))] if isinstance(type_values, list) else []
        )
        meta = {
            **self.meta,
            "occupation": None,  # the site's jobs are free text
            "experience": experience_of(" ".join(types)),
            "level": None,
            "specs": _specs(headline) or [spec for key in _SPECS if (spec := _text(record.get(key)))],
            "types": types,
            "passed_at": _iso(record.get("passedAt")),
            "heading": exact_text(headline),
            "preface": letter.preface,
        }
        return Document(
            id=f"{self.source}:{page.url.rstrip('/').rpartition('/')[2]}",
            source=self.source,
            kind="letter",
            url=page.url,
            fetched_at=page.fetched_at,
            company=_text(record.get("organizationName")) or company or page.context.get("company"),
            role=_text(record.get("role")) or role or page.context.get("role"),
            season=season or page.context.get("season"),
            items=letter.items,
            meta=meta,
            licence=self.licence,
        )

    def is_login(self, url: str) -> bool:
        """Whether a redirect to `url` asks for a log-in."""
        return _LOGIN.search(urlsplit(url).path) is not None


def _entry(a: Tag) -> dict[str, str | None]:
    """Parse an entry's paragraphs: company, role, season.

    The role may be missing, and no class marks it.
    """
    texts = [cell_value(line(p)) for p in a.select("p")]
    season = next((at for at, text in enumerate(texts) if at and text and _SEASON.fullmatch(text)), None)
    role = texts[1] if len(texts) > 1 and season != 1 else None
    return {
        "company": texts[0] if texts else None,
        "role": role,
        "season": season_of(texts[season]) if season is not None else None,
    }


def _next_data(soup: BeautifulSoup) -> Any:
    """Parse the JSON of Next.js; {} when it is absent or broken."""
    script = soup.select_one("script#__NEXT_DATA__")
    try:
        return json.loads(script.string or "") if script is not None else {}
    except (ValueError, RecursionError):
        return {}


def _record(data: Any, key: str) -> Mapping[str, Any]:
    """Find the object under `key` at any depth; of several, the one with most text.

    The site's versions keep their store in different places.
    """
    records: list[Mapping[str, Any]] = []
    stack = [data]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            records += [node[key]] if isinstance(node.get(key), dict) else []
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return max(records, key=lambda record: len(_text(record.get("content")) or ""), default={})


def _is_gone(data: Any) -> bool:
    """Whether Next.js shows its not-found page, which may have status 200."""
    props = data.get("props") if isinstance(data, dict) else None
    inner = props.get("pageProps") if isinstance(props, dict) else None
    status = inner.get("statusCode") if isinstance(inner, dict) else None
    return status in (404, 410) or (isinstance(data, dict) and data.get("page") in ("/404", "/_error"))


def _asks_for_login(soup: BeautifulSoup) -> bool:
    """Whether a label outside the letter says that the rest needs a log-in."""
    main = soup.select_one("main")
    texts = main.find_all(string=_LOGIN_HINT) if main is not None else []
    return any(text.find_parent("article") is None and text.find_parent("script") is None for text in texts)


def _headline(text: str | None) -> tuple[str | None, str | None, str | None]:
    """Parse company, role and season from "회사 / 직무 / 2025 상반기".

    Only a slash between spaces separates.
    """
    parts = (text or "").split(" / ")
    season = season_of(parts[-1]) if len(parts) > 1 else None
    role = parts[1:-1] if season else parts[1:]
    return cell_value(parts[0]), cell_value(" / ".join(role)), season


def _specs(headline: Tag | None) -> list[str]:
    """Parse the line of school, grades and so on between headline and letter.

    Its tag has changed over time.
    """
    for tag in headline.find_all_next(["h3", "p", "article"]) if headline is not None else ():
        parts = (line(tag) or "").split(" / ")
        if tag.name == "article":
            break
        if len(parts) > 1:
            return [spec for part in parts if (spec := cell_value(part))]
    return []


def _text(value: Any) -> str | None:
    return cell_value(replace_lone_surrogates(value)) if isinstance(value, str) else None


def _iso(milliseconds: Any) -> str | None:
    """Convert milliseconds: 1730000000000 → "2024-10-27T03:33:20Z"; None if invalid."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError, OSError):
        return None
