"""The parser of Eduss of 2019 against pages written by hand, and against the sample's with each of its hazards."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sample_webs import fetched, walk

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.sites.eduss.popup_parser import EdussPopup, occupation_of
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
from jaso_synthetic.web.sites.eduss_popup import NAME, SampleEdussPopup

PAGES = Path(__file__).parent / "pages"
LIST = (PAGES / "eduss_popup_list.html").read_text("utf-8")
DETAIL = (PAGES / "eduss_popup_detail.html").read_text("utf-8")
SITE = EdussPopup(tenant="jobsample")
HOME = "http://u.educe.co.kr/jobsample/"
VIEW = "http://u.educe.co.kr/module/paperContents/?content_type=5&product_no=70009&m_idx=19"
HEADED = "<thead><tr><th>번호</th><th>직무</th><th>기업명</th><th>지원 시기</th></tr></thead>"


def listed(html: str, number: int = 1, site: EdussPopup = SITE) -> Listing:
    link = site.list_link("1008", number)
    return site.read_list(Page(link.url, html, None, link.context))


def read(html: str, **context: object) -> Document | Rejection:
    found = read_detail(SITE, Page(VIEW, html, "2026-01-01T00:00:00Z", context))
    assert isinstance(found, Document | Rejection)
    return found


def pairs(html: str) -> list[tuple[str | None, str | None]]:
    found = read(html)
    assert isinstance(found, Document), found
    return [(item.question, item.answer) for item in found.items]


def test_where_the_lists_begin() -> None:
    by_job = f"{HOME}?mod=passReport&m_idx=19&gMode=1&bno={{}}&chk_mno=Y&page=1"
    assert [link.url for link in SITE.start()] == [by_job.format(code) for code in (1005, 1006, 1007, 1008)]
    chosen = EdussPopup(tenant="jobsample", categories=("IT", "1013", "1008")).start()
    assert [link.url for link in chosen] == [by_job.format(1008), by_job.format(1013)]
    search = EdussPopup(tenant="jobsample", company="가 A").start()
    assert [link.url for link in search] == [
        f"{HOME}?mod=passReport&m_idx=17&cno=&gCode=0&gMode=1&searchStr=%EA%B0%80%20A&page=1"
    ]
    assert EdussPopup().start()[0].url.startswith("http://u.educe.co.kr/?mod=passReport")
    assert (SITE.name, SITE.host, SITE.pager) == ("eduss_popup", "u.educe.co.kr", None)
    with pytest.raises(RequestError, match="'영엄' is unknown"):
        EdussPopup(categories=("영엄",)).start()


def test_a_list_tells_what_its_headings_name() -> None:
    listing = listed(LIST)
    assert [link.url for link in listing.details] == [
        VIEW,
        VIEW.replace("70009", "70008"),
        VIEW.replace("70009", "70007"),
    ]
    assert [dict(link.context) for link in listing.details] == [
        {
            "company": "가상통신",
            "season": "2018년 하반기",
            "role": "응용 프로그래밍",
            "heading": "2018 하반기",
            "categories": ["1008"],
        },
        {"company": "㈜예시 게임", "season": None, "role": None, "heading": None, "categories": ["1008"]},
        {"company": "(주)모의", "season": "2017년", "role": None, "heading": "2017년도", "categories": ["1008"]},
    ]
    assert listing.total == 1026


def test_a_row_that_opens_nothing_is_told_and_one_across_the_table_is_not() -> None:
    where = f"{SITE.list_link('1008', 1).url}#5"
    assert [(fault.where, fault.reason) for fault in listed(LIST).faults] == [(where, "empty_entry")]


def test_without_headings_the_order_tells() -> None:
    html = LIST.replace(HEADED, "").replace("<td>9</td><td>응용 프로그래밍</td>", "")
    html = html.replace("<td>2018 하반기</td>", "<td>2018 하반기</td><td>응용</td>")
    context = listed(html).details[0].context
    assert (context["company"], context["season"], context["role"]) == ("가상통신", "2018년 하반기", "응용")


@pytest.mark.parametrize(
    ("pager", "number", "goes_on"),
    [
        (
            '<div class="paging"><strong class="on">1</strong><a href="?mod=passReport&amp;page=2#list">2</a></div>',
            1,
            True,
        ),
        ('<div class="paging"><a href="?page=10#list">이전</a><strong>11</strong></div>', 11, False),
        ('<div class="paging"><strong>10</strong><a href="?page=11#list">다음</a></div>', 10, True),
        ("", 1, False),
    ],
)
def test_the_pager_says_whether_there_is_more(pager: str, number: int, goes_on: bool) -> None:
    more = listed(LIST.replace("PAGER", pager), number).more
    assert more == ((SITE.list_link("1008", number + 1),) if goes_on else ())
    assert all("#" not in link.url for link in more)


def test_without_a_pager_a_full_page_is_followed_by_another() -> None:
    row = "<tr><td><a onclick=\"paperView('5','{}','19')\">가</a></td><td>2018</td><td>나</td></tr>"
    table = '<table class="bbs_ltype">{}</table>'
    assert listed(table.format("".join(row.format(n) for n in range(15)))).more == (SITE.list_link("1008", 2),)
    assert listed(table.format("".join(row.format(n) for n in range(14)))).more == ()


def test_an_empty_list_is_the_end_and_another_page_is_no_list() -> None:
    pager = '<div class="paging"><a href="?page=99">99</a></div>'
    empty = f'<table class="bbs_ltype"><tr><td colspan="3">자료가 없습니다.</td></tr></table>{pager}'
    assert listed(empty, 9) == Listing(())
    with pytest.raises(NotThereError) as caught:
        listed("<html><body><p>점검 중</p></body></html>")
    assert caught.value.selector == "table.bbs_ltype"


def test_a_letter_holds_what_the_applicant_wrote_and_nothing_else() -> None:
    assert pairs(DETAIL) == [
        ("하나를 쓰시오. (500자)", "2. 둘이 아니라 답입니다.\n  띄운\u00a0줄, 굵은 글 <A> 이어진 줄\n"),
        ("3. 둘을 쓰시오.", "두 번째 답의 머리 뒤\n모두 굵은 답"),
        ("셋을 쓰시오.", "셋의 답. 표칸"),
    ]


def table(*rows: str) -> str:
    return f'<div class="content"><table>{"".join(f"<tr>{row}</tr>" for row in rows)}</table></div>'


def question(text: str) -> str:
    return f'<td class="fon_13">{text}</td>'


def test_a_page_that_numbers_nothing_has_its_questions_in_marked_cells() -> None:
    formatted = '<td><span class="fon_13">모두 굵은 답</span></td>'
    assert pairs(table(question("가"), "<td>A</td>", question("나"), formatted)) == [
        ("가", "A"),
        ("나", "모두 굵은 답"),
    ]
    assert pairs(table(question("1. 가 2. 나"), "<td>A</td>", question("다"), "<td>B</td>"))[0][0] == "1. 가 2. 나"
    assert pairs(table('<td><b class="fon_13">가</b></td>', "<td>A</td>")) == [("가", "A")]


def test_a_number_may_be_missing_and_then_the_later_ones_stay() -> None:
    html = table(question("1. 가"), "<td>A</td>", question("3. 나"), "<td>B</td>", question("4. 3.5점?"), "<td>C</td>")
    assert pairs(html) == [("가", "A"), ("3. 나", "B"), ("4. 3.5점?", "C")]


def test_a_letters_facts_come_from_the_list() -> None:
    said = {"company": "가", "season": "2018년", "role": "나", "heading": "2018", "categories": ["1007", "1006"]}
    site = EdussPopup(source="s", licence="L", meta={"terms": "T"})
    found = site.read_detail(Page(VIEW, DETAIL, None, said))
    assert isinstance(found, Document)
    assert (found.id, found.source, found.kind, found.url, found.licence) == ("s:70009", "s", "letter", VIEW, "L")
    assert (found.company, found.season, found.role) == ("가", "2018년", "나")
    assert found.meta == {
        "terms": "T", "occupation": "MM", "experience": None, "level": None, "specs": [],
        "categories": ["1006", "1007"], "heading": "2018",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("html", "reason", "selector"),
    [
        ('<script>alert("없는 자료(합격자소서)입니다."); self.close();</script>', "missing", None),
        ("<script>alert('없습니다');\nhistory.back();</script>", "missing", None),
        ('<div class="content">\n<table><tr><td>&nbsp;</td></tr></table></div>', "missing", None),
        ("<section><h3>새 모양</h3></section>", "unparsable", ".content"),
        (table("<td>글</td>"), "unparsable", ".content .fon_13"),
        (table(question("1. 가"), "<td>A</td>", question("2. 나")), "unparsable", ".fon_13 ~ td"),
        (table(question("1. 가"), "<td> </td>"), "no_answer", None),
        (table(question("1. "), "<td>A</td>"), "no_question", None),
    ],
)
def test_a_page_without_a_letter_says_why(html: str, reason: str, selector: str | None) -> None:
    found = read(html)
    assert isinstance(found, Rejection)
    assert (found.where, found.reason, found.selector) == (VIEW, reason, selector)


def test_merging_does_not_depend_on_the_order() -> None:
    one = Link(VIEW, {"company": "가", "role": None, "categories": ["1008"]})
    two = Link(VIEW, {"company": "가", "role": "나", "categories": ["1005"]})
    merged = Link(VIEW, {"company": "가", "role": "나", "categories": ["1005", "1008"]})
    assert SITE.merge([one, two]) == SITE.merge([two, one]) == merged
    assert occupation_of(["1005", "1008"]) is None  # two jobs are no job
    assert occupation_of(["1013", "1008"]) == "ICT"


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        (f"{HOME}login?return=x", True),
        (f"{HOME}?mod=memberLogin", True),
        ("https://portal.sample.invalid/sso/start.jsp", True),
        (HOME, True),
        (f"{HOME}?mod=passReport&m_idx=19", False),
        (VIEW, False),
        (f"{HOME}lesson/view?no=1", False),
    ],
)
def test_the_log_in_is_known(url: str, asks: bool) -> None:
    assert SITE.is_login(url) is asks


# --- the sample's

LETTERS = tuple(one for one in generate(letters=80, interviews=0, seed=7).letters if has_plain_questions(one))
ALL = frozenset(PAGE_HAZARDS)
SAMPLE = EdussPopup(base_of(NAME), tenant="jobsample")


@pytest.mark.parametrize("hazards", [frozenset(), ALL, *({name} for name in sorted(ALL))], ids=lambda names: "+".join(sorted(names))[:20])  # fmt: skip
def test_every_letter_comes_back_exactly(hazards: frozenset[str]) -> None:
    assert len(LETTERS) == 80
    web = SampleEdussPopup(LETTERS, frozenset(hazards))
    links, faults = walk(SAMPLE, web)
    bad = {url: reason for url, reason in web.bad_pages().items() if reason != "empty_entry"}
    assert {fault.where: fault.reason for fault in faults} == {
        url: reason for url, reason in web.bad_pages().items() if reason == "empty_entry"
    }
    assert len(faults) == 4 * ("empty_entry" in hazards)
    assert set(links) == {web.address(one.id) for one in LETTERS} | set(bad)
    assert sum(len(found) > 1 for found in links.values()) == 11 * ("duplicates" in hazards)
    for one in LETTERS:
        found = read_detail(SAMPLE, fetched(web, SAMPLE.merge(links[web.address(one.id)])))
        compare(one, found, "bare" in hazards, web.categories(one))
    for url, reason in bad.items():
        if reason not in ("login", "robots"):  # which the fetcher tells
            rejected = read_detail(SAMPLE, fetched(web, links[url][0]))
            assert isinstance(rejected, Rejection)
            assert (rejected.where, rejected.reason) == (url, reason)


def compare(one: SampleLetter, found: object, bare: bool, categories: tuple[str, ...]) -> None:
    assert isinstance(found, Document)
    assert [(item.question, item.answer) for item in found.items] == [
        (item.question, item.answer) for item in one.items
    ]
    role = None if bare and one.id % 5 == 0 else one.role
    season = None if bare and one.id % 11 == 0 else one.season
    assert (found.company, found.role, found.season) == (one.company, role, season)
    assert (found.id, found.meta["categories"]) == (f"{NAME}:{one.id}", list(categories))
    if len(categories) == 1 and one.occupation in ("SM", "MM", "ICT"):
        assert found.meta["occupation"] == one.occupation


def test_white_space_at_the_ends_of_an_answer_comes_back_exactly() -> None:
    spaced = [one for one in generate(letters=700, interviews=0, seed=7).letters if any(i.answer != i.answer.strip() for i in one.items)]  # fmt: skip
    assert len(spaced) >= 5
    web = SampleEdussPopup(tuple(spaced), ALL)
    for one in spaced:
        said = {"company": one.company, "role": one.role, "season": one.season, "categories": ["1005", "1006"]}
        compare(one, read_detail(SAMPLE, fetched(web, Link(web.address(one.id), said))), False, ("1005", "1006"))


def test_a_search_finds_the_company_and_with_the_hazard_those_whose_names_contain_it() -> None:
    for hazards, text, count in ((frozenset(), LETTERS[0].company, 1), (frozenset(), "보험", 0), (frozenset({"wrong_company"}), "보험", 3)):  # fmt: skip
        links, _ = walk(EdussPopup(base_of(NAME), tenant="jobsample", company=text), SampleEdussPopup(LETTERS, hazards))
        assert len(links) >= count
        assert count > 0 or not links
        assert all(found[0].context["categories"] == [] for found in links.values())


def test_pages_in_euc_kr() -> None:
    web = SampleEdussPopup(LETTERS, frozenset({"charset"}))
    answers = [web.answer(urlsplit(web.address(one.id)).path + f"?product_no={one.id}", False) for one in LETTERS]
    assert sum(b"euc-kr" not in answer.body for answer in answers if isinstance(answer.body, bytes)) == 11
    assert sum("utf-8" in answer.content_type for answer in answers) == 16
    assert all("합격자소서".encode("cp949") in answer.body for answer in answers if isinstance(answer.body, bytes))


def test_the_robots_file_and_the_log_in_of_the_sample() -> None:
    web = SampleEdussPopup(LETTERS[:3], ALL)
    barred = urlsplit(web.address(FORBIDDEN))._replace(scheme="", netloc="").geturl().removesuffix("&m_idx=19")
    assert f"Disallow: {barred}\n" in str(web.answer("/robots.txt", False).body)
    answer = web.answer(f"/module/paperContents/?content_type=5&product_no={LOGIN}&m_idx=19", False)
    assert answer.status == 302
    assert SAMPLE.is_login(base_of(NAME) + dict(answer.headers)["Location"])
    shown = [web.answer(target, False).status for target in web.targets()]
    assert shown.count(200) == len(shown) - 1
