"""Linkareer's parser against pages written by hand, and against the sample's Linkareer with each of its hazards."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_webs import fetched, walk

from jaso_core.records import Document
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.sites.linkareer.letter_text import split_letter, whole_text
from jaso_crawl.sites.linkareer.parser import Linkareer
from jaso_crawl.types import (
    Link,
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Rejection,
)
from jaso_synthetic.corpus import generate
from jaso_synthetic.records import SampleItem, SampleLetter
from jaso_synthetic.web.hazards import PAGE_HAZARDS
from jaso_synthetic.web.site import LOGIN, base_of
from jaso_synthetic.web.sites.linkareer import NAME, SampleLinkareer, can_show
from jaso_synthetic.web.sites.linkareer_pages import content_path

PAGES = Path(__file__).parent / "pages"
LIST = (PAGES / "linkareer_list.html").read_text("utf-8")
DETAIL = (PAGES / "linkareer_detail.html").read_text("utf-8")
SITE = Linkareer()
VIEW = "https://linkareer.com/cover-letter/80001"
LIST_URL = "https://linkareer.com/cover-letter/search?page=1&tab=all&sort=PASSED_AT"
RECORD = {
    "id": "80001", "organizationName": "가상카드", "role": "IT 개발", "types": ["대기업"], "university": "수도권",
    "major": "컴퓨터공학", "grades": "3.64/4.5", "career": "", "license": None, "passedAt": 1730000000000,
    "content": "1. 문항\r\n답.\n\n2. 둘\n둘의 답.",
}  # fmt: skip
ITEMS = [
    ("하나를 쓰시오. <500자>", "첫  문장.\n공유\n\n3. 셋이 아닌 줄.\n1. 다시 하나.\n끝 문장. "),
    (" 둘을 쓰시오.", "둘의 답."),
]


def data(record: dict[str, Any], *, newer: bool = False) -> str:
    store = {"CoverLetter:70000": {"content": "1. 남의 글\n남의 답"}, "CoverLetter:80001": record}
    props = {"apolloState": store} if newer else {"pageProps": {"__APOLLO_STATE__": store}}
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": props})}</script>'


def with_data(record: dict[str, Any], *, newer: bool = False, html: str = DETAIL) -> str:
    return html.replace("STORE", data(record, newer=newer))


def without_article(html: str) -> str:
    return html[: html.index("<article id")] + html[html.index("</article><aside>") :]


def read(html: str, *, rendered: bool = False, **context: Any) -> Document | Rejection | NeedsBrowser:
    return SITE.read_detail(Page(VIEW, html.replace("STORE", ""), "2026-01-01T00:00:00Z", context, rendered))


def letter(html: str, **context: Any) -> Document:
    found = read(html, **context)
    assert isinstance(found, Document)
    return found


def pairs(found: Document | SampleLetter) -> list[tuple[str | None, str | None]]:
    items: tuple[Any, ...] = found.items
    return [(item.question, item.answer) for item in items]


def reason(found: object) -> str:
    assert isinstance(found, Rejection)
    return found.reason


def test_where_the_lists_begin() -> None:
    assert [link.url for link in SITE.start()] == [LIST_URL]
    asked = Linkareer(company="가 나", categories=("개발", "IT")).start()
    name = "organizationName=%EA%B0%80+%EB%82%98"
    assert [link.url for link in asked] == [f"{LIST_URL}&role=%EA%B0%9C%EB%B0%9C&{name}", f"{LIST_URL}&role=IT&{name}"]
    assert [link.context for link in asked] == [{"category": "개발", "page": 1}, {"category": "IT", "page": 1}]
    assert (SITE.host, SITE.name, SITE.pager) == ("linkareer.com", "linkareer", None)


def listed(html: str) -> Listing:
    return SITE.read_list(Page(LIST_URL, html, None, {"category": "IT", "page": 1}))


def test_a_list_tells_what_its_entries_hold() -> None:
    listing = listed(LIST)
    assert [(link.url[-5:], *(link.context[key] for key in ("company", "role", "season"))) for link in listing.details] == [
        ("80003", "가상카드", "IT 개발", "2024년 하반기"),
        ("80002", "㈜예시", None, "2023년 수시"),
        ("80001", "예시식품", None, "2022년 상반기"),
    ]  # fmt: skip
    assert listing.details[2].url == VIEW
    assert listing.more == (SITE.list_link("IT", 2),)


def test_an_entry_without_a_letter_is_told_and_an_advertisement_is_not() -> None:
    assert [(fault.where, fault.reason) for fault in listed(LIST).faults] == [(f"{LIST_URL}#4", "empty_entry")]


def test_a_list_without_entries_is_the_end_and_another_page_is_no_list() -> None:
    assert listed('<div id="__next"><main><p>결과가 없습니다.</p></main></div>') == Listing(())
    with pytest.raises(NotThereError) as caught:
        listed("<html><body><p>점검 중</p></body></html>")
    assert caught.value.selector == "#__next main"


def test_merging_does_not_depend_on_the_order() -> None:
    one, two = Link(VIEW, {"company": "가", "role": None}), Link(VIEW, {"company": "가", "role": "전산"})
    assert SITE.merge([one, two]) == SITE.merge([two, one]) == Link(VIEW, {"company": "가", "role": "전산"})


def test_the_article_alone_gives_questions_and_answers_and_none_of_the_pages_own_lines() -> None:
    found = letter(DETAIL)
    assert pairs(found) == ITEMS
    assert (found.id, found.company, found.role, found.season) == (
        "linkareer:80001",
        "가상카드",
        "IT 개발",
        "2024년 하반기",
    )
    assert found.meta == {
        "occupation": None, "experience": None, "level": None, "types": [], "passed_at": None, "preface": None,
        "specs": ["수도권 4년제", "컴퓨터공학", "학점 3.64/4.5", "토익: 805"], "heading": "가상카드 / IT 개발 / 2024 하반기",
    }  # fmt: skip


@pytest.mark.parametrize("newer", [False, True])
def test_the_data_come_first(newer: bool) -> None:
    found = letter(with_data({**RECORD, "organizationName": "가상 카드"}, newer=newer))
    assert pairs(found) == [("문항", "답."), ("둘", "둘의 답.")]
    assert (found.company, found.meta["types"], found.meta["passed_at"]) == (
        "가상 카드",
        ["대기업"],
        "2024-10-27T03:33:20Z",
    )
    assert pairs(letter(without_article(with_data(RECORD, newer=newer)))) == pairs(found)


def test_the_data_tell_of_the_writer_where_the_page_does_not() -> None:
    html = with_data(RECORD).replace("h3>", "h4>").replace("<h1>가상카드 / IT 개발 / 2024 하반기</h1>", "")
    found = letter(html, season="2024년 상반기")
    assert (found.company, found.role, found.season) == ("가상카드", "IT 개발", "2024년 상반기")
    assert found.meta["specs"] == ["수도권", "컴퓨터공학", "3.64/4.5"]
    older = letter(DETAIL.replace("h3>", "p>"))
    assert older.meta["specs"] == ["수도권 4년제", "컴퓨터공학", "학점 3.64/4.5", "토익: 805"]


@pytest.mark.parametrize(
    "broken",
    [
        '<script id="__NEXT_DATA__">{"props": {"pageProps"</script>',
        '<script id="__NEXT_DATA__">' + "[" * 100_000 + "</script>",
        '<script id="__NEXT_DATA__">[1, {"CoverLetter:80001": null}]</script>',
        '<script id="__NEXT_DATA__">{"CoverLetter:80001": {"content": 5, "types": "x", "passedAt": "soon", "role": []}}</script>',
        '<script id="__NEXT_DATA__">{"CoverLetter:80001": {"content": " ", "passedAt": 1e300}}</script>',
    ],
)  # fmt: skip
def test_broken_data_leave_the_article(broken: str) -> None:
    found = letter(DETAIL.replace("STORE", broken))
    assert (pairs(found), found.role, found.meta["passed_at"]) == (ITEMS, "IT 개발", None)


@pytest.mark.parametrize(
    ("stored", "shown", "whole"),
    [
        ("1. 가\n나 다 라", "1. 가\n나 다…", "1. 가\n나 다 라"),
        ("1. 가\n나 다...", "1. 가\n나 다 라", "1. 가\n나 다 라"),
        ("1. 가\n나", "이 글은 요약입니다.\n\n1. 가\n나 다", "이 글은 요약입니다.\n\n1. 가\n나 다"),
        ("1. 가\n나", "1. 가\n다른 글입니다", "1. 가\n나"),
        ("1. 가\n나.", "1. 가\n나.", "1. 가\n나."),
        (None, "1. 가", "1. 가"),
        ("1. 가", None, "1. 가"),
    ],
)
def test_of_two_copies_the_whole_one_is_taken(stored: str | None, shown: str | None, whole: str) -> None:
    assert whole_text(stored, shown) == whole


HINT = "<p>로그인하고 전체 내용을 확인하세요</p></main>"


def test_a_beginning_alone_is_no_letter() -> None:
    assert reason(read(DETAIL.replace("</main>", HINT))) == "truncated"
    assert pairs(letter(with_data(RECORD).replace("</main>", HINT))) == [("문항", "답."), ("둘", "둘의 답.")]
    cut = {**RECORD, "content": "1. 문항\n답…"}
    assert reason(read(without_article(with_data(cut)).replace("</main>", HINT))) == "truncated"
    assert pairs(letter(DETAIL.replace("둘의 답.", "로그인하고 전체를 보는 화면."))) == [
        ITEMS[0],
        (" 둘을 쓰시오.", "로그인하고 전체를 보는 화면."),
    ]


def test_what_stands_before_the_first_question_is_kept_aside() -> None:
    found = split_letter("이 글은 요약.\n공유\n머리말\n둘째 줄\n\n이 글은 또 요약.\n\n  1. 가\n\n나\n\n\n")
    assert [(item.question, item.answer) for item in found.items] == [("가", "나")]
    assert found.preface == "머리말\n둘째 줄"
    assert split_letter("머리말\n목록\n\n1. 가\n나").preface == "머리말"


def test_an_article_with_line_break_tags() -> None:
    start, end = DETAIL.index("이 글은"), DETAIL.index("</article><aside>")
    html = DETAIL[:start] + "\n  1. 가<br>\n  나\n  다<br><br>2. 라<br>마<br>\n" + DETAIL[end:]
    assert pairs(letter(html)) == [("가", "나 다"), ("라", "마")]


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        ("가상카드 / 2024 하반기", ("가상카드", None, "2024년 하반기")),
        ("가상카드 / / 2024", ("가상카드", None, "2024년")),
        ("가상카드 / A/S / 기획 / 2024년 수시", ("가상카드", "A/S / 기획", "2024년 수시")),
        ("가상카드", ("가상카드", None, None)),
        ("가상카드 / 기획", ("가상카드", "기획", None)),
    ],
)
def test_headlines(head: str, facts: tuple[str | None, ...]) -> None:
    found = letter(DETAIL.replace("가상카드 / IT 개발 / 2024 하반기", head))
    assert (found.company, found.role, found.season) == facts


FREE = without_article(DETAIL).replace(
    "</article><aside>", '<article id="coverLetterContent">자유로운 글.\n2. 둘</article><aside>'
)
EMPTY = without_article(DETAIL).replace("</article><aside>", '<article id="coverLetterContent"> </article><aside>')


def test_a_text_that_a_script_fills_in_needs_a_browser() -> None:
    assert read(EMPTY) == NeedsBrowser(VIEW)
    assert reason(read(EMPTY, rendered=True)) == "no_answers"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ('<html><body><script>alert("없는 글입니다."); history.back();</script></body></html>', "missing"),
        ('<h1>404</h1><script id="__NEXT_DATA__">{"props":{"pageProps":{"statusCode":404}}}</script>', "missing"),
        ('<h1>404</h1><script id="__NEXT_DATA__">{"page":"/_error"}</script>', "missing"),
        (FREE, "no_questions"),
        (DETAIL.replace("둘의 답.", ""), "no_answer"),
        ("<main><h1>새 모양</h1></main>", "unparsable"),
    ],
)
def test_a_page_without_a_letter_says_why(html: str, why: str) -> None:
    found = read_detail(SITE, Page(VIEW, html.replace("STORE", "")))
    assert reason(found) == why
    assert isinstance(found, Rejection)
    assert found.selector == ("article#coverLetterContent" if why == "unparsable" else None)


def test_the_log_in_is_known() -> None:
    assert SITE.is_login("https://linkareer.com/login?redirect=%2F")
    assert not SITE.is_login(VIEW)


# --- the sample's Linkareer

CORPUS = generate(letters=80, interviews=0, seed=7).letters
LETTERS = tuple(one for one in CORPUS if can_show(one))
ALL = frozenset(PAGE_HAZARDS)
SAMPLE = Linkareer(base_of(NAME))


def rendered(web: SampleLinkareer, page: Page) -> Page:
    """As a browser leaves the page: the script put the text into the article."""
    number = int(page.url.rpartition("/")[2])
    assert f'fetch("{content_path(number)}")' in page.html
    text = str(web.answer(content_path(number), False).body).replace("&", "&amp;").replace("<", "&lt;")
    return Page(page.url, page.html.replace("></article>", f">{text}</article>", 1), None, page.context, rendered=True)


@pytest.mark.parametrize("hazards", [frozenset(), ALL, *(frozenset({name}) for name in sorted(ALL))], ids=lambda names: "+".join(sorted(names))[:20])  # fmt: skip
def test_every_letter_comes_back_exactly(hazards: frozenset[str]) -> None:
    web = SampleLinkareer(LETTERS, hazards)
    links, faults = walk(SAMPLE, web)
    bad = {url: reason for url, reason in web.bad_pages().items() if reason != "empty_entry"}
    assert set(links) == {web.address(one.id) for one in LETTERS} | set(bad)
    assert [fault.reason for fault in faults] == ["empty_entry"] * ("empty_entry" in hazards)
    assert sum(len(found) - 1 for found in links.values()) == 6 * ("duplicates" in hazards)
    filled = 0
    for one in LETTERS:
        page = fetched(web, SAMPLE.merge(links[web.address(one.id)]))
        found = read_detail(SAMPLE, page)
        if isinstance(found, NeedsBrowser):
            filled += 1
            found = read_detail(SAMPLE, rendered(web, page))
        assert isinstance(found, Document), (one.id, found)
        assert pairs(found) == pairs(one)
        assert (found.company, found.role, found.season) == (one.company, one.role, one.season)
        assert (found.id, found.meta["preface"]) == (f"linkareer:{one.id}", None)
        if not {"bare", "script"} & hazards:
            assert found.meta["specs"] == list(one.specs[:-1])
            assert found.meta["passed_at"].startswith(one.season[:4])
    assert filled == (sum(one.id % 12 == 7 for one in LETTERS) if "script" in hazards else 0)
    for url, why in bad.items():
        if why not in ("login", "robots"):  # which the fetcher tells
            wrong = read_detail(SAMPLE, fetched(web, links[url][0]))
            assert isinstance(wrong, Rejection)
            assert (wrong.where, wrong.reason) == (url, why)


def item(question: str, answer: str) -> SampleItem:
    return SampleItem(question, answer, question, answer, None, "", (), None, (), ())


@pytest.mark.parametrize(
    ("question", "answer", "showable"),
    [
        ("가", "나\n\n다 ", True),
        (" 가", " 나", True),
        ("가\n나", "다", False),
        ("가", "나\n2. 다", False),
        ("가", "나\n 10.5를", False),
        ("가", "나\n", False),
        ("가", "나\n \u00a0", False),
        ("가", "\n나", False),
        ("가", "나\n목록", False),
        (" ", "나", False),
    ],
)
def test_what_can_be_shown(question: str, answer: str, showable: bool) -> None:
    one = replace(LETTERS[0], items=(item(question, answer), item("둘", "셋")))
    assert can_show(one) is showable
    if showable:
        web = SampleLinkareer((one,))
        found = read_detail(SAMPLE, fetched(web, Link(web.address(one.id))))
        assert isinstance(found, Document)
        assert pairs(found) == pairs(one)


def test_most_letters_can_be_shown_and_spaces_at_their_ends_come_back() -> None:
    assert len(CORPUS) - len(LETTERS) == 4
    many = [one for one in generate(letters=500, interviews=0, seed=7).letters if can_show(one)]
    spaced = tuple(one for one in many if any(i.answer != i.answer.strip() for i in one.items))
    assert len(spaced) >= 3
    for hazards in (frozenset[str](), ALL - {"script"}):
        web = SampleLinkareer(spaced, hazards)
        for one in spaced:
            found = read_detail(SAMPLE, fetched(web, Link(web.address(one.id))))
            assert isinstance(found, Document)
            assert pairs(found) == pairs(one)


def test_searches() -> None:
    wanted, part = LETTERS[0].canonical, "보험"
    for hazards, text, n in (
        (frozenset[str](), wanted, 1),
        (frozenset[str](), part, 0),
        (frozenset({"wrong_company"}), part, 3),
    ):
        links, _ = walk(Linkareer(base_of(NAME), company=text), SampleLinkareer(LETTERS, hazards))
        assert len(links) >= n
        assert n > 0 or not links
        assert all(text in found[0].context["company"] for found in links.values())
    links, _ = walk(Linkareer(base_of(NAME), categories=("담당자", "개발")), SampleLinkareer(LETTERS, ALL))
    roles = {str(found[0].context["role"]) for found in links.values()}
    assert roles == {one.role for one in LETTERS if one.role and ("담당자" in one.role or "개발" in one.role)}


def test_the_robots_file_and_the_log_in_of_the_sample() -> None:
    web = SampleLinkareer(LETTERS[:12], ALL)
    assert "Disallow: /cover-letter/899403" in str(web.answer("/robots.txt", False).body)
    answer = web.answer(f"/cover-letter/{LOGIN}", False)
    assert answer.status == 302
    assert SAMPLE.is_login(base_of(NAME) + dict(answer.headers)["Location"])
    shown = [web.answer(target, False).status for target in web.targets()]
    assert shown.count(200) == len(shown) - 1
