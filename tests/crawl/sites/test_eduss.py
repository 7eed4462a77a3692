"""The parser of Eduss since 2023 against pages written by hand, and against the sample's with each of its hazards."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from jaso_core.records import Document
from jaso_crawl.browser.browser import Browser
from jaso_crawl.browser.cdp import BrowserResponse
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.sites.eduss.parser import Eduss
from jaso_crawl.types import (
    Link,
    Listing,
    NotThereError,
    Page,
    Rejection,
)
from jaso_synthetic.corpus import generate
from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.hazards import PAGE_HAZARDS
from jaso_synthetic.web.site import FORBIDDEN, LOGIN, base_of, has_plain_questions
from jaso_synthetic.web.sites.eduss import NAME, SampleEduss

PAGES = Path(__file__).parent / "pages"
LIST = (PAGES / "eduss_list.html").read_text("utf-8")
DETAIL = (PAGES / "eduss_detail.html").read_text("utf-8")
SITE = Eduss(tenant="jobsample")
LIST_URL = "https://u.educe.co.kr/jobsample/passReport?p=sub"
VIEW = "https://u.educe.co.kr/jobsample/passReport/view?no=70009"
OTHERS = '<div class="mt30"><a href="/jobsample/passReport">다른 합격자소서 보기</a></div>'
needs_browser = pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")


def listed(html: str, number: int = 3) -> Listing:
    return SITE.read_list(Page(f"{LIST_URL}#{number}", html, rendered=True))


def read(html: str, **context: object) -> Document | Rejection:
    found = read_detail(SITE, Page(VIEW, html, "2026-01-01T00:00:00Z", context))
    assert isinstance(found, Document | Rejection)
    return found


def pairs(html: str) -> list[tuple[str | None, str | None]]:
    found = read(html)
    assert isinstance(found, Document), found
    return [(item.question, item.answer) for item in found.items]


def test_where_the_list_begins() -> None:
    assert [link.url for link in SITE.start()] == [LIST_URL]
    assert Eduss().start()[0].url == "https://u.educe.co.kr/passReport?p=sub"
    assert (SITE.name, SITE.host) == ("eduss", "u.educe.co.kr")
    assert SITE.pager is not None
    shown = BeautifulSoup(LIST, "lxml")
    assert [len(shown.select(css)) for css in (SITE.pager.next, SITE.pager.current, SITE.pager.rows)] == [1, 1, 6]


def test_a_list_tells_what_its_titles_hold() -> None:
    listing = listed(LIST)
    assert [link.url for link in listing.details] == [
        VIEW,
        VIEW.replace("70009", "70008"),
        VIEW.replace("70009", "70007"),
    ]
    assert [dict(link.context) for link in listing.details] == [
        {"company": "가상통신", "season": "2022년", "role": None, "heading": "가상통신 합격자소서 / 2022"},
        {
            "company": "합격 컨설팅(주)",
            "season": "2021년 하반기",
            "role": None,
            "heading": "합격 컨설팅(주) 합격자소서 / 2021 하반기",
        },
        {"company": "모의상사", "season": "2020년", "role": None, "heading": "모의상사 / 2020"},
    ]
    assert (listing.more, listing.total) == ((), None)


def test_an_entry_that_leads_nowhere_is_told() -> None:
    assert [(fault.where, fault.reason) for fault in listed(LIST).faults] == [
        (f"{LIST_URL}#3.3", "empty_entry"), (f"{LIST_URL}#3.6", "empty_entry"),
    ]  # fmt: skip


def test_a_title_may_open_its_letter_itself() -> None:
    title = '<li><a class="title cursor-pointer" onclick="window.open( &quot;view?no=7&quot; )">가 합격 / 2022</a></li>'
    assert [link.url for link in listed(title).details] == ["https://u.educe.co.kr/jobsample/view?no=7"]


def test_an_empty_list_is_the_end_and_another_page_is_no_list() -> None:
    assert listed('<div class="paging"><a class="on">1</a></div>') == Listing(())
    with pytest.raises(NotThereError) as caught:
        listed("<html><body><p>점검 중</p></body></html>")
    assert caught.value.selector == ".title.cursor-pointer"


def test_a_letter_holds_what_the_applicant_wrote_and_nothing_else() -> None:
    assert pairs(DETAIL) == [
        ("하나를 쓰시오.", "첫 답. 강조 이어진 줄\n\n 끝\u00a0\n굵은 말 목록"),
        ("1. 둘을 쓰시오.", "둘의 답."),
    ]


def area(*blocks: str) -> str:
    return f'<div id="print_area"><div>{"".join(blocks)}</div></div>'


def q(text: str) -> str:
    return f'<div class="mt30">{text}</div>'


def a(text: str) -> str:
    return f'<div class="mb50 contents">{text}</div>'


def test_questions_may_have_no_numbers() -> None:
    assert pairs(area(q("가"), a("A"), q("나"), a("B"))) == [("가", "A"), ("나", "B")]
    assert pairs(area(q("1. 가 2. 나"), a("A"), q("다"), a("B"))) == [("1. 가 2. 나", "A"), ("다", "B")]
    assert pairs(area(q("1. 가"), a("A"), OTHERS)) == [("가", "A")]
    assert pairs(area(q("1. 가"), a("A"), q("3. 다"), a("B"))) == [("가", "A"), ("3. 다", "B")]


def test_a_letters_facts() -> None:
    said = {"company": "가상통신", "season": "2022년", "role": None, "heading": "가상통신 합격자소서 / 2022"}
    site = Eduss(source="s", licence="L", meta={"terms": "T"}, tenant="jobsample")
    found = site.read_detail(Page(VIEW, DETAIL, None, said))
    assert isinstance(found, Document)
    assert (found.id, found.source, found.kind, found.url, found.licence) == ("s:70009", "s", "letter", VIEW, "L")
    assert (found.company, found.season, found.role) == ("가상통신", "2022년", "소프트웨어 개발")
    assert found.meta == {
        "terms": "T", "occupation": None, "experience": "NEW", "level": "인턴", "head": "인턴 합격",
        "specs": ["학교 수도권 4년제", "학점 3.8/4.5"], "heading": "가상통신 합격자소서 / 2022",
    }  # fmt: skip


def test_every_part_beside_the_items_may_be_absent() -> None:
    found = read(area(q("1. 가"), a("A")))
    assert isinstance(found, Document)
    assert (found.company, found.season, found.role) == (None, None, None)
    assert found.meta == {key: [] if key == "specs" else None for key in ("occupation", "experience", "level", "specs", "head", "heading")}  # fmt: skip


@pytest.mark.parametrize(
    ("html", "reason", "selector"),
    [
        (area('<div class="view-subject"><span><span></span></span></div>'), "missing", None),
        ('<script>alert("없는 자료입니다."); window.close();</script>', "missing", None),
        ("<article><h3>새 모양</h3></article>", "unparsable", "#print_area"),
        (area("<p>글</p>"), "unparsable", "#print_area .mt30"),
        (area(a("A")), "unparsable", "#print_area .mt30"),
        (area(q("1. 가"), "<p>A</p>"), "unparsable", "#print_area .mb50.contents"),
        (area(q("1. 가"), q("2. 나"), a("B")), "no_answer", None),
        (area(q("가"), a("A"), q("나")), "no_answer", None),
        (area(q("1. "), a("A")), "no_question", None),
    ],
)
def test_a_page_without_a_letter_says_why(html: str, reason: str, selector: str | None) -> None:
    found = read(html)
    assert isinstance(found, Rejection)
    assert (found.where, found.reason, found.selector) == (VIEW, reason, selector)


def test_merging_does_not_depend_on_the_order() -> None:
    one, two = Link(VIEW, {"company": None, "season": "2022년"}), Link(VIEW, {"company": "가", "season": "2022년"})
    assert SITE.merge([one, two]) == SITE.merge([two, one]) == two


def test_the_log_in_is_known() -> None:
    asking = ("/jobsample/login", "/jobsample", "/jobsample/", "/", "/sso/entry.do", "/member/signIn")
    assert all(SITE.is_login(f"https://u.educe.co.kr{path}") for path in asking)
    assert not SITE.is_login(VIEW)
    assert not SITE.is_login(LIST_URL)


# --- the sample's

LETTERS = tuple(one for one in generate(letters=80, interviews=0, seed=7).letters if has_plain_questions(one))
ALL = frozenset(PAGE_HAZARDS)
SAMPLE = Eduss(base_of(NAME), tenant="jobsample")


def body(web: SampleEduss, url: str) -> str:
    answer = web.answer(urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl(), True)
    assert answer.status == 200
    return str(answer.body)


def states(web: SampleEduss) -> list[str]:
    """The list's HTML as the page's own script leaves it, turn by turn."""
    start = SAMPLE.start()[0].url
    shown = BeautifulSoup(body(web, start), "lxml")
    found = [str(shown)]
    for number in range(2, web.last_page + 1):
        box, on = shown.select_one("#pass_list"), shown.select_one(".paging .on")
        assert box is not None
        assert on is not None
        box.clear()
        box.append(BeautifulSoup(body(web, f"{start.partition('?')[0]}/rows?page={number}"), "lxml"))
        on.string = str(number)
        found.append(str(shown))
    return found


def check(web: SampleEduss, htmls: list[str]) -> None:
    """Every letter of the site comes back exactly out of the list's pages, and what is bad is told."""
    url = SAMPLE.start()[0].url
    listings = [SAMPLE.read_list(Page(f"{url}#{n}", html, rendered=True)) for n, html in enumerate(htmls, start=1)]
    links: dict[str, list[Link]] = {}
    for link in (link for listing in listings for link in listing.details):
        links.setdefault(link.url, []).append(link)
    bad = dict(web.bad_pages())
    faults = {fault.where: fault.reason for listing in listings for fault in listing.faults}
    assert faults == {where: bad.pop(where) for where in [*bad] if bad[where] == "empty_entry"}
    assert len(faults) == ("empty_entry" in web.hazards)
    assert set(links) == {web.address(one.id) for one in LETTERS} | set(bad)
    assert sum(len(found) > 1 for found in links.values()) == 8 * ("duplicates" in web.hazards)
    for one in LETTERS:
        link = SAMPLE.merge(links[web.address(one.id)])
        compare(one, read_detail(SAMPLE, Page(link.url, body(web, link.url), None, link.context)), web.hazards)
    for where, reason in bad.items():
        if reason not in ("login", "robots"):  # which the fetcher tells
            rejected = read_detail(SAMPLE, Page(where, body(web, where)))
            assert isinstance(rejected, Rejection)
            assert (rejected.where, rejected.reason) == (where, reason)


