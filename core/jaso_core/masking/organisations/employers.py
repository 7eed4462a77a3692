"""Employer detection by form and context, for companies that no field names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaso_core.masking.common_words import MODIFIERS, TECHNOLOGIES
from jaso_core.masking.morphology import (
    analyse,
    is_common_noun,
    is_dictionary_compound,
    is_phrase,
    is_proper_noun,
)
from jaso_core.masking.organisations.context import AS_EMPLOYER, DUTY, EMPLOYED, LATER, NAME_END, PLANS, STRONG, WEAK
from jaso_core.masking.organisations.industry_lexicon import (
    BOUND,
    ENGLISH,
    FIELD_LETTERS,
    HOMONYMS,
    HOUSES,
    PUBLIC,
    SOURCES,
    SUFFIXES,
)
from jaso_core.masking.organisations.legal_forms import BEHIND, SHORT_IN_BRACKETS, find_by_legal_form
from jaso_core.masking.organisations.no_company import is_kind_of_house
from jaso_core.masking.places import ABROAD, ALL_PLACES

Span = tuple[int, int, str]

_TAIL = rf"(?:{BEHIND})?(?:{SHORT_IN_BRACKETS})?"
_SUFFIXED = re.compile(
    # 니다 in between ends a sentence without full stop and blank.
    r"(?:(?<![가-힣A-Za-z0-9])|(?<=니다))(?P<name>(?P<latin>[A-Z][A-Za-z&]{0,7})?(?P<stem>(?!저는|저의|제가|나는)(?:(?!니다)[가-힣]){0,12}?)"
    rf"(?P<suffix>{'|'.join(SUFFIXES)}))(?={_TAIL}{NAME_END})"
)
_ENGLISH_WORDS = sorted({word for words in ENGLISH.values() for word in words if len(word) > 2}, key=len, reverse=True)
_ENGLISH = re.compile(
    rf"(?<![A-Za-z0-9])(?P<first>[A-Z][A-Za-z&]{{1,24}})[ \t](?:[A-Z][A-Za-z&]+[ \t])?"
    rf"(?:{'|'.join(map(re.escape, _ENGLISH_WORDS))})(?![A-Za-z0-9])"
)
_CAPITALS = re.compile(r"(?<![A-Za-z0-9&@#./-])(?P<name>[A-Z][A-Z&]{1,5})(?![A-Za-z0-9&])(?=[가-힣 \t(])")
_WORD = re.compile(
    r"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣]{2,8}?)"
    r"(?=에서는?[ \t]|에[ \t](?:입사|재직|다니|다닐|다녔)|[ \t]재직[ \t]|[ \t]인턴)"
)
_LISTED = re.compile(r"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣]{2,8}?)(?:[와과,·/]|이?랑|하고|[ \t]및)[ \t]{0,2}$")
_LONGEST_LIST = 5
# "가나다커피 강남역점에서" is read from 점: many words end in it (관점, 장점), few with a place before it.
_BEHIND_BRANCH = re.compile(
    r"에서|에[ \t]|의[ \t]|을|를|은|이|[,.)]|$"
    r"|[ \t](?:매니저|점장|직원|알바|아르바이트|인턴|근무|바리스타|캐셔|파트타)"
)
_SHOP = re.compile(r"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣A-Za-z0-9&]{2,14})[ \t](?P<branch>[가-힣0-9]{2,8}|본)$")
_STATION = re.compile(r"(?<=[가-힣]{2})(?:역|대|입구|구청|시청|사거리|본)$")
_BRANCHES = frozenset(["본", "직영", "가맹", "1호", "2호", "3호", "강남역", "대학", "터미널", "공항", "백화"])
_FIELD_WORDS = re.compile(
    "|".join(sorted({*FIELD_LETTERS, "학교", "청소년", "장애", "여성", "청년"}, key=len, reverse=True))
)
# Latin letters that can be read as Hangul syllables: Gasang, Haeullimteo.
_ROMANISED_HANGUL = re.compile(
    r"(?i)(?:(?:kk|tt|pp|ss|jj|ch|[gndrlmbsjktph])?(?:yeo|yae|wae|eui|ae|ya|eo|ye|wa|oe|yo|wo|we|wi|yu|eu|ui|[aeoui])(?:ng|[nmlktp])??)+"
)


def find_employers(text: str) -> Iterator[Span]:
    """Yield (start, end, plain name) of employers, by form or context.

    Spans may overlap.
    """
    yield from find_by_legal_form(text)
    for match in _suffix_matches(text):
        if _is_company_name(match):
            tail = _TAIL_PATTERN.match(text, match.end())
            yield match.start(), tail.end() if tail else match.end(), match["name"]
    for match in _ENGLISH.finditer(text):
        first = match["first"]
        if first not in TECHNOLOGIES and (
            STRONG.match(text, match.end())
            or (WEAK.match(text, match.end()) and (first.isupper() or _is_romanised_hangul(first, text, match.end())))
        ):
            yield *match.span(), match.group()
    for match in _CAPITALS.finditer(text):
        name = match["name"]
        if name not in TECHNOLOGIES and len(set(name)) > 1 and _is_used_as_employer(text, match, name):
            yield *match.span(), name
    for match in _WORD.finditer(text):
        name = match["name"]
        if AS_EMPLOYER.match(text, match.end()) and is_proper_noun(name) and not is_kind_of_house(name):
            yield *match.span(), name
            yield from _listed_before(text, match.start())
    yield from _find_shops(text)


def _listed_before(text: str, end: int) -> Iterator[Span]:
    """Yield the names in a list that an employer ends: 가게 names in "A와 B에서 아르바이트"."""
    for _ in range(_LONGEST_LIST):
        match = _LISTED.search(text, max(0, end - _LONGEST_WORD), end)
        if match is None or match["name"] in ALL_PLACES or not is_proper_noun(match["name"]):
            return
        yield *match.span("name"), match["name"]
        end = match.start("name")


def _find_shops(text: str) -> Iterator[Span]:
    """Yield names of chains before a branch: 가나다커피 강남역점."""
    end = text.find("점")
    while end >= 0:
        at, end = end, text.find("점", end + 1)
        match = _BEHIND_BRANCH.match(text, at + 1) and _SHOP.search(text, max(0, at - _LONGEST_WORD), at)
        if not match:
            continue
        name, branch = match["name"], match["branch"]
        place = _STATION.sub("", branch)
        is_branch = branch in _BRANCHES or place in ALL_PLACES or (len(place) >= 2 and is_proper_noun(place))
        parts = analyse(name)
        if (
            is_branch
            and name not in MODIFIERS
            and name not in ALL_PLACES
            and not is_common_noun(name)
            and not is_phrase(name)
            and parts[-1].tag.startswith(("NN", "SL", "XSN"))
            and not all(token.tag in ("NP", "MM", "MAG", "NNB", "NR", "SN", "XSN", "XPN") for token in parts)
            # 단골 카페 names a kind of shop, 가나다커피 one of them.
            and (not is_dictionary_compound(name) or any(token.tag == "NNP" for token in parts))
        ):
            yield *match.span("name"), name


_ANY_SUFFIX = re.compile("|".join(SUFFIXES))
_WORD_CHARACTER = re.compile("[가-힣A-Za-z&]")
_LONGEST_WORD = 24


def _suffix_matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of _SUFFIXED, tried only where a suffix is.

    Few words of a letter hold one.
    """
    # "성장했습니다한빛전자에": 전자 at 8, its word begins at 0; 니다 at 4 → the match begins at 6, 한빛전자
    at = 0
    for suffix in _ANY_SUFFIX.finditer(text):
        start = suffix.start()
        while start > max(at, suffix.start() - _LONGEST_WORD) and _WORD_CHARACTER.match(text, start - 1):
            start -= 1
        if start < at:
            continue
        run_on = text.rfind("니다", start, suffix.start())
        match = _SUFFIXED.match(text, start) or (run_on >= 0 and _SUFFIXED.match(text, run_on + 2))
        if match:
            yield match
            at = match.end()


