"""What a sentence splitter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator


class Splitter(ABC):
    """Finds sentences and keeps their places, so that nothing of a text is lost."""

    @abstractmethod
    def split(self, texts: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
        """For each text its sentences as (start, end) in code points, in order, without outer white space."""