def compare(one: SampleLetter, found: object, hazards: frozenset[str]) -> None:
    assert isinstance(found, Document)
    assert [(item.question, item.answer) for item in found.items] == [
        (item.question, item.answer) for item in one.items
    ]
    bare = "bare" in hazards
    silent, headless = bare and one.id % 3 == 0, bare and one.id % 4 == 0
    assert (found.company, found.season) == (one.company, one.season[:5])
    assert (found.role, found.meta["experience"]) == (
        None if silent else one.role,
        None if headless else one.experience,
    )
    school, major, *others = one.specs[:-1]
    assert found.meta["specs"] == ([] if silent else [f"학교 {school}", f"전공 {major}", *others])
    assert found.id == f"{NAME}:{one.id}"


@pytest.mark.parametrize("hazards", [frozenset(), ALL, *({name} for name in sorted(ALL))], ids=lambda names: "+".join(sorted(names))[:20])  # fmt: skip
def test_every_letter_comes_back_exactly(hazards: frozenset[str]) -> None:
    assert len(LETTERS) == 80
    web = SampleEduss(LETTERS, frozenset(hazards))
    check(web, states(web))


def test_white_space_at_the_ends_of_an_answer_comes_back_exactly() -> None:
    spaced = [one for one in generate(letters=700, interviews=0, seed=7).letters if any(i.answer != i.answer.strip() for i in one.items)]  # fmt: skip
    assert len(spaced) >= 5
    web = SampleEduss(tuple(spaced), ALL)
    for one in spaced:
        said = {"company": one.company, "season": one.season[:5]}
        page = Page(web.address(one.id), body(web, web.address(one.id)), None, said)
        compare(one, read_detail(SAMPLE, page), ALL)


