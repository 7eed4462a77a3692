"""What a prompt format is: the pieces before the text to be written, and that text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaso_core.errors import RequestError
from jaso_core.records import Example


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt. A marker is one special token; text is never read as special tokens, whatever it holds."""

    text: str
    marker: bool = False


class PromptFormat(ABC):
    """Renders an example. Subclasses say which fields they read and give the pieces of the context.

    Markers are spelt as KoGPT2's vocabulary spells them, so that a format works on KoGPT2 without new tokens.
    """

    reads: ClassVar[tuple[str, ...]]
    writes: ClassVar[str] = "answer"

    @property
    @abstractmethod
    def name(self) -> str:
        """The name in the registry; saved with the model."""

    @abstractmethod
    def context(self, example: Example) -> tuple[Piece, ...]:
        """What is given to the model: never learned."""

    def target(self, example: Example) -> str:
        """What the model has to write: the end-of-text token is added when it is encoded."""
        return self.value(example, self.writes)

    def shown(self, example: Example) -> str:
        """The context as one line for people and for prediction files."""
        return "".join(piece.text for piece in self.context(example))

    def value(self, example: Example, field: str) -> str:
        """The field's text. RequestError when the example has none: a prompt with a hole is another prompt."""
        text = getattr(example, field)
        if text is None or not text.strip():
            raise RequestError(
                f"example '{example.id}': has no {field}, which prompt format '{self.name}' reads",
                "take another prompt= or a source that has it",
            )
        return str(text)

    def complete(self, example: Example) -> bool:
        """Whether the example has all that this format reads and writes."""
        return all((getattr(example, field) or "").strip() for field in (*self.reads, self.writes))
