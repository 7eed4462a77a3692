"""Damaged pages: whatever a server sends, a parser neither breaks nor hangs, and gives nothing half-empty.

`JASO_FUZZED_PAGES=60000` makes a long campaign of it; the default is what CI can afford, `FEW` what every run can.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_damage import CASES, DAMAGES, HEADERS, Damage, Sent, sent, told

from jaso_core.records import Document
from jaso_crawl.crawler.validate import (
    LARGEST_PAGE,
    MOST_TAGS,
    UNPARSABLE,
    read_detail,
    read_list,
)
from jaso_crawl.http.block_page import is_block_page
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.sites.html_text import MAX_DEPTH, exact_text, parse_html
from jaso_crawl.sites.letter import parse_count
from jaso_crawl.sites.linkareer.letter_text import split_letter, whole_text
from jaso_crawl.sources.sample_sites import SAMPLE_SITES, site_of
from jaso_crawl.types import (
    Listing,
    NeedsBrowser,
    NotThereError,
    Page,
    Rejection,
    is_blank,
    natural_sort_key,
)

PAGES = max(int(os.environ.get("JASO_FUZZED_PAGES", "2200")), 2000)
FEW = 15
"""Pages of each kind in the fast tier."""
SLOWEST = 10.0
"""Seconds of this thread's own time for reading one page three times: some three here, minutes where work is squared."""
RECIPES = st.tuples(st.integers(0, 2**32), st.lists(st.sampled_from(DAMAGES), min_size=1, max_size=5))

pytestmark = pytest.mark.filterwarnings("error")  # a parser's warning would end up on the user's screen


def check_rejection(found: Rejection) -> None:
    json.dumps(found.to_json(), ensure_ascii=False).encode()
    assert all(isinstance(value, str) and value for value in found.to_json().values())
    assert len(found.detail) <= 300
    assert len(found.detail.splitlines()) == 1


def check_detail(name: str, page: Page) -> Document | Rejection | NeedsBrowser:
    found = read_detail(site_of(name), page)
    if isinstance(found, Rejection):
        assert found.where == page.url
        check_rejection(found)
    elif isinstance(found, NeedsBrowser):
        assert not page.rendered
    else:
        assert isinstance(found, Document)
        assert found.items
        for text in (text for item in found.items for text in (item.question, item.answer)):
            assert text is not None
            assert not is_blank(text)
            assert "\ufffd" not in text
        written = json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False).encode()
        assert Document.from_json(json.loads(written), "here") == found
    return found


def check_list(name: str, page: Page) -> Listing | None:
    site = site_of(name)
    try:
        found = read_list(site, page)
    except NotThereError as error:
        check_rejection(Rejection(page.url, UNPARSABLE, str(error), error.selector))
        return None
    for link in (*found.details, *found.more):
        parts = urlsplit(link.url)
        assert (parts.scheme in ("http", "https"), parts.hostname) == (True, site.host)
        json.dumps(dict(link.context), ensure_ascii=False).encode()
        natural_sort_key(link.url)
    for link in found.details:
        assert site.merge([link, link]).url == link.url
    for fault in found.faults:
        check_rejection(fault)
    assert found.total is None or found.total >= 0
    return found


def check(name: str, one: Sent) -> list[object]:
    """Reads a page as both kinds, as the server sent it and as a browser would hand it over."""
    began = time.thread_time()
    html = decode_page(one.body, one.content_type)
    is_block_page(html)
    page = Page(one.url, html, None, one.context)
    found = [check_detail(name, page), check_detail(name, replace(page, rendered=True))]
    lists = [check_list(name, page)] if "page" in one.context or name == "eduss" else []
    assert time.thread_time() - began < SLOWEST
    return [*found, *lists]


def read_damaged(name: str, part: str, each: int) -> None:
    """Read at least `each` pages of one kind, each damaged in up to five ways."""
    count = 0

    @settings(
        max_examples=each, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(RECIPES)
    def fuzz(recipe: tuple[int, Sequence[Damage]]) -> None:
        nonlocal count
        count += 1
        chance = Random(recipe[0])
        one = chance.choice(sent(name, part))
        body = one.body
        for damage in recipe[1]:
            body = damage(body, chance)
        header = one.content_type if chance.random() < 0.7 else chance.choice(HEADERS)
        check(name, Sent(one.url, body, header, told(one.context, part, chance)))

    fuzz()
    assert count >= each


@pytest.mark.parametrize(("name", "part"), CASES)
def test_few_damaged_pages_break_no_parser(name: str, part: str) -> None:
    read_damaged(name, part, FEW)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), CASES)
def test_no_damaged_page_breaks_a_parser(name: str, part: str) -> None:
    each = PAGES // len(CASES)
    read_damaged(name, part, each)
    assert each * len(CASES) >= 2000


