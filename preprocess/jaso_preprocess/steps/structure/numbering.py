"""Question echoes: answers that begin with their question or its short name.

Such as "1. 성장과정" and "지원동기 :".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from jaso_core.records import Document, Item
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.questions.lines import NUMBER, Line, ends_a_sentence, lines_of
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

# Section titles of Korean letters. The last word decides, the others must be title words too.
_LAST = (
    "동기|이유|계기|배경|과정|포부|계획|목표|비전|꿈|경험|경험담|사례|활동|경력|이력|경력사항|역량|능력|강점|약점|장점|단점|장단점|"
    "성격|가치관|인생관|직업관|좌우명|생활신조|신조|소개|자기소개|소개서|특기|취미|전문성|전문지식|자질|적합성|준비|노력|시도|도전|"
    "극복|해결|갈등|소통|협업|협력|팀워크|리더십|실패|성공|성취|성과|봉사|봉사활동|창의성|책임감|생활|학교생활|대학생활|학창시절|"
    "대인관계|관계|기여|기여방안|방안|관심|이해도|역할|보완점|특징|특성|사항|기술|경쟁력|차별점|인재상|윤리|각오|모습"
)
_OTHER = (
    "대인|인간|나의|나|저의|본인|본인의|자신의|자신만의|나만의|우리|회사|당사|기업|직무|지원|입사|입사후|향후|장래|미래|성장|성격의|성격상의|"
    "학교|학업|대학|직장|업무|사회|인턴|프로젝트|동아리|팀|조직|공동체|단체|문제|위기|갈등|실패|실패를|어려움|어려움을|난관을|한계를|"
    "갈등을|문제를|도전|도전적인|창의적|창의적인|새로운|성공|성취|성공적인|주요|보유|핵심|관련|필요|필요한|대한|위한|위해|통해|극복한|"
    "해결한|세운|이룬|이겨낸|달성한|발휘한|기울인|노력한|쌓은|배운|가장|큰|힘들었던|어려웠던|열정|열정적인|몰입한|협업|협력|협동|소통|"
    "설득|전공|전문|희망|선택|분야|장점과|장점|강점과|강점|장단점과|및|와|과|후|전|또는|앞으로의|커리어|직업|윤리|의사소통|의사|"
    "리더십|팀워크|봉사|사회|해외|연수|교육|경력|생활|활동|자기|자기개발|자기계발|고객|글로벌|기타|특이|특별|특별한|사항|인생|삶의|"
    "목표|목표를|비전과|포부와|동기와|계획과|이유와|변화|혁신|개선|책임|책임감|정직|신뢰|인재"
)
_PARTS = rf"(?:{_LAST}|{_OTHER})"
_JOIN = r"(?:[ \t]*[·,/&+][ \t]*|[ \t]*)"
_TITLE = re.compile(rf"(?:{_PARTS}{_JOIN}){{0,6}}(?:{_LAST})(?:에[ \t]대하여|에[ \t]대해)?")
_COLON = re.compile(r"(?<![ \t])[ \t]*+[:：][ \t]*+")
_LONGEST_TITLE = 30
_SHORTEST_ANSWER = 12  # "장점: 끈기" is a line of a list, and its own answer
_FRAME = re.compile(r"^[\[<〈【(\"']\s*|\s*[\]>〉】)\"']$")
_NOISE = re.compile(
    r"\(?[\[(]?\s{0,3}(?:공백\s?(?:포함|제외)\s{0,3})?[\d,]{1,9}\s{0,3}(?:자|byte|바이트)[^)\]\n]{0,12}[)\]]?"
    r"|[^0-9A-Za-z가-힣]",
    re.I,
)
_SHARE, _SHARED_PIECE = 0.8, 0.6
_ASKS = re.compile(r"(?:시오|세요|니까|까요|나요|는가|바랍니다|십시요|는지|라)$")
_SHORTEST_ECHO = 8
# A longer line holds too much beside the question, even if every second character were a blank or a mark.
_TIMES_LONGER, _LIMIT_NOTE = 4, 60
_LONGEST_ECHO, _LONGEST_QUESTION = 1000, 5000


def echo_edits(answer: str, question: str | None) -> list[Edit]:
    """Remove the echoes at the starts of an answer's paragraphs.

    What follows them is never empty.
    """
    question_letters = _letters_only((question or "")[:_LONGEST_QUESTION])
    return to_fixpoint(answer, lambda text: _once(text, question_letters))


def _once(text: str, question_letters: str) -> list[Edit]:
    lines = [line for line in lines_of(text) if line.bare]
    edits: list[Edit] = []
    for index, line in enumerate(lines):
        first = index == 0
        if not (first or ends_a_sentence(lines[index - 1].text)):
            continue
        end = _end_of_echo(line, question_letters, first)
        if end is None:
            continue
        # "1. 성장과정\n저는 …" → edit (0, 8); "지원동기 : 저는 …" → edit (0, 7)
        if end == line.end:  # the whole line: what follows moves up
            following = lines[index + 1] if index + 1 < len(lines) else None
            if following is None or is_title(_unnumbered(following.bare)):
                continue  # a list of titles is a table of contents or an outline
            end = following.start + len(following.text) - len(following.text.lstrip())
        edits.append(Edit(line.start, end, "", "question_echo"))
    return edits


def _end_of_echo(line: Line, question_letters: str, first: bool) -> int | None:
    """Return where an echo at the line's start ends.

    The line's end, or after a colon; None without an echo.
    """
    number = NUMBER.match(line.text)
    begin = number.end() if number else len(line.text) - len(line.text.lstrip())
    rest = line.text[begin:].rstrip()
    if is_title(rest.rstrip(" \t:：")) or _is_echo(rest, question_letters):
        return line.end
    colon = _COLON.search(rest)
    if (
        colon
        and len(rest) - colon.end() >= _SHORTEST_ANSWER
        and is_title(rest[: colon.start()])
        and (first or number or len(rest) > 40)
    ):
        return line.start + begin + colon.end()
    return None


def is_title(text: str) -> bool:
    """Return whether a line is a section's title: 지원동기, [성장 과정]."""
    return len(text) <= _LONGEST_TITLE and bool(_TITLE.fullmatch(_FRAME.sub("", text)))


