"""Headings that name their question: 2. 입사 후 포부, [성장과정], 지원동기 : …

Or repeat it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from jaso_preprocess.questions.lines import ends_a_sentence
from jaso_preprocess.questions.split_question import leading_number
from jaso_preprocess.questions.topics import is_asking, is_title, topic_of, without_limits

ECHO, TITLE, NUMBERED, NUMBER = 9.0, 6.0, 3.0, 1.5
_ALIKE = 0.7
_LONGEST_TITLE, _LONGEST_HEADING = 34, 70
_FRAMED = re.compile(
    r"[ \t]*(?P<open>[\[<〈【『「《(\"'“‘■□◆◇●○▶▷★☆※#]+)[ \t]*(?P<title>[^\n\]>〉】』」》)\"'”’]{2,70})"
    r"[\]>〉】』」》)\"'”’]*[ \t]*"
)
_COLON = re.compile(r"[^\n:：]{2,40}?[ \t]*[:：](?:[ \t]+|$)")
_BARE = re.compile(r"[^0-9A-Za-z가-힣]")
_NUMBER_ALONE = re.compile(r"[0-9]{1,2}")
_WORD = re.compile(r"[가-힣]{2,}")
_COMMON = frozenset(
    re.split(
        r"\s+",
        "경험 과정 기술 서술 작성 본인 자신 구체 사례 대해 대하 이유 무엇 생각 말씀 주십 주세 하시 자유 "
        "가장 통해 위해 그리 어떻 어떤 있는 있다 결과 노력 해당 우리 회사 당사 설명 기재 이내 중심",
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a blob, with precomputed features."""

    index: int
    text: str
    bare: str
    topic: str | None
    words: frozenset[str]


def question_of(index: int, text: str) -> Question:
    """Build a Question; `index` counts from 0."""
    return Question(index, text, _letters_only(without_limits(text)), topic_of(text), stems(text))


def stems(text: str) -> frozenset[str]:
    """Return the first two syllables of each content word.

    That is where Korean words have their meaning.
    """
    # "입사 후 포부를 기술하시오" → 입사, 포부: 후 is too short, and 기술 is in every question.
    return frozenset(word[:2] for word in _WORD.findall(without_limits(text))) - _COMMON


def heading_score(line: str, question: Question) -> float:
    """Score a line, or its start, as the heading of a question's answer; 0 for none."""
    # For question 2, 입사 후 포부: "2. 입사 후 포부" 12, "입사 후 포부" 9, "1. 입사 후 포부" 6, "2." alone 6
    number, rest = split_number(line)
    is_own_number = number is not None and number == question.index + 1
    if not rest:
        return TITLE if is_own_number else 0.0
    score = max((_title_score(title, question) for title in _candidate_titles(rest)), default=0.0)
    if score:
        return score + (NUMBERED if is_own_number else -NUMBERED if number is not None else 0.0)
    if not is_own_number:
        return 0.0
    return NUMBERED if not ends_a_sentence(rest) and len(rest) <= _LONGEST_HEADING else NUMBER


def split_number(line: str) -> tuple[int | None, str]:
    """Split a line into its leading number, if any, and the rest."""
    bare = line.strip()
    if _NUMBER_ALONE.fullmatch(bare):
        return int(bare), ""
    mark = leading_number(bare)
    return (mark[0], bare[mark[1] :].strip()) if mark else (None, bare)


def is_heading_like(line: str) -> bool:
    """Return whether a line is short and without a sentence ending, framed or not."""
    bare = line.strip()
    framed = _FRAMED.fullmatch(bare)
    return 2 <= len(bare) <= _LONGEST_HEADING and (bool(framed) or (len(bare) <= 45 and not ends_a_sentence(bare)))


def _candidate_titles(rest: str) -> list[str]:
    """Return what may be a title.

    The whole line, what is before a colon, what is in brackets at its start.
    """
    # "[성장과정] 저는 부산에서" → the line and 성장과정; "지원동기: 저는 귀사의" → the line and 지원동기
    titles = [rest] if len(rest) <= 2 * _LONGEST_HEADING else []
    for pattern in (_COLON, _FRAMED):
        match = pattern.match(rest)
        if match:
            titles.append(match["title"] if pattern is _FRAMED else match.group().rstrip(" \t:："))
    return titles


def _title_score(title: str, question: Question) -> float:
    title_letters = _letters_only(without_limits(title))
    if len(title_letters) >= 6 and is_asking(title) and _is_echo(title_letters, question.bare):
        return ECHO
    if title_letters and title_letters == question.bare:
        return ECHO
    if not is_title(title) or len(title_letters) > _LONGEST_TITLE:
        return 0.0
    topic = topic_of(title)
    if topic is not None and topic == question.topic:
        return TITLE
    words = stems(title)
    return TITLE - 2 if words and len(words & question.words) * 2 >= len(words) else 0.0


def _is_echo(title: str, question: str) -> bool:
    if title in question or question in title:
        return min(len(title), len(question)) >= 0.5 * max(len(title), len(question))
    # real_quick_ratio is an upper bound by the lengths alone: most lines fail it, which saves the comparison.
    matcher = SequenceMatcher(None, title, question, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _letters_only(text: str) -> str:
    return _BARE.sub("", text)
