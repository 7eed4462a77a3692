"""How much a text repeats itself."""

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

_TIMES = 3
"""Repetitions of a piece up to the end of the text that make it a loop."""

_LETTERS = 2
"""Letters in a piece: 1,000,000,000 and a row of dashes are no loop."""

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
    """rep-n, texts that end in a loop, and sentences that were said before.

    rep-n (Welleck et al. 2020): 100 · (1 − different/all n-grams) within each text, averaged over the texts that are
    long enough to have one. A loop: the text ends in the same piece three times or more ("갈등을 갈등을 갈등을"), and
    perhaps the beginning of a fourth. A repeated sentence stands earlier in the same text, but for blanks.

    Texts in NFC. Empty texts do not loop and have no other value.
    """

    by_text = True

    def __init__(self, options: RepetitionOptions) -> None:
        check_names([options.tokenizer], TOKENIZERS, "metrics.repetition.tokenizer")
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts = to_nfc(p.prediction for p in predictions)
        tokens = TOKENIZERS[self._options.tokenizer](texts)
        found = [
            self._repeated(n, gram, len(texts))
            for n, gram in enumerate(iterate_ngrams([tokens[text] for text in texts], max(self._options.orders)), 1)
            if n in self._options.orders
        ]
        shortest = self._options.loop_characters
        loops = {text: float(ends_in_loop(text, shortest)) for text in set(texts)}
        found.append(
            Measure(
                "loops",
                "% of texts",
                signature(piece=f">={shortest}-characters", times=f">={_TIMES}", where="end", blanks="runs-as-one"),
                False,
                mean_of([loops[text] for text in texts]),
                "ratio:100",
            )
        )
        sentences = analyse_sentences(texts)
        return [*found, _repeated_sentences([sentences[text] for text in texts])]

    def _repeated(self, n: int, gram: Ngrams, texts: int) -> Measure:
        pairs = zip(gram.distinct(texts).tolist(), gram.totals(texts).tolist(), strict=True)
        return Measure(
            f"rep_{n}",
            "% repeated",
            signature(of=f"{n}-grams", within="text", tok=token_signature(self._options.tokenizer), mean="texts"),
            False,
            mean_of([1 - different / total if total else None for different, total in pairs]),
            "ratio:100",
        )


def ends_in_loop(text: str, shortest: int = 3) -> bool:
    """Whether the text ends in three or more copies of a piece of `shortest` characters or more. Linear time."""
    body = " ".join(text.split())
    forms = (body, f"{body} ", f"{body.rstrip(_END_MARKS)} ")
    return any(_is_periodic(form, shortest) for form in dict.fromkeys(forms))


def _is_periodic(text: str, shortest: int) -> bool:
    """Whether a suffix has a period p ≥ `shortest` and at least 3p characters, with letters in the period.

    By the Z-function of the text backwards (Gusfield 1997, ch. 1): z[p], the length of the longest common prefix of a
    text and its part from p on, is the number of characters that stand again p places on.
    """
    back = text[::-1]
    n = len(back)
    z = [0] * n
    left = right = 0
    for p in range(1, n):
        reach = min(right - p, z[p - left]) if p < right else 0
        while p + reach < n and back[reach] == back[p + reach]:
            reach += 1
        z[p] = reach
        if p + reach > right:
            left, right = p, p + reach
        if p >= shortest and reach >= (_TIMES - 1) * p and sum(map(str.isalpha, back[:p])) >= _LETTERS:
            return True
    return False


def _repeated_sentences(texts: Sequence[Sequence[AnalysedSentence]]) -> Measure:
    counts = []
    for sentences in texts:
        different = {"".join(sentence.text.split()) for sentence in sentences}
        counts.append((len(sentences) - len(different), len(sentences)) if sentences else None)
    return Measure(
        "repeated_sentences",
        "% of sentences",
        signature(within="text", blanks="ignored", sents=sentence_signature()),
        False,
        ratio_of(counts),
        "ratio:100",
    )
