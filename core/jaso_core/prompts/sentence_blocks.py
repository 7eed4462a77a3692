"""nothing → a block of sentences: free writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jaso_core.errors import RequestError
from jaso_core.prompts import END, PROMPTS, Piece, PromptFormat
from jaso_core.records import Example


@dataclass(frozen=True)
class SentenceBlocksOptions:
    """`sentences`: of one block; the last block of an answer may have fewer."""

    sentences: int = 9

    def __post_init__(self) -> None:
        if self.sentences < 1:
            raise ValueError(f"prompt.sentences is {self.sentences}; give 1 or more")


@PROMPTS.register("sentence_blocks", SentenceBlocksOptions)
class SentenceBlocks(PromptFormat):
    """Blocks of nine sentences, after the start token alone: `</s>` block.

    Writing is free: nothing is given but the start token.

    A block is a part of one answer, line ends and all. Evaluation takes the whole answer as the reference.
    """

    name = "sentence_blocks"
    reads = ()
    wants_sentences = True

    def __init__(self, options: SentenceBlocksOptions) -> None:
        self.sentences = options.sentences

    def context(self, example: Example) -> tuple[Piece, ...]:
        """KoGPT2 was trained with `</s>` at both ends of a text."""
        del example
        return (Piece(END, True),)

    def expand(self, example: Example, sentences: Sequence[str] | None) -> list[Example]:
        """One example a block, with ids `<id>/0`, `<id>/1` and so on.

        RequestError when the sentences are not this answer's.
        """
        if not self.complete(example):
            return [example]
        answer = self.value(example, "answer")
        spans = _spans(example, answer, sentences or ())
        blocks = [spans[first : first + self.sentences] for first in range(0, len(spans), self.sentences)]
        return [
            replace(example, id=f"{example.id}/{number}", answer=answer[block[0][0] : block[-1][1]])
            for number, block in enumerate(blocks)
        ]


def _spans(example: Example, answer: str, sentences: Sequence[str]) -> list[tuple[int, int]]:
    """Return the spans of the sentences in the answer.

    What is between the sentences of one block belongs to it.
    """
    spans: list[tuple[int, int]] = []
    end = 0
    for sentence in sentences:
        start = answer.find(sentence, end)
        if start < 0:
            break
        end = start + len(sentence)
        spans.append((start, end))
    if not spans or len(spans) < len(sentences):
        raise RequestError(
            f"example '{example.id}': its answer is not made of its sentences in sentences.parquet",
            "run `jaso preprocess` again",
        )
    return spans
