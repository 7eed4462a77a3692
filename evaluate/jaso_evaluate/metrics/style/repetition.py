"""Repetition within a text: repeated n-grams, loops, repeated sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.ngrams import Ngrams, iterate_ngrams
from jaso_evaluate.korean.sentences import AnalysedSentence, analyse_sentences
from jaso_evaluate.korean.tokenizers import (
    TOKENIZERS,
    check_names,
    sentence_signature,
    to_nfc,
    token_signature,
)
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of, ratio_of
from jaso_evaluate.metrics.base import signature

_MIN_REPETITIONS = 3
"""Repetitions of a piece at the end of the text that make it a loop."""

_MIN_LETTERS = 2
"""Letters in a piece: 1,000,000,000 and a row of dashes are no loops."""

_END_MARKS = " .,!?…·~"


@dataclass(frozen=True)
class RepetitionOptions:
    """Options of the repetition metric.

    `orders`: lengths of the n-grams. `loop_characters`: the shortest repeated piece that counts as a loop.
    """

    tokenizer: str = "kiwi-all"
    orders: list[int] = field(default_factory=lambda: [2, 3, 4])
    loop_characters: int = 3

    def __post_init__(self) -> None:
        if not self.orders or min(self.orders) < 1 or len(set(self.orders)) < len(self.orders):
            raise ValueError(f"orders: {self.orders}, give different numbers from 1")
        if self.loop_characters < 1:
            raise ValueError("loop_characters must be 1 or more")


@METRICS.register("repetition", RepetitionOptions)
class Repetition(Metric):
    """rep-n, texts that end in a loop, and repeated sentences.

    rep-n (Welleck et al. 2020): 100 · (1 − different/all n-grams) within each text, averaged over the texts that are
    long enough to have one. A loop: the text ends in the same piece three times or more ("갈등을 갈등을 갈등을"), and
    perhaps the beginning of a fourth. A repeated sentence occurs earlier in the same text, ignoring blanks.

    Texts in NFC. Empty texts do not loop and have no other value.
    """

    by_text = True

    def __init__(self, options: RepetitionOptions) -> None:
        check_names([options.tokenizer], TOKENIZERS, "metrics.repetition.tokenizer")
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts = to_nfc(p.prediction for p in predictions)
        tokens = TOKENIZERS[self._options.tokenizer](texts)
        measures = [
            self._measure(n, ngrams, len(texts))
            for n, ngrams in enumerate(iterate_ngrams([tokens[text] for text in texts], max(self._options.orders)), 1)
            if n in self._options.orders
        ]
        shortest = self._options.loop_characters
        loops = {text: float(ends_in_loop(text, shortest)) for text in set(texts)}
        measures.append(
            Measure(
                "loops",
                "% of texts",
                signature(
                    piece=f">={shortest}-characters", times=f">={_MIN_REPETITIONS}", where="end", blanks="runs-as-one"
                ),
                False,
                mean_of([loops[text] for text in texts]),
                "ratio:100",
            )
        )
        sentences = analyse_sentences(texts)
        return [*measures, _repeated_sentences([sentences[text] for text in texts])]

    def _measure(self, n: int, ngrams: Ngrams, texts: int) -> Measure:
        pairs = zip(ngrams.distinct(texts).tolist(), ngrams.totals(texts).tolist(), strict=True)
        return Measure(
            f"rep_{n}",
            "% repeated",
            signature(of=f"{n}-grams", within="text", tok=token_signature(self._options.tokenizer), mean="texts"),
            False,
            mean_of([1 - distinct / total if total else None for distinct, total in pairs]),
            "ratio:100",
        )


def ends_in_loop(text: str, shortest: int = 3) -> bool:
    """Return whether the text ends in three or more copies of a piece.

    The piece has `shortest` characters or more. Linear time.
    """
    body = " ".join(text.split())
    forms = (body, f"{body} ", f"{body.rstrip(_END_MARKS)} ")
    return any(_is_periodic(form, shortest) for form in dict.fromkeys(forms))


def _is_periodic(text: str, shortest: int) -> bool:
    """Return whether a suffix has a period p ≥ `shortest` and at least 3p characters.

    The period contains letters. By the Z-function of the reversed text (Gusfield 1997, ch. 1): z[p] is the length of
    the longest common prefix of a text and its part from p on, that is the number of characters that recur p positions
    later.
    """
    reversed_text = text[::-1]
    n = len(reversed_text)
    z = [0] * n
    left = right = 0
    # "baba" → z = [0, 0, 2, 0]: the first two characters recur two positions later. [left, right) is the rightmost
    # segment known to equal a prefix; z of a position within it starts from the prefix's own z.
    for p in range(1, n):
        reach = min(right - p, z[p - left]) if p < right else 0
        while p + reach < n and reversed_text[reach] == reversed_text[p + reach]:
            reach += 1
        z[p] = reach
        if p + reach > right:
            left, right = p, p + reach
        if (
            p >= shortest
            and reach >= (_MIN_REPETITIONS - 1) * p
            and sum(map(str.isalpha, reversed_text[:p])) >= _MIN_LETTERS
        ):
            return True
    return False


def _repeated_sentences(texts: Sequence[Sequence[AnalysedSentence]]) -> Measure:
    counts = []
    for sentences in texts:
        distinct = {"".join(sentence.text.split()) for sentence in sentences}
        counts.append((len(sentences) - len(distinct), len(sentences)) if sentences else None)
    return Measure(
        "repeated_sentences",
        "% of sentences",
        signature(within="text", blanks="ignored", sents=sentence_signature()),
        False,
        ratio_of(counts),
        "ratio:100",
    )
