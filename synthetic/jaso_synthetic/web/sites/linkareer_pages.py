"""HTML of the sample Linkareer, in the real site's structure. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from jaso_synthetic.records import SampleLetter

PAGE_SIZE = 20
LIST_PATH = "/cover-letter/search"
DETAIL_PATH = "/cover-letter"
LOGIN_PATH = "/login"

LABELS = frozenset(
    {
        "마음에 드는 문장을 스크랩",
        "문장 스크랩",
        "공유",
        "새창",
        "목록",
        "다시보지 않기",
        "자세히 알아보기",
        "Copyright © Linkareer Inc.",
    }
)
"""Labels of the page that are copied along with a letter's text."""

MISSING_BODY = '<script>alert("존재하지 않는 합격 자기소개서입니다."); history.back();</script>'
REDESIGNED_BODY = """<main class="Letter__Main-sc-bbbbbb-1"><h1>없는회사 / 기획 / 2026 상반기</h1>
<section><h2>지원 동기를 쓰시오.</h2><div>새 모양의 페이지입니다.</div></section></main>"""

EMPTY_ENTRY = '<div class="jss101 coverletter-content-box"><p></p><p></p><p></p><p></p></div>\n'
_ADVERTS = """<a href="/activity/70001"><div class="jss102 coverletter-content-box"><p>가상공모전</p></div></a>
<a href="/cover-letter"><span>합격 자소서 더 보기</span></a>
"""
_OTHER_ARTICLE = """<article class="jss301"><h3>추천 자소서</h3>1. 이런 글은 어떠세요
다른 지원자의 답변입니다.</article>
"""
_LOGIN_HINT = (
    '<div class="jss201"><p>로그인하고 전체 내용을 확인하세요</p><button type="button">로그인</button></div>\n'
)
_SUMMARY = "이 글은 지원자의 경험과 포부를 담은 합격 자기소개서입니다.\n\n공유\n"
_FILL = """<script>
addEventListener("load", async () => {
  const answer = await fetch("%s");
  document.getElementById("coverLetterContent").textContent = await answer.text();
});
</script>"""


@dataclass(frozen=True, slots=True)
class PageVariant:
    """How a letter's page is built.

    `stored` is the text in its JSON data, `article` the text that its article shows.
    """

    article: str
    stored: str | None
    hint: bool = False  # asks to log in for the rest
    broken: bool = False  # its data break off in the middle
    bare: bool = False  # only the text, company and role are in its data
    specs: str = "h3"  # the tag of the line about the writer; "" for none
    advert: bool = False
    scripted: bool = False


def page(title: str, body: str, layer: str) -> str:
    """Return a whole page around `body`."""
    return (
        f'<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f'<div id="__next"><header><a href="/cover-letter">합격 자소서</a> <a href="{LOGIN_PATH}">로그인</a></header>\n'
        f"{body}</div>\n{layer}</body></html>"
    )


def list_body(entries: Sequence[str]) -> str:
    """Return a list page. It has no pager."""
    return f"<main>\n{''.join(entries)}</main>"


def entry(letter: SampleLetter, number: int, bare: bool, advert: bool) -> str:
    """Return one letter of a list; sometimes advertisements follow it.

    With `bare` an absent role has no paragraph.
    """
    role = letter.role or ""
    texts = [letter.company, role, _season(letter), letter.items[0].answer[:60]]
    if bare and not role:
        del texts[1]
    return entry_of(letter.id, texts, number) + (_ADVERTS if advert and letter.id % 13 == 0 else "")


def entry_of(letter_id: int, texts: Sequence[str], number: int) -> str:
    """Return one entry, from its paragraphs."""
    href = f"{DETAIL_PATH}/{letter_id}?page={number}&amp;sort=PASSED_AT&amp;tab=all"
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return f'<a href="{href}"><div class="jss101 coverletter-content-box">{paragraphs}</div></a>\n'


def text_of(letter: SampleLetter) -> str:
    """Return all questions and answers as one text, as the site stores them."""
    return "\n\n".join(f"{k}. {item.question}\n{item.answer}" for k, item in enumerate(letter.items, start=1))


def with_summary(text: str, letter_id: int) -> str:
    """Prepend the site's summary and a page label to the text of some letters."""
    return _SUMMARY + text if letter_id % 6 == 0 else text


def with_label(text: str, letter_id: int) -> str:
    """Append a page label to the article of some letters."""
    return f"{text}\n목록\n" if letter_id % 6 == 3 else text


def detail_body(letter: SampleLetter, view: PageVariant) -> str:
    """Return a letter's page."""
    headline = " / ".join(part for part in (letter.company, letter.role, _season(letter)) if part)
    specs = escape(" / ".join(_specs(letter)))
    data = _data(letter, view) if view.stored is not None else ""
    return (
        f'<main class="CoverLetterDetailContent__StyledMain-sc-aaaaaa-0"><h1>{escape(headline)}</h1>\n'
        f"{f'<{view.specs}>{specs}</{view.specs}>' if view.specs else ''}\n<p>마음에 드는 문장을 스크랩</p>\n"
        f'<article id="coverLetterContent" style="white-space:pre-wrap">{escape(view.article, quote=False)}</article>\n'
        f"{_LOGIN_HINT if view.hint else ''}{_OTHER_ARTICLE if view.advert else ''}</main>\n{data}"
        f"{_FILL % content_path(letter.id) if view.scripted else ''}"
    )


def content_path(letter_id: int) -> str:
    """Return the path from which a script fetches a letter's text."""
    return f"{DETAIL_PATH}/{letter_id}/content"


def _data(letter: SampleLetter, view: PageVariant) -> str:
    """Return Next.js's data (__NEXT_DATA__).

    Half of the letters are of the version that keeps its store at another key.
    """
    record: dict[str, Any] = {
        "id": str(letter.id),
        "organizationName": letter.company,
        "role": letter.role,
        "content": view.stored,
    }
    if not view.bare:
        school, major, grades, *others = (*_specs(letter), "", "", "")
        record |= {
            "types": ["공공기관" if letter.id % 3 else "대기업"],
            "university": school,
            "major": major,
            "grades": grades.removeprefix("학점 "),
            "languageScore": " / ".join(filter(None, others)),
            "passedAt": _passed_at(letter),
            "scrapCount": letter.id % 100,
        }
    store = {"ROOT_QUERY": {"__typename": "Query"}, f"CoverLetter:{letter.id}": record}
    props = {"apolloState": store} if letter.id % 2 else {"pageProps": {"__APOLLO_STATE__": store}}
    text = json.dumps({"props": props, "page": "/cover-letter/[id]"}, ensure_ascii=False).replace("<", "\\u003c")
    if view.broken:
        text = text[: len(text) * 2 // 3]
    return f'<script id="__NEXT_DATA__" type="application/json">{text}</script>\n'


def _season(letter: SampleLetter) -> str:
    return letter.season.replace("년", "")


def _specs(letter: SampleLetter) -> list[str]:
    """Return the specs without the view count, which this site does not show."""
    return [spec for spec in letter.specs if not spec.endswith("읽음")]


def _passed_at(letter: SampleLetter) -> int:
    """Return a day at the end of the half-year, in milliseconds since 1970."""
    month = 6 if "상반기" in letter.season else 12
    return int(datetime(int(letter.season[:4]), month, 1 + letter.id % 28, tzinfo=UTC).timestamp()) * 1000
