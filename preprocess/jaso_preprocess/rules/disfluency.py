"""Disfluency rules: which 그, 뭐, 이제 and 막 are hesitations.

Decided by Kiwi's tags and the neighbouring words. Pure functions of tokens; the caller loads Kiwi
(steps/structure/fillers.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

AMBIGUOUS = re.compile(r"(?<!\S)(?:그|뭐|이제|막)(?=[ \t])")
# 이제 and 막 are decided by the words beside them.
NEEDS_TAGS = re.compile(r"(?<!\S)(?:그|뭐)(?=[ \t])")


class Token(Protocol):
    """The attributes used of kiwipiepy's Token."""

    form: str
    tag: str
    start: int


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Nouns that 그 refers back with: time and place, abstract things, persons and organisations of a career.
_POINTED_AT = _words(
    """때 순간 당시 시간 시절 시기 기간 날 해 달 주 무렵 다음 뒤 후 이후 이전 전 동안 사이 중 중간 와중 외 밖 안 속
    위 아래 옆 앞 곳 자리 쪽 장소 일 점 것 거 말 말씀 이야기 얘기 질문 대답 생각 마음 느낌 기분 기억 경험 사건 사례
    상황 문제 문제점 원인 이유 까닭 방법 방식 방향 방안 목표 목적 결론 결과 성과 의미 뜻 가치 사실 내용 자체 이상 이하
    정도 만큼 대신 대가 노력 덕분 과정 부분 분야 단계 기회 사람 친구 분 분들 아이 학생 선배 후배 동료 팀원 고객 손님
    회사 기업 직장 기관 학교 팀 부서 동아리 수업 과목 프로젝트 제품 서비스 업무 직무 역할 계획 관계 차이 모습 태도
    자세 행동 습관 약속 원칙 기준 조건 환경 분위기 조언 도움 책 글 영화 사진 남자 여자 애 놈 녀석 집 나라 지역 길 돈
    정보 자료 이름 대로 즉시 자신 본인 전체 모두 누구 무엇 어디 어느 동네 선생 교수 의견 아이디어 끝 마지막 시작 대상
    상대 가운데 나머지 반대 모양 꼴 역시 뿐"""
)
# Nouns used as adverbs: 그 does not refer to them.
_ADVERBIAL = _words("지금 처음 사실 직접 먼저 현재 요즘 최근 오늘 어제 올해 작년 지난해 재작년 그때 평소 혼자 서로 예")
_ADVERB = re.compile(
    r"그[ \t]+(?:생각보다|예상보다|앞으로|반대로|실제로|처음에|다들|다음으로|나중에|끝까지|눈에[ \t]띄)"
)
_DETERMINERS = _words("모든 어떤 어느 많은 한 두 세 네 몇 여러 첫 새 다른 온갖 각 무슨")
_DEGREES = _words("또한 역시 조차 마저 바로 가장 제일 아주 매우 너무 정말 유명 잘 좀 조금 더")
_SPLIT_TAGS = ("VV", "VX", "NP", "IC", "MAJ", "NR", "XSV", "J", "W")
_NOUNS = ("NNG", "NNP", "XPN", "XR", "SL")
_INDEFINITE_FOLLOWS = re.compile(
    r"[ \t]+(?:하나|하러|하는|하고 있|하고 싶|해[ ?.]|했|할|한(?!번)|하[니자지]|먹|입|마시|"
    r"볼|있|없|좀|든|라도|같은|때문)"
)
_NOW_FOLLOWS = re.compile(
    r"[ \t]+(?:시작|겨우|와서|부터|더[ \t]|곧|그만|갓|다시는|끝|없|안[ \t]|못|됐|되었|\d+(?:년|개월|살|학년|주))"
)
# At a clause's head, 이제 before a change or a turn means now.
_TURN_FOLLOWS = re.compile(r"[^.!?\n]{1,15}?(?:때가|때예|때입|때이|차례|시간이|지 말|지 마|해야|게 되|졌)")
_CLAUSE_HEAD = re.compile(r"(?:^|[.!?\n,][ \t]*|(?:[은는도]|나|너|왜|네|진짜|그래)[ \t]+)\Z")
# 뭐 in a question asks: 뭐 심어 볼까, 뭐 부르지.
_QUESTION_FOLLOWS = re.compile(
    r"[ \t]+(?:\S+[ \t]+){0,2}\S*(?:까|지|나|냐|니|는지|을지|야)요?[?]?"
    r"(?:[ \t]*(?:[.!\n]|\Z)|[ \t]+(?:하고|고민|생각|물))"
)
_JUST_NOW = (
    r"[ \t]+(?:시작|졸업|입사|입학|도착|출발|전역|제대|취업|결혼|이사|끝[나난났]|나[오온왔가간갔]|"
    r"들어[오온왔가간갔]|태어|올라|문을|[가-힣]+려[던는고])"
)
_JUST_FOLLOWS = re.compile(_JUST_NOW + r"|[ \t]+(?:대하|대해[ \t]주|쓰[는고]|살[아았]|굴)")
_STILL_JUST = re.compile(r"[ \t]+막" + _JUST_NOW)
_CONTEXT = 5000  # characters: a mention farther back is not referred to
_BEFORE_NOW = re.compile(r"(?:바로|지금|갓|방금)[ \t]+\Z")


