"""Prompt format base class: context pieces, target text and stop tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.prompts.field_texts import WORDS, in_words
from jaso_core.prompts.specimen import BARE, SPECIMEN
from jaso_core.records import Example

END = "</s>"
"""Stands for the model's own end-of-text token, however its vocabulary spells it."""


META = "meta."
"""Prefix of a field that is a user's further column: `meta.topic`."""


class UnknownFieldError(RequestError):
    """A prompt format reads a field that examples do not have."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a prompt: a marker or text.

    A marker is one special token; text is never read as special tokens, whatever it holds.
    """

    text: str
    marker: bool = False


class PromptFormat(ABC):
    """Prompt format: renders an example.

    Subclasses say which fields they read and give the pieces of the context.

    `reads` and `writes` are fields of Example. `stops`: special tokens at which writing ends. `wants_sentences`:
    whether training examples are to be made by `expand`, which then needs each answer's sentences.
    """

    name: str
    """The name in the registry; saved with the model."""
    reads: tuple[str, ...]
    writes: str = "answer"
    stops: tuple[str, ...] = (END,)
    code_words: Mapping[str, Mapping[str, str]] = WORDS
    """By field and code, the word that the prompt has for a code in the data."""
    wants_sentences: bool = False

    @abstractmethod
    def context(self, example: Example) -> tuple[Piece, ...]:
        """What is given to the model: never learned."""

    def target(self, example: Example) -> str:
        """What the model has to write: the end-of-text token is added when it is encoded."""
        return self.value(example, self.writes)

    def ending(self, example: Example) -> tuple[Piece, ...]:
        """Return the pieces that are learned: the target, and the token that ends it."""
        return Piece(self.target(example)), Piece(END, True)

    def one_text(self, pieces: Sequence[Piece]) -> str | None:
        """Return the pieces as one text that is encoded as a whole.

        None where they are encoded one by one.
        """
        del pieces
        return None

    def expand(self, example: Example, sentences: Sequence[str] | None) -> list[Example]:
        """Return the training examples that one example makes.

        `sentences` are its answer's, in order.
        """
        del sentences
        return [example]

    def shown(self, example: Example) -> str:
        """The context as one line for people and for prediction files."""
        return "".join(piece.text for piece in self.context(example))

    def markers(self) -> tuple[str, ...]:
        """Return all special tokens that the format uses, in the order of their use.

        Those at which writing ends are among them.

        Taken from what an invented example with all fields renders to, so no format has to list them.
        """
        used = [piece.text for piece in self.context(SPECIMEN) if piece.marker]
        return tuple(dict.fromkeys((*used, *self.stops)))

    @property
    def new_tokens(self) -> tuple[str, ...]:
        """Special tokens that a vocabulary gets for the format, where it lacks them."""
        return self.markers()

    def value(self, example: Example, field: str) -> str:
        """The field's text, codes of AI Hub in words.

        RequestError when the example has none: a prompt with a hole is another prompt.
        """
        text = self._field(example, field)
        if text is None or not text.strip():
            raise self.hole(example, field)
        return in_words(field, str(text), self.code_words)

    def _field(self, example: Example, name: str) -> Any:
        if name.startswith(META):
            return example.meta.get(name.removeprefix(META))
        try:
            return getattr(example, name)
        except AttributeError:
            raise self.unknown_field(name) from None

    def unknown_field(self, name: str) -> UnknownFieldError:
        """Return the error for a field that examples do not have."""
        names = [field.name for field in fields(Example)]
        return UnknownFieldError(
            f"prompt format '{self.name}' reads '{name}', which is no field of an example", did_you_mean(name, names)
        )

    def hole(self, example: Example, what: str) -> RequestError:
        """The error for an example that lacks `what`."""
        return RequestError(
            f"example '{example.id}': has no {what}, which prompt format '{self.name}' reads",
            "take another prompt= or a source that has it",
        )

    def lacks(self, example: Example) -> tuple[str, ...]:
        """Return the fields that the example lacks for this format, in words.

        They are what it would need besides what it has; empty when it can be rendered.
        """
        fields = dict.fromkeys((*self.reads, self.writes))
        return tuple(field for field in fields if not (self._field(example, field) or "").strip())

    def complete(self, example: Example) -> bool:
        """Whether the example has all that this format reads and writes."""
        return not self.lacks(example)

    @property
    def needs(self) -> tuple[str, ...]:
        """All that an example must have, in words."""
        return self.lacks(BARE)
