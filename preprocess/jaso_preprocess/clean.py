"""Cleaning pipeline: run the steps over a document and record their effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from jaso_core.masking.unmask_key import KeyEntry, MaskedSpan, shift_masked
from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit
from jaso_preprocess.further_columns import clean_columns
from jaso_preprocess.steps import Drop, EditStep, PartStep, Step
from jaso_preprocess.steps.base import apply_item_edits, texts_of

# The longest answer of any form has some thousand characters; rules that look at neighbourhoods are not for books.
LARGEST_TEXT = 1_000_000


class Change(NamedTuple):
    """One edit of one step, as offsets in the text that the step received.

    `added` characters replaced text[start:end]. The texts themselves are not kept: what a masking step took out must
    not be stored beside the corpus.
    """

    item: int
    field: str
    step: str
    kind: str
    start: int
    end: int
    added: int


class TraceEntry(NamedTuple):
    """The full text before a step, with the step's edits; for inspecting documents."""

    field: str
    step: str
    before: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class RecordOptions:
    """What to record besides the offsets of the changes.

    `key`: what masking took out; `trace`: every text before its edits.
    """

    key: bool = False
    trace: bool = False


@dataclass
class ItemState:
    """State of one item on its way through the steps."""

    item: Item
    raw: Item
    """The item as it was read, or the part of one."""
    changes: list[tuple[str, str, str, int, int, int]] = field(default_factory=list)
    masked: dict[str, list[MaskedSpan]] = field(default_factory=dict)
    trace: list[TraceEntry] = field(default_factory=list)
    drop: Drop | None = None
    dropped_by: str = ""


@dataclass(frozen=True)
class CleanedDocument:
    """A document after the steps.

    An item that was dropped is an empty Item, so that the indices of items stay the same.
    """

    document: Document
    states: Sequence[ItemState]
    parts: int
    """Items added to those that were read, because an item was split into parts."""
    masked_columns: Mapping[str, int] = field(default_factory=dict)
    """Edits of masking in the user's further columns, by column."""

    @property
    def is_empty(self) -> bool:
        """Whether all items were dropped."""
        return all(state.drop is not None for state in self.states)

    def changes(self) -> list[Change]:
        """Return what each step did, by item, in the order of the steps."""
        return [Change(index, *change) for index, state in enumerate(self.states) for change in state.changes]

    def dropped_records(self) -> list[dict[str, Any]]:
        """Return records of the dropped items, as they came.

        A document without items gives one record for itself.
        """
        if not self.states:
            return [{"document_id": self.document.id, "item": None, "step": None, "reason": "no_items"}]
        return [
            dropped_record(self.document.id, index, state.raw, state.dropped_by, state.drop)
            for index, state in enumerate(self.states)
            if state.drop is not None
        ]

    def key_entries(self) -> list[KeyEntry]:
        """Return what masking took out, with token positions in the cleaned texts."""
        return [
            KeyEntry(self.document.id, index, name, *entry)
            for index, state in enumerate(self.states)
            if state.drop is None
            for name, entries in state.masked.items()
            for entry in entries
        ]


def dropped_record(document_id: str, index: int, item: Item, step: str, drop: Drop) -> dict[str, Any]:
    """Return a line of dropped.jsonl.

    Only a copy of another document names its original.
    """
    record = {"document_id": document_id, "item": index, "step": step, "reason": drop.reason}
    record["detail"] = drop.detail or None
    if drop.duplicate_of is not None:
        record |= {"duplicate_of": drop.duplicate_of, "similarity": drop.similarity}
    return {**record, **asdict(item)}


_DEFAULT_OPTIONS = RecordOptions()


def clean(document: Document, steps: Mapping[str, Step], options: RecordOptions = _DEFAULT_OPTIONS) -> CleanedDocument:
    """Apply the steps to a document, in their order."""
    order = list(steps.items())
    states = [state for item in document.items for state in _run(ItemState(item, item), document, order, options)]
    items = tuple(state.item if state.drop is None else Item() for state in states)
    columns = clean_columns(document, list(steps.values()))
    cleaned = replace(document, items=items, meta=columns.meta)
    return CleanedDocument(cleaned, states, len(states) - len(document.items), columns.masked)


def _run(
    state: ItemState, document: Document, steps: Sequence[tuple[str, Step]], options: RecordOptions
) -> list[ItemState]:
    longest = max(map(len, texts_of(state.item).values()), default=0)
    if longest > LARGEST_TEXT:
        state.drop, state.dropped_by = Drop("text_too_large", f"{longest:,} characters"), "reading"
        return [state]
    for position, (name, step) in enumerate(steps):
        if isinstance(step, EditStep):
            _edit(state, name, step, step.item_edits(document, state.item), options)
        elif isinstance(step, PartStep):
            if parts := step.parts(state.item):
                items = [part.of(state.item) for part in parts]
                states = [ItemState(item, item) for item in items]
                states[0].trace, states[0].changes = (
                    state.trace,
                    state.changes + [("answer", name, name, *part.answer, 0) for part in parts],
                )
                return [result for part in states for result in _run(part, document, steps[position + 1 :], options)]
        else:
            _apply(state, name, step, document)
            if state.drop is not None:
                break
    return [state]


def _edit(
    state: ItemState, name: str, step: Step, edits_by_field: Mapping[str, Sequence[Edit]], options: RecordOptions
) -> None:
    changed = {field: edits for field, edits in edits_by_field.items() if edits}
    if not changed:
        return
    for text_field, edits in changed.items():
        state.changes += [(text_field, name, edit.kind, edit.start, edit.end, len(edit.replacement)) for edit in edits]
        text = texts_of(state.item)[text_field]
        if options.trace:
            state.trace.append(TraceEntry(text_field, name, text, tuple(edits)))
        if options.key and (step.masks or text_field in state.masked):
            state.masked[text_field] = shift_masked(state.masked.get(text_field, []), text, edits, step.masks)
    state.item = apply_item_edits(state.item, changed)


def _apply(state: ItemState, name: str, step: Step, document: Document) -> None:
    after = step.apply_to(document, state.item)
    if isinstance(after, Drop):
        state.drop, state.dropped_by = after, name
        return
    texts = texts_of(after)
    for text_field, text in texts_of(state.item).items():
        if texts.get(text_field) != text:
            state.changes.append((text_field, name, name, 0, len(text), len(texts.get(text_field, ""))))
    state.item = after
