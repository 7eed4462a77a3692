"""What a sentence splitter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator


class Splitter(ABC):
    """Finds sentences and keeps their places, so that nothing of a text is lost."""

    @abstractmethod
    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        """For each text its sentences as (start, end) in code points, in order, without outer white space."""

    def counted(self, texts: Iterable[str]) -> Iterator[tuple[list[tuple[int, int]], int | None]]:
        """The same, each with the number of the text's morphemes where the analysis tells it for nothing."""
        return ((spans, None) for spans in self.split(texts))
