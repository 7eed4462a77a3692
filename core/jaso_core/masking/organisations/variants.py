"""Every spelling of one organisation, derived from its name: what a letter to it may call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jaso_core.masking.common_words import TECHNOLOGIES
from jaso_core.masking.morphology import is_ordinary, is_proper, tokens
from jaso_core.masking.organisations.context import NAME_END, STRONG
from jaso_core.masking.organisations.industry_lexicon import ENGLISH, FREE, PUBLIC, SUFFIXES
from jaso_core.masking.organisations.legal_forms import BEHIND, SHORT_IN_BRACKETS, plain_name, with_legal_forms
from jaso_core.masking.organisations.romanise import romanise, short_names, skeleton
from jaso_core.masking.places import ALL_PLACES

_LATIN_PREFIX = re.compile(r"^[A-Za-z&]{2,8}(?=[가-힣]{2})")
_COUNTRY_PREFIX = re.compile(r"^(?:한국|대한)(?=[가-힣]{4})")
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z&]{1,20}(?![A-Za-z0-9])")


class Spellings:
    """Finds one organisation in texts. `_sure` are names that need no cue, `_guarded` everyday words that do."""

    def __init__(self, company: str, aliases: tuple[str, ...] = ()) -> None:
        self.name, bracketed = plain_name(company)
        base = self.name.replace(" ", "")
        self.suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix) and base != suffix), "")
        names = [self.name, *bracketed, *aliases, *_shortened(base)]
        names += [base[: -len(self.suffix)]] if self._stem_is_a_name(base) else []
        names = [name for name in dict.fromkeys(names) if len(name) >= 2]
        everyday = [name for name in names if _is_everyday(name)]
        self._sure = [_spelled(name, self.suffix) for name in names if name not in everyday]
        self._sure += [
            _Spelled((name,), False, _LATIN_OR_DIGIT, _NO_LATIN_BEHIND) for name in sorted(short_names(base))
        ]
        self._guarded = [_spelled(name, self.suffix) for name in everyday]
        stem = base[: len(base) - len(self.suffix)]
        prefix = _LATIN_PREFIX.match(stem + "가가")
        self._latin = {skeleton(romanise(_LATIN_PREFIX.sub("", stem)))} if re.search("[가-힣]{2}", stem) else set()
        self._roman = romanise(_LATIN_PREFIX.sub("", stem)).lower()
        self._group = stem if re.fullmatch("[A-Z&]{2,8}", stem) else prefix.group() if prefix else ""

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of the organisation, its legal form and its short name in brackets included; they may overlap."""
        lowered = text.lower()
        if len(lowered) != len(text):  # a letter that becomes two: İ
            lowered = text
        for one in self._sure:
            for span in one.find(text, lowered):
                yield _with_forms(text, *span)[:2]
        for one in self._guarded:
            for span in one.find(text, lowered):
                start, end, has_form = _with_forms(text, *span)
                if has_form or STRONG.match(text, end):
                    yield start, end
        yield from self._in_english(text)

    def _in_english(self, text: str) -> Iterator[tuple[int, int]]:
        words = _english_pattern(self.suffix) if self.suffix else None
        for found in _LATIN_WORD.finditer(text):
            same = found.group().lower() == self._roman
            alike = (
                len(self._roman) >= 4 and len(skeleton(found.group())) >= 3 and skeleton(found.group()) in self._latin
            )
            group = found.group() == self._group
            if not (same or alike or group) or found.group() in TECHNOLOGIES:
                continue
            second = words.match(text, found.end()) if words else None
            if second:
                yield found.start(), second.end()
            elif same and len(self._roman) >= 5:
                yield found.span()

    def _stem_is_a_name(self, base: str) -> bool:
        """삼성 of 삼성전자 is one, 가상 of 가상전자 and 서울 of 서울은행 are none."""
        stem = base[: -len(self.suffix)] if self.suffix else ""
        if re.fullmatch("[A-Z&]{2,8}", stem):
            return stem not in TECHNOLOGIES
        if len(stem) < 2 or self.suffix in PUBLIC or stem in ALL_PLACES or not re.fullmatch("[가-힣]+", stem):
            return False
        return is_proper(stem) or (len(stem) >= 3 and not is_ordinary(stem) and _unknown(stem))


def _unknown(stem: str) -> bool:
    return any(token.id < 100 for token in tokens(stem)) or all(len(token.form) == 1 for token in tokens(stem))


def _shortened(base: str) -> list[str]:
    """Without the group in Latin letters (LG, SK) and without the country, where enough is left."""
    short = [_LATIN_PREFIX.sub("", base), _COUNTRY_PREFIX.sub("", base)]
    return [
        name for name in short if name != base and len(name) >= 3 and name not in ENGLISH and not _is_everyday(name)
    ]


def _is_everyday(name: str) -> bool:
    """A word that letters use for other things too, such as 대상, 다음 or 토스."""
    if not re.fullmatch("[가-힣]+", name):
        return len(name) <= 2 or name in TECHNOLOGIES
    found = tokens(name)
    single = len(found) == 1 and found[0].tag != "NNP" and found[0].id >= 100
    return single or (len(name) <= 2 and not is_proper(name)) or name in FREE


@dataclass(frozen=True, slots=True)
class _Spelled:
    """One spelling: parts with a blank or none between them, and what may not stand around it.

    Searched for as plain text: a pattern for each of ten thousand companies would take longer to compile than to use.
    """

    parts: tuple[str, ...]
    latin: bool
    before: re.Pattern[str]
    behind: re.Pattern[str] | None

    def find(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Spans in the text; `lowered` is the same text in lower case."""
        searched = lowered if self.latin else text
        start = searched.find(self.parts[0])
        while start >= 0:
            end = self._end(searched, start)
            if end is not None and self._stands_free(text, start, end):
                yield start, end
            start = searched.find(self.parts[0], start + 1)

    def _stands_free(self, text: str, start: int, end: int) -> bool:
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


def _with_forms(text: str, start: int, end: int) -> tuple[int, int, bool]:
    """A name's span with the legal forms and the short name beside it, and whether there is a legal form."""
    first, last = with_legal_forms(text, start, end)
    short = _IN_BRACKETS.match(text, last)
    return first, short.end() if short else last, (first, last) != (start, end)


def _spelled(name: str, suffix: str) -> _Spelled:
    """A name; blanks may stand before the suffix and where the name has some."""
    tight = name.replace(" ", "")
    parts = name.split(" ")
    if tight.endswith(suffix) and suffix and len(tight) >= len(suffix) + 2 and len(parts) == 1:
        parts = [tight[: -len(suffix)], suffix]
    latin = bool(re.search("[A-Za-z]", name))
    spelled = tuple(part.lower() if latin else part for part in parts)
    if not re.search("[가-힣]", name):
        return _Spelled(spelled, latin, _LATIN_OR_DIGIT, _NO_LATIN_BEHIND)
    if len(tight) >= 5:  # long enough to be itself wherever it stands: a writer left out a blank
        return _Spelled(spelled, latin, _LATIN, None)
    return _Spelled(spelled, latin, _LETTER, None if len(tight) == 4 else _NAME_ENDS)


@lru_cache(maxsize=512)
def _english_pattern(suffix: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, ENGLISH[suffix]), key=len, reverse=True))
    return re.compile(rf"[ \t](?:{words})(?![A-Za-z])(?:{BEHIND})?")


@lru_cache(maxsize=4096)
def spellings(company: str, aliases: tuple[str, ...] = ()) -> Spellings:
    """Remembered: a company has many letters."""
    return Spellings(company, aliases)
