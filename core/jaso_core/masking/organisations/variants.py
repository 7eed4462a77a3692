"""Name variants: every spelling of one organisation, derived from its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jaso_core.masking.common_words import MODIFIERS, TECHNOLOGIES, is_in_phrase
from jaso_core.masking.morphology import analyse, is_common_noun, is_dictionary_compound, is_proper_noun
from jaso_core.masking.organisations.context import NAME_END, STRONG
from jaso_core.masking.organisations.industry_lexicon import ENGLISH, FREE, PUBLIC, SHORT_FORMS, SUFFIXES, TRADES
from jaso_core.masking.organisations.legal_forms import BEHIND, SHORT_IN_BRACKETS, extend_over_legal_forms, plain_name
from jaso_core.masking.organisations.romanise import acronyms, romanise, skeleton
from jaso_core.masking.organisations.spellings import letter_spellings
from jaso_core.masking.places import ALL_PLACES

_LATIN_PREFIX = re.compile(r"^[A-Za-z&]{2,8}(?=[가-힣]{2})")
_COUNTRY_PREFIX = re.compile(r"^(?:한국|대한)(?=[가-힣]{4})")
_HANGUL_LETTERS = "에비씨디이지아제케엘엠엔오피큐알유티브더엑와"
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z&]{1,20}(?![A-Za-z0-9])")


class NameVariants:
    """Finds one organisation in texts.

    `_unambiguous` are names that need no cue, `_ambiguous` everyday words that do.
    """

    def __init__(self, company: str, aliases: tuple[str, ...] = ()) -> None:
        self.name, bracketed = plain_name(company)
        base = self.name.replace(" ", "")
        self.suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix) and base != suffix), "")
        # 삼성전자 → 삼성전자 and 삼성; 한국방송공사 → 한국방송공사, 방송공사 and acronyms such as KBS
        names = [self.name, *bracketed, *aliases, *_shorten(base)]
        names += [base[: -len(self.suffix)]] if self._is_stem_a_name(base) else []
        # LG전자 → LG전자, LG → 엘지전자, 엘지; 씨제이제일제당 → CJ제일제당
        names += [other for name in names for other in letter_spellings(name)]
        if any(character in _HANGUL_LETTERS for character in base[:1]):
            names += [short for other in letter_spellings(base) for short in _shorten(other)]
        # A name of one letter (솔, X) is taken with a legal form or a cue; a part of one letter never.
        names = [name for name in dict.fromkeys(names) if len(name) >= 2 or name == self.name]
        everyday = [name for name in names if _is_everyday(name)]
        self._unambiguous = [_build_variant(name, self.suffix) for name in names if name not in everyday]
        self._unambiguous += [
            _Variant((name,), False, _LATIN_OR_DIGIT, _NO_LATIN_BEHIND) for name in sorted(acronyms(base))
        ]
        self._ambiguous = [_build_variant(name, self.suffix) for name in everyday]
        stem = base[: len(base) - len(self.suffix)]
        # The pattern wants two syllables behind the letters; 가가 lets it match a stem of letters alone, such as kt.
        prefix = _LATIN_PREFIX.match(stem + "가가")
        self._skeletons = {skeleton(romanise(_LATIN_PREFIX.sub("", stem)))} if re.search("[가-힣]{2}", stem) else set()
        self._romanised = romanise(_LATIN_PREFIX.sub("", stem)).lower()
        self._group = stem if re.fullmatch("[A-Z&]{2,8}", stem) else prefix.group() if prefix else ""

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield spans of the organisation; they may overlap.

        A span includes the legal form, and the short name in brackets.
        """
        lowered = text.lower()
        if len(lowered) != len(text):  # a letter whose lower case is two code points: İ
            lowered = text
        for variant in self._unambiguous:
            for span in variant.find(text, lowered):
                if not is_in_phrase(text, *span):
                    yield _extend_span(text, *span)[:2]
        for variant in self._ambiguous:
            for span in variant.find(text, lowered):
                start, end, has_form = _extend_span(text, *span)
                if has_form or STRONG.match(text, end):
                    yield start, end
        yield from self._find_in_english(text)

    def _find_in_english(self, text: str) -> Iterator[tuple[int, int]]:
        words = _english_pattern(self.suffix) if self.suffix else None
        for match in _LATIN_WORD.finditer(text):
            # 삼성전자 matches "Samsung Electronics" by its consonants (smsnk), LG전자 "LG Electronics" by LG.
            is_romanised_name = match.group().lower() == self._romanised
            has_same_skeleton = (
                len(self._romanised) >= 4
                and len(skeleton(match.group())) >= 3
                and skeleton(match.group()) in self._skeletons
            )
            is_group = match.group() == self._group
            if not (is_romanised_name or has_same_skeleton or is_group) or match.group() in TECHNOLOGIES:
                continue
            # Latin names collide with other words, so the English word of the industry has to follow.
            tail = words.match(text, match.end()) if words else None
            if tail:
                yield match.start(), tail.end()
            elif is_romanised_name and len(self._romanised) >= 5:
                yield match.span()

    def _is_stem_a_name(self, base: str) -> bool:
        """Whether the name without its suffix is a name, as 삼성 of 삼성전자.

        가상 of 가상전자 and 서울 of 서울은행 are none.
        """
        stem = base[: -len(self.suffix)] if self.suffix else ""
        if re.fullmatch("[A-Z&]{2,8}", stem):
            return stem not in TECHNOLOGIES
        if len(stem) < 2 or self.suffix in PUBLIC or stem in ALL_PLACES or not re.fullmatch("[가-힣]+", stem):
            return False
        return is_proper_noun(stem) or (len(stem) >= 3 and not is_common_noun(stem) and _is_unknown_word(stem))


