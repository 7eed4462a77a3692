"""Splits of a preprocess folder, as examples of a prompt format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from jaso_core.errors import RequestError
from jaso_core.io.files import read_examples
from jaso_core.io.sentences import read_sentences
from jaso_core.prompts import PromptFormat
from jaso_core.records import Example


@dataclass(frozen=True)
class Split:
    """Examples of a split as the prompt format takes them.

    `in_split`: how many there are before a limit and before the format divides them.
    """

    examples: list[Example]
    in_split: int


@dataclass(frozen=True)
class Splits:
    """The splits that training reads."""

    training: Split
    validation: Split


def read_splits(folder: Path, prompt: PromptFormat, limit: int | None = None) -> Splits:
    """Read both splits, at most `limit` training examples."""
    return Splits(read_split(folder, "train", prompt, limit), read_split(folder, "validation", prompt))


def read_split(folder: Path, split: str, prompt: PromptFormat, limit: int | None = None) -> Split:
    """Read at most `limit` examples of a split.

    A smaller draw lies within the larger ones, so that a curve over the amount of data is of one growing corpus.
    RequestError when the split is empty.
    """
    path = folder / "examples" / f"{split}.parquet"
    in_split = read_examples(path)
    if not in_split:
        raise RequestError(f"{path}: has no examples", f"preprocess with more documents or another split.{split}")
    drawn = sorted(Random(0).sample(range(len(in_split)), len(in_split))[:limit])
    examples = [in_split[index] for index in drawn]
    if prompt.wants_sentences:
        sentences = read_sentences(folder)
        examples = [part for example in examples for part in prompt.expand(example, sentences.get(example.id))]
    return Split(examples, len(in_split))