_TAIL_PATTERN = re.compile(_TAIL)


def _is_romanised_hangul(first: str, text: str, end: int) -> bool:
    """Whether the word is Hangul in Latin letters.

    A word of four letters may be English (Home), unless 에서 follows: a place where things happen.
    """
    return len(first) >= 4 + (not text.startswith("에서", end)) and _ROMANISED_HANGUL.fullmatch(first) is not None


def _is_used_as_employer(text: str, match: re.Match[str], name: str) -> bool:
    if AS_EMPLOYER.match(text, match.end()):
        return True
    # K and a few more letters is the usual acronym of a Korean public body.
    if name[0] != "K" or not 3 <= len(name) <= 5:
        return False
    return bool(LATER.match(text, match.end()) or (len(name) > 3 and PLANS.match(text, match.end())))


def _is_company_name(match: re.Match[str]) -> bool:
    """Whether latin + stem + suffix is a company name here.

    The less the form says, the more the context must.
    """
    text, latin, stem, suffix = match.string, match["latin"] or "", match["stem"], match["suffix"]
    if (not stem and not latin) or stem in MODIFIERS or latin in TECHNOLOGIES:
        return False
    # LG전자, Latin letters without a stem: needs a cue, unless the suffix is rare outside names.
    if latin and not stem:
        return bool(STRONG.match(text, match.end())) or (suffix in BOUND)
    if len(stem) < 2 and not latin:
        return False
    if suffix in PUBLIC:
        return _is_public_body(match, stem)
    if suffix in HOUSES:
        return STRONG.match(text, match.end()) is not None and not _all_modifiers(stem) and not is_phrase(stem)
    strong = STRONG.match(text, match.end()) is not None
    if _is_compound(stem):
        return strong and not _all_modifiers(stem)
    if stem in ABROAD:
        return strong and suffix in BOUND
    if not latin and (is_common_noun(stem) or (suffix in HOMONYMS and is_dictionary_compound(stem))):
        # 장마전선 and 유가증권 are words as good as 예시증권, 예시제강 can only be a name.
        rare = suffix in BOUND and suffix not in HOMONYMS
        return strong or (rare and WEAK.match(text, match.end()) is not None)
    if not latin and is_phrase(stem):
        return strong
    return strong or WEAK.match(text, match.end()) is not None