def _is_echo(text: str, question_letters: str) -> bool:
    """Return whether a line repeats the question, or one of the questions."""
    if len(text) > min(_LONGEST_ECHO, _TIMES_LONGER * len(question_letters) + _LIMIT_NOTE):
        return False
    letters = _letters_only(text)
    if len(letters) < _SHORTEST_ECHO or len(question_letters) < _SHORTEST_ECHO:
        return False
    if letters in question_letters:
        return True
    if question_letters in letters:
        return len(question_letters) >= _SHARE * len(letters)
    if not _ASKS.search(letters):
        return False
    # The same question with another word for the company: a long common substring decides.
    size = max(_SHORTEST_ECHO, math.ceil(_SHARED_PIECE * len(letters)))
    return any(letters[start : start + size] in question_letters for start in range(len(letters) - size + 1))


def _letters_only(text: str) -> str:
    return _NOISE.sub("", _unnumbered(text))


def _unnumbered(text: str) -> str:
    number = NUMBER.match(text)
    return text[number.end() :] if number else text


@STEPS.register("numbering")
class Numbering(EditStep):
    """Removes "1. 성장과정", "지원동기 :" and repeated questions from answers.
    At the heads of an answer and of its parts.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str, question: str | None = None) -> Sequence[Edit]:
        return echo_edits(text, question) if field == "answer" else []

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Return the edits of the answer, which depend on its question."""
        del document
        return {"answer": self.edits(item.answer, "answer", item.question)} if item.answer else {}
