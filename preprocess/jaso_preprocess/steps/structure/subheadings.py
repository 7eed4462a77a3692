"""Sub-headings over an answer or over one of its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from jaso_core.masking.tokens import ALL
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.questions.lines import (
    NUMBER,
    Line,
    breaks_off,
    ends_a_sentence,
    is_listed,
    is_prose,
    lines_of,
)
from jaso_preprocess.rules.continuation import (
    Continuation,
    cannot_open,
    continuation,
    may_be_slogan,
    opens_a_sentence,
    splits_a_word,
)
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

_LONGEST = 70
_LONGEST_PLAIN = 45
_BRACKETS = {"[": "]", "<": ">", "〈": "〉", "《": "》", "【": "】", "『": "』", "「": "」", "≪": "≫"}
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_SIGNS = "■□▶▷◆◇●○▣◈◎★☆※▪♦►◼▲△"
# One sign, or up to four #; △△에서 is a name that was left out.
_SIGN = re.compile(rf"[ \t]*(?:#{{1,4}}|[{_SIGNS}]) ?(?=\S)(?![{_SIGNS}#])")
# - 끝까지 가는 사람 -: the same signs on both sides, and nowhere between.
_DASHED = re.compile(
    r"(?P<sign>[-–—~=*])(?P=sign){0,2}[ \t]*(?P<title>[^\s\d\-–—~=*][^\n\-–—~=*]*?)[ \t]*(?P=sign){1,3}"
)
_LETTERED = re.compile(r"(?:[A-J]|[IVX]{1,4})[.)][ \t]+")
# 존경하는 인사 담당자님께, 가상물산 귀하: whom the letter is for, and who signs it.
_ADDRESS = re.compile(
    r"(?:안녕|반갑|감사|존경하는|친애하는)|[^\n]*(?:님|분들|귀하|귀중|올림|드림|배상)(?:께)?[ \t]*[,.!]?\Z"
)
# A bracket with text behind it on the same line is a heading only when that text begins a new sentence:
# [회사]에서, <데미안>을, [1] and [참고] are not.
_TOKEN = re.compile(rf"\[(?:(?:{'|'.join(token[1:-1] for token in ALL)})\d{{0,4}}|지역|[A-Z_]+|\d+|주|참고|출처)\]")
_GOES_ON = re.compile(
    r"[,.·)]|(?:이?라는|이?라고|이?란|은|는|이|가|을|를|의|에|에서|와|과|로|으로|도|만|처럼|보다|이다|입니다|하는|했)(?:[\s,.]|$)"
)
_FINITE_TITLE = 25


def heading_edits(text: str) -> list[Edit]:
    """Remove headings with the line ends after them; some text always stays."""
    return to_fixpoint(text, _once)


def _once(text: str) -> list[Edit]:
    lines = [line for line in lines_of(text) if line.bare]
    edits: list[Edit] = []
    before: Line | None = None
    for line, after in zip_longest(lines, lines[1:]):
        # "[끈기]\n저는 어려운 일도 …" → deletion (0, 5): the heading and its line end
        begin = max(line.start, edits[-1].end) if edits else line.start
        if before is None or ends_a_sentence(before.text):  # else within a sentence or a list
            if after is not None and _is_heading(line, before, after):
                edits.append(Edit(begin, _begin(after), "", "subheading"))
                continue  # `before` stays the line above the heading; `after` may be the next heading
            if (end := _end_of_bracket(line)) is not None:
                edits.append(Edit(begin, line.start + end, "", "subheading"))
        before = line
    return edits


def _begin(line: Line) -> int:
    return line.start + len(line.text) - len(line.text.lstrip())


def _is_heading(line: Line, before: Line | None, after: Line) -> bool:
    bare, below = line.bare, after.bare
    if len(bare) > _LONGEST or _TOKEN.fullmatch(bare):
        return False
    if _is_framed(bare, _BRACKETS):
        return not _GOES_ON.match(below)
    if _is_framed(bare, _QUOTES):
        # Two quoted lines are a dialogue, and "…" 라는 말 goes on below.
        beside = [below, before.bare if before else ""]
        return not _GOES_ON.match(below) and not any(other[:1] == bare[0] for other in beside)
    dashed = _DASHED.fullmatch(bare)
    if dashed:
        return not _is_sentence(dashed["title"]) and not is_listed(below)
    sign = _SIGN.match(bare)
    if sign:
        rest = bare[sign.end() :]
        return not _SIGN.match(below) and not _is_sentence(rest)
    if is_listed(bare):
        number = NUMBER.match(bare)
        title = bare[number.end() :] if number else ""
        return bool(title) and not is_listed(below) and _is_title(title, below, is_numbered=True)
    lettered = _LETTERED.match(bare)
    if lettered:
        return not _LETTERED.match(below) and _is_title(bare[lettered.end() :], below, is_numbered=True)
    return _is_title(bare, below, is_adjacent=after.start == line.end + 1)


def _is_framed(text: str, pairs: dict[str, str]) -> bool:
    close = pairs.get(text[0])
    if close is None or len(text) < 4 or text[-1] != close:
        return False
    return close not in text[1:-1] and any("가" <= char <= "힣" or char.isalpha() for char in text)


def _is_sentence(text: str) -> bool:
    return ends_a_sentence(text) and text.rstrip()[-1] not in "!?~…"


def _is_title(text: str, below: str, is_numbered: bool = False, is_adjacent: bool = True) -> bool:
    """Return whether a short line without an ending is over a longer paragraph."""
    if not 2 <= len(text) <= _LONGEST_PLAIN or _is_sentence(text) or breaks_off(text):
        return False
    if _ADDRESS.match(text):
        return False
    if ends_a_sentence(text) and len(text) > _FINITE_TITLE:
        return False
    if not any("가" <= char <= "힣" or char.isalpha() for char in text):
        return False
    return is_prose(below) and len(below) >= 1.3 * len(text) and not _goes_on(text, below, is_numbered, is_adjacent)


def _goes_on(text: str, below: str, is_numbered: bool, is_adjacent: bool) -> bool:
    """Return whether the line may be the beginning of the one below: 이를 위해, 매일 아침.

    A number before it says that it is a heading, an empty line below it that no word is split.
    """
    if is_numbered or may_be_slogan(text, below):
        return continuation(text) is Continuation.GOES_ON
    if opens_a_sentence(text) or cannot_open(below) or (is_adjacent and splits_a_word(text, below)):
        return True
    return continuation(text) >= Continuation.ADVERBIAL


def _end_of_bracket(line: Line) -> int | None:
    """Return where a bracketed heading ends that has its text on the same line."""
    begin = len(line.text) - len(line.text.lstrip())
    close = _BRACKETS.get(line.text[begin : begin + 1])
    if close is None:
        return None
    end = line.text.find(close, begin)
    inside, rest = line.text[begin + 1 : end], line.text[end + 1 :]
    if end < 0 or not 2 <= len(inside) <= _LONGEST or _TOKEN.match(line.text[begin : end + 1]):
        return None
    if not rest.startswith((" ", "\t")) or _GOES_ON.match(rest.lstrip()) or not is_prose(rest):
        return None
    if not re.search(r"[가-힣A-Za-z]", inside) or (" " not in inside.strip() and len(inside) < 4):
        return None
    return end + 1 + len(rest) - len(rest.lstrip())


@STEPS.register("subheadings")
class Subheadings(EditStep):
    """Removes [제목], <제목>, "제목", #제목 and ■ 제목 from the heads of paragraphs.
    Short lines without an ending too.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return heading_edits(text) if field == "answer" else []
