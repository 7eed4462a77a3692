"""HTML of the sample Eduss since 2023. Pure functions of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from jaso_synthetic.records import SampleItem, SampleLetter

PAGE_SIZE = 20
TENANT = "jobsample"
LIST_PATH = f"/{TENANT}/passReport"
ROWS_PATH = f"{LIST_PATH}/rows"
VIEW_PATH = f"{LIST_PATH}/view"
LOGIN_PATH = f"/{TENANT}/login"

FIRST_VISIT_LAYER = """
<div class="layer_pop" style="position:fixed;inset:0;z-index:9;background:#fff">
<div><p>이용 안내</p><button type="button" onclick="this.closest('.layer_pop').remove()">닫기</button></div></div>"""

REDESIGNED_BODY = '<article class="report"><h3>지원 동기</h3><p>새 얼굴의 자기소개서입니다.</p></article>'
EMPTY_BODY = '<div id="print_area"><div>\n  <div class="view-subject"><span><span></span></span></div>\n</div></div>'

# The first eleven entries are no industries.
_CATEGORIES = (
    "합격자소서", "전체", "산업별", "직무별", "기업별", "연도별", "인기순", "최신순", "조회순", "관심기업", "초기화",
    "IT·인터넷", "제조", "금융", "유통", "건설", "서비스", "교육", "의료", "미디어", "공공",
)  # fmt: skip

# Turns the page: fetches the rows as HTML, then moves the number. After the last page it does nothing.
_SCRIPT = """<script>
(() => {
  const pager = document.querySelector(".paging"), list = document.querySelector("#pass_list");
  const next = pager.querySelector("button.next"), last = Number(pager.dataset.last);
  const current = () => Number(pager.querySelector(".on").textContent);
  const turn = async number => {
    if (number < 1 || number > last || number === current()) return;
    list.innerHTML = await (await fetch(`${pager.dataset.rows}?page=${number}`)).text();
    const first = number - (number - 1) % 10, shown = [];
    for (let n = first; n < first + 10 && n <= last; n++) shown.push(`<a${n === number ? ' class="on"' : ""}>${n}</a>`);
    pager.querySelectorAll("a").forEach(a => a.remove());
    next.insertAdjacentHTML("beforebegin", shown.join(""));
    next.disabled = pager.dataset.ends === "1" && number === last;
  };
  next.addEventListener("click", () => turn(current() + 1));
  pager.addEventListener("click", event => event.target.tagName === "A" && turn(Number(event.target.textContent)));
})();
</script>"""

_BOX = (
    '<div class="contents banner"><a href="/event/guide">자소서 첨삭 받기</a></div>\n'
    '<div class="mt30 notice">다른 사람의 자기소개서를 그대로 베끼지 마세요.</div>\n'
)
_OTHERS = (
    f'<div class="mt30"><a href="{LIST_PATH}?p=sub">다른 합격자소서 보기</a></div>\n'
    '<div class="contents">같은 기업의 채용 공고가 있습니다.</div>\n'
)


def page(title: str, body: str) -> str:
    """Return a whole page around `body`."""
    return (
        f'<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8"><title>{_text(title)}</title></head>\n'
        f"<body>\n{body}\n</body></html>"
    )


def list_body(rows: str, last: int, ends: bool) -> str:
    """Return the list with its first page's rows.

    Without `ends` the button can still be pressed on the last page.
    """
    industries = "".join(f"<li>{_text(name)}</li>" for name in _CATEGORIES)
    numbers = '<a class="on">1</a>' + "".join(f"<a>{n}</a>" for n in range(2, min(10, last) + 1))
    disabled = " disabled" if ends and last == 1 else ""
    return (
        f'<div id="category_scroll"><ul>{industries}</ul></div>\n<div class="list" id="pass_list">{rows}</div>\n'
        f'<div class="paging" data-rows="{ROWS_PATH}" data-last="{last}" data-ends="{int(ends)}">{numbers}'
        f'<button type="button" class="next"{disabled}>다음</button></div>{_SCRIPT}'
    )


def rows_html(rows: Sequence[str]) -> str:
    """Return the HTML that the script inserts into the list."""
    return "\n" + "".join(rows)


def row(letter_id: int, company: str, year: str) -> str:
    """Return an entry. Some open their letter by an address, some by a script."""
    target = f"{VIEW_PATH}?no={letter_id}"
    link = f'<a href="{target}" target="_blank">내용보기</a>'
    button = f'<button type="button" onclick="window.open(\'{target}\')">내용보기</button>'
    title = f'<span class="title cursor-pointer">{_text(company)} 합격자소서 / {year}</span>'
    return f'<div class="row">{title}{button if letter_id % 3 == 0 else link}</div>\n'


def empty_row() -> str:
    """Return an entry that opens nothing."""
    return '<div class="row"><span class="title cursor-pointer">합격자소서 / </span></div>\n'


def advert_row() -> str:
    """Return a box between the entries."""
    return '<div class="row ad"><span class="title">합격자소서 작성법</span><a href="/event/guide">자세히</a></div>\n'


def detail_body(letter: SampleLetter, advert: bool, bare: bool) -> str:
    """Return a letter's page.

    With `advert` boxes are between the items; when `bare`, parts are missing or say "none".
    """
    pairs = [_pair(item, number, letter.id) for number, item in enumerate(letter.items, start=1)]
    head = "" if bare and letter.id % 4 == 0 else f"{letter.level_label} 합격"
    facts = "".join(f"<li><strong>{label}</strong> {_text(value)}</li>" for label, value in _facts(letter, bare))
    return (
        f'<div id="print_area"><div>\n  <div class="view-subject"><span><span>{head}</span></span></div>\n'
        f"  <ul>{facts}</ul>\n{(_BOX if advert else '').join(pairs)}{_OTHERS if advert else ''}</div></div>\n"
        '<button type="button" onclick="window.print()">인쇄</button>'
    )


def specs(letter: SampleLetter) -> list[tuple[str, str]]:
    """Return the writer's specs on the letter's page, as (label, value)."""
    school, major, *others = letter.specs[:-1]
    labelled = (spec.partition(" ")[::2] for spec in others)
    return [("학교", school), ("전공", major), *labelled]


def _facts(letter: SampleLetter, bare: bool) -> list[tuple[str, str]]:
    """Return role and specs; a missing role is left empty."""
    role = letter.role or ("none" if letter.id % 2 else "")
    if not bare or letter.id % 3:
        return [("지원분야", role), *specs(letter)]
    if letter.id % 2:
        return [("지원분야", "none")]
    return [("지원분야", "none"), *((label, "none") for label, _ in specs(letter)), ("토익", "")]


def _pair(item: SampleItem, number: int, letter_id: int) -> str:
    """Return a question with its answer; some answers are split after the first line."""
    before, _, behind = item.answer.partition("\n")
    in_two = letter_id % 5 == 2 and before.strip() and behind.strip()
    blocks = [before, behind] if in_two else [item.answer]
    question = f'  <div class="mt30">\n    {number}. {_text(item.question)}\n  </div>\n'
    return question + "".join(f'  <div class="mb50 contents">{_text(block)}</div>\n' for block in blocks)


def _text(raw: str) -> str:
    return escape(raw, quote=False).replace("\n", "<br>")
