"""Part a letter's paragraphs into questions and answers. Pure.

A letter marks its questions in one way: by numbers, by headings of its program, by lines that ask, or by usual titles
("지원 동기"). Of those that mark two questions the one that begins first is taken, so that "[끝없는 도전]" below a
numbered question stays in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaso_core.records import Item
from jaso_crawl.letters.paragraphs import Paragraph

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
# One style of mark numbers one list: a list within an answer has another, or begins with 1 once more.
_MARKS = (
    re.compile(r"(?:질문|문항|문제|항목)\s?(\d{1,2})(?:번)?\s*[.):]?\s*"),
    re.compile(r"[\[(<〈【](?:질문|문항|Q)?\s?\.?(\d{1,2})(?:번)?[\])>〉】]\s*[.:]?\s*"),
    re.compile(r"Q\s?\.?\s?(\d{1,2})\s*[.):]?\s*", re.IGNORECASE),
    re.compile(r"(\d{1,2})\s?\.(?!\d)\s*"),
    re.compile(r"(\d{1,2})\s?\)(?!\d)\s*"),
    re.compile(rf"([{_CIRCLED}])\s*"),
    re.compile(rf"([{_ROMAN}])\s*[.)]?\s*"),
)
_LONGEST_QUESTION, _LONGEST_TITLE = 600, 40
_LIMIT = re.compile(r"\s*[(\[<][^()\[\]<>]{0,40}(?:자|[Bb]yte|바이트)[^()\[\]<>]{0,25}[)\]>]\s*$")
_INSTRUCTS = re.compile(
    r"(?:시오|세요|십시요|바랍니다|바람|할 것|쓸 것|적을 것|부탁드립니다|기술|서술|작성|기재|설명)$"
)
_WONDERS = re.compile(r"(?:니까|까요|나요|가요|은가|는가|인가)$")
_TITLES = re.compile(
    r"(?:지원|입사|지망)?(?:동기|이유|계기)(?:및입사후(?:포부|계획))?|(?:입사|지원)후(?:의)?(?:포부|계획|목표)|(?:장래|향후)?(?:포부|계획)"
    r"|(?:나의)?성장(?:과정|배경)|성격(?:의)?(?:및)?(?:장점과단점|장단점|강점과약점)?|(?:본인의)?장단점|(?:생활)?신조|가치관|좌우명"
    r"|(?:직무)?(?:역량|강점|경쟁력|적합성|전문성)|(?:직무|주요|사회|대외)?(?:경험|경력|활동)(?:사항|기술)?|학창시절|학교생활|자기소개"
    r"|(?:팀워크|협업|갈등해결|문제해결|도전|실패|성공|성취|리더십|창의성)(?:및극복)?(?:경험|사례)?"
)
# Titles of the whole letter.
_DOCUMENT = re.compile(r"(?:입사)?(?:자기소개서|지원서|이력서|경력기술서)")
_OPEN, _CLOSE = "[<【〈「", "]>】〉」"
_BULLET = re.compile(r"[■□◆◇●○▶#]+\s*(.+)")
_ODD = re.compile(r"[^0-9A-Za-z가-힣]")
_ENDS_SENTENCE = re.compile(r"(?:다|요|음|함)\s*[.!]?$")


@dataclass(frozen=True, slots=True)
class SplitLetter:
    """Questions with answers; what was before the first question, and unanswered ones."""

    items: tuple[Item, ...]
    preamble: int = 0
    """Characters before the first question."""
    unanswered: int = 0


def split_letter(paragraphs: Sequence[Paragraph]) -> SplitLetter:
    """Return a letter's questions and answers; no items where it marks no question."""
    ways = [find(paragraphs) for find in (_numbered, _styled, _asking, _titled)]
    # What begins later lies within an answer: a list below a title, a numbered heading below a line that asks.
    questions = _first([way for way in ways if len(way) > 1]) or _first(ways)
    if questions is None:
        return SplitLetter((), sum(len(paragraph.text) for paragraph in paragraphs))
    return _split(paragraphs, questions)


def _first(ways: Sequence[dict[int, str]]) -> dict[int, str] | None:
    """Return the questions that begin first; of several the earlier in the list."""
    return min((way for way in ways if way), key=min, default=None)


def _split(paragraphs: Sequence[Paragraph], questions: dict[int, str]) -> SplitLetter:
    items: list[Item] = []
    unanswered = 0
    starts = sorted(questions)
    for start, end in zip(starts, [*starts[1:], len(paragraphs)], strict=True):
        question, first = questions[start], start + 1
        # "1. 지원동기" and below it "지원한 동기를 기술하시오. (500자)": both are the question
        while first < end and not _begins_answer(paragraphs[first].text):
            line = _without_mark(paragraphs[first].text)
            question = f"{question}\n{line}" if line and line not in question else question
            first += 1
        body = [paragraph.text for paragraph in paragraphs[first:end]]
        answer = re.sub(r"\n{3,}", "\n\n", "\n".join(body)).strip()
        if answer:
            items.append(Item(question, answer))
        else:
            unanswered += 1
    preamble = sum(len(paragraph.text) for paragraph in paragraphs[: starts[0]])
    return SplitLetter(tuple(items), preamble, unanswered)


