"""Catalogue of translations: English templates → Korean ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jaso_core.language.particles import choose_particles
from jaso_core.language.setting import language

FIELD = "{}"
_NUMBERED = re.compile(r"\{(\d+)\}")
_PREFIX = re.compile(
    r"((?:error|warning|crawl|preprocess|train|evaluate|generate|chat|score|compare|sheet (?:make|read)|validity"
    r"|regress|bless|curves|export(?:-model)?|study|pipeline|judge|sweep|forget|tokenizer):) (\S.*)",
    re.DOTALL,
)
"""What begins a message: the command that prints it, or "error:"."""

_SENTENCE_END = re.compile(r"(?<=[.?!]) (?=[A-Z])")

_FEW_LETTERS = 8
"""Templates with fewer letters, such as "{} rows", take only values of one word: else any sentence that ends so."""


@dataclass(frozen=True)
class Template:
    """An English template with fields as a pattern, and its translation."""

    pattern: re.Pattern[str]
    literal: str
    begins_with_value: bool
    translation: str


@dataclass(frozen=True)
class Catalogue:
    """Translations of one language.

    Whole texts, and templates with fields, the most specific first.
    """

    whole: dict[str, str]
    templates: tuple[Template, ...]

    @classmethod
    def of(cls, entries: dict[str, str]) -> Catalogue:
        """Build a catalogue from English → translation."""
        entries = {**_without_command(entries), **entries}
        with_fields = sorted((english for english in entries if FIELD in english), key=_rank)
        return cls(
            {english: text for english, text in entries.items() if FIELD not in english},
            tuple(
                Template(
                    _pattern(english),
                    max(english.split(FIELD), key=len),
                    english.startswith(FIELD),
                    entries[english],
                )
                for english in with_fields
            ),
        )

    def translate(self, text: str) -> str:
        """Translate a finished text, its values included; what is not known stays English."""
        translated = self._translate(text)
        return text if translated is None else choose_particles(translated)

    def _translate(self, text: str) -> str | None:
        if text in self.whole:
            return self.whole[text]
        clauses = text.split("; ")  # what is wrong; the cure
        if len(clauses) > 1:
            translated = [self._translate(clause) for clause in clauses]
            if None not in translated:  # else a value may hold the semicolon
                return "; ".join(filter(None, translated))
        prefixed = _PREFIX.fullmatch(text)
        matched = self._by_template(text, has_prefix=prefixed is not None)
        if matched is not None:
            return matched
        if prefixed:
            rest = self._translate(prefixed[2])
            return None if rest is None else f"{self.whole.get(prefixed[1], prefixed[1])} {rest}"
        for parts, separator in ((clauses, "; "), (_SENTENCE_END.split(text), " ")):
            if len(parts) > 1 and any(self._translate(part) is not None for part in parts):
                return separator.join(map(self.translate, parts))
        return None

    def _by_template(self, text: str, *, has_prefix: bool) -> str | None:
        for template in self.templates:
            if has_prefix and template.begins_with_value:
                continue  # the value would be the command's name with what follows
            if template.literal in text and (match := template.pattern.fullmatch(text)):
                # A phrase may be one of jaso's; a single word is somebody's name.
                values = [self.translate(value) if " " in value else value for value in match.groups()]
                return _fill(template.translation, values)
        return None


def translate(text: str) -> str:
    """Return a finished English text in the language that is set."""
    return text if language() == "en" else catalogue(language()).translate(text)


@cache
def catalogue(name: str) -> Catalogue:
    """Read the catalogue of a language."""
    return Catalogue.of(entries(name))


def entries(name: str) -> dict[str, str]:
    """Read English → translation of a language."""
    text = files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    read: dict[str, str] = json.loads(text)
    return read


def _without_command(entries: dict[str, str]) -> dict[str, str]:
    """Return templates of any command, "{}: …", without the command."""
    command, first = f"{FIELD}: ", "{1}: "
    return {
        english.removeprefix(command): _NUMBERED.sub(lambda n: f"{{{int(n[1]) - 1}}}", text.removeprefix(first))
        for english, text in entries.items()
        if english.startswith(command) and text.startswith(first)
    }


def _rank(english: str) -> tuple[bool, int]:
    """Most specific first: those that begin with their own words, then by letters."""
    return english.startswith(FIELD), -_letters(english)


def _fill(translation: str, values: list[str]) -> str:
    # Not str.format: a text may hold other braces.
    return _NUMBERED.sub(lambda number: values[int(number[1]) - 1], translation)


def _letters(english: str) -> int:
    return sum(map(str.isalnum, english))


def _pattern(english: str) -> re.Pattern[str]:
    value = r"(\S+?)" if _letters(english) < _FEW_LETTERS else r"(.+?)"
    return re.compile(value.join(map(re.escape, english.split(FIELD))), re.DOTALL)