def _is_unknown_word(stem: str) -> bool:
    # Kiwi numbers morphemes that it only guesses below 100: 뮤닉스 has 2, 삼성 1764.
    return any(token.id < 100 for token in analyse(stem)) or all(len(token.form) == 1 for token in analyse(stem))


def _shorten(base: str) -> list[str]:
    """Return the name without a Latin group prefix (LG, SK), and without the country.

    Only where enough remains.
    """
    short = [_LATIN_PREFIX.sub("", base), _COUNTRY_PREFIX.sub("", base)]
    for long, shorter in SHORT_FORMS:
        if base.endswith(long) and len(base) - len(long) >= 2 and base[: -len(long)] not in MODIFIERS:
            short.append(base[: -len(long)] + shorter)
    # 롯데칠성음료 → 롯데칠성: what is left of a trade is longer than a group's name, and no compound of its own.
    if (trade := TRADES.search(base)) and not is_dictionary_compound(base[: trade.start()]):
        short.append(base[: trade.start()])
    return [
        name for name in short if name != base and len(name) >= 3 and name not in ENGLISH and not _is_everyday(name)
    ]


def _is_everyday(name: str) -> bool:
    """Whether the name is a word that letters use for other things (대상, 다음, 토스)."""
    if name in ALL_PLACES:
        return True
    if not re.fullmatch("[가-힣]+", name):
        # KT and LG are names as they are; Kt, 3M and AI may be anything.
        return name in TECHNOLOGIES or (len(name) <= 2 and not re.fullmatch("[A-Z]{2}", name))
    parts = analyse(name)
    is_single_word = len(parts) == 1 and parts[0].tag != "NNP" and parts[0].id >= 100
    return is_single_word or (len(name) <= 2 and not is_proper_noun(name)) or name in FREE


@dataclass(frozen=True, slots=True)
class _Variant:
    """One spelling: parts with an optional blank between them, and barred neighbours.

    Searched for as plain text: compiling a pattern for each of ten thousand companies would take longer than using
    it.
    """

    parts: tuple[str, ...]
    latin: bool
    before: re.Pattern[str]
    behind: re.Pattern[str] | None

    def find(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Yield spans in the text; `lowered` is the same text in lower case."""
        searched = lowered if self.latin else text
        start = searched.find(self.parts[0])
        while start >= 0:
            end = self._end(searched, start)
            if end is not None and self._is_delimited(text, start, end):
                yield start, end
            start = searched.find(self.parts[0], start + 1)

    def _is_delimited(self, text: str, start: int, end: int) -> bool:
        before = start > 0 and self.before.match(text, start - 1)
        return not before and (self.behind is None or self.behind.match(text, end) is not None)

    def _end(self, text: str, start: int) -> int | None:
        end = start + len(self.parts[0])
        for part in self.parts[1:]:
            end += text[end : end + 1] in _BLANKS
            if not text.startswith(part, end):
                return None
            end += len(part)
        return end


_BLANKS = (" ", "\t")
_LATIN, _LATIN_OR_DIGIT, _LETTER = (re.compile(f"[{of}]") for of in ("A-Za-z", "A-Za-z0-9", "가-힣A-Za-z"))
_NO_LATIN_BEHIND, _NAME_ENDS = re.compile("(?![A-Za-z0-9])"), re.compile(NAME_END)
_IN_BRACKETS = re.compile(SHORT_IN_BRACKETS)


def _extend_span(text: str, start: int, end: int) -> tuple[int, int, bool]:
    """Extend a name's span over legal forms and the short name in brackets.

    Also returns whether there is a legal form.
    """
    first, last = extend_over_legal_forms(text, start, end)
    short = _IN_BRACKETS.match(text, last)
    return first, short.end() if short else last, (first, last) != (start, end)


def _build_variant(name: str, suffix: str) -> _Variant:
    """Build the variant of a name.

    Blanks are optional before the suffix and where the name has some.
    """
    # 삼성전자 with the suffix 전자 → (삼성, 전자), which matches "삼성전자" and "삼성 전자"
    tight = name.replace(" ", "")
    parts = name.split(" ")
    if tight.endswith(suffix) and suffix and len(tight) >= len(suffix) + 2 and len(parts) == 1:
        parts = [tight[: -len(suffix)], suffix]
    latin = bool(re.search("[A-Za-z]", name))
    written = tuple(part.lower() if latin else part for part in parts)
    if not re.search("[가-힣]", name):
        return _Variant(written, latin, _LATIN_OR_DIGIT, _NO_LATIN_BEHIND)
    # From 5 characters on a name may be inside a word, as a writer may leave out a blank. With 4 it must begin a
    # word, with fewer also end like a name.
    if len(tight) >= 5:
        return _Variant(written, latin, _LATIN, None)
    return _Variant(written, latin, _LETTER, None if len(tight) == 4 else _NAME_ENDS)


@lru_cache(maxsize=512)
def _english_pattern(suffix: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, ENGLISH[suffix]), key=len, reverse=True))
    return re.compile(rf"[ \t](?:{words})(?![A-Za-z])(?:{BEHIND})?")


@lru_cache(maxsize=4096)
def name_variants(company: str, aliases: tuple[str, ...] = ()) -> NameVariants:
    """Return the variants of a company, cached: a company has many letters."""
    return NameVariants(company, aliases)
