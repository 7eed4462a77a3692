"""JobKorea's parser against pages written by hand: every value below was read off the HTML by a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaso_core.records import Document
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.http.block_page import is_block_page
from jaso_crawl.sites.jobkorea.parser import JobKorea
from jaso_crawl.types import (
    NeedsBrowser,
    Page,
    Rejection,
)

PAGES = Path(__file__).parent / "pages"
SITE = JobKorea()
VIEW = "https://www.jobkorea.co.kr/starter/PassAssay/View/900001"

LIST = (PAGES / "jobkorea_list.html").read_text("utf-8")

DETAIL = (PAGES / "jobkorea_detail.html").read_text("utf-8")


def _list(pager: str, number: int = 1) -> Page:
    return Page(SITE.start()[0].url, LIST.replace("PAGER", pager), None, {"part": 10031, "page": number})


def _detail(html: str, *, rendered: bool = False) -> Document | Rejection | NeedsBrowser:
    context = {"parts": [10031, 10040]}
    return read_detail(SITE, Page(VIEW, html, "2026-01-01T00:00:00Z", context, rendered))


def test_a_list_gives_each_letter_once_and_no_advertisement() -> None:
    listing = SITE.read_list(_list(""))
    assert [link.url for link in listing.details] == [VIEW, VIEW.replace("900001", "900404")]
    assert [link.context["parts"] for link in listing.details] == [[10031], [10031]]
    assert listing.total == 1003


@pytest.mark.parametrize(
    ("pager", "number", "goes_on"),
    [
        ('<ul><li><span class="now">1</span></li><li><a href="/x?schPart=1&amp;Page=2">2</a></li></ul>', 1, True),
        ('<ul><li><span>10</span></li></ul><p><a class="tplBtn btnPgnNext" href="?page=11">다음</a></p>', 10, True),
        ('<p><a class="tplBtn btnPgnPrev" href="?Page=10">이전</a></p><ul><li><span>11</span></li></ul>', 11, False),
        ("", 1, False),
    ],
)
def test_the_pager_says_whether_there_is_more(pager: str, number: int, goes_on: bool) -> None:
    more = SITE.read_list(_list(pager, number)).more
    assert [link.context["page"] for link in more] == ([number + 1] if goes_on else [])


def test_a_page_beyond_the_end_is_the_end() -> None:
    pager = '<div class="tplPagination"><ul><li><a href="?Page=99">99</a></li></ul></div>'
    html = f'<div class="starListsWrap"><ul class="selfLists"></ul>{pager}</div>'
    listing = SITE.read_list(Page("u", html, None, {"part": 10031, "page": 9}))
    assert (listing.details, listing.more) == ((), ())


def test_a_letter_holds_what_the_applicant_wrote_and_nothing_else() -> None:
    letter = _detail(DETAIL)
    assert isinstance(letter, Document)
    assert [(item.question, item.answer) for item in letter.items] == [
        ("지원 동기를 쓰시오. (1000자)", "첫 문장.\n좋은 문장. <B사> & 나.\n끝  문장."),
        ("둘째", "좋은점 1가지는 글자수 10자입니다."),
        ("셋째", "숨은 답."),
    ]


def test_a_letters_facts() -> None:
    letter = _detail(DETAIL)
    assert isinstance(letter, Document)
    assert (letter.id, letter.kind, letter.company, letter.season, letter.role) == (
        "jobkorea:900001", "letter", "㈜가상전자", "2023년 하반기", "백엔드 개발자",
    )  # fmt: skip
    assert letter.meta == {
        "occupation": "ICT", "experience": "NEW", "level": "인턴", "parts": [10031, 10040], "grade": 4,
        "specs": ["수도권4년", "학점 3.80/4.5"],
    }  # fmt: skip


def test_role_and_expert_may_be_absent() -> None:
    html = DETAIL.replace(" 인턴 백엔드 개발자", " 신입").replace('<span class="grade">4</span>', "")
    letter = _detail(html)
    assert isinstance(letter, Document)
    assert (letter.role, letter.meta["level"], letter.meta["grade"]) == (None, "신입", None)


def test_an_answer_that_a_script_fills_in_needs_a_browser() -> None:
    html = DETAIL.replace("숨은 답.", '<p class="txSpllChk">글자수 0자</p>')
    assert _detail(html) == NeedsBrowser(VIEW)
    assert _detail(html, rendered=True) == Rejection(VIEW, "no_answer", "answer 3 is empty")


@pytest.mark.parametrize(
    ("html", "reason", "selector"),
    [
        ('<script>alert("선택하신 합격자소서 정보가 없습니다."); history.back();</script>', "missing", None),
        ("<html><body><p>새 얼굴의 페이지</p></body></html>", "unparsable", "dl.qnaLists > dt"),
        (
            DETAIL.replace('<dd class="show"><div class="tx">좋은점', '<div class="tx">좋은점'),
            "unparsable",
            "dl.qnaLists > dd",
        ),
    ],
)
def test_a_page_without_a_letter_says_why(html: str, reason: str, selector: str | None) -> None:
    rejection = _detail(html)
    assert isinstance(rejection, Rejection)
    assert (rejection.where, rejection.reason, rejection.selector) == (VIEW, reason, selector)


def test_the_block_page_is_told_from_a_letter_that_speaks_of_blocking() -> None:
    block = "<html><body><h1>보안정책 서비스 이용 안내</h1><p>접속이 일시적으로 제한되었습니다.</p></body></html>"
    assert is_block_page(block)
    assert not is_block_page(
        DETAIL.replace("숨은 답.", "접근이 제한된 구역에서 보안정책 서비스 이용 안내를 맡았습니다.")
    )


def test_merging_does_not_depend_on_the_order_in_which_lists_were_read() -> None:
    one, two = (SITE.read_list(Page("u", LIST, None, {"part": part, "page": 1})).details[0] for part in (10040, 10031))
    assert SITE.merge([one, two]) == SITE.merge([two, one])
    assert SITE.merge([one, two]).context["parts"] == [10031, 10040]


@pytest.mark.parametrize(
    ("site", "queries"),
    [
        (JobKorea(parts=(10031, 10035)), ["schPart=10031&OrderBy=0&Page=1", "schPart=10035&OrderBy=0&Page=1"]),
        (JobKorea(company="가상"), ["schTxt=%EA%B0%80%EC%83%81&isFilterChecked=0&OrderBy=0&Page=1"]),
        (
            JobKorea(company="가상", parts=(10031,)),
            ["schPart=10031&schTxt=%EA%B0%80%EC%83%81&isFilterChecked=0&OrderBy=0&Page=1"],
        ),
    ],
)
def test_where_a_crawl_begins(site: JobKorea, queries: list[str]) -> None:
    assert [link.url for link in site.start()] == [
        f"https://www.jobkorea.co.kr/starter/PassAssay?{query}" for query in queries
    ]
