"""Every spelling of one organisation, derived from its name: what a letter to it may call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from jaso_preprocess.masking.industries import ENGLISH, FREE, PUBLIC, SUFFIXES
from jaso_preprocess.masking.legal import BEFORE, BEHIND, SHORT_IN_BRACKETS, plain_name
from jaso_preprocess.masking.ordinary import TECHNOLOGIES
from jaso_preprocess.masking.particles import NAME_END, STRONG
from jaso_preprocess.masking.places import ALL_PLACES
from jaso_preprocess.masking.romanise import romanise, short_names, skeleton
from jaso_preprocess.masking.words import is_ordinary, is_proper, tokens

_LATIN_PREFIX = re.compile(r"^[A-Za-z&]{2,8}(?=[가-힣]{2})")
_COUNTRY_PREFIX = re.compile(r"^(?:한국|대한)(?=[가-힣]{4})")
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z&]{1,20}(?![A-Za-z0-9])")


class Spellings:
    """Finds one organisation in texts. `sure` are patterns that need no cue, `guarded` everyday words that do."""

    def __init__(self, company: str, aliases: tuple[str, ...] = ()) -> None:
        self.name, bracketed = plain_name(company)
        base = self.name.replace(" ", "")
        self.suffix = next((suffix for suffix in SUFFIXES if base.endswith(suffix) and base != suffix), "")
        names = [self.name, *bracketed, *aliases, *_shortened(base)]
        names += [base[: -len(self.suffix)]] if self._stem_is_a_name(base) else []
        names = [name for name in dict.fromkeys(names) if len(name) >= 2]
        everyday = [name for name in names if _is_everyday(name)]
        self._sure = _pattern([name for name in names if name not in everyday], sorted(short_names(base)), self.suffix)
        self._guarded = _pattern(everyday, [], self.suffix)
        stem = base[: len(base) - len(self.suffix)]
        prefix = _LATIN_PREFIX.match(stem + "가가")
        self._latin = {skeleton(romanise(_LATIN_PREFIX.sub("", stem)))} if re.search("[가-힣]{2}", stem) else set()
        self._roman = romanise(_LATIN_PREFIX.sub("", stem)).lower()
        self._group = stem if re.fullmatch("[A-Z&]{2,8}", stem) else prefix.group() if prefix else ""

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of the organisation, its legal form and its short name in brackets included; they may overlap."""
        if self._sure:
            yield from (found.span() for found in self._sure.finditer(text))
        if self._guarded:
            for found in self._guarded.finditer(text):
                if found["before"] or found["behind"] or STRONG.match(text, found.end()):
                    yield found.span()
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


def _pattern(names: list[str], capitals: list[str], suffix: str) -> re.Pattern[str] | None:
    # Alternatives with the same surroundings stand together: the surroundings are what takes long to compile.
    spelled: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        before, body, behind = _one(name, suffix)
        spelled.setdefault((before, behind), []).append(body)
    if capitals:
        spelled.setdefault((_NO_LATIN_BEFORE, _NO_LATIN_BEHIND), []).extend(capitals)
    if not spelled:
        return None
    body = "|".join(f"{before}(?:{'|'.join(bodies)}){behind}" for (before, behind), bodies in spelled.items())
    return re.compile(rf"(?P<before>{BEFORE})?(?:{body})(?P<behind>{BEHIND})?(?:{SHORT_IN_BRACKETS})?")


_NO_LATIN_BEFORE, _NO_LATIN_BEHIND = "(?<![A-Za-z0-9])", "(?![A-Za-z0-9])"


def _one(name: str, suffix: str) -> tuple[str, str, str]:
    """(before, spelling, behind); blanks may stand before the suffix and where the name has some."""
    tight = name.replace(" ", "")
    parts = name.split(" ")
    if tight.endswith(suffix) and suffix and len(tight) >= len(suffix) + 2 and len(parts) == 1:
        parts = [tight[: -len(suffix)], suffix]
    body = r"[ \t]?".join(map(re.escape, parts))
    if re.search("[A-Za-z]", name):
        body = rf"(?i:{body})"
    if not re.search("[가-힣]", name):
        return _NO_LATIN_BEFORE, body, _NO_LATIN_BEHIND
    if len(tight) >= 5:  # long enough to be itself wherever it stands: a writer left out a blank
        return "(?<![A-Za-z])", body, ""
    return "(?<![가-힣A-Za-z])", body, "" if len(tight) == 4 else NAME_END


@lru_cache(maxsize=512)
def _english_pattern(suffix: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, ENGLISH[suffix]), key=len, reverse=True))
    return re.compile(rf"[ \t](?:{words})(?![A-Za-z])(?:{BEHIND})?")


@lru_cache(maxsize=4096)
def spellings(company: str, aliases: tuple[str, ...] = ()) -> Spellings:
    """Remembered: a company has many letters."""
    return Spellings(company, aliases)
