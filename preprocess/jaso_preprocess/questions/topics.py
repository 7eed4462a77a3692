"""Question types (topics): motives, plans, character …

Also how well a paragraph answers a type of question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jaso_preprocess.questions.topic_lexicon import ANSWER_CUES, QUESTION_CUES

TOPICS: dict[str, str] = {
    "motivation": "지원동기",
    "plan": "입사 후 포부",
    "growth": "성장과정",
    "character": "성격의 장단점",
    "strength": "직무역량·강점",
    "experience": "경력·활동",
    "teamwork": "협업",
    "conflict": "갈등·설득",
    "leadership": "리더십",
    "relationship": "대인관계",
    "failure": "실패·어려움",
    "achievement": "도전·성취",
    "problem_solving": "문제해결",
    "creativity": "창의·혁신",
    "values": "가치관·윤리",
    "stress": "스트레스·업무 태도",
    "issues": "산업·사회 이슈",
    "introduction": "자기소개",
}
"""Question types with the labels that reports show."""

_THRESHOLD = 1.8
_LONGEST_TITLE = 30
_LONGEST_QUESTION = 1000
_OTHER_CUES = 0.2
_POSITION_PENALTY, _MAX_POSITION = 0.02, 20  # a character, characters
_MAX_HITS = 2  # the third "팀원" of a paragraph adds nothing
_UNIT = r"\d[\d,]*\s*(?:글?자|[Bb]ytes?|BYTES?|바이트)"
_LIMIT = re.compile(
    rf"[(\[<〈][^()\[\]<>〈〉\n]{{0,20}}{_UNIT}[^()\[\]<>〈〉\n]{{0,25}}[)\]>〉]"
    rf"|(?:최대|최소)?\s*{_UNIT}\s*(?:이내|이하|이상|내외|미만|내|까지|제한)?[ \t]*(?=$|[.,/;\n※])"
)
_REMARK = re.compile(r"\s*[(\[<〈][^()\[\]<>〈〉\n]{1,60}[)\]>〉]\s*$")
_ASKS = re.compile(
    r"(?:시오|세요|셔요|십시요|니까|까요|나요|가요|래요|은가|는가|인가|던가|바랍니다|주기 바람|"
    r"바람|할 것|쓸 것|적을 것|하라|쓰라|시기|부탁드립니다|"
    r"기술|서술|작성|기재|설명|제시|요망|무엇|이유는|계기는|써\s?주(?:세요)?|무엇인지|봅시다|하기|"
    r"습니까|해주길)$"
)
_TITLE_END = re.compile(
    r"(?:동기|이유|계기|과정|배경|포부|계획|목표|비전|경험|경험담|사례|활동|경력|이력|사항|역량|"
    r"능력|강점|약점|장점|단점|장단점|보완점|"
    r"성격|가치관|인생관|직업관|좌우명|신조|신념|소개|소개서|전문성|적합성|경쟁력|자질|노력|도전|"
    r"극복|해결|협업|협력|팀\s?워크|리더십|"
    r"성취|성과|생활|시절|대인\s?관계|인간\s?관계|방안|시도|윤리|이슈|동향|트렌드|모습|특기|"
    r"창의성|책임감|열정|갈등|소통|관심사|하고\s?싶은\s?말)"
    r"(?:에\s?대하여|에\s?대해서?)?$"
)
_TRAILING = re.compile(r"(?:[\s.!?~:;…,/*※)\]>〉\"'”’-]|(?<=[*\s(\[])(?:필수|선택)(?=[\s)\]]*$))+$")
_ASKS_BEFORE_REMARK = re.compile(r"(?:시오|세요|니까|바랍니다|십시요)[ \t]*[.?]?[ \t]*\n?[ \t]*(?=[(\[<※*])")
_ASKING_MARK = re.compile(r"[?？][\s)\]\"'”’]*$")


@dataclass(frozen=True, slots=True)
class _Cue:
    pattern: re.Pattern[str]
    weight: float


def _compiled(table: Mapping[str, Mapping[float, str]]) -> dict[str, tuple[_Cue, ...]]:
    return {
        topic: tuple(_Cue(re.compile(pattern), weight) for weight, pattern in cues.items())
        for topic, cues in table.items()
    }


_QUESTION_CUES, _ANSWER_CUES = _compiled(QUESTION_CUES), _compiled(ANSWER_CUES)


@lru_cache(maxsize=4096)
def topic_of(question: str) -> str | None:
    """Classify a question, a task ("… 기술하시오") or a title ("입사 후 포부").

    None when no cue decides. The first key of TOPICS wins among types of equal weight. Cached: many people answer one
    question.
    """
    if len(question) > _LONGEST_QUESTION or not (is_asking(question) or is_title(question)):
        return None
    scores = {topic: _topic_weight(question, cues) for topic, cues in _QUESTION_CUES.items()}
    best = max(TOPICS, key=lambda topic: scores[topic])
    return best if scores[best] >= _THRESHOLD else None


def _topic_weight(question: str, cues: tuple[_Cue, ...]) -> float:
    """Weigh a topic's cues in a question.

    The strongest cue counts; others only decide between near-equals, and so does the position: 지원동기 및 포부 is the
    former.
    """
    hits = [(cue.weight, match.start()) for cue in cues if (match := cue.pattern.search(question))]
    if not hits:
        return 0.0
    # "지원동기 및 포부": motivation 3.5 at 0, plan 3.6 at 7 → 3.5 and 3.6 − 7 · 0.02 = 3.46: motivation.
    best, position = max(hits)
    others = sum(weight for weight, _ in hits) - best
    return best + _OTHER_CUES * others - _POSITION_PENALTY * min(position, _MAX_POSITION)


def is_title(text: str) -> bool:
    """Return whether the text is a question title: 지원 동기, [성격의 장단점]."""
    if len(text) > _LONGEST_QUESTION:
        return False
    whole = without_limits(text)
    # "지원 동기 (1000자 이내)" and "입사 후 포부 *필수" are titles: limits and remarks are taken off first.
    forms = (_TRAILING.sub("", form).strip() for form in (whole, _REMARK.sub("", whole)))
    return any(2 <= len(form) <= _LONGEST_TITLE and _TITLE_END.search(form) for form in forms)


def is_asking(text: str) -> bool:
    """Return whether the text ends as a question or a task does.

    Limits such as (1000자 이내) at its end do not count.
    """
    bare = without_limits(text[-_LONGEST_QUESTION:]).rstrip()
    if _ASKS_BEFORE_REMARK.search(bare):  # … 기술하시오. (다음을 포함: …)
        return True
    return any(
        _ASKING_MARK.search(form) or _ASKS.search(_TRAILING.sub("", form)) for form in (bare, _REMARK.sub("", bare))
    )


def without_limits(text: str) -> str:
    """Remove the limits of the answer's length from a question."""
    return _LIMIT.sub(" ", text)


def topic_score(paragraph: str, topic: str | None) -> float:
    """Score how much a paragraph speaks of a topic.

    The sum of its cues' weights, at least 0; 0 for None.
    """
    if topic is None:
        return 0.0
    return sum(
        cue.weight * min(_MAX_HITS, sum(1 for _ in cue.pattern.finditer(paragraph)))
        for cue in _ANSWER_CUES.get(topic, ())
    )
