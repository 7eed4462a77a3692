"""HTML of the sample Saramin, in the real site's structure. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from jaso_synthetic.defects.line_defects import byte_length
from jaso_synthetic.records import SampleItem, SampleLetter

PAGE_SIZE = 20
PAGER_BLOCK = 10
LIST_PATH = "/zf_user/public-recruit/coverletter-list"
DETAIL_PATH = "/zf_user/public-recruit/coverletter"
LOGIN_PATH = "/zf_user/auth/login"

MISSING_BODY = '<script>alert("존재하지 않는 자기소개서입니다."); history.back();</script>'
REDESIGNED_BODY = """<main class="letter"><header><h1>없는회사</h1><p>2026 상반기 신입 합격자소서</p></header>
<section data-no="1"><h2>지원 동기를 쓰시오.</h2><p>새 모양의 페이지입니다.</p></section></main>"""
SHEET_BODY = """<div class="open_recruit_content">
  <h1 class="txt_logo"><span class="tit_company_name">없는회사</span>
    <span class="txt_recruit">2021 상반기	신입 자소서 문항</span></h1>
  <div class="cont"><ol class="list"><li>지원 동기를 쓰시오.</li><li>장래 계획을 쓰시오.</li></ol></div>
  <div class="wrap_self_intro"></div>
</div>"""

EMPTY_ROW = '<tr><td></td><td class="td_apply_subject"><h2></h2></td><td></td><td></td></tr>\n'
_NO_ROW = '<tr><td colspan="4">조건에 맞는 자기소개서가 없습니다.</td></tr>\n'
_AD_ROWS = """<tr class="ad"><td colspan="4"><a href="/zf_user/public-recruit/guide">자소서 쓰는 법</a></td></tr>
<tr><td></td><td class="td_apply_subject"><h2><a href="/zf_user/public-recruit/guide?no=7">합격자소서 특강</a></h2></td>
<td>광고</td><td></td></tr>
"""
# Same structure as the answer boxes, but outside of them.
_AD_BOX = """<div class="banner_self"><div class="box_ty3"><h3>1. 이런 자소서는 어떠세요</h3>
전문가가 첨삭해 드립니다.<div class="txt_byte">글자수 12자</div></div></div>
"""
_POINT = '<div class="txt_self_point">작성 포인트 <span>경험을 숫자와 함께 쓰세요.</span></div>'
_BUTTON = '<button type="button" class="btn_tsp_hide">접기</button>'


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the list: letter id, title as the site writes it, and 지원분야."""

    letter_id: int
    title: str
    role: str | None


def page(title: str, body: str, layer: str, charset: bool) -> str:
    """Return a whole page around `body`; without `charset` none is declared."""
    meta = '<meta charset="utf-8">' if charset else ""
    return (
        f'<!DOCTYPE html>\n<html lang="ko"><head>{meta}<title>{escape(title)} - 사람인</title></head>\n'
        f'<body><div id="sri_wrap"><ul class="gnb"><li><a href="{LIST_PATH}">합격자소서</a></li></ul>\n'
        f"{body}\n</div>{layer}</body></html>"
    )


def title_of(letter: SampleLetter) -> str:
    """Return the title as in the list: "가상은행 2018 하반기 신입 합격자소서"."""
    return f"{letter.company} {' '.join(_heading(letter).split())}"


def _heading(letter: SampleLetter) -> str:
    """ "2018 하반기\\t신입/인턴 합격자소서": season and kind, with a tab between them."""
    level = "경력" if letter.level_label == "경력" else "신입/인턴"
    return f"{letter.season.replace('년', '')}\t{level} 합격자소서"


def list_body(rows: Sequence[str], number: int, last: int, query: str, endless: bool) -> str:
    """Return a list page with its pager.

    `number` counts from 1 to `last`; `endless`: the arrow to the next page is on the last page, too.
    """
    entries = "".join(rows)
    return (
        '<div id="listArea">\n  <table class="recruit_content_list">\n'
        "    <thead><tr><th>번호</th><th>자소서 제목</th><th>지원분야</th><th>조회</th></tr></thead>\n"
        f"    <tbody>\n{entries or _NO_ROW}</tbody>\n  </table>\n  {_pager(number, last, query, endless)}\n</div>"
    )