# --- what the damaged pages have found, each as small as it gets

PATHS = {
    "jobkorea": "/starter/PassAssay/View/3",
    "saramin": "/zf_user/public-recruit/coverletter?real_seq=3",
    "eduss": "/view?no=3",
    "eduss_popup": "/?product_no=3",
    "linkareer": "/cover-letter/3",
}
LETTERS = {
    "jobkorea": "<dl class=qnaLists><dt><button><span class=tx>{}</span></button></dt><dd><div class=tx>{}</div></dd></dl>",
    "saramin": "<div class=open_recruit_content><h1 class=txt_logo><span class=txt_recruit>2020 합격자소서</span></h1>"
    "<div class=cont><div class=box_ty3><h3>{}</h3>{}</div></div></div>",
    "eduss": '<div id=print_area><div class=mt30>{}</div><div class="mb50 contents">{}</div></div>',
    "eduss_popup": "<div class=content><table><tr><td class=fon_13>{}</td><td>{}</td></tr></table></div>",
    "linkareer": "<main><article id=coverLetterContent>1. {}\n{}</article></main>",
}
LISTS = {
    "jobkorea": '<div class=starListsWrap><h4>총 {1}건</h4><ul class=selfLists><li><a href="{0}">x</a></li></ul>'
    '<div class=tplPagination><a href="{0}">2</a></div></div>',
    "saramin": '<div id=listArea><table class=recruit_content_list><tr><td class=td_apply_subject><a href="{0}">x</a>'
    '</td></tr><tr><td class=td_apply_subject><a href="/zf_user/public-recruit/coverletter?real_seq=3">y</a></td></tr>'
    '</table><div><a href="/zf_user/public-recruit/coverletter-list/page/{1}">2</a></div></div>',
    "eduss": '<div><a class="title cursor-pointer" href="{0}">x</a></div><div class=paging>{1}</div>',
    "eduss_popup": "<div class=contents><p class=total>총 {1}건</p></div><table class=bbs_ltype><tr><td>x</td>"
    """<td onclick="paperView('5','{1}')">y</td></tr></table><div class=paging><a href="{0}">2</a></div>""",
    "linkareer": '<div id=__next><main><a href="{0}"><p>x</p></a><a href="/cover-letter/{1}"><p>y</p></a></main></div>',
}


def read(name: str, html: str) -> Document | Rejection | NeedsBrowser:
    site = site_of(name)
    return check_detail(name, Page(f"http://{site.host}{PATHS[name]}", html, rendered=True))


def reason(found: Document | Rejection | NeedsBrowser) -> str | None:
    return found.reason if isinstance(found, Rejection) else None


def stored(content: str) -> str:
    """A page of Linkareer that has no text but in its data."""
    return f'<main></main><script id="__NEXT_DATA__">{{"CoverLetter:3":{{"content":{content},"role":"\\ud800","types":[[]]}}}}</script>'


@pytest.mark.parametrize("name", SAMPLE_SITES)
def test_what_cannot_be_seen_is_empty_and_stays_where_something_can(name: str) -> None:
    for blank in ("\u200b", "&#8203;&nbsp;&zwnj;", "\u3164", "\u2060\ufeff\u00ad"):
        # Where headings have no class of their own, a blank one is none.
        assert reason(read(name, LETTERS[name].format(blank, "답"))) in ("no_question", UNPARSABLE)
        assert reason(read(name, LETTERS[name].format("물음", blank))) in ("no_answer", "no_answers")
    found = read(name, LETTERS[name].format("물\u200b음", "\u200b답\u3164\u200b"))
    assert isinstance(found, Document)
    assert [(item.question, item.answer) for item in found.items] == [("물\u200b음", "\u200b답\u3164\u200b")]


@pytest.mark.parametrize("name", SAMPLE_SITES)
@pytest.mark.parametrize(
    "target",
    ["http://[/cover-letter/3", "//[::1", "http://\u2100x/", "?Page=" + "9" * 5000, "?page=" + "9" * 5000, "?page=x"],
)
@pytest.mark.parametrize("number", [",,,", "9" * 5000, "٣"])
def test_links_and_numbers_that_are_none(name: str, target: str, number: str) -> None:
    site = site_of(name)
    page = Page(site.start()[0].url, LISTS[name].format(target, number), None, site.start()[0].context)
    listing = check_list(name, page)
    assert listing is not None
    assert listing.total in (None, 3)


def test_numbers_of_any_length_sort() -> None:
    assert sorted(["a:10", f"a:{'9' * 5000}", "a:9", "a"], key=natural_sort_key) == [
        "a",
        "a:9",
        "a:10",
        f"a:{'9' * 5000}",
    ]
    assert (parse_count("1,026"), parse_count(","), parse_count("9" * 19)) == (1026, None, None)


