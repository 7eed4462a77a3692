"""How well the steps find what was planted: precision and recall by kind, in the places of the raw text.

What counts, exactly. A planted span's core is its text without outer white space, and then without outer separators
(`:`, `.`, `,`, `…`, `·`, `-`) if anything is left; a span of white space only is its own core. A planted span is
*found* when edits of its kind together cover its core (of any kind where it is to vanish and they put nothing there:
a counter goes with the comment it stands in), and *exact* when one of them also puts there what the clean text
has, but for outer white space. An edit is *wrong* when it touches no planted span of its kind. Recall is found /
planted, precision is (edits - wrong) / edits; either is None when there is nothing to divide by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from difflib import SequenceMatcher
from typing import Any, Protocol

from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, OffsetTracker
from jaso_preprocess.steps import Drop, EditStep, Part, PartStep, Step
from jaso_preprocess.steps.base import texts_of

COUNTS = ("planted", "found", "exact", "edits", "wrong")
_SEPARATORS = " \t\r\n\u00a0\u3000:.,…·-"


class PlantedSpan(Protocol):
    """What the truth says about one planted thing; offsets in code points of the raw field."""

    @property
    def kind(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def replacement(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Truth:
    """A planted thing as read from a truth.jsonl record."""

    kind: str
    field: str
    start: int
    end: int
    text: str
    replacement: str
    value: str | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Truth:
        """One entry of a record's `planted`; keys that later truths may add are passed over."""
        known: dict[str, Any] = {name: record[name] for name in cls.__slots__ if name in record}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind. `planted`, `found`, `exact` are spans, `edits` and `wrong` edits."""

    kind: str
    planted: int
    found: int
    exact: int
    edits: int
    wrong: int

    def __add__(self, other: Score) -> Score:
        """The counts of both; the kind of the first."""
        counts = (getattr(self, name) + getattr(other, name) for name in COUNTS)
        return Score(self.kind, *counts)

    @property
    def precision(self) -> float | None:
        """Share of the edits that touch something planted of their kind."""
        return (self.edits - self.wrong) / self.edits if self.edits else None

    @property
    def recall(self) -> float | None:
        """Share of the planted spans that were found."""
        return self.found / self.planted if self.planted else None


def core(planted: PlantedSpan) -> tuple[int, int]:
    """Start and end of what must be covered, in the places of the raw text."""
    text = planted.text
    for outer in (None, _SEPARATORS):
        text = text.strip(outer) or text
    start = planted.start + planted.text.index(text)
    return start, start + len(text)


def score_step(
    edits: Sequence[Edit], planted: Sequence[PlantedSpan], alike: Sequence[frozenset[str]] = ()
) -> list[Score]:
    """One text's scores, a row a kind that is planted or edited, sorted. Edits in the places of the raw text.

    `alike`: kinds that count for each other, such as companies of two sorts that get the same token.
    """
    tally: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for span in planted:
        tally[span.kind]["planted"] += 1
        if is_found(span, edits, alike):
            tally[span.kind]["found"] += 1
            tally[span.kind]["exact"] += any(_is_exact(edit, span) for edit in _own(span, edits, alike))
    for edit in edits:
        tally[edit.kind]["edits"] += 1
        tally[edit.kind]["wrong"] += is_wrong(edit, planted, alike)
    return [_score(kind, tally[kind]) for kind in sorted(tally)]


def is_found(span: PlantedSpan, edits: Sequence[Edit], alike: Sequence[frozenset[str]] = ()) -> bool:
    """Do the edits of the span's kind cover its core?"""
    return _covered(core(span), _own(span, edits, alike))


def is_wrong(edit: Edit, planted: Sequence[PlantedSpan], alike: Sequence[frozenset[str]] = ()) -> bool:
    """Does the edit touch no planted span of its kind? Characters and white space may be tidied up at any of them."""
    tidies = edit.kind in ("unicode", "whitespace")
    return not any((tidies or _same(edit.kind, span.kind, alike)) and _touches(edit, span, tidies) for span in planted)


