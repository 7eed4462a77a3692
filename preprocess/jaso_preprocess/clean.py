"""Runs the steps over a document and keeps account of what each changed, parted and dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from jaso_core.masking.unmask_key import KeyEntry, MaskedSpan, shift_masked
from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit
from jaso_preprocess.steps import Drop, EditStep, PartStep, Step
from jaso_preprocess.steps.base import edited, texts_of

# The longest answer of any form has some thousand characters; rules that look at neighbourhoods are not for books.
LARGEST_TEXT = 1_000_000


class Change(NamedTuple):
    """One edit of one step, as places in the text that the step was given; `added` characters came for text[start:end].

    The texts themselves are not kept: what a masking step took out must not lie beside the corpus.
    """

    item: int
    field: str
    step: str
    kind: str
    start: int
    end: int
    added: int


class Traced(NamedTuple):
    """What a step did to a text, whole: only for people who look at a few documents."""

    field: str
    step: str
    before: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Keep:
    """What is remembered beside the places of the changes: what masking took out, and every text before its edits."""

    key: bool = False
    trace: bool = False


@dataclass
class ItemState:
    """One item on its way through the steps."""

    item: Item
    raw: Item
    """The item as it was read, or cut out of the one that was."""
    changes: list[tuple[str, str, str, int, int, int]] = field(default_factory=list)
    masked: dict[str, list[MaskedSpan]] = field(default_factory=dict)
    trace: list[Traced] = field(default_factory=list)
    drop: Drop | None = None
    dropped_by: str = ""


@dataclass(frozen=True)
class Cleaned:
    """A document after the steps. An item that was dropped is an empty Item, so that places stay the same."""

    document: Document
    slots: Sequence[ItemState]
    parts: int
    """Items that came to those that were read, because an item was taken apart."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return all(slot.drop is not None for slot in self.slots)

    def changes(self) -> list[Change]:
        """What each step did, by item, in the order of the steps."""
        return [Change(place, *change) for place, slot in enumerate(self.slots) for change in slot.changes]

    def dropped(self) -> list[dict[str, Any]]:
        """The dropped items as they came, and the document itself when it has no items."""
        if not self.slots:
            return [{"document_id": self.document.id, "item": None, "step": None, "reason": "no_items"}]
        return [
            dropped_record(self.document.id, place, slot.raw, slot.dropped_by, slot.drop)
            for place, slot in enumerate(self.slots)
            if slot.drop is not None
        ]

    def key(self) -> list[KeyEntry]:
        """What masking took out, with the places of the tokens in the cleaned texts."""
        return [
            KeyEntry(self.document.id, place, name, *entry)
            for place, slot in enumerate(self.slots)
            if slot.drop is None
            for name, entries in slot.masked.items()
            for entry in entries
        ]


def dropped_record(document_id: str, place: int, item: Item, step: str, drop: Drop) -> dict[str, Any]:
    """A line of dropped.jsonl."""
    reason = {"step": step, "reason": drop.reason, "detail": drop.detail or None}
    return {"document_id": document_id, "item": place, **reason, **asdict(item)}


_NOTHING = Keep()


def clean(document: Document, steps: Mapping[str, Step], keep: Keep = _NOTHING) -> Cleaned:
    """The document after the steps in their order."""
    order = list(steps.items())
    slots = [slot for item in document.items for slot in _run(ItemState(item, item), document, order, keep)]
    items = tuple(slot.item if slot.drop is None else Item() for slot in slots)
    return Cleaned(replace(document, items=items), slots, len(slots) - len(document.items))


def _run(slot: ItemState, document: Document, steps: Sequence[tuple[str, Step]], keep: Keep) -> list[ItemState]:
    longest = max(map(len, texts_of(slot.item).values()), default=0)
    if longest > LARGEST_TEXT:
        slot.drop, slot.dropped_by = Drop("text_too_large", f"{longest:,} characters"), "reading"
        return [slot]
    for place, (name, step) in enumerate(steps):
        if isinstance(step, EditStep):
            _edit(slot, name, step, step.item_edits(document, slot.item), keep)
        elif isinstance(step, PartStep):
            if parts := step.parts(slot.item):
                items = [part.of(slot.item) for part in parts]
                slots = [ItemState(item, item) for item in items]
                slots[0].trace, slots[0].changes = (
                    slot.trace,
                    slot.changes + [("answer", name, name, *part.answer, 0) for part in parts],
                )
                return [one for part in slots for one in _run(part, document, steps[place + 1 :], keep)]
        else:
            _apply(slot, name, step, document)
            if slot.drop is not None:
                break
    return [slot]


def _edit(slot: ItemState, name: str, step: Step, found: Mapping[str, Sequence[Edit]], keep: Keep) -> None:
    changed = {field: edits for field, edits in found.items() if edits}
    if not changed:
        return
    for text_field, edits in changed.items():
        slot.changes += [(text_field, name, edit.kind, edit.start, edit.end, len(edit.replacement)) for edit in edits]
        text = texts_of(slot.item)[text_field]
        if keep.trace:
            slot.trace.append(Traced(text_field, name, text, tuple(edits)))
        if keep.key and (step.masks or text_field in slot.masked):
            slot.masked[text_field] = shift_masked(slot.masked.get(text_field, []), text, edits, step.masks)
    slot.item = edited(slot.item, changed)


def _apply(slot: ItemState, name: str, step: Step, document: Document) -> None:
    after = step.apply_to(document, slot.item)
    if isinstance(after, Drop):
        slot.drop, slot.dropped_by = after, name
        return
    texts = texts_of(after)
    for text_field, text in texts_of(slot.item).items():
        if texts.get(text_field) != text:
            slot.changes.append((text_field, name, name, 0, len(text), len(texts.get(text_field, ""))))
    slot.item = after
