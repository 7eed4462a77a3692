"""Pages whose bytes and whose words about them disagree, as Korean sites really send them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jaso_crawl.http.encoding import decode_page
from jaso_crawl.sites.html_text import parse_html

TEXT = "지원동기를 쓰시오. 똠방각하 펲시콜라 (주)가상전자"  # 똠, 펲: in cp949, not in EUC-KR
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


def page(charset: str | None = None) -> str:
    meta = META.format(charset) if charset else ""
    return f"<html><head>{meta}<title>자소서</title></head><body><p>{TEXT}</p></body></html>"


@pytest.mark.parametrize("header", [None, "text/html", "text/html; charset=utf-8", "text/html; charset=euc-kr"])
@pytest.mark.parametrize("meta", [None, "utf-8", "euc-kr", "iso-8859-1"])
def test_utf8_is_read_whatever_is_said_of_it(header: str | None, meta: str | None) -> None:
    assert decode_page(page(meta).encode(), header) == page(meta)


@pytest.mark.parametrize("header", [None, "text/html", "text/html; charset=EUC-KR", "text/html;charset=ks_c_5601-1987"])
@pytest.mark.parametrize("meta", [None, "euc-kr", "ks_c_5601-1987", "cp949", "ms949"])
def test_cp949_is_read_by_its_meta_by_its_header_and_by_nothing(header: str | None, meta: str | None) -> None:
    assert decode_page(page(meta).encode("cp949"), header) == page(meta)


@pytest.mark.parametrize(
    "lie", ["utf-8", "iso-8859-1", "latin1", "windows-1252", "us-ascii", "no-such-thing", "", '"', "\x00", "zlib"]
)
@pytest.mark.parametrize("meta", [None, "euc-kr", "utf-8", "iso-8859-1"])
def test_a_header_that_lies_is_not_believed(lie: str, meta: str | None) -> None:
    assert decode_page(page(meta).encode("cp949"), f"text/html; charset={lie}") == page(meta)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
@pytest.mark.parametrize("header", [None, "text/html; charset=euc-kr"])
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(mark: bytes, encoding: str, header: str | None) -> None:
    assert decode_page(mark + page().encode(encoding), header) == page()


def test_characters_outside_cp949_stay_references_for_the_parser() -> None:
    html = page("euc-kr").replace("각하", "😀각하").encode("cp949", "xmlcharrefreplace")
    decoded = decode_page(html, "text/html; charset=euc-kr")
    assert "&#128512;각하" in decoded
    assert "똠방😀각하" in parse_html(decoded).get_text()


@pytest.mark.parametrize("declared", [None, "utf-8", "euc-kr"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_page_cut_in_the_middle_of_a_character_loses_that_one_alone(encoding: str, declared: str | None) -> None:
    whole = page() + "끝"
    cut = whole.encode(encoding)[:-1]
    assert decode_page(cut, f"text/html; charset={declared}" if declared else None) == page() + "\ufffd"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_one_stray_byte_costs_one_character_and_not_the_page(encoding: str) -> None:
    html = page(encoding).encode(encoding).replace(b"<p>", b"<p>\xff</p><p>")
    assert decode_page(html).replace("<p>\ufffd</p>", "") == page(encoding)


def test_an_empty_page_is_an_empty_text() -> None:
    assert decode_page(b"", None) == ""


@pytest.mark.slow
@given(st.binary(max_size=300), st.none() | st.text(max_size=30).map("text/html; charset={}".format))
@example(b"\xff\xfe" * 200, "text/html; charset=idna")
@example(b'<meta charset="idna">\xff' + b"a" * 80, None)
@example(b'<meta charset="punycode">\xff\xfe', None)
@example(b'<meta charset="undefined">\xff\xfe', None)
@example(b'<meta charset="hex">\xff\xfe', None)
@example(b"\xff\xfe\x00", None)
@settings(derandomize=True, database=None, max_examples=300)
def test_no_bytes_and_no_header_make_it_fail(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode_page(body, content_type), str)


@given(st.sampled_from(["idna", "punycode", "undefined", "utf-7", "utf-16", "utf-32", "hz", "johab"]), st.binary())
@settings(derandomize=True, database=None)
def test_charsets_that_no_page_has_do_no_harm_either(charset: str, body: bytes) -> None:
    assert isinstance(decode_page(body, f"text/html; charset={charset}"), str)


@given(st.text(st.sampled_from("가각똠펲힣 abc<>&;1.\n"), max_size=200), st.sampled_from(["utf-8", "cp949"]))
@settings(derandomize=True, database=None)
def test_any_korean_text_comes_back_when_it_is_declared(text: str, encoding: str) -> None:
    html = META.format(encoding) + text
    assert decode_page(html.encode(encoding)) == html
