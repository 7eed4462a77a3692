"""Employers that no field names: found by their form and by what is said about them, not by a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaso_core.masking.common_words import MODIFIERS, TECHNOLOGIES
from jaso_core.masking.morphology import is_ordinary, is_proper, tokens
from jaso_core.masking.organisations.context import AS_EMPLOYER, DUTY, LATER, NAME_END, PLANS, STRONG, WEAK
from jaso_core.masking.organisations.industry_lexicon import BOUND, ENGLISH, FIELD_LETTERS, PUBLIC, SUFFIXES
from jaso_core.masking.organisations.legal_forms import BEHIND, SHORT_IN_BRACKETS, find_by_legal_form
from jaso_core.masking.places import ABROAD, ALL_PLACES

Found = tuple[int, int, str]

_TAIL = rf"(?:{BEHIND})?(?:{SHORT_IN_BRACKETS})?"
_SUFFIXED = re.compile(
    # 니다 in between ends a sentence that lost its stop and its blank.
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
_FIELDS = re.compile(
    "|".join(sorted({*FIELD_LETTERS, "학교", "청소년", "장애", "여성", "청년"}, key=len, reverse=True))
)
# Latin letters that can be read as Hangul syllables: Gasang, Haeullimteo.
_ROMAN = re.compile(
    r"(?i)(?:(?:kk|tt|pp|ss|jj|ch|[gndrlmbsjktph])?(?:yeo|yae|wae|eui|ae|ya|eo|ye|wa|oe|yo|wo|we|wi|yu|eu|ui|[aeoui])(?:ng|[nmlktp])??)+"
)


def find_employers(text: str) -> Iterator[Found]:
    """(start, end, plain name) of what is an employer by its form or its context; spans may overlap."""
    yield from find_by_legal_form(text)
    for found in _suffixed(text):
        if _names_a_company(found):
            tail = _TAIL_PATTERN.match(text, found.end())
            yield found.start(), tail.end() if tail else found.end(), found["name"]
    for found in _ENGLISH.finditer(text):
        first = found["first"]
        if first not in TECHNOLOGIES and (
            STRONG.match(text, found.end())
            or (WEAK.match(text, found.end()) and (first.isupper() or _is_roman(first, text, found.end())))
        ):
            yield *found.span(), found.group()
    for found in _CAPITALS.finditer(text):
        name = found["name"]
        if name not in TECHNOLOGIES and len(set(name)) > 1 and _is_used_as_employer(text, found, name):
            yield *found.span(), name
    for found in _WORD.finditer(text):
        name = found["name"]
        if AS_EMPLOYER.match(text, found.end()) and name not in ALL_PLACES and is_proper(name):
            yield *found.span(), name


_A_SUFFIX = re.compile("|".join(SUFFIXES))
_OF_A_WORD = re.compile("[가-힣A-Za-z&]")
_LONGEST_WORD = 24


def _suffixed(text: str) -> Iterator[re.Match[str]]:
    """The matches of _SUFFIXED, looked for where a suffix stands: few words of a letter hold one."""
    at = 0
    for suffix in _A_SUFFIX.finditer(text):
        start = suffix.start()
        while start > max(at, suffix.start() - _LONGEST_WORD) and _OF_A_WORD.match(text, start - 1):
            start -= 1
        if start < at:
            continue
        glued = text.rfind("니다", start, suffix.start())
        found = _SUFFIXED.match(text, start) or (glued >= 0 and _SUFFIXED.match(text, glued + 2))
        if found:
            yield found
            at = found.end()


_TAIL_PATTERN = re.compile(_TAIL)


def _is_roman(first: str, text: str, end: int) -> bool:
    """Hangul in Latin letters; four of them may be an English word (Home), unless it is a place where things happen."""
    return len(first) >= 4 + (not text.startswith("에서", end)) and _ROMAN.fullmatch(first) is not None


def _is_used_as_employer(text: str, found: re.Match[str], name: str) -> bool:
    if AS_EMPLOYER.match(text, found.end()):
        return True
    # K and three letters is how Korean public bodies shorten themselves.
    if name[0] != "K" or not 3 <= len(name) <= 5:
        return False
    return bool(LATER.match(text, found.end()) or (len(name) > 3 and PLANS.match(text, found.end())))


def _names_a_company(found: re.Match[str]) -> bool:
    """Whether latin + stem + suffix is a name here. The less the form says, the more the context must."""
    text, latin, stem, suffix = found.string, found["latin"] or "", found["stem"], found["suffix"]
    if (not stem and not latin) or stem in MODIFIERS or latin in TECHNOLOGIES:
        return False
    if latin and not stem:
        return bool(STRONG.match(text, found.end())) or (suffix in BOUND)
    if len(stem) < 2 and not latin:
        return False
    if suffix in PUBLIC:
        return _names_a_public_body(found, stem)
    strong = STRONG.match(text, found.end()) is not None
    if _is_compound(stem):
        return strong and not _all_modifiers(stem)
    if stem in ABROAD:
        return strong and suffix in BOUND
    if is_ordinary(stem) and not latin:
        return strong or (suffix in BOUND and WEAK.match(text, found.end()) is not None)
    if not latin and _looks_like_a_phrase(stem):
        return strong
    return strong or WEAK.match(text, found.end()) is not None


def _names_a_public_body(found: re.Match[str], stem: str) -> bool:
    rest = _FIELDS.sub("", stem)
    if stem.startswith(("한국", "대한", "국립")) and len(stem) >= 4 and not stem.startswith("한국의"):
        return True
    if not rest or stem in ALL_PLACES or _all_modifiers(rest):
        return False
    if STRONG.match(found.string, found.end()) or DUTY.match(found.string, found.end()):
        return True
    return not is_ordinary(rest) and len(rest) >= 2 and WEAK.match(found.string, found.end()) is not None


def _all_modifiers(stem: str) -> bool:
    return stem in MODIFIERS or any(stem[:cut] in MODIFIERS and stem[cut:] in MODIFIERS for cut in range(1, len(stem)))


def _is_compound(stem: str) -> bool:
    """Two or more nouns of the dictionary (산업용로봇, 건강기능): rather a kind of thing than a name."""
    found = tokens(stem)
    return _all_modifiers(stem) or (is_ordinary(stem) and len(found) > 1)


def _looks_like_a_phrase(stem: str) -> bool:
    """What stands before a noun, written onto it without a blank: 새로운디자인, 나오는데이터, 전공인데이터."""
    *before, last = tokens(stem)
    if last.tag == "MM" or last.form in _NO_NAMES_END:
        return True
    if last.form in ("ᆫ", "ᆯ"):
        return bool(before) and before[-1].tag == "VCP" and is_ordinary(stem[: before[-1].start])
    return last.tag.startswith(("E", "J")) and len(last.form) > 1


_NO_NAMES_END = ("는", "던")
