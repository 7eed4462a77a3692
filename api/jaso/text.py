"""Clean one text, and split a text into sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jaso.configuration import compose
from jaso_core.records import Document, Item

if TYPE_CHECKING:
    from jaso_preprocess.sentences import Splitter
    from jaso_preprocess.steps import Step


@dataclass(frozen=True)
class TextEdit:
    """Edit of a text by a cleaning step: `text[start:end]` became `replacement`.

    `text` is the one that the step `step` was given; offsets are code points.
    """

    step: str
    kind: str
    start: int
    end: int
    before: str
    replacement: str


@dataclass(frozen=True)
class CleanText:
    """Cleaned text with its edits, or why it was dropped.

    `text` is the one after all steps, `edits` are in their order, and `dropped` says why it would not be kept.

    `text` is "" for a dropped text. A text that was taken apart has its parts on paragraphs of their own.
    """

    text: str
    edits: tuple[TextEdit, ...]
    dropped: str | None = None

    def __str__(self) -> str:
        return self.text


def clean(
    text: str,
    *,
    company: str | None = None,
    question: str | None = None,
    kind: str = "letter",
    steps: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
) -> CleanText:
    """Clean an answer as `jaso preprocess` would clean it in its own document.

    `company` is masked in all its spellings; `question` is what the answer answers; `kind` is letter, interview,
    dialogue, posting or message. `steps`: names of cleaning steps, or their options by name (default: those of `jaso
    preprocess`). RequestError for an unknown step or option.
    """
    from jaso_preprocess.clean import RecordOptions
    from jaso_preprocess.clean import clean as clean_document

    document = Document("text", "python", kind, items=(Item(question, text),), company=company)
    node = compose("preprocess", {} if steps is None else {"clean": list(steps)})["clean"]
    if isinstance(steps, Mapping):
        node = {name: {**defaults, **steps[name]} for name, defaults in node.items()}
    steps_of_text = _steps(json.dumps(node), (company,) if company else ())
    cleaned = clean_document(document, steps_of_text, RecordOptions(trace=True))
    states = cleaned.states
    edits = [
        TextEdit(trace.step, edit.kind, edit.start, edit.end, trace.before[edit.start : edit.end], edit.replacement)
        for state in states
        for trace in state.trace
        if trace.field == "answer"
        for edit in trace.edits
    ]
    # A text alone has no question, which only matters in a corpus.
    dropped = [s for s in states if s.drop is not None and (question is not None or s.drop.reason != "no_question")]
    texts = [state.item.answer for state in states if state not in dropped and state.item.answer]
    reasons = [f"{state.dropped_by}: {state.drop.reason}" for state in dropped if state.drop is not None]
    return CleanText("\n\n".join(texts), tuple(edits), reasons[0] if reasons and not texts else None)


def sentences(text: str, splitter: str = "careful") -> list[str]:
    """Return the sentences of a text, in order, without outer white space.

    `splitter`: a name of `jaso list sentences`.
    """
    return [text[start:end] for start, end in next(iter(_splitter(splitter).split([text])))]


@cache
def _steps(node: str, companies: tuple[str, ...]) -> dict[str, Step]:
    from jaso_preprocess.execution.worker import build_steps

    steps = build_steps(json.loads(node))
    for step in steps.values():
        step.meet(companies)
    return steps


@cache
def _splitter(name: str) -> Splitter:
    from jaso_preprocess.sentences import SPLITTERS

    node: dict[str, Any] = compose("preprocess", {"sentences": name})["sentences"]
    return SPLITTERS.build(node, "sentences")
