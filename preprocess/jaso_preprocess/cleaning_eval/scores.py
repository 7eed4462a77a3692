"""Precision and recall of cleaning steps by kind, in offsets of the raw text.

A planted span's core is its text without outer white space, and then without outer separators (`:`, `.`, `,`, `…`,
`·`, `-`) if anything is left; a span of white space only is its own core. A planted span is *found* when edits of its
kind together cover its core (of any kind where the span is to vanish and they insert nothing: a counter goes with the
comment that contains it), and *exact* when one of them also inserts what the clean text has, but for outer white
space. An edit is *wrong* when it touches no planted span of its kind. Recall is found / planted, precision is
(edits - wrong) / edits; either is None when the denominator is 0.
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
    """Protocol of one planted defect; offsets in code points of the raw field."""

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
    """One planted defect, read from a truth.jsonl record."""

    kind: str
    field: str
    start: int
    end: int
    text: str
    replacement: str
    value: str | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Truth:
        """Parse one entry of a record's `planted`; unknown keys are ignored."""
        values: dict[str, Any] = {name: record[name] for name in cls.__slots__ if name in record}
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind.

    `planted`, `recovered` (of these), `exact` count spans, `edits` and `wrong` count edits.
    """

    kind: str
    planted: int
    recovered: int
    exact: int
    edits: int
    wrong: int

    def __add__(self, other: Score) -> Score:
        """Add the counts; the kind is that of the first."""
        counts = self.counts()
        return _score(self.kind, Counter({name: counts[name] + count for name, count in other.counts().items()}))

    def counts(self) -> dict[str, int]:
        """Return the counts by their names in cleaning.json."""
        numbers = (self.planted, self.recovered, self.exact, self.edits, self.wrong)
        return dict(zip(COUNTS, numbers, strict=True))

    @property
    def precision(self) -> float | None:
        """Share of the edits that touch a planted span of their kind."""
        return (self.edits - self.wrong) / self.edits if self.edits else None

    @property
    def recall(self) -> float | None:
        """Share of the planted spans that were recovered."""
        return self.recovered / self.planted if self.planted else None


def core_span(planted: PlantedSpan) -> tuple[int, int]:
    """Return (start, end) of what must be covered, in offsets of the raw text."""
    text = planted.text
    for outer in (None, _SEPARATORS):
        text = text.strip(outer) or text
    start = planted.start + planted.text.index(text)
    return start, start + len(text)


def score_step(
    edits: Sequence[Edit], planted: Sequence[PlantedSpan], equivalent: Sequence[frozenset[str]] = ()
) -> list[Score]:
    """Score the edits of one text: a row for each planted or edited kind, sorted.

    Edits are in offsets of the raw text. `equivalent`: kinds that count for each other, such as companies of two sorts
    that get the same token.
    """
    tally: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for span in planted:
        tally[span.kind]["planted"] += 1
        if is_found(span, edits, equivalent):
            tally[span.kind]["found"] += 1
            tally[span.kind]["exact"] += any(_is_exact(edit, span) for edit in _edits_for(span, edits, equivalent))
    for edit in edits:
        tally[edit.kind]["edits"] += 1
        tally[edit.kind]["wrong"] += is_wrong(edit, planted, equivalent)
    return [_score(kind, tally[kind]) for kind in sorted(tally)]


def is_found(span: PlantedSpan, edits: Sequence[Edit], equivalent: Sequence[frozenset[str]] = ()) -> bool:
    """Return whether edits of the span's kind cover its core."""
    return _covered(core_span(span), _edits_for(span, edits, equivalent))


def is_wrong(edit: Edit, planted: Sequence[PlantedSpan], equivalent: Sequence[frozenset[str]] = ()) -> bool:
    """Return whether the edit touches no planted span of its kind.

    Edits of characters and white space may tidy up at a span of any kind.
    """
    tidies = edit.kind in ("unicode", "whitespace")
    return not any(
        (tidies or _is_same_kind(edit.kind, span.kind, equivalent)) and _touches(edit, span, tidies) for span in planted
    )


def _edits_for(span: PlantedSpan, edits: Sequence[Edit], equivalent: Sequence[frozenset[str]]) -> list[Edit]:
    """Return the edits of the span's kind.

    For a span to be removed, also all edits that only delete.
    """
    gone = not span.replacement
    return [
        edit for edit in edits if _is_same_kind(edit.kind, span.kind, equivalent) or (gone and not edit.replacement)
    ]


@dataclass
class StepTrace:
    """What the steps did to an item, in offsets of its raw texts."""

    edits: dict[str, list[Edit]]
    """By field, in the order in which they were made."""
    by_step: dict[str, set[str]] = dataclass_field(default_factory=lambda: defaultdict(set))
    """The kinds of the edits by step."""
    parts: list[tuple[int, int]] = dataclass_field(default_factory=list)
    """Spans of the answers that the item was split into; none for an item that stayed whole."""
    answers: list[OffsetTracker] = dataclass_field(default_factory=list)
    """The final answers."""


def trace_steps(item: Item, steps: Mapping[str, Step], document: Document | None = None) -> StepTrace:
    """Run the steps over an item and map their edits to the raw text; a drop ends it.

    A step that reports no edits is compared before and after (difflib); those edits bear the step's name.
    """
    trace = StepTrace({name: [] for name in texts_of(item)})
    stack = [(item, {name: OffsetTracker(text) for name, text in texts_of(item).items()}, list(steps.items()))]
    while stack:
        item, trails, rest = stack.pop()
        for position, (name, step) in enumerate(rest):
            if isinstance(step, PartStep) and (parts := step.parts(item)):
                trace.parts += [trails["answer"].raw_span(*part.answer) for part in parts]
                stack += [_work_on_part(item, trails, part, rest[position + 1 :]) for part in reversed(parts)]
                break
            after = step.apply(item) if document is None else step.apply_to(document, item)
            if isinstance(after, Drop):
                break
            for text_field, edits in _edits(name, step, document, item, after).items():
                trace.edits[text_field] += trails[text_field].apply(edits)
                trace.by_step[name] |= {edit.kind for edit in edits}
            item = after
        else:
            trace.answers += [trails["answer"]] if item.answer else []
    return trace


_WorkItem = tuple[Item, dict[str, OffsetTracker], list[tuple[str, Step]]]


def _work_on_part(
    item: Item, trails: Mapping[str, OffsetTracker], part: Part, rest: list[tuple[str, Step]]
) -> _WorkItem:
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


def _is_same_kind(kind: str, other: str, equivalent: Sequence[frozenset[str]]) -> bool:
    return kind == other or any({kind, other} <= kinds for kinds in equivalent)


def _covered(span: tuple[int, int], edits: Sequence[Edit]) -> bool:
    at, end = span
    if at == end:
        return any(edit.start <= at <= edit.end for edit in edits)
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start <= at < edit.end:
            at = edit.end
    return at >= end


def _touches(edit: Edit, span: PlantedSpan, adjacent: bool = False) -> bool:
    if adjacent or span.start == span.end or edit.start == edit.end:
        return edit.start <= span.end and span.start <= edit.end
    return edit.start < span.end and span.start < edit.end


def _is_exact(edit: Edit, span: PlantedSpan) -> bool:
    return _touches(edit, span) and edit.replacement.strip() == span.replacement.strip()


def _score(kind: str, counts: Counter[str]) -> Score:
    return Score(kind, counts["planted"], counts["found"], counts["exact"], counts["edits"], counts["wrong"])
