"""Mask a user's further columns, and clean the turns of a conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaso_core.records import Document, Item
from jaso_preprocess.steps import Drop, EditStep, PartStep, Step


@dataclass(frozen=True)
class CleanedColumns:
    """`meta` of a document after masking; `masked`: edits by column."""

    meta: Mapping[str, Any]
    masked: Counter[str] = field(default_factory=Counter)


def clean_columns(document: Document, steps: Sequence[Step]) -> CleanedColumns:
    """Mask the further columns of a document, and clean its turns.

    A column is masked as an answer is, by the steps that mask. Turns go through all steps that change texts, each
    question together with its answer, so that the first pair is the document's item. Steps that drop or split do not
    apply: the item decides about the document.
    """
    meta = document.meta
    if "columns" not in meta and "messages" not in meta:
        return CleanedColumns(meta)
    result = CleanedColumns(dict(meta))
    changed: dict[str, Any] = {}
    if meta.get("columns"):
        changed["columns"] = {
            name: _mask(name, text, document, steps, result) for name, text in meta["columns"].items()
        }
    if meta.get("messages"):
        pairs = list(_pairs(meta["messages"]))
        changed["messages"] = [turn for pair in pairs for turn in _clean_pair(pair, document, steps)]
    return CleanedColumns({**meta, **changed}, result.masked)


def _mask(name: str, text: str, document: Document, steps: Sequence[Step], result: CleanedColumns) -> str:
    item = Item(answer=text)
    for step in steps:
        if isinstance(step, EditStep) and step.masks:
            edits = step.item_edits(document, item).get("answer", ())
            if edits:
                result.masked[name] += len(edits)
                item = _changed(step, document, item)
    return item.answer or ""


def _changed(step: Step, document: Document, item: Item) -> Item:
    after = step.apply_to(document, item)
    return item if isinstance(after, Drop) else after


def _pairs(turns: Sequence[Mapping[str, str]]) -> Iterator[list[Mapping[str, str]]]:
    """Yield the turns, a user's together with the assistant's that follows it."""
    # system, user, assistant, user → [system], [user, assistant], [user]
    waiting: list[Mapping[str, str]] = []
    for turn in turns:
        if waiting and turn["role"] == "assistant":
            yield [*waiting, turn]
            waiting = []
            continue
        if waiting:
            yield waiting
        waiting = [turn] if turn["role"] == "user" else []
        if not waiting:
            yield [turn]
    if waiting:
        yield waiting


def _clean_pair(pair: Sequence[Mapping[str, str]], document: Document, steps: Sequence[Step]) -> list[dict[str, str]]:
    asked = [turn["content"] for turn in pair if turn["role"] != "assistant"]
    answered = [turn["content"] for turn in pair if turn["role"] == "assistant"]
    item = Item(asked[0] if asked else None, answered[0] if answered else None)
    for step in steps:
        if not isinstance(step, PartStep):
            item = _changed(step, document, item)
    return [
        {"role": turn["role"], "content": (item.answer if turn["role"] == "assistant" else item.question) or ""}
        for turn in pair
    ]
