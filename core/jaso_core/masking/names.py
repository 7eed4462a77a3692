"""Rules for names of persons, schools and places, which are masked on request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaso_core.masking import places, tokens
from jaso_core.masking.morphology import is_common_noun
from jaso_core.text.edits import Edit

_SURNAME = (
    "(?:남궁|황보|제갈|사공|선우|독고|"
    "[김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도"
    "소석선설마길연위표명기반왕금옥육인맹제모탁국])"
)
_TITLE = (
    "팀장|부장|과장|차장|대리|주임|사원|선임|책임|수석|이사|상무|전무|대표|사장|회장|실장|본부장|센터장|소장|원장|교수|선생|강사|박사|조교|"
    "멘토|코치|감독|매니저|선배|후배|기자|작가|변호사|의사|간호사|씨|군|양|님"
)
_BEFORE_TITLE = re.compile(
    rf"(?<![가-힣])(?P<name>{_SURNAME}[가-힣]{{1,2}})[ \t]?"
    rf"(?=(?:{_TITLE})(?:님)?(?:께|의|과|와|에게|이|가|은|는|을|를|도|,|\.|[ \t]|$))"
)
_INTRODUCTION = re.compile(
    rf"(?:저는|제[ \t]이름은|이름은|지원자|성명[ \t]?[:：]|이름[ \t]?[:：]|안녕하(?:세요|십니까)[,.!]?)[ \t]{{1,4}}"
    rf"(?:지원자[ \t]{{1,4}})?(?P<name>{_SURNAME}[가-힣]{{1,2}})(?=입니다|이라고|라고|이고|이며|[ \t]?\n|$|[,.])"
)
_SCHOOL_KIND = "여자대학교|대학교|대학원|여자고등학교|고등학교|여고|외고|과학고|중학교|초등학교|전문대학?|사이버대학?"
_SCHOOL = re.compile(
    rf"(?<![가-힣])(?P<name>(?P<stem>[가-힣A-Z]{{2,10}}?)(?:{_SCHOOL_KIND}))"
    r"(?=[^가-힣]|[을를이가은는의에와과도]|에서|으로|부터|까지|$)"
)
_PLACE = re.compile(
    "(?<![가-힣])(?:"
    + "|".join(sorted({*places.PROVINCES, *places.REGIONS}, key=len, reverse=True))
    + ")(?=[^가-힣]|에서|에|의|은|는|이|가|을|를|으로|로|과|와|도|까지|부터)"
)
_NO_SCHOOL_NAME = frozenset(
    [
        "종합",
        "국립",
        "사립",
        "시립",
        "공립",
        "지방",
        "우리",
        "같은",
        "다른",
        "모교",
        "여자",
        "특성화",
        "일반",
        "인문계",
        "실업계",
        "전문",
        "해외",
        "국내",
        "유명",
        "남녀",
    ]
)


def find_persons(text: str) -> Iterator[Edit]:
    """Yield names of persons.

    A surname and one or two syllables, before a title or where writers introduce themselves.
    """
    for pattern in (_BEFORE_TITLE, _INTRODUCTION):
        for match in pattern.finditer(text):
            if not is_common_noun(match["name"]) or (pattern is _INTRODUCTION and len(match["name"]) == 3):
                yield Edit(*match.span("name"), tokens.PERSON, "person")


def find_schools(text: str) -> Iterator[Edit]:
    """Yield full names of schools; 대학교 alone and 국립대학교 are none."""
    for match in _SCHOOL.finditer(text):
        if match["stem"] not in _NO_SCHOOL_NAME:
            yield Edit(*match.span("name"), tokens.SCHOOL, "school")


def find_regions(text: str) -> Iterator[Edit]:
    """Yield Korean provinces, cities, counties and districts."""
    for match in _PLACE.finditer(text):
        yield Edit(*match.span(), tokens.PLACE, "place")
