"""Rules for names of persons, schools and places, which are masked on request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaso_core.masking import places, tokens
from jaso_core.masking.morphology import analyse, is_common_noun, is_guess, is_ordinary_word
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
    rf"(?<![가-힣])(?P<name>{_SURNAME}[가-힣]{{1,2}})(?P<gap>[ \t]?)"
    rf"(?=(?P<title>{_TITLE})(?P<honorific>님)?(?:께|의|과|와|에게|이|가|은|는|을|를|도|,|\.|[ \t]|$))"
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
    for match in _BEFORE_TITLE.finditer(text):
        if not match["gap"] and _crosses(match["name"], match["title"]):
            continue
        if _is_person(match["name"], match["title"], match["honorific"] is not None):
            yield Edit(*match.span("name"), tokens.PERSON, "person")
    for match in _INTRODUCTION.finditer(text):
        if not is_common_noun(match["name"]) or len(match["name"]) == 3:
            yield Edit(*match.span("name"), tokens.PERSON, "person")


# No given name ends in these; as particles and endings they end words.
_NO_LAST_SYLLABLE = "는를던와과에께"
_PARTICLES_OF_TWO = frozenset(
    [
        *("에는", "에서", "에도", "에게", "에만", "으로", "까지", "부터", "보다", "처럼", "만을", "만이", "만의"),
        *("과는", "과의", "과도", "라는", "이란", "로서", "로써", "이며", "이고", "인데"),
    ]
)
_NO_NOUN = ("NP", "MM", "MAG", "MAJ", "IC", "VV", "VA", "VX")


def _is_person(name: str, title: str, honorific: bool) -> bool:
    """Whether surname and syllables before a title are a name, not words (신뢰와 책임)."""
    if name[-1] in _NO_LAST_SYLLABLE or name[1:] in _PARTICLES_OF_TWO or name in places.ALL_PLACES:
        return False
    first, *rest = analyse(name)
    # 이정서 팀장 is written in one: no 이 정서.
    if (is_common_noun(name) and not (first.tag == "MM" and len(name) == 3)) or _is_dictionary_word(name + title):
        return False  # 시간 대리, 하느님
    if not rest:
        return not first.tag.startswith(_NO_NOUN)  # 하지만 선배는
    # 신뢰와, 방대한, 주어진: a word of two syllables or more, then what grammar wants; not so 정승희, 임시주.
    if len(first.form) < 2 or first.tag == "NNP":
        return True
    if all(token.tag.startswith("J") for token in rest):
        return not _agrees(first.form, rest[0].form)
    if rest[-1].tag == "ETM":
        # 이동한 팀장님: a verb's past form is no word for a person, as the adjectives 우수한 and 친절한 are.
        return honorific and rest[0].tag == "XSV"
    # 강한결: 강한 and a noun, two words, were it no name.
    return not first.tag.startswith("V") or rest[-1].tag == "NNG"


def _crosses(name: str, title: str) -> bool:
    """Whether a known word reaches from the name into the title: 추운날씨."""
    return any(
        token.start < len(name) < token.start + token.len and not is_guess(token) for token in analyse(name + title)
    )


def _is_dictionary_word(word: str) -> bool:
    return is_ordinary_word(word) and len(analyse(word)) == 1


_AFTER_CONSONANT = {"은": True, "이": True, "을": True, "과": True, "는": False, "가": False, "를": False, "와": False}


def _agrees(noun: str, particle: str) -> bool:
    """Whether the particle has the form that the noun's last syllable asks for.

    이하은 is a name: 이하 would take 는.
    """
    has_final = (ord(noun[-1]) - 0xAC00) % 28 > 0
    return _AFTER_CONSONANT.get(particle, has_final) == has_final


def find_schools(text: str) -> Iterator[Edit]:
    """Yield full names of schools; 대학교 alone and 국립대학교 are none."""
    for match in _SCHOOL.finditer(text):
        if match["stem"] not in _NO_SCHOOL_NAME:
            yield Edit(*match.span("name"), tokens.SCHOOL, "school")


def find_regions(text: str) -> Iterator[Edit]:
    """Yield Korean provinces, cities, counties and districts."""
    for match in _PLACE.finditer(text):
        yield Edit(*match.span(), tokens.PLACE, "place")
