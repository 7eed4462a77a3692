"""Where a question field that holds several questions is to be cut: 1. … 2. … or one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jaso_preprocess.questions.lines import lines_of
from jaso_preprocess.questions.topics import is_asking, is_title, without_limits

Span = tuple[int, int]

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_BLACK = "❶❷❸❹❺❻❼❽❾❿"
_ORDINALS = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_ORDINALS_ALONE = ("첫째", "둘째", "셋째", "넷째", "다섯째", "여섯째", "일곱째", "여덟째", "아홉째", "열째")
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
_LETTERS = "가나다라마바사아자차"
_AT = r"(?:(?<=^)|(?<=[\s.?!)\]>〉}:,/·]))"
# One kind of mark numbers one list. 2. may stand right before a letter, "2.5배" and "10,000" are numbers.
_STYLES = tuple(
    re.compile(_AT + pattern, re.IGNORECASE)
    for pattern in (
        r"(?:질문|문항|문제|항목)[ \t]?(?P<n>\d{1,2})(?:번|[ \t]*[.):\]]|(?=[ \t]))[ \t]*[.:)]?[ \t]*",
        r"[\[(<〈【](?:질문|문항|문제|항목|Q)[ \t.]?(?P<n>\d{1,2})(?:번)?[\])>〉】][ \t]*[.:]?[ \t]*",
        r"Q[ \t.]?(?P<n>\d{1,2})[ \t]*[.):]?[ \t]*",
        r"(?P<n>\d{1,2})[ \t]?\.(?!\d)[ \t]*",
        r"(?P<n>\d{1,2})[ \t]?\)(?!\d)[ \t]*",
        r"\((?P<n>\d{1,2})\)[ \t]*",
        r"[\[<〈【](?P<n>\d{1,2})[\]>〉】][ \t]*",
        r"(?P<n>\d{1,2})번[ \t]*[.):][ \t]*",
        rf"(?P<n>[{_CIRCLED}])[ \t]*",
        rf"(?P<n>[{_BLACK}])[ \t]*",
        rf"(?P<n>[{_ROMAN}])[ \t]*[.)]?[ \t]*",
        rf"(?P<n>[{_LETTERS}])[.)][ \t]*",
        r"(?:(?<=^)|(?<=\n))(?P<n>\d{1,2})[ \t]+(?=[가-힣A-Za-z])"
        r"(?!(?:년|개|명|번|차|가지|학년|월|일|시간|위|등)(?![가-힣]))",
        rf"(?P<n>{'|'.join(_ORDINALS_ALONE)})[ \t]*[,.:][ \t]*",
        rf"(?P<n>{'|'.join(_ORDINALS)})[ \t]?번째[ \t]*(?:질문|문항)?[ \t]*[,.:][ \t]*",
    )
)
_MOST = 30
_LONGEST = 5000
_LONGEST_PIECE = 1000
_SHORTEST = 2
_RANGE = re.compile(r"^\s*[~∼～\-–]")  # 1)~3) 중 하나를 골라
_GOES_ON = re.compile(r"(?:와|과|및|또는|혹은|그리고|의|을|를|이나)\s*$")
_PICK = re.compile(r"택\s*1|중\s*(?:하나|한\s*(?:가지|개)|1\s*(?:개|가지)|택)|골라")
_CHOICE = re.compile(rf"{_PICK.pattern}|선택하여|포함(?:하여|해|되|시켜|할)|순서(?:로|대로)|단계")


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the single questions stand, without their numbers, and whether each of them is a task of its own.

    `sure` is False where they may be sides of one question: "자유롭게 쓰되 1) 지원동기 2) 포부", or lines
    without numbers.
    """

    spans: tuple[Span, ...]
    sure: bool
    begin: int = 0
    """Where the first number stands."""


@lru_cache(maxsize=4096)  # many people answer one question
def cut_question(question: str) -> Cut | None:
    """The questions of a blob in order; None when the text is one question, or too odd to tell."""
    if not _SHORTEST < len(question) <= _LONGEST:
        return None
    found = [cut for style in _STYLES if (cut := _numbered(question, style))]
    if found:  # the outermost list is the one that begins first
        return min(found, key=lambda cut: (cut.begin, -len(cut.spans)))
    return _by_lines(question)


def number_of(mark: str) -> int:
    """1 for "1", "①", "첫" and "첫째"."""
    for names in (_CIRCLED, _BLACK, _ROMAN, _LETTERS, _ORDINALS, _ORDINALS_ALONE):
        if mark in names:
            return names.index(mark) + 1
    return int(mark)


def leading_number(text: str) -> tuple[int, int] | None:
    """The number a line begins with and where what follows it begins: (2, 3) for "2. 입사 후 포부"."""
    for style in _STYLES:
        mark = style.match(text)
        if mark:
            return number_of(mark["n"]), mark.end()
    return None


def _numbered(question: str, style: re.Pattern[str]) -> Cut | None:
    marks = list(_running(question, style))
    if not 2 <= len(marks) <= _MOST:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(question)]
    spans = [_trimmed(question, mark.end(), end) for mark, end in zip(marks, ends, strict=True)]
    pieces = [question[start:end] for start, end in spans]
    before = question[: marks[0].start()]
    if not all(_is_question(piece) for piece in pieces) or _CHOICE.search(before) or _PICK.search(pieces[-1][-25:]):
        return None
    if before.strip():  # words before the first number are not lost
        spans[0] = _trimmed(question, 0, spans[0][1])
    asking = [is_asking(piece) for piece in pieces]
    mixed = any(asking) and not all(asking)  # ① 지원 동기, ② 포부를 기술하시오: one task with two sides
    listed = any(piece.endswith(",") for piece in pieces)
    sure = not (mixed or listed) and (not before.strip() or all(asking))
    return Cut(tuple(spans), sure, marks[0].start())


def _running(question: str, style: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The marks 1, 2, 3 …, each after a piece that is whole."""
    due, at = 1, 0
    for mark in style.finditer(question):
        if number_of(mark["n"]) != due or _RANGE.match(question[mark.end() :]):
            continue
        if due > 1 and not _is_question(question[at : mark.start()]):
            continue
        yield mark
        due, at = due + 1, mark.end()


def _is_question(piece: str) -> bool:
    if len(piece) > _LONGEST_PIECE:
        return False
    bare = without_limits(piece).strip()
    return len(bare) >= _SHORTEST and not _GOES_ON.search(bare) and (is_asking(bare) or is_title(bare))


def _by_lines(question: str) -> Cut | None:
    """One question a line: each line asks, so that a wrapped question and a remark under it stay whole."""
    lines = [line for line in lines_of(question) if line.bare]
    if not 2 <= len(lines) <= _MOST:
        return None
    asking = all(is_asking(line.bare) and len(line.bare) >= 8 for line in lines)
    if not (asking or all(is_title(line.bare) for line in lines)):
        return None
    return Cut(tuple(_trimmed(question, line.start, line.end) for line in lines), sure=False)


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def texts(question: str, spans: Sequence[Span]) -> list[str]:
    """The questions of a cut."""
    return [question[start:end] for start, end in spans]
