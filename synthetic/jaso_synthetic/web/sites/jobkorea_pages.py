"""HTML of the sample JobKorea, in the real site's structure. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from jaso_synthetic.records import SampleItem, SampleLetter

PAGE_SIZE = 20
PAGER_BLOCK = 10
LIST_PATH = "/starter/PassAssay"
LOGIN_PATH = "/Login/Login_Tot.asp"

MISSING_BODY = '<script>alert("선택하신 합격자소서 정보가 없습니다."); history.back();</script>'
"""The page of a letter that is listed but deleted."""

FIRST_VISIT_LAYER = """
<div class="toolTipCont fullLy firstPopUp" style="position:fixed;inset:0;z-index:9;background:#fff">
<div><p>안내 레이어</p><button type="button" onclick="this.closest('.firstPopUp').remove()">닫기</button></div></div>"""

# Opens an answer; fetches its text first when the page lacks it.
_SCRIPT = """<script>
document.querySelectorAll("dl.qnaLists > dt > button").forEach(button => button.addEventListener("click", async () => {
  const dt = button.parentElement, dd = dt.nextElementSibling, box = dd.querySelector("div.tx");
  dt.classList.add("on"); dd.classList.add("show"); dd.style.display = "";
  if (box.dataset.src) box.innerHTML = await (await fetch(box.dataset.src)).text();
}));
</script>"""

_AD = '<a class="ad" href="/user/selfintroduction/guide">자소서 가이드</a>'


def page(title: str, body: str) -> str:
    """Return a whole page around `body`."""
    return (
        '<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8">'
        f"<title>{_text(title)} | 잡코리아</title></head>\n"
        f'<body><div id="wrap"><div id="container"><div class="lnb"></div>\n{body}\n</div></div></body></html>'
    )


def list_body(part: int, entries: Sequence[str], total: int, number: int, last: int, search: str = "") -> str:
    """Return a list page with its pager.

    `number` counts from 1 to `last`. `search` is a part of the pager's queries.
    """
    pager = _pager(f"schPart={part}{search}", number, last)
    return (
        '<div class="stContainer"><div class="starListsWrap ctTarget">\n'
        f'<h4>합격자소서 <span class="label">총</span> <span>총 {total:,}건</span></h4>\n'
        f'<ul class="selfLists">\n{"".join(entries)}</ul>\n{pager}\n</div></div>'
    )


def entry(letter: SampleLetter, part: int, number: int, adverts: bool) -> str:
    """Return one letter of a list; every 13th id carries an advertisement."""
    question = letter.items[0].question.split("\n")[0]
    role = letter.role
    ad = _AD if adverts and letter.id % 13 == 0 else ""
    return entry_of(letter.id, letter.company, letter.season, letter.level_label, role, question, part, number, ad)


def bad_entry(letter_id: int, part: int, number: int) -> str:
    """Return an entry whose letter is not available."""
    return entry_of(letter_id, "없는회사", "2021년 상반기", "신입", None, "문항 미리보기", part, number)


def entry_of(
    letter_id: int,
    company: str,
    season: str,
    level: str,
    role: str | None,
    question: str,
    part: int,
    number: int,
    more: str = "",
) -> str:
    """Return one entry of a list page, from its texts."""
    query = f"Page={number}&amp;OrderBy=0&amp;FavorCo_Stat=0&amp;schPart={part}&amp;Pass_An_Stat=0"
    href = f"{LIST_PATH}/View/{letter_id}?{query}"
    role_span = f'<span class="field">{_text(role)}</span>' if role else ""
    return (
        f'<li>\n  <a class="logo" href="{href}"><img src="/static/logo.png" alt=""></a>\n  <div class="txBx">\n'
        f'    <p class="tit"><a href="{href}"><span class="titTx">{_text(company)}</span></a>\n'
        f'      <span class="linkArray"><span class="career">{_text(season)}</span>'
        f'<span class="field">{_text(level)}</span>{role_span}</span></p>\n'
        f'    <div><div class="question"><a href="{href}">{_text(question)}</a></div></div>\n  </div>{more}\n</li>\n'
    )


def _pager(query: str, number: int, last: int) -> str:
    first = (number - 1) // PAGER_BLOCK * PAGER_BLOCK + 1
    links = [
        f'<li><span class="now">{n}</span></li>' if n == number else f"<li>{_page_link(query, n, str(n))}</li>"
        for n in range(first, min(first + PAGER_BLOCK, last + 1))
    ]
    before = f"<p>{_page_link(query, first - 1, '이전', 'tplBtn btnPgnPrev')}</p>" if first > 1 else ""
    next_block = first + PAGER_BLOCK
    behind = f"<p>{_page_link(query, next_block, '다음', 'tplBtn btnPgnNext')}</p>" if next_block <= last else ""
    return f'<div class="tplPagination">{before}<ul>{"".join(links)}</ul>{behind}</div>'


def _page_link(query: str, number: int, label: str, classes: str = "") -> str:
    css = f' class="{classes}"' if classes else ""
    return f'<a{css} href="{LIST_PATH}?{query}&amp;Page={number}">{label}</a>'


REDESIGNED_BODY = """<main class="essay-view"><h1>(주)가상전자 2026년 상반기 신입</h1>
<section class="essay-question">지원 동기를 쓰시오.</section>
<section class="essay-answer">새 모양의 페이지입니다.</section></main>"""

# Same tag and class as an answer, after all answers: a trap for careless selectors.
_EXPERT_BOX = (
    '<div class="expertBox"><div class="tx">전문가는 이 자기소개서를 이렇게 읽었습니다.</div>'
    f'<div class="tx"><a href="{LIST_PATH}">다른 합격자소서 더보기</a></div></div>'
)


def detail_body(letter: SampleLetter, scripted: bool, adverts: bool) -> str:
    """Return a letter's page.

    With `scripted` the answers from the third on are not in it; a script fetches them.
    """
    head = f"{letter.season} {letter.level_label} {letter.role or ''}".strip()
    specs = "".join(f"<li>{_text(spec)}</li>" for spec in letter.specs)
    pairs = "".join(_pair(letter, index, scripted and index >= 2) for index in range(len(letter.items)))
    return (
        '<div class="stContainer"><div class="selfTopBx"><div class="viewTitWrap"><h2 class="hd">\n'
        f'<strong><a href="/Recruit/Co_Read/C/virtual{letter.id}" target="_blank" title="기업 홈 이동">'
        f'{_text(letter.company)}</a><button type="button">관심기업</button></strong>\n'
        f"<em>{_text(head)}</em></h2></div>\n"
        f'<div class="selfCtWrap"><ul class="specLists">{specs}</ul></div></div>\n{_expert_total(letter)}'
        f'<div class="selfQnaWrap"><dl class="qnaLists">\n{pairs}</dl></div>\n'
        f"{_EXPERT_BOX if adverts else ''}</div>{_SCRIPT}"
    )


def _expert_total(letter: SampleLetter) -> str:
    if letter.grade is None:
        return ""
    return (
        f'<div class="adviceTotal"><div class="hd">전문가 총평 <span class="grade">{letter.grade}</span></div>'
        f'<p class="tx">{_text(letter.overall or "")}</p></div>\n'
    )


def _pair(letter: SampleLetter, index: int, scripted: bool) -> str:
    """Return a question with its answer.

    The first two answers are open; the others are closed, and hidden by CSS.
    """
    item = letter.items[index]
    is_open = index < 2
    dt, dd = ("on", '<dd class="show">') if is_open else ("next", '<dd class="" style="display:none">')
    source = f' data-src="{LIST_PATH}/Answer?id={letter.id}&amp;no={index + 1}"' if scripted else ""
    box = "" if scripted else answer_html(item)
    advice = "".join(f"<p>{_text(text)}</p>" for text in item.advice)
    advice = f'<div class="advice">{advice}</div>' if advice else ""
    return (
        f'<dt class="{dt}"><button type="button"><span class="num"><span class="blind">질문</span> Q{index + 1}.</span>'
        f'<span class="tx">{_text(item.question)}</span><span class="blind">보기</span></button></dt>\n'
        f'{dd}<span class="blind">답변</span>\n<div class="tx"{source}>{box}</div>\n{advice}</dd>\n'
    )


def answer_html(item: SampleItem) -> str:
    """Return the answer with the expert's labelled marks, then its counter."""
    parts, position = [], 0
    for mark in sorted(item.marks, key=lambda mark: mark.start):
        parts.append(_text(item.answer[position : mark.start]))
        label = f'<span class="sup">{_text(mark.label)}</span>'
        parts.append(f'<span class="{mark.kind}">{label}{_text(item.answer[mark.start : mark.end])}</span>')
        position = mark.end
    parts.append(_text(item.answer[position:]))
    counter = f'\n<p class="txSpllChk">{_text(item.counter)}</p>\n' if item.counter else ""
    return "".join(parts) + counter


def _text(raw: str) -> str:
    """Escape text; line ends are a meaningless carriage return, then <br>."""
    return escape(raw, quote=False).replace("\n", "&#13;<br>")
