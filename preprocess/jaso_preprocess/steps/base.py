"""Base classes of cleaning steps: pure functions of one item.

A step changes an item, splits it into parts, or drops it with a reason.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar

from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, apply_edits

FIELDS = ("question", "answer", "summary")
CACHE_SIZE = 4096
"""Questions whose edits a step caches."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drop:
    """The result of a step that drops the item.

    `reason` is a short name that is counted; `detail` is for people. `duplicate_of`: for a copy of another document,
    that document's id; `similarity`: the Jaccard index of the two, 1 for the same text.
    """

    reason: str
    detail: str = ""
    duplicate_of: str | None = None
    similarity: float | None = None


class Step(ABC):
    """One step of cleaning."""

    masks: ClassVar[bool] = False
    """Whether what the step takes out is confidential: only a key file stores it."""

    def meet(self, companies: Collection[str]) -> None:  # noqa: B027 (most steps have no use for it)
        """Receive the companies that the documents of the whole input name.

        Called once, before the first item.
        """

    @abstractmethod
    def apply(self, item: Item) -> Item | Drop:
        """Return the changed item, the same item, or a drop."""

    def apply_to(self, document: Document, item: Item) -> Item | Drop:
        """Apply the step with the item's document, for its company or kind."""
        del document
        return self.apply(item)


class TextStep(Step):
    """A step that treats each text of an item separately.

    A text that becomes empty becomes None.
    """

    @abstractmethod
    def text(self, text: str, field: str) -> str:
        """Return the cleaned text of `field` (question, answer or summary)."""

    def apply(self, item: Item) -> Item:
        """Clean every text of the item."""
        return replace(item, **{name: none_if_blank(self.text(text, name)) for name, text in texts_of(item).items()})


class EditStep(TextStep):
    """A step that reports what it changes, and where."""

    @abstractmethod
    def edits(self, text: str, field: str) -> Sequence[Edit]:
        """Return the edits of a text, in order, without overlaps; none for no change.

        Idempotent: none for its own result.
        """

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Return the edits of each text of an item, by field.

        Override it in steps that look beyond the one text. `document` is the item's document, None when it is unknown.
        """
        del document
        return {
            name: self._cached_question_edits(text) if name == "question" else self.edits(text, name)
            for name, text in texts_of(item).items()
        }

    @cached_property
    def _cached_question_edits(self) -> Callable[[str], Sequence[Edit]]:
        """Cached edits of questions: many people answer one question.

        A step is pure, so that this changes nothing but the time.
        """
        return lru_cache(maxsize=CACHE_SIZE)(lambda text: self.edits(text, "question"))

    def text(self, text: str, field: str) -> str:
        """Return the text after the edits."""
        return apply_edits(text, self.edits(text, field))

    def apply(self, item: Item) -> Item:
        """Return the item after its edits, without a document."""
        return apply_item_edits(item, self.item_edits(None, item))

    def apply_to(self, document: Document, item: Item) -> Item:
        """Return the item after its edits."""
        return apply_item_edits(item, self.item_edits(document, item))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the items within an item: spans of its question and answer."""

    question: Span
    answer: Span

    def of(self, item: Item) -> Item:
        """Return the item of the part."""
        question, answer = item.question or "", item.answer or ""
        return Item(none_if_blank(question[slice(*self.question)]), none_if_blank(answer[slice(*self.answer)]))


class PartStep(Step):
    """A step that splits an item into parts.

    The parts are pieces of the item's texts, in their order.
    """

    @abstractmethod
    def parts(self, item: Item) -> Sequence[Part]:
        """Return two or more parts; none when the item is one, or when it is unclear."""

    def apply(self, item: Item) -> Item:
        """Return the item unchanged: the caller asks for the parts."""
        return item


def texts_of(item: Item) -> dict[str, str]:
    """Return the texts of an item, by field; missing ones are left out."""
    return {name: text for name in FIELDS if (text := getattr(item, name)) is not None}


def apply_item_edits(item: Item, edits: Mapping[str, Sequence[Edit]]) -> Item:
    """Return the item after the edits of each of its texts."""
    texts = texts_of(item)
    return replace(
        item,
        **{
            name: none_if_blank(apply_edits(texts[name], field_edits))
            for name, field_edits in edits.items()
            if field_edits
        },
    )


def none_if_blank(text: str) -> str | None:
    """Return None for a text of white space only."""
    return text if text.strip() else None