def row_html(row: Row, running: int, advert: bool) -> str:
    """Return one entry of the list."""
    href = f"{DETAIL_PATH}?real_seq={row.letter_id}"
    return (
        f'<tr><td>{running}</td><td class="td_apply_subject">\n'
        f'  <h2><a href="{href}">{escape(row.title)}</a></h2></td>'
        f"<td>{escape(row.role or '')}</td><td>{row.letter_id % 9000:,}</td></tr>\n"
    )


def _pager(number: int, last: int, query: str, endless: bool) -> str:
    first = (number - 1) // PAGER_BLOCK * PAGER_BLOCK + 1
    next_block = min(first + PAGER_BLOCK, last + 1)
    links = [
        f"<strong>{n}</strong>" if n == number else _page_link(n, str(n), query)
        for n in range(first, max(next_block, 2))
    ]
    previous_link = [_page_link(first - 1, "이전", query, "prev")] if first > 1 else []
    next_link = [_page_link(next_block, "다음", query, "next")] if next_block <= last or endless else []
    return f'<div class="pagination">{"".join((*previous_link, *links, *next_link))}</div>'


def _page_link(number: int, label: str, query: str, css: str = "") -> str:
    classes = f' class="{css}"' if css else ""
    return f'<a{classes} href="{LIST_PATH}/page/{number}{escape(query)}">{label}</a>'


def detail_body(letter: SampleLetter, bare: bool, advert: bool) -> str:
    """Return a letter's page.

    With `bare` some parts are absent; with `advert` there are boxes that hold no answers.
    """
    company = f'<span class="tit_company_name">{escape(letter.company)}</span>'
    heading = f"{company}\n    " + f'<span class="txt_recruit">{escape(_heading(letter))}</span>'
    if bare and letter.id % 11 == 0:
        heading = '<img src="/static/logo.png" alt="">'  # only the page's title says whose letter it is
    role = f'<span class="tag_apply"><b>지원분야</b> | {escape(letter.role or "")}</span>\n' if letter.role else ""
    if bare and letter.id % 7 == 0:
        role = ""
    questions = "".join(f"<li>{_text(item.question)}</li>" for item in letter.items)
    boxes = "".join(_box(letter, index, bare) for index in range(len(letter.items)))
    ad = _AD_BOX if advert and letter.id % 3 == 0 else ""
    return (
        f'<div class="open_recruit_content">\n  <h1 class="txt_logo">{heading}</h1>\n{role}'
        f'<div class="cont"><ol class="list">{questions}</ol></div>\n{ad}'
        f'<div class="wrap_self_intro">\n{boxes}</div>\n{ad}</div>'
    )


def _box(letter: SampleLetter, index: int, bare: bool) -> str:
    """Return question, answer, then the other parts in an order that varies by box."""
    item = letter.items[index]
    advice = " ".join(item.advice) or "지원 동기를 앞에 두면 더 좋습니다."
    edited = f'<h4 class="tsp_ty2">첨삭 결과</h4>\n<p>{_text(advice)}</p>'
    parts = [_counter(item), _POINT, edited, _BUTTON]
    rotation = letter.id + index
    if bare:
        # Of six boxes four lack one part each (0 to 3), one lacks all (4), and one has all (5).
        parts = {4: [], 5: parts}.get(
            rotation % 6, [part for position, part in enumerate(parts) if position != rotation % 6]
        )
    rotated = parts[rotation % 4 :] + parts[: rotation % 4]
    # Where an answer begins with white space, the source adds none of its own.
    gap = "" if item.answer.startswith((" ", "\t")) else "\n      "
    return (
        f'  <div class="item_self"><div class="box_ty3">\n      <h3>{index + 1}. {_text(item.question)}</h3>{gap}'
        f"{_text(item.answer)}\n      {''.join(part + chr(10) for part in rotated)}</div></div>\n"
    )


def _counter(item: SampleItem) -> str:
    count, size = len(item.answer), byte_length(item.answer)
    counter = escape(item.counter) if item.counter else f"글자수 <span>{count:,}</span>자 <span>{size:,}</span>Byte"
    return f'<div class="txt_byte">{counter}</div>'


def _text(raw: str) -> str:
    """Escape text; a line break is <br>, a source line end and a tab.

    It is a bare <br> where the next line begins with white space.
    """
    broken = re.sub(r"\n(?![ \t\n])", "<br>\r\n\t", escape(raw, quote=False))
    return re.sub(r"(?<!\r)\n", "<br>", broken)
