"""the first words of an answer → the rest of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jaso_core.prompts import END, PROMPTS, Piece, PromptFormat
from jaso_core.records import Example


@dataclass(frozen=True)
class ContinuationOptions:
    """`words`: how many 어절 (words between blanks) of the answer are given."""

    words: int = 3

    def __post_init__(self) -> None:
        if self.words < 1:
            raise ValueError(f"prompt.words is {self.words}; give 1 or more")


@PROMPTS.register("continuation", ContinuationOptions)
class Continuation(PromptFormat):
    """First words of the answer as plain text: `</s>` first words, then the rest.

    Context and target together are the answer, character by character and token by token. For that the cut is before
    a blank (U+0020): tokenizers join a blank to the word after it. Where a line ends after the last given word, more
    words are given, up to the next blank.
    """

    name = "continuation"
    reads = ("answer",)

    def __init__(self, options: ContinuationOptions) -> None:
        self.words = options.words
        self._given = re.compile(rf"\s*\S+(?:\s+\S+){{{options.words - 1},}}?(?= )")

    def context(self, example: Example) -> tuple[Piece, ...]:
        """`</s>` and the first words."""
        return Piece(END, True), Piece(self._parts(example)[0])

    def target(self, example: Example) -> str:
        """The rest, with the blank that it begins with."""
        return self._parts(example)[1]

    def markers(self) -> tuple[str, ...]:
        """Told without an example: one with few words would do for few given words only."""
        return tuple(dict.fromkeys((END, *self.stops)))

    def lacks(self, example: Example) -> tuple[str, ...]:
        """An answer of the given words alone leaves nothing to be written."""
        return () if self._cut(example.answer or "") else (f"answer of more than {self.words} words",)

    def _parts(self, example: Example) -> tuple[str, str]:
        answer = example.answer or ""
        cut = self._cut(answer)
        if not cut:
            raise self.hole(example, self.lacks(example)[0])
        return answer[:cut], answer[cut:]

    def _cut(self, answer: str) -> int:
        """Where the given words end; 0 when nothing but blanks would come after them."""
        opening = self._given.match(answer)
        return opening.end() if opening and answer[opening.end() :].strip() else 0
