"""Degenerate texts: equal answers to different prompts, and loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.records import Prediction
from jaso_evaluate.schema import DegenerationFacts

PIECE, TIMES = 10, 3
"""A text loops that holds a piece of so many characters so often."""

ALLOWANCE = 0.1
"""How far a share may be above that of the references."""

FEWEST = 20
"""Different prompts below which shares say nothing."""


@dataclass(frozen=True)
class Degeneration:
    """Shares, 0 to 1, of `n` texts: one for each different prompt.

    `equal`: texts that are written for another prompt too; `looping`: texts with a loop; each beside its share among
    the references.
    """

    n: int
    equal: float
    equal_references: float
    looping: float
    looping_references: float

    @property
    def is_degenerate(self) -> bool:
        """Whether either share is far above the references' own."""
        has_enough = self.n >= FEWEST
        has_equals = self.equal > self.equal_references + ALLOWANCE
        return has_enough and (has_equals or self.looping > self.looping_references + ALLOWANCE)

    def to_json(self) -> DegenerationFacts:
        """Return the shares and the verdict, as run.json has them."""
        return {
            "n": self.n,
            "equal": round(self.equal, 6),
            "equal_references": round(self.equal_references, 6),
            "looping": round(self.looping, 6),
            "looping_references": round(self.looping_references, 6),
            "is_degenerate": self.is_degenerate,
        }


def measure_degeneration(predictions: Sequence[Prediction]) -> Degeneration:
    """Measure texts beside their references.

    Of predictions with one prompt the first counts: greedy search writes the same for the same prompt. Predictions
    without a prompt all count.
    """
    by_prompt = {prediction.prompt or prediction.id: prediction for prediction in reversed(predictions)}
    texts = [prediction.prediction for prediction in by_prompt.values()]
    references = [prediction.reference for prediction in by_prompt.values()]
    return Degeneration(
        len(texts),
        share_of_equal_texts(texts),
        share_of_equal_texts(references),
        share_of_looping_texts(texts),
        share_of_looping_texts(references),
    )


def share_of_equal_texts(texts: Sequence[str]) -> float:
    """Return the share of texts that are there more than once, white space aside."""
    counts = Counter(" ".join(text.split()) for text in texts)
    return sum(count for count in counts.values() if count > 1) / len(texts) if texts else 0.0


def share_of_looping_texts(texts: Sequence[str]) -> float:
    """Return the share of texts with a piece of PIECE characters TIMES or more."""
    return sum(map(has_loop, texts)) / len(texts) if texts else 0.0


def has_loop(text: str) -> bool:
    """Return whether a piece of PIECE characters is in the text TIMES or more.

    White space of any length is one blank.
    """
    plain = " ".join(text.split())
    pieces = Counter(plain[start : start + PIECE] for start in range(len(plain) - PIECE + 1))
    return max(pieces.values(), default=0) >= TIMES
