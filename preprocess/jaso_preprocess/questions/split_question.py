"""Split a question field that holds several questions: 1. … 2. … or one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jaso_preprocess.questions.lines import lines_of
from jaso_preprocess.questions.topics import is_asking, is_title, topic_of, without_limits

Span = tuple[int, int]

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_BLACK = "❶❷❸❹❺❻❼❽❾❿"
_ORDINALS = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_ORDINALS_ALONE = ("첫째", "둘째", "셋째", "넷째", "다섯째", "여섯째", "일곱째", "여덟째", "아홉째", "열째")
_CAPITALS = "ABCDEFGHIJ"
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
_LETTERS = "가나다라마바사아자차"
_AT = r"(?:(?<=^)|(?<=[\s.?!)\]>〉}:,/·]))"
# One style of mark numbers one list. "2." may be right before a letter; "2.5배" and "10,000" are numbers.
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
        rf"(?P<n>(?-i:[{_CAPITALS}]))[.)][ \t]+",
        r"(?:(?<=^)|(?<=\n))(?P<n>\d{1,2})[ \t]+(?=[가-힣A-Za-z])"
        r"(?!(?:년|개|명|번|차|가지|학년|월|일|시간|위|등)(?![가-힣]))",
        rf"(?P<n>{'|'.join(_ORDINALS_ALONE)})[ \t]*[,.:][ \t]*",
        rf"(?P<n>{'|'.join(_ORDINALS)})[ \t]?번째[ \t]*(?:질문|문항)?[ \t]*[,.:][ \t]*",
    )
)
_MAX_QUESTIONS = 30
_MAX_LENGTH = 5000
_MAX_PIECE = 1000
_MIN_LENGTH = 2
_RANGE = re.compile(r"^\s*[~∼～\-–]")  # 1)~3) 중 하나를 골라
_GOES_ON = re.compile(r"(?:와|과|및|또는|혹은|그리고|의|을|를|이나)\s*$")
_PICK = re.compile(r"택\s*1|중\s*(?:하나|한\s*(?:가지|개)|1\s*(?:개|가지)|택)|골라")
_SENTENCE_END = re.compile(r"(?:시오|세요|니까|까요|바랍니다)[.?!][ \t]+(?=\S)")
_BELONGS_BEFORE = re.compile(r"(?:그|이|단|다만|또|또한|특히|만약|구체적|예|왜|이유|※|[(\[])[가-힣]*[ \t,:]")
_CHOICE = re.compile(rf"{_PICK.pattern}|선택하여|포함(?:하여|해|되|시켜|할)|순서(?:로|대로)|단계")


@dataclass(frozen=True, slots=True)
class Cut:
    """Spans of the single questions, without their numbers.

    `is_sure`: each of them is a separate task. False where they may be sides of one question: "자유롭게 쓰되 1)
    지원동기 2) 포부", or lines without numbers.
    """

    spans: tuple[Span, ...]
    is_sure: bool
    begin: int = 0
    """Offset of the first number."""


@lru_cache(maxsize=4096)  # many people answer one question
def cut_question(question: str) -> Cut | None:
    """Split a blob into its questions, in order.

    None when the text is one question, or too unusual to decide.
    """
    if not _MIN_LENGTH < len(question) <= _MAX_LENGTH:
        return None
    cuts = [cut for style in _STYLES if (cut := _cut_at_numbers(question, style))]
    if cuts:  # the outermost list is the one that begins first
        return min(cuts, key=lambda cut: (cut.begin, -len(cut.spans)))
    return _cut_at_lines(question) or _cut_at_sentences(question)


def number_of(mark: str) -> int:
    """Parse a list mark: 1 for "1", "①", "첫" and "첫째"."""
    for names in (_CIRCLED, _BLACK, _ROMAN, _LETTERS, _CAPITALS, _ORDINALS, _ORDINALS_ALONE):
        if mark in names:
            return names.index(mark) + 1
    return int(mark)


def leading_number(text: str) -> tuple[int, int] | None:
    """Parse the number at a line's start: (2, 3) for "2. 입사 후 포부".

    The second value is the offset of what follows it.
    """
    for style in _STYLES:
        mark = style.match(text)
        if mark:
            return number_of(mark["n"]), mark.end()
    return None


def _cut_at_numbers(question: str, style: re.Pattern[str]) -> Cut | None:
    marks = list(_consecutive_marks(question, style))
    if not 2 <= len(marks) <= _MAX_QUESTIONS:
        return None
    # "1. 지원 동기 2. 입사 후 포부" → spans (3, 8), (12, 19)
    ends = [mark.start() for mark in marks[1:]] + [len(question)]
    spans = [_trim(question, mark.end(), end) for mark, end in zip(marks, ends, strict=True)]
    pieces = [question[start:end] for start, end in spans]
    before = question[: marks[0].start()]
    if not all(_is_question(piece) for piece in pieces) or _CHOICE.search(before) or _PICK.search(pieces[-1][-25:]):
        return None
    if before.strip():  # words before the first number are not lost
        spans[0] = _trim(question, 0, spans[0][1])
    asking = [is_asking(piece) for piece in pieces]
    mixed = any(asking) and not all(asking)  # ① 지원 동기, ② 포부를 기술하시오: one task with two sides
    listed = any(piece.endswith(",") for piece in pieces)
    is_sure = not (mixed or listed) and (not before.strip() or all(asking))
    return Cut(tuple(spans), is_sure, marks[0].start())


def _consecutive_marks(question: str, style: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the marks 1, 2, 3 …, each after a complete piece."""
    # "1. 지원 동기와 2. 입사 후 포부" → only 1.: 동기와 goes on, so that 2. begins no question.
    expected, at = 1, 0
    for mark in style.finditer(question):
        if number_of(mark["n"]) != expected or _RANGE.match(question[mark.end() :]):
            continue
        if expected > 1 and not _is_question(question[at : mark.start()]):
            continue
        yield mark
        expected, at = expected + 1, mark.end()


