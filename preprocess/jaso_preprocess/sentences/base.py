"""Base class of sentence splitters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator


class Splitter(ABC):
    """A sentence splitter that keeps offsets, so that nothing of a text is lost."""

    @abstractmethod
    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        """Yield the sentences of each text as (start, end) in code points.

        In order, without outer white space.
        """

    def counted(self, texts: Iterable[str]) -> Iterator[tuple[list[tuple[int, int]], int | None]]:
        """Yield the same, each with the number of the text's morphemes.

        None where the analysis does not provide it for free.
        """
        return ((spans, None) for spans in self.split(texts))