def _begins_answer(text: str) -> bool:
    return bool(text) and (not _instructs(text) or _tells(text))


def _numbered(paragraphs: Sequence[Paragraph]) -> dict[int, str]:
    """Return the questions of a numbering that counts 1, 2, 3 through the letter."""
    best: dict[int, str] = {}
    for mark in _MARKS:
        questions: dict[int, str] = {}
        for index, paragraph in enumerate(paragraphs):
            match = mark.match(paragraph.text)
            if match is None or _number(match[1]) != len(questions) + 1:
                continue
            rest = paragraph.text[match.end() :].strip()
            if _is_question_like(rest):
                questions[index] = rest
        # Of two numberings the outer one begins first.
        if questions and (not best or min(questions) < min(best)):
            best = questions
    return best


def _without_mark(text: str) -> str:
    match = next((match for mark in _MARKS if (match := mark.match(text))), None)
    return text[match.end() :].strip() if match else text


def _number(mark: str) -> int:
    for marks in (_CIRCLED, _ROMAN):
        if mark in marks:
            return marks.index(mark) + 1
    return int(mark)


def _is_question_like(text: str) -> bool:
    """Return whether a numbered line may be a question: it asks, or is no sentence."""
    if not text or len(text) > _LONGEST_QUESTION:
        return False
    return _is_asking(text) or (len(text) <= 2 * _LONGEST_TITLE and not _ENDS_SENTENCE.search(_LIMIT.sub("", text)))


def _is_asking(text: str) -> bool:
    return _instructs(text) or bool(_WONDERS.search(_bare_end(text)))


def _instructs(text: str) -> bool:
    return bool(_INSTRUCTS.search(_bare_end(text)))


def _unframed(text: str) -> str:
    """Return a line without the brackets around it or the bullet before it."""
    # "[지원 동기]" → 지원 동기, but "[회사]에 지원한 이유" and "[하나] 둘 [셋]" as they are
    if len(text) > _LONGEST_QUESTION:
        return text
    bullet = _BULLET.fullmatch(text)
    if bullet:
        return bullet[1]
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPEN) - (char in _CLOSE)
        if depth == 0:
            return text[1:-1].strip() if 0 < place == len(text) - 1 else text
    return text


def _tells(text: str) -> bool:
    """Return whether a line has a sentence that tells something, as an answer does."""
    return "다. " in text


def _bare_end(text: str) -> str:
    """Return a line without frame, limit such as (500자 이내) and last marks; "" if long."""
    return _LIMIT.sub("", _unframed(text)).strip().rstrip(".?!:; ") if len(text) <= _LONGEST_QUESTION else ""


def _styled(paragraphs: Sequence[Paragraph]) -> dict[int, str]:
    headings = _where(
        paragraphs, lambda paragraph: paragraph.is_heading and not _DOCUMENT.fullmatch(_ODD.sub("", paragraph.text))
    )
    followed = {index for index in headings if index + 1 < len(paragraphs) and index + 1 not in headings}
    usual = [index for index in followed if _is_title(headings[index]) or _is_asking(headings[index])]
    return {index: headings[index] for index in followed} if len(usual) * 2 >= len(followed) else {}


def _asking(paragraphs: Sequence[Paragraph]) -> dict[int, str]:
    return _where(
        paragraphs,
        lambda paragraph: (
            _is_asking(paragraph.text)
            and not _tells(paragraph.text)
            and _without_mark(paragraph.text) == paragraph.text
        ),
    )


def _titled(paragraphs: Sequence[Paragraph]) -> dict[int, str]:
    return _where(paragraphs, lambda paragraph: _is_title(paragraph.text))


def _is_title(text: str) -> bool:
    if len(text) > _LONGEST_TITLE:
        return False
    bare = _ODD.sub("", _LIMIT.sub("", _unframed(text)))
    return _TITLES.fullmatch(bare) is not None


def _where(paragraphs: Sequence[Paragraph], is_question: Callable[[Paragraph], bool]) -> dict[int, str]:
    """Return the questions; lines of them that follow each other directly are one."""
    questions: dict[int, str] = {}
    for index, paragraph in enumerate(paragraphs):
        if paragraph.text and is_question(paragraph) and index - 1 not in questions:
            questions[index] = _unframed(paragraph.text)
    return questions