def _is_question(piece: str) -> bool:
    if len(piece) > _MAX_PIECE:
        return False
    bare = without_limits(piece).strip()
    return len(bare) >= _MIN_LENGTH and not _GOES_ON.search(bare) and (is_asking(bare) or is_title(bare))


def _cut_at_lines(question: str) -> Cut | None:
    """Split one question a line.

    Each line must ask, so that a wrapped question and a remark under it stay whole.
    """
    lines = [line for line in lines_of(question) if line.bare]
    if not 2 <= len(lines) <= _MAX_QUESTIONS:
        return None
    asking = all(is_asking(line.bare) and len(line.bare) >= 8 for line in lines)
    if not (asking or all(is_title(line.bare) for line in lines)):
        return None
    return Cut(tuple(_trim(question, line.start, line.end) for line in lines), is_sure=False)


def _cut_at_sentences(question: str) -> Cut | None:
    """Split tasks on one line, where each asks for something of another type.

    지원 동기를 쓰시오. 입사 후 포부를 쓰시오. A sentence that points back (그때 무엇을 …) or limits (단, …) belongs to
    the one before.
    """
    spans: list[Span] = []
    begin = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(question)), len(question)):
        if question[begin:end].strip():
            spans.append(_trim(question, begin, end))
        begin = end
    pieces = [question[start:end] for start, end in spans]
    if not 2 <= len(pieces) <= _MAX_QUESTIONS or any(_BELONGS_BEFORE.match(piece) for piece in pieces[1:]):
        return None
    topics = {topic_of(piece) for piece in pieces}
    if None in topics or len(topics) < len(pieces) or not all(map(is_asking, pieces)):
        return None
    return Cut(tuple(spans), is_sure=False)


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def texts(question: str, spans: Sequence[Span]) -> list[str]:
    """Return the questions of a cut."""
    return [question[start:end] for start, end in spans]
