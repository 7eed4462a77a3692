"""Saramin's parser against pages written by hand, and against the sample's Saramin with each of its hazards."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sample_webs import fetched, walk

from jaso_core.records import Document
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.sites.saramin.parser import Saramin
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
from jaso_synthetic.web.site import LOGIN, base_of, has_plain_questions
from jaso_synthetic.web.sites.saramin import NAME, SampleSaramin

PAGES = Path(__file__).parent / "pages"
LIST = (PAGES / "saramin_list.html").read_text("utf-8")
DETAIL = (PAGES / "saramin_detail.html").read_text("utf-8")
SITE = Saramin()
VIEW = "https://www.saramin.co.kr/zf_user/public-recruit/coverletter?real_seq=90001"
LIST_URL = "https://www.saramin.co.kr/zf_user/public-recruit/coverletter-list/page"
ALERT = '<html><body><script>alert("없는 글입니다."); history.back();</script></body></html>'
BOX = '<div class="box_ty3">'


def listed(html: str, number: int = 1, site: Saramin = SITE) -> Listing:
    return site.read_list(Page(site.list_link(number).url, html, None, {"page": number}))


def read(html: str, site: Saramin = SITE, **context: str) -> Document | Rejection:
    return site.read_detail(Page(VIEW, html, "2026-01-01T00:00:00Z", context))


def letter(html: str, site: Saramin = SITE, **context: str) -> Document:
    found = read(html, site, **context)
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize(
    ("site", "url"),
    [
        (Saramin(), f"{LIST_URL}/1?pass_status=y"),
        (Saramin(accepted=False), f"{LIST_URL}/1"),
        (Saramin(company="가 은행"), f"{LIST_URL}/1?company_nm=%EA%B0%80+%EC%9D%80%ED%96%89&pass_status=y"),
        (Saramin("http://www.saramin.co.kr", accepted=False), f"{LIST_URL}/1".replace("https", "http")),
    ],
)
def test_where_the_list_begins(site: Saramin, url: str) -> None:
    assert [(link.url, link.context["page"]) for link in site.start()] == [(url, 1)]
    assert (site.host, site.name, site.pager) == ("www.saramin.co.kr", "saramin", None)


def test_a_list_tells_what_its_titles_hold() -> None:
    listing = listed(LIST)
    assert [link.url for link in listing.details] == [
        VIEW,
        VIEW.replace("90001", "90002"),
        VIEW.replace("90001", "90003"),
    ]
    told = [tuple(link.context[key] for key in ("company", "season", "role", "title")) for link in listing.details]
    assert told == [
        ("가상은행", "2018년 하반기", "전산", "가상은행 2018 하반기 신입/인턴 합격자소서"),
        ("(주)예시 2000 중공업", "2017년 상반기", None, "(주)예시 2000 중공업 2017 상반기 자소서 문항"),
        (None, None, None, "예시식품 합격자소서"),
    ]
    assert listing.total is None


def test_an_entry_without_a_letter_is_told_and_an_advertisement_is_not() -> None:
    faults = listed(LIST).faults
    assert [(fault.where, fault.reason) for fault in faults] == [(f"{LIST_URL}/1?pass_status=y#5", "empty_entry")]


@pytest.mark.parametrize(
    ("pager", "number", "goes_on"),
    [
        ('<div><strong>1</strong><a href="/zf_user/public-recruit/coverletter-list/page/2">2</a></div>', 1, True),
        ('<div><strong>10</strong><a class="next" href="/zf_user/public-recruit/coverletter-list/page/11">다음</a></div>', 10, True),
        ('<div><a href="/zf_user/public-recruit/coverletter-list/page/1">1</a><strong>2</strong></div>', 2, False),
        ("", 1, False),
    ],
)  # fmt: skip
def test_the_pager_says_whether_there_is_more(pager: str, number: int, goes_on: bool) -> None:
    site = Saramin(company="가", accepted=False)
    more = listed(LIST.replace("PAGER", pager), number, site).more
    assert list(more) == ([site.list_link(number + 1)] if goes_on else [])


def test_an_empty_list_is_the_end_and_another_page_is_no_list() -> None:
    empty = '<div id="listArea"><div><a href="/zf_user/public-recruit/coverletter-list/page/99">99</a></div></div>'
    assert listed(empty, 9) == Listing(())
    with pytest.raises(NotThereError) as caught:
        listed("<html><body><p>점검 중</p></body></html>")
    assert caught.value.selector == "#listArea"


def test_merging_does_not_depend_on_the_order() -> None:
    one, two = Link(VIEW, {"company": "가", "role": None}), Link(VIEW, {"company": "가", "role": "전산"})
    assert SITE.merge([one, two]) == SITE.merge([two, one]) == Link(VIEW, {"company": "가", "role": "전산"})


def test_a_letter_holds_what_the_applicant_wrote_and_nothing_else() -> None:
    assert [(item.question, item.answer) for item in letter(DETAIL).items] == [
        (
            "3. 하나를 쓰시오. (800자)",
            "글자수 10자로는 모자랍니다.\n첨삭 결과를 받고  작성 포인트를 고쳤습니다.\u00a0\n\n끝 문장 <A> 이어진 줄",
        ),
        ("둘을 쓰시오.", "둘의 답."),
        ("2018년의 경험을 쓰시오.", "셋의 답."),
    ]


def test_a_letters_facts() -> None:
    found = letter(DETAIL, Saramin(source="s", licence="L", meta={"terms": "T"}))
    assert (found.id, found.source, found.kind, found.url, found.licence) == ("s:90001", "s", "letter", VIEW, "L")
    assert (found.company, found.season, found.role) == ("가상은행", "2018년 하반기", "전산 | 개발")
    assert found.meta == {
        "terms": "T", "occupation": None, "experience": "NEW", "level": "신입/인턴", "specs": [],
        "heading": "2018 하반기\t신입/인턴 합격자소서",
    }  # fmt: skip


@pytest.mark.parametrize(
    "part",
    [
        '<div class="txt_byte">글자수 <span>912</span>자 <span>1,523</span>Byte</div>',
        '<div class="txt_self_point">작성 포인트 지운다</div>',
        '<h4 class="tsp_ty2">첨삭 결과</h4><p>지운다</p><p>이것도 지운다</p>',
        '<button type="button" class="btn_tsp_hide">접기</button>',
    ],
)
def test_each_part_behind_an_answer_may_be_absent_or_come_first(part: str) -> None:
    assert part in DETAIL
    wanted = letter(DETAIL).items
    assert letter(DETAIL.replace(part, "")).items == wanted
    assert letter(DETAIL.replace(part, "").replace("이어진 줄", f"이어진 줄{part}")).items == wanted


def test_company_and_heading_come_from_the_title_where_the_heading_lacks_them() -> None:
    html = DETAIL.replace('class="tit_company_name"', "").replace('class="txt_recruit"', "")
    found = letter(html)
    assert (found.company, found.season, found.meta["level"]) == ("가상은행", "2018년 하반기", "신입/인턴")
    assert found.meta["heading"] == "2018 하반기 신입/인턴 합격자소서"


def test_what_only_the_list_says_is_taken_from_there() -> None:
    html = DETAIL.replace("tag_apply", "x").replace("2018 하반기	신입/인턴 합격자소서</span>", "합격자소서</span>")
    html = html.replace("tit_company_name", "x").replace("<title>가상은행 2018 하반기", "<title>")
    found = letter(html, company="가", season="2017년", role="나")
    assert (found.company, found.season, found.role) == ("가", "2017년", "나")
    assert letter(html).role is None


@pytest.mark.parametrize(
    ("raw", "level", "experience"),
    [
        ("2018년 하반기  경력 합격자 소서", "경력", "EXPERIENCED"),
        ("2018 인턴 합격자소서", "인턴", "NEW"),
        ("2018 상시\t합격자소서", None, None),
    ],
)
def test_headings(raw: str, level: str | None, experience: str | None) -> None:
    meta = letter(DETAIL.replace("2018 하반기	신입/인턴 합격자소서", raw)).meta
    assert (meta["level"], meta["experience"], meta["heading"]) == (level, experience, raw)


SHEET = (
    DETAIL[: DETAIL.index('<div class="wrap_self_intro">')].replace("합격자소서", "자소서 문항")
    + "</div></body></html>"
)
NO_ANSWERS = (
    f'<div class="open_recruit_content"><h1 class="txt_logo"><span class="txt_recruit">2018 합격자소서</span></h1>'
    f'<div class="wrap_self_intro">{BOX}<h3>1. 가</h3>\n<div class="txt_byte">글자수 0자</div></div></div></div>'
)


@pytest.mark.parametrize(
    ("html", "accepted", "reason"),
    [
        (ALERT, True, "missing"),
        (SHEET, True, "not_accepted"),
        (SHEET, False, "no_answers"),
        (NO_ANSWERS, True, "no_answers"),
        (DETAIL.replace("합격자소서", "자소서"), True, "not_accepted"),
    ],
)
def test_a_page_without_a_letter_says_why(html: str, accepted: bool, reason: str) -> None:
    found = read(html, Saramin(accepted=accepted))
    assert isinstance(found, Rejection)
    assert (found.where, found.reason) == (VIEW, reason)


def test_who_asks_for_all_letters_gets_those_that_are_not_called_accepted() -> None:
    assert len(letter(DETAIL.replace("합격자소서", "자소서"), Saramin(accepted=False)).items) == 3


@pytest.mark.parametrize(
    ("html", "selector"),
    [
        ("<html><body><h1>새 모양</h1></body></html>", "div.open_recruit_content"),
        (DETAIL.replace("<h3>2. 둘을 쓰시오.</h3>", ""), "div.box_ty3 h3"),
        (DETAIL.replace('"box_ty3"', '"box"').replace('"list"', '"x"'), "div.wrap_self_intro div.box_ty3, div.cont div.box_ty3"),
        (DETAIL.replace("txt_recruit", "x").replace("title>", "x>"), "h1.txt_logo > span.txt_recruit"),
    ],
)  # fmt: skip
def test_a_page_built_otherwise_names_the_selector_that_found_nothing(html: str, selector: str) -> None:
    found = read_detail(SITE, Page(VIEW, html))
    assert isinstance(found, Rejection)
    assert (found.reason, found.selector) == ("unparsable", selector)


def test_the_boxes_may_stand_in_the_older_frame() -> None:
    older = DETAIL.replace('<div class="wrap_self_intro">', '<div class="cont">')
    assert letter(older).items == letter(DETAIL).items


def test_the_log_in_is_known() -> None:
    assert SITE.is_login("https://www.saramin.co.kr/zf_user/auth/login?url=%2F")
    assert not SITE.is_login(VIEW)


# --- the sample's Saramin

LETTERS = tuple(one for one in generate(letters=80, interviews=0, seed=7).letters if has_plain_questions(one))
ALL = frozenset(PAGE_HAZARDS)
SAMPLE = Saramin(base_of(NAME))


@pytest.mark.parametrize("hazards", [frozenset(), ALL, *(frozenset({name}) for name in sorted(ALL))], ids=lambda names: "+".join(sorted(names))[:20])  # fmt: skip
def test_every_letter_comes_back_exactly(hazards: frozenset[str]) -> None:
    assert len(LETTERS) == 80
    web = SampleSaramin(LETTERS, hazards)
    links, faults = walk(SAMPLE, web)
    bad = {url: reason for url, reason in web.bad_pages().items() if reason != "empty_entry"}
    assert set(links) == {web.address(one.id) for one in LETTERS} | set(bad)
    assert [fault.reason for fault in faults] == ["empty_entry"] * ("empty_entry" in hazards)
    turns = 4 if bad else 3  # from one page of the list to the next
    assert sum(len(found) - 1 for found in links.values()) == 2 * turns * ("duplicates" in hazards)
    for one in LETTERS:
        compare(one, read_detail(SAMPLE, fetched(web, SAMPLE.merge(links[web.address(one.id)]))))
    for url, reason in bad.items():
        if reason not in ("login", "robots"):  # which the fetcher tells
            found = read_detail(SAMPLE, fetched(web, links[url][0]))
            assert isinstance(found, Rejection)
            assert (found.where, found.reason) == (url, reason)


def compare(one: SampleLetter, found: object) -> None:
    assert isinstance(found, Document)
    assert [(item.question, item.answer) for item in found.items] == [
        (item.question, item.answer) for item in one.items
    ]
    assert (found.company, found.role, found.season) == (one.company, one.role, one.season)
    assert (found.id, found.meta["experience"]) == (f"saramin:{one.id}", one.experience)


def test_white_space_at_the_ends_of_an_answer_comes_back_exactly() -> None:
    spaced = [one for one in generate(letters=700, interviews=0, seed=7).letters if any(i.answer != i.answer.strip() for i in one.items)]  # fmt: skip
    assert len(spaced) >= 5
    web = SampleSaramin(tuple(spaced), ALL)
    for one in spaced:
        compare(one, read_detail(SAMPLE, fetched(web, Link(web.address(one.id), {"role": one.role}))))


def test_a_search_finds_the_company_and_with_the_hazard_those_whose_names_contain_it() -> None:
    wanted = LETTERS[0].canonical
    for hazards, text, n in (
        (frozenset(), wanted, 1),
        (frozenset(), "보험", 0),
        (frozenset({"wrong_company"}), "보험", 3),
    ):
        links, _ = walk(Saramin(base_of(NAME), company=text), SampleSaramin(LETTERS, hazards))
        found = [link[0].context["company"] for link in links.values()]
        assert len(found) >= n
        assert all(text in str(company) for company in found)
        assert n > 0 or not found


def test_the_robots_file_and_the_log_in_of_the_sample() -> None:
    web = SampleSaramin(LETTERS[:3], ALL)
    assert "Disallow: /zf_user/public-recruit/coverletter?real_seq=899403" in str(web.answer("/robots.txt", False).body)
    answer = web.answer(urlsplit(web.address(LOGIN)).path + f"?real_seq={LOGIN}", False)
    assert answer.status == 302
    assert SAMPLE.is_login(base_of(NAME) + dict(answer.headers)["Location"])
    shown = [web.answer(target, False).status for target in web.targets()]
    assert shown.count(200) == len(shown) - 1


def test_pages_without_a_charset_say_nothing_of_it() -> None:
    web = SampleSaramin(LETTERS, frozenset({"charset"}))
    answers = [web.answer(urlsplit(web.address(one.id)).path + f"?real_seq={one.id}", False) for one in LETTERS]
    silent = [answer for answer in answers if answer.content_type == "text/html"]
    assert len(silent) == 26
    assert all(isinstance(answer.body, bytes) and b"charset" not in answer.body for answer in silent)
