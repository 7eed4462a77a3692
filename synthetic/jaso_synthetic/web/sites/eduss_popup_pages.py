"""HTML of the sample Eduss of 2019. Pure functions of the corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from jaso_synthetic.records import SampleItem, SampleLetter

PAGE_SIZE = 15
PAGER_BLOCK = 10
TENANT = "jobsample"
HOME = f"/{TENANT}/"
LOGIN_PATH = f"/{TENANT}/login"
VIEW = "/module/paperContents/?content_type=5&product_no={}&m_idx=19"
LABELS: Mapping[str, str] = {"1005": "영업", "1006": "생산", "1007": "건축", "1008": "IT"}

FIRST_VISIT_LAYER = """
<div class="layer_pop" style="position:fixed;inset:0;z-index:9;background:#fff">
<div><p>이용 안내</p><button type="button" onclick="this.closest('.layer_pop').remove()">닫기</button></div></div>"""

_PAPER_VIEW = (
    "<script>function paperView(t,no,m){window.open('/module/paperContents/?content_type='+t+'&product_no='+no"
    "+'&m_idx='+m,'paper','width=800,height=700');}</script>"
)
_BANNER = (
    '<div class="banner"><table><tr><td>자소서 첨삭 서비스를 만나 보세요.</td></tr>'
    '<tr><td><img src="/common/banner.gif" alt=""></td></tr></table></div>\n'
)
GONE = '<script>alert("삭제된 자료입니다."); self.close();</script>'
REDESIGNED_BODY = '<section class="paper"><h3>지원 동기</h3><p>새 얼굴의 자기소개서입니다.</p></section>'


def page(title: str, body: str, charset: str | None = "utf-8") -> str:
    """Return a whole page around `body`; `charset` is what it declares."""
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    return (
        f'<!DOCTYPE html>\n<html lang="ko"><head>{meta}<title>{_text(title)}</title>\n{_PAPER_VIEW}</head>\n'
        f"<body>\n{body}\n</body></html>"
    )


def list_body(entries: Sequence[str], total: int, address: str, numbers: tuple[int, int, int], headings: bool) -> str:
    """Return a list page.

    `address` is that of the list without its page; `numbers` are the current, first and last page.
    """
    jobs = "".join(
        f'<li><a href="{escape(list_target(code, 1))}#list">{name}</a></li>' for code, name in LABELS.items()
    )
    head = "<thead><tr><th>기업</th><th>연도</th><th>직무</th></tr></thead>" if headings else ""
    rows = "".join(entries) or '<tr><td colspan="3">등록된 자료가 없습니다.</td></tr>\n'
    return (
        f'<div class="contents"><ul class="job_tab">{jobs}</ul>\n'
        f'<form action="{HOME}"><input type="text" name="searchStr"><input type="submit" value="검색"></form>\n'
        f'<p class="total">총 <strong>{total:,}</strong>건</p><a name="list"></a>\n'
        f'<table class="bbs_ltype">{head}<tbody>\n{rows}</tbody></table>\n{_pager(address, *numbers)}\n</div>'
    )


def list_target(category: str, number: int) -> str:
    """Return the target of a page of a category."""
    return f"{HOME}?mod=passReport&m_idx=19&gMode=1&bno={category}&chk_mno=Y&page={number}"


def row(paper: int, company: str, season: str, role: str | None) -> str:
    """Return a row that opens a letter."""
    opener = f"<a href=\"#list\" onclick=\"paperView('5','{paper}','19');\"><span>{_text(company)}</span></a>"
    return f"<tr><td>{opener}</td><td>{_text(season)}</td><td>{_text(role or '')}</td></tr>\n"


def empty_row() -> str:
    """Return a row that opens nothing."""
    return '<tr><td><a href="#list"><span></span></a></td><td>none</td><td>none</td></tr>\n'


def advert_row() -> str:
    """Return a row across the table that is no entry."""
    return '<tr class="ad"><td colspan="3"><a href="/event/guide">합격자소서 작성 안내</a></td></tr>\n'


def _pager(address: str, current: int, first: int, last: int) -> str:
    links = [
        f'<strong class="on">{n}</strong>' if n == current else _page_link(address, n, str(n))
        for n in range(first, min(first + PAGER_BLOCK, last + 1))
    ]
    before = [_page_link(address, first - 1, "이전")] if first > 1 else []
    behind = [_page_link(address, first + PAGER_BLOCK, "다음")] if first + PAGER_BLOCK <= last else []
    return f'<div class="paging">{"".join([*before, *links, *behind])}</div>'


def _page_link(address: str, number: int, label: str) -> str:
    return f'<a href="{escape(address)}&amp;page={number}#list">{label}</a>'


def detail_body(letter: SampleLetter, advert: bool) -> str:
    """Return a letter in its pop-up window.

    With `advert` there is a banner, and type sizes look like questions.
    """
    pairs = "".join(_pair(item, number, letter, advert) for number, item in enumerate(letter.items, start=1))
    return (
        '<div class="pop_head"><h1>합격자소서 내용보기</h1></div>\n'
        f'<div class="content">\n<table>{pairs}</table>\n{_BANNER if advert else ""}</div>\n'
        '<div class="pop_foot"><a href="#" onclick="self.close();">닫기</a></div>'
    )


def _pair(item: SampleItem, number: int, letter: SampleLetter, advert: bool) -> str:
    question = f'<td class="fon_13">{number}. {_text(item.question)}</td>'
    if letter.id % 3 == 1:
        question = f'<td>\n  <span class="fon_13">{number}. {_text(item.question)}</span>\n</td>'
    cells = [_text(part) for part in _paragraphs(item.answer, letter.id)]
    if advert and letter.id % 4 == 1:
        first, *rest = cells[0].split("<br>")
        cells[0] = "<br>".join([f'<span class="fon_13">{first}</span>', *rest])
    return f"<tr>{question}</tr>\n" + "".join(f"<tr><td>{cell}</td></tr>\n" for cell in cells)


def _paragraphs(answer: str, letter_id: int) -> list[str]:
    """Split some answers at the first line break, each part for a cell."""
    before, _, behind = answer.partition("\n")
    return [before, behind] if letter_id % 5 == 2 and before.strip() and behind.strip() else [answer]


def _text(raw: str) -> str:
    return escape(raw, quote=False).replace("\n", "<br>")
