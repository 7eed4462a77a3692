"""What a cleaning step is: a pure function of one item that changes it, parts it, or drops it with a reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar

from jaso_core.records import Document, Item
from jaso_core.text.edits import Edit, apply_edits

FIELDS = ("question", "answer", "summary")
REMEMBERED = 4096
"""Questions of which a step remembers what it found."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drop:
    """The item does not go on. `reason` is a short name that is counted; `detail` is for people."""

    reason: str
    detail: str = ""


class Step(ABC):
    """One step of cleaning."""

    masks: ClassVar[bool] = False
    """Whether what the step takes out must not be found beside the corpus; only a key file has it."""

    def meet(self, companies: Collection[str]) -> None:  # noqa: B027 (most steps have no use for it)
        """Told once, before the first item: the companies that the documents of the whole input name."""

    @abstractmethod
    def apply(self, item: Item) -> Item | Drop:
        """The changed item, the same item, or a drop."""

    def apply_to(self, document: Document, item: Item) -> Item | Drop:
        """The same, for steps that look at the document that the item belongs to: its company, its kind."""
        del document
        return self.apply(item)


class TextStep(Step):
    """A step that treats each text of an item for itself. A text that becomes empty becomes None."""

    @abstractmethod
    def text(self, text: str, field: str) -> str:
        """The cleaned text of `field` (question, answer or summary)."""

    def apply(self, item: Item) -> Item:
        """Cleans every text that is there."""
        return replace(item, **{name: filled(self.text(text, name)) for name, text in texts_of(item).items()})


class EditStep(TextStep):
    """A step that says what it changes, and where."""

    @abstractmethod
    def edits(self, text: str, field: str) -> Sequence[Edit]:
        """In order, without overlaps; none when nothing is to be changed. Idempotent: none for its own result."""

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """The edits of each text of an item, by its field; for steps that look beyond the one text.

        `document` is what the item belongs to, None when nobody knows.
        """
        del document
        return {
            name: self._of_question(text) if name == "question" else self.edits(text, name)
            for name, text in texts_of(item).items()
        }

    @cached_property
    def _of_question(self) -> Callable[[str], Sequence[Edit]]:
        """Remembered: many people answer one question. A step is pure, so that this changes nothing but the time."""
        return lru_cache(maxsize=REMEMBERED)(lambda text: self.edits(text, "question"))

    def text(self, text: str, field: str) -> str:
        """The text after the edits."""
        return apply_edits(text, self.edits(text, field))

    def apply(self, item: Item) -> Item:
        """The item after its edits, for one of which the document is not known."""
        return edited(item, self.item_edits(None, item))

    def apply_to(self, document: Document, item: Item) -> Item:
        """The item after its edits."""
        return edited(item, self.item_edits(document, item))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the items that an item holds: where its question and its answer stand in the texts of the whole."""

    question: Span
    answer: Span

    def of(self, item: Item) -> Item:
        """The item that the part is."""
        question, answer = item.question or "", item.answer or ""
        return Item(filled(question[slice(*self.question)]), filled(answer[slice(*self.answer)]))


class PartStep(Step):
    """A step that takes an item apart. What it gives are pieces of the texts that were there, in their order."""

    @abstractmethod
    def parts(self, item: Item) -> Sequence[Part]:
        """Two or more parts; none when the item is one, or when nobody can tell where to cut."""

    def apply(self, item: Item) -> Item:
        """The item as it is: whoever runs the steps asks for the parts."""
        return item


def texts_of(item: Item) -> dict[str, str]:
    """The texts that an item has, by their field."""
    return {name: text for name in FIELDS if (text := getattr(item, name)) is not None}


def edited(item: Item, edits: Mapping[str, Sequence[Edit]]) -> Item:
    """The item after the edits of each of its texts."""
    texts = texts_of(item)
    return replace(item, **{name: filled(apply_edits(texts[name], some)) for name, some in edits.items() if some})


def filled(text: str) -> str | None:
    """A text that holds nothing but white space is none."""
    return text if text.strip() else None