def _is_public_body(match: re.Match[str], stem: str) -> bool:
    rest = _FIELD_WORDS.sub("", stem)
    if match["suffix"] in SOURCES:
        # Letters quote associations and institutes far more often than they speak of working there.
        return not _all_modifiers(rest or stem) and _is_worked_for(match.string, match.end())
    if stem.startswith(("한국", "대한", "국립")) and len(stem) >= 4 and not stem.startswith("한국의"):
        return True
    if not rest or stem in ALL_PLACES or _all_modifiers(rest):
        return False
    if STRONG.match(match.string, match.end()) or DUTY.match(match.string, match.end()):
        return True
    return not is_common_noun(rest) and len(rest) >= 2 and WEAK.match(match.string, match.end()) is not None


def _is_worked_for(text: str, end: int) -> bool:
    return any(cue.match(text, end) is not None for cue in (STRONG, DUTY, EMPLOYED))


def _all_modifiers(stem: str) -> bool:
    return stem in MODIFIERS or any(stem[:cut] in MODIFIERS and stem[cut:] in MODIFIERS for cut in range(1, len(stem)))


def _is_compound(stem: str) -> bool:
    """Whether the stem is two or more common nouns (산업용로봇, 건강기능).

    That is rather a kind of thing than a name.
    """
    parts = analyse(stem)
    return _all_modifiers(stem) or (is_common_noun(stem) and len(parts) > 1)
