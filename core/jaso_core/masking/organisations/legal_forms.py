"""Legal forms of companies before and after a name: (주), ㈜, 주식회사, Co., Ltd. …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaso_core.masking.morphology import analyse, is_common_noun, is_dictionary_compound, strip_particles
from jaso_core.masking.organisations.context import NAME_END, PARTICLES
from jaso_core.masking.organisations.industry_lexicon import SUFFIXES

SIGN = r"(?:[(（][ \t]?(?:주|유|재|사|합|복)[ \t]?[)）]|㈜|㈔|㈐)"
WORD = r"(?:주식회사|유한회사|유한책임회사|합자회사|재단법인|사단법인|사회복지법인|농업회사법인)"
ENGLISH = r"(?:(?:,[ \t]?|[ \t])(?:Co\.?,?[ \t]?Ltd|Inc|Corp|Ltd|LLC|GmbH|PLC)(?![A-Za-z])\.?)"
# Before a name and behind one also without a blank: 주식회사나래, 나래주식회사. Only where the name is known.
BEFORE = rf"(?:{SIGN}[ \t]?|(?<![가-힣]){WORD}[ \t]{{0,2}})"
BEHIND = (
    rf"(?:[ \t]?{SIGN}|[ \t]?{WORD}(?![가-힣])|[ \t]?{WORD}(?=(?:{PARTICLES}){{1,3}}(?![가-힣A-Za-z0-9]))|{ENGLISH})"
)
SHORT_IN_BRACKETS = r"(?:[ \t]?\((?:이하[ \t]?['\"]?)?[A-Z][A-Za-z&]{1,9}['\"]?\))"

LONGEST_NAME = 100
"""Characters of a name without legal forms; a longer field is no company name."""

_PLAIN = re.compile(rf"{SIGN}|{WORD}|{ENGLISH}|\[[^\[\]]*\]|[<>《》「」'\"]")
_BRACKETS = re.compile(r"\(([^()]*)\)")


def plain_name(company: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of a page's company field, and other names in its brackets.

    Legal forms and brackets are removed.
    """
    stripped = _PLAIN.sub(" ", company)
    others = [other.strip() for other in _BRACKETS.findall(stripped)]
    name = " ".join(_BRACKETS.sub(" ", stripped).split())
    return name, tuple(other for other in others if len(other) >= 2)


_JUST_BEFORE, _JUST_BEHIND = re.compile(f"{BEFORE}$"), re.compile(BEHIND)
_REACH = 12
"""Maximum length of a legal form, in characters."""