def test_the_robots_file_and_the_log_in_of_the_sample() -> None:
    web = SampleEduss(LETTERS[:3], ALL)
    assert f"Disallow: /jobsample/passReport/view?no={FORBIDDEN}\n" in str(web.answer("/robots.txt", False).body)
    answer = web.answer(f"/jobsample/passReport/view?no={LOGIN}", False)
    assert answer.status == 302
    assert SAMPLE.is_login(base_of(NAME) + dict(answer.headers)["Location"])
    shown = [web.answer(target, False).status for target in web.targets()]
    assert shown.count(200) == len(shown) - 1


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("hazards", [frozenset(), ALL], ids=["none", "all"])
def test_a_browser_turns_the_pages_of_the_list(hazards: frozenset[str]) -> None:
    web = SampleEduss(LETTERS, hazards)
    url, pager, installed = SAMPLE.start()[0].url, SAMPLE.pager, find_installed()
    assert pager is not None
    assert installed is not None

    def serve(asked: str) -> BrowserResponse:
        return BrowserResponse(200, "text/html; charset=utf-8", body(web, asked).encode())

    browser = Browser(installed, "test")
    try:
        htmls = browser.walk(url, pager, serve)
    finally:
        browser.close()
    assert len(htmls) == web.last_page == (5 if hazards else 4)
    check(web, htmls)
