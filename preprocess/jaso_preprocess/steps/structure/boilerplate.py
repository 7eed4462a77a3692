"""Boilerplate lines: copyright notices, sources, buttons, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jaso_core.text.edits import Edit
from jaso_preprocess.questions.lines import Line, lines_of
from jaso_preprocess.rules.boilerplate_phrases import (
    ALONE,
    ANYWHERE,
    TAIL,
    any_of,
)
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

_ANYWHERE, _ALONE, _TAIL = any_of(ANYWHERE), any_of(ALONE), any_of(TAIL)
_LONGEST = 240  # a longer line is prose, whatever it begins with
_AFTER_A_SENTENCE = re.compile(r"[.!?][\"')\]]*[ \t]+(?=\S)")


@dataclass(frozen=True)
class BoilerplateOptions:
    """Options of the boilerplate step.

    `phrases`: more expressions, each for a whole line without its outer blanks.
    """

    phrases: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for phrase in self.phrases:
            try:
                re.compile(phrase)
            except re.error as error:
                raise ValueError(f"phrases: '{phrase}' is no regular expression: {error}") from error


def boilerplate_edits(text: str, more: Sequence[re.Pattern[str]] = ()) -> list[Edit]:
    """Remove boilerplate lines with their line ends.

    And boilerplate behind the last sentence on its line.
    """
    return to_fixpoint(text, lambda current: list(_once(current, more)))


def _once(text: str, more: Sequence[re.Pattern[str]]) -> Iterator[Edit]:
    if len(bare := text.strip()) <= _LONGEST and bare and _ALONE.fullmatch(bare):
        yield Edit(0, len(text), "", "boilerplate")
        return
    lines = list(lines_of(text))
    boilerplate_lines = [line for line in lines if _is_boilerplate(line, more)]
    for first, last in _blocks(boilerplate_lines):
        if last.end < len(text):
            yield Edit(first.start, last.end + 1, "", "boilerplate")
        else:
            yield Edit(max(0, first.start - 1), last.end, "", "boilerplate")
    if not boilerplate_lines and (tail := _tail(lines)):
        yield Edit(*tail, "", "boilerplate")


def _is_boilerplate(line: Line, more: Sequence[re.Pattern[str]]) -> bool:
    if len(line.text) > 2 * _LONGEST or not 0 < len(bare := line.bare) <= _LONGEST:
        return False
    return bool(_ANYWHERE.fullmatch(bare)) or any(phrase.fullmatch(bare) for phrase in more)


def _blocks(lines: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield first and last of adjacent lines."""
    if not lines:
        return
    first = lines[0]
    for line, following in pairwise(lines):
        if following.start > line.end + 1:
            yield first, line
            first = following
    yield first, lines[-1]


def _tail(lines: Sequence[Line]) -> tuple[int, int] | None:
    """Return the span of boilerplate at the end of the last line with text.

    The blanks before it included.
    """
    last = next((line for line in reversed(lines) if line.bare), None)
    if last is None:
        return None
    text = last.text.rstrip()
    for match in _AFTER_A_SENTENCE.finditer(text, max(0, len(text) - _LONGEST)):
        if _TAIL.fullmatch(text, match.end()):
            begin = len(text[: match.end()].rstrip())
            return last.start + begin, last.start + len(text)
    return None


@STEPS.register("boilerplate", BoilerplateOptions)
class Boilerplate(EditStep):
    """Removes copyright notices, sources, buttons, view counts, placeholders.
    Page numbers too. From answers only.
    """

    def __init__(self, options: BoilerplateOptions) -> None:
        self._more = [re.compile(phrase) for phrase in options.phrases]

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return boilerplate_edits(text, self._more) if field == "answer" else []