def _own(span: PlantedSpan, edits: Sequence[Edit], alike: Sequence[frozenset[str]]) -> list[Edit]:
    """Edits of the span's kind; and where nothing is to stay, all that take something out and put nothing in."""
    gone = not span.replacement
    return [edit for edit in edits if _same(edit.kind, span.kind, alike) or (gone and not edit.replacement)]


@dataclass
class Followed:
    """What the steps did to an item, in the places of its raw texts."""

    edits: dict[str, list[Edit]]
    """By field, in the order in which they were made."""
    by_step: dict[str, set[str]] = dataclass_field(default_factory=lambda: defaultdict(set))
    """The kinds of the edits by step."""
    parts: list[tuple[int, int]] = dataclass_field(default_factory=list)
    """The answers that the item was taken apart into; none for an item that stayed whole."""
    ends: list[OffsetTracker] = dataclass_field(default_factory=list)
    """The answers as they came out."""


def follow(item: Item, steps: Mapping[str, Step], document: Document | None = None) -> Followed:
    """Runs the steps over an item. A drop ends it.

    A step that gives no edits is compared before and after; those edits bear the step's name.
    """
    seen = Followed({name: [] for name in texts_of(item)})
    waiting = [(item, {name: OffsetTracker(text) for name, text in texts_of(item).items()}, list(steps.items()))]
    while waiting:
        item, trails, rest = waiting.pop()
        for place, (name, step) in enumerate(rest):
            if isinstance(step, PartStep) and (parts := step.parts(item)):
                seen.parts += [trails["answer"].raw_span(*part.answer) for part in parts]
                waiting += [_part(item, trails, part, rest[place + 1 :]) for part in reversed(parts)]
                break
            after = step.apply(item) if document is None else step.apply_to(document, item)
            if isinstance(after, Drop):
                break
            for text_field, edits in _edits(name, step, document, item, after).items():
                seen.edits[text_field] += trails[text_field].apply(edits)
                seen.by_step[name] |= {edit.kind for edit in edits}
            item = after
        else:
            seen.ends += [trails["answer"]] if item.answer else []
    return seen


_Work = tuple[Item, dict[str, OffsetTracker], list[tuple[str, Step]]]


def _part(item: Item, trails: Mapping[str, OffsetTracker], part: Part, rest: list[tuple[str, Step]]) -> _Work:
    spans = {"question": part.question, "answer": part.answer}
    return part.of(item), {name: trails[name].part(*span) for name, span in spans.items() if name in trails}, rest


def _edits(name: str, step: Step, document: Document | None, before: Item, after: Item) -> Mapping[str, Sequence[Edit]]:
    if isinstance(step, EditStep):
        return step.item_edits(document, before)
    return {field: _difference(text, getattr(after, field) or "", name) for field, text in texts_of(before).items()}


def _difference(before: str, after: str, kind: str) -> list[Edit]:
    if before == after:
        return []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    return [Edit(start, end, after[new_start:new_end], kind) for _, start, end, new_start, new_end in changes]


def _same(one: str, other: str, alike: Sequence[frozenset[str]]) -> bool:
    return one == other or any({one, other} <= kinds for kinds in alike)


def _covered(span: tuple[int, int], edits: Sequence[Edit]) -> bool:
    at, end = span
    if at == end:
        return any(edit.start <= at <= edit.end for edit in edits)
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start <= at < edit.end:
            at = edit.end
    return at >= end


def _touches(edit: Edit, span: PlantedSpan, beside: bool = False) -> bool:
    if beside or span.start == span.end or edit.start == edit.end:
        return edit.start <= span.end and span.start <= edit.end
    return edit.start < span.end and span.start < edit.end


def _is_exact(edit: Edit, span: PlantedSpan) -> bool:
    return _touches(edit, span) and edit.replacement.strip() == span.replacement.strip()


def _score(kind: str, counts: Counter[str]) -> Score:
    return Score(kind, counts["planted"], counts["found"], counts["exact"], counts["edits"], counts["wrong"])