def extend_over_legal_forms(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a name's span over the legal forms beside it.

    The same span where there is none.
    """
    before = _JUST_BEFORE.search(text, max(0, start - _REACH), start)
    behind = _JUST_BEHIND.match(text, end)
    return before.start() if before else start, behind.end() if behind else end


_LATIN = r"[A-Z][A-Za-z0-9&.\-]*(?:[ \t][A-Z][A-Za-z&]+){0,2}(?![A-Za-z])"
_RUN = r"[A-Za-z0-9&·]{0,12}[가-힣][가-힣A-Za-z0-9&·]{1,20}"
_WITH_SIGN = re.compile(
    rf"(?<![가-힣A-Za-z0-9)])(?P<left>[가-힣A-Za-z0-9&·]{{2,20}})?"
    rf"(?P<sign>{SIGN})(?P<gap>[ \t]?)(?P<right>{_RUN}|{_LATIN})?"
)
_WITH_WORD = re.compile(rf"(?<![가-힣]){WORD}(?P<gap>[ \t]{{0,2}})(?P<name>{_RUN}|{_LATIN})")
# "… 되고자 주식회사 가나다": a name that follows takes the form; a particle or a word of employment leaves it behind.
_LEAVES_BEHIND = rf"(?:(?=(?:{PARTICLES})){NAME_END}|(?=[ \t]{{1,4}}(?:재직|인턴|근무|입사)|[^ \t가-힣A-Za-z0-9]|$))"
_WORD_BEHIND = re.compile(
    rf"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣A-Za-z0-9&·]{{2,20}}?)(?P<gap>[ \t]?){WORD}{_LEAVES_BEHIND}"
)
_ENGLISH_BEHIND = re.compile(rf"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9&\-]*(?:[ \t][A-Z][A-Za-z0-9&]*){{0,3}}{ENGLISH}")
# A sentence before the name without full stop and blank: "…였습니다가나다(주)".
_RUN_ON = re.compile(r"[가-힣]*(?:니다(?=..)|[가-힣](?=[A-Z]{2}))")
_ONLY_PARTICLE = re.compile(rf"(?:{PARTICLES}){{1,3}}(?![가-힣])")
_SUFFIX = re.compile(rf"[A-Za-z0-9&·]*[가-힣]{{1,12}}?(?:{'|'.join(SUFFIXES)}){NAME_END}")
# "주식회사 설립": the legal form itself is the subject. "(주) 5회": a week.
_NO_NAME = re.compile(
    r"(?:설립|제도|형태|법인|대표|임원|직원|이사|감사|회계|지분|주식|구조|규모|운영|경영|전환|등기|정관|중|및|등|가운데|관련|라는"
    r"|에서|의|는|은|이|가)"
    r"(?![가-힣]{3})"
)


_HINT = re.compile(rf"{SIGN}|회사|법인|Co\b|Co\.|Ltd|Inc|Corp|LLC|GmbH|PLC")


def find_by_legal_form(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, plain name) of names with a legal form.

    The span includes the form.
    """
    if not _HINT.search(text):
        return
    for match in _WITH_SIGN.finditer(text):
        left, right = match["left"], match["right"]
        # "가나다(주)", "성장했습니다가나다(주)": the name is 가나다, left of the sign. "(주)가나다에서": right of it.
        if left and (not right or match["gap"] or _ONLY_PARTICLE.match(right)):
            if not left.isdigit():
                run_on = _RUN_ON.match(left)
                start = match.start("left") + (run_on.end() if run_on else 0)
                yield start, match.end("sign"), text[start : match.end("left")]
        elif right and not _ONLY_PARTICLE.fullmatch(right) and not right.isdigit():
            end = match.start("right") + _name_length(text, *match.span("right"))
            yield match.start("sign"), end, text[match.start("right") : end]
    if _ANY_WORD.search(text):
        yield from _find_by_word(text)
    for match in _ENGLISH_BEHIND.finditer(text):
        yield match.start(), match.end(), re.sub(rf"{ENGLISH}$", "", match.group())


def _find_by_word(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield names with 주식회사 and its like before or behind them."""
    for match in _WITH_WORD.finditer(text):
        name = match["name"]
        length = _name_length(text, *match.span("name"))
        if not _NO_NAME.match(name) and (match["gap"] or _is_name_in_a_word(name[:length])):
            yield match.start(), match.start("name") + length, name[:length]
    for match in _WORD_BEHIND.finditer(text):
        name = match["name"]
        if is_common_noun(name) or _ONLY_PARTICLE.search(name[-2:]) or _ANY_WORD.fullmatch(name):
            continue
        if match["gap"] or _is_name_in_a_word(name):
            yield match.start(), match.end(), name


_ANY_WORD = re.compile(WORD)


def _is_name_in_a_word(name: str) -> bool:
    """Whether the rest of a word with a legal form (주식회사나래) is a name.

    주식회사법, 주식회사라는 and 소규모주식회사 hold none.
    """
    parts = analyse(name)
    return len(name) >= 2 and not is_dictionary_compound(name) and parts[0].tag[0] not in "JE" and parts[0].tag != "VCP"


def _name_length(text: str, start: int, end: int) -> int:
    """Return the length of the name in text[start:end], after a legal form.

    The name ends with a known suffix, or before particles.
    """
    if text[end - 1].isascii():
        return end - start
    suffixed = _SUFFIX.match(text, start)
    return suffixed.end() - start if suffixed else len(strip_particles(text[start:end]))
