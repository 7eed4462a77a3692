"""What a cleaning step is: a pure function of one item that changes it or drops it with a reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jaso_core.records import Document, Item
from jaso_preprocess.edits import Edit, apply_edits

FIELDS = ("question", "answer", "summary")


@dataclass(frozen=True, slots=True)
class Drop:
    """The item does not go on. `reason` is a short name that is counted; `detail` is for people."""

    reason: str
    detail: str = ""


class Step(ABC):
    """One step of cleaning."""

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
        changed = {name: self._clean(getattr(item, name), name) for name in FIELDS}
        return replace(item, **changed)

    def _clean(self, text: str | None, field: str) -> str | None:
        if text is None:
            return None
        cleaned = self.text(text, field)
        return cleaned if cleaned.strip() else None


class EditStep(TextStep):
    """A step that says what it changes, and where."""

    @abstractmethod
    def edits(self, text: str, field: str) -> Sequence[Edit]:
        """In order, without overlaps; none when nothing is to be changed. Idempotent: none for its own result."""

    def text(self, text: str, field: str) -> str:
        """The text after the edits."""
        return apply_edits(text, self.edits(text, field))