def is_hesitation(text: str, start: int, end: int, tokens: Sequence[Token], index: int | None) -> bool:
    """Return whether the word text[start:end] is a hesitation.

    `index`: its token, None where Kiwi joined it with another word.
    """
    word = text[start:end]
    behind = text[end : end + 30]
    if word == "이제":
        front = text[max(0, start - 5) : start]
        if _CLAUSE_HEAD.search(text[max(0, start - 10) : start]) and _TURN_FOLLOWS.match(behind):
            return False
        return not (_NOW_FOLLOWS.match(behind) or _STILL_JUST.match(behind) or _BEFORE_NOW.search(front))
    if word == "막":
        return not _JUST_FOLLOWS.match(behind)
    if index is None:
        return False
    if word == "뭐":
        if _INDEFINITE_FOLLOWS.match(behind) or _QUESTION_FOLLOWS.match(behind):
            return False
        return tokens[index].tag == "IC" or _tag(tokens, index + 1)[:2] not in ("VV", "VA", "VC", "NR")
    return _is_filler_that(text, start, tokens, index)


def _is_filler_that(text: str, start: int, tokens: Sequence[Token], index: int) -> bool:
    """Return whether a 그 refers to nothing.

    It is before no noun, before a noun that is a verb's stem, or before one that was not mentioned.
    """
    tag, form = _tag(tokens, index + 1), tokens[index + 1].form if index + 1 < len(tokens) else ""
    if _ADVERB.match(text, start):
        return True
    if form in _POINTED_AT and tag.startswith("N"):
        # 그 생각합니다: the noun is the verb's stem, unless the verb modifies a noun: 그 말씀하신 내용.
        is_stem = _tag(tokens, index + 2) in ("XSV", "XSA")
        return is_stem and (_tag(tokens, index + 3) != "ETM" or _object_before(tokens, index))
    if tag == "MM":
        return form not in _DETERMINERS
    if tag == "MAG":
        return form not in _DEGREES
    if tag.startswith(_SPLIT_TAGS):
        return form not in _DEGREES
    if tag not in _NOUNS:
        return False
    if form in _ADVERBIAL or _tag(tokens, index + 2) in ("XSV", "XSA") or _object_before(tokens, index):
        return True
    return form not in text[max(0, start - _CONTEXT) : start]


def _tag(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].tag if index < len(tokens) else ""


def _object_before(tokens: Sequence[Token], index: int) -> bool:
    """Return whether an object is right before.

    Its verb follows, seldom another noun that 그 refers to.
    """
    return index > 0 and tokens[index - 1].tag == "JKO"