def test_half_a_surrogate_pair_is_a_bad_character() -> None:
    assert reason(read("linkareer", stored('"1. \\ud800\\n답"'))) == "bad_character"
    assert reason(read("eduss", LETTERS["eduss"].format("물음", "\ud800"))) == "bad_character"
    found = read("linkareer", stored('"1. \\ud83d\\ude00\\n답"'))
    assert isinstance(found, Document)
    assert (found.items[0].question, found.role, found.meta["types"]) == ("😀", "\ufffd", [])


def test_what_is_said_of_a_refused_letter_stays_short() -> None:
    found = read("saramin", LETTERS["saramin"].replace("합격자소서", "불합격 " * 500).format("물음", "답"))
    assert reason(found) == "not_accepted"


@pytest.mark.parametrize(
    "html", ["", "http://a.example/", "a.html", "<?xml version='1.0'?><Error>x</Error>", "\x89PNG"]
)
def test_what_is_no_page_is_no_cause_for_a_warning(html: str) -> None:
    assert all(reason(read(name, html)) == UNPARSABLE for name in SAMPLE_SITES)


@pytest.mark.parametrize("name", SAMPLE_SITES)
def test_pages_beyond_all_measure_are_refused(name: str) -> None:
    assert reason(read(name, "가" * (LARGEST_PAGE + 1))) == "too_large"
    assert reason(read(name, LETTERS[name].format("물음", "<br>" * MOST_TAGS))) == "too_large"
    for tag in ("<div>", "<span>", "<table><tr><td>", "<b><i>"):
        found = read(name, LETTERS[name].format("물음", tag * 3000 + "답"))
        assert isinstance(found, Rejection)
        assert (found.reason, found.selector) == (UNPARSABLE, "html")
    assert read(name, "<div>" * (MAX_DEPTH - 50) + LETTERS[name].format("물음", "답")).__class__ is Document


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "koi8-r", "utf-7", "iso-8859-2"])
def test_only_charsets_of_korean_are_believed(charset: str) -> None:
    assert decode_page("<p>물음 \\ud800</p>".encode("cp949"), f"text/html; charset={charset}") == "<p>물음 \\ud800</p>"


MANY = MOST_TAGS - 100
BIG = LARGEST_PAGE // 4
SLOW = {
    "marks": ("jobkorea", LETTERS["jobkorea"].format("물음", "<b>\n</b>" * (MANY // 2) + "x")),
    "parts": ("jobkorea", LETTERS["jobkorea"].format("물음", "x" + "<br>" * (MANY // 2) + "<p class=sup></p>" * (MANY // 4))),
    "cut": ("saramin", LETTERS["saramin"].format("물음", "x" + "<br>" * (MANY // 2) + "<h4 class=tsp_ty2>" + "<br>" * (MANY // 2))),
    "link": ("saramin", LISTS["saramin"].format("/zf_user/public-recruit/coverletter?&" * (BIG // 40), 1)),
    "alert": ("eduss", "alert()" + " " * BIG),
    "titles": ("eduss", "<div>" + '<b class="title cursor-pointer">x</b>' * (MANY // 2)),
    "cells": ("eduss_popup", LETTERS["eduss_popup"].format("물음", "x<td>" * MANY)),
    "lines": ("linkareer", LETTERS["linkareer"].format("", "\n" * BIG)),
    "behind": ("linkareer", LETTERS["linkareer"].format("물음", "x" + "\n" * BIG)),
    "numbers": ("linkareer", LETTERS["linkareer"].format("물음", "x\n" + "".join(f"{n}. q\na\n" for n in range(2, BIG // 40)))),
    "data": ("linkareer", stored("[" * 900 + "]" * 900) + LETTERS["linkareer"].format("물음", "답")),
    "text": ("linkareer", LETTERS["linkareer"].format("물음", "답" * BIG)),
    "angles": ("eduss", "<" * MANY),
}  # fmt: skip


LONGEST = ("marks", "parts", "cut", "cells", "titles", "numbers")


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind in LONGEST else kind for kind in SLOW]
)
def test_no_page_keeps_a_parser_busy(kind: str) -> None:
    name, html = SLOW[kind]
    body = html.encode()
    check(
        name, Sent(f"http://{site_of(name).host}{PATHS[name]}", body, None, {"page": 1, "part": None, "category": None})
    )


def test_linear_text_is_the_same_text() -> None:
    assert exact_text(parse_html("<p>\n a<b>\n</b>\nb <br>\n\n c\n<br></p>").p) == "a  b \nc\n"
    assert [item.question for item in split_letter(" 1. 가\n나\n 2. 아님\n02. 아님\n2. 다\n라").items] == ["가", "다"]
    assert whole_text("\n\n 1. 가 나…", "머리\n\n1. 가\n나다") == "머리\n\n1. 가\n나다"
