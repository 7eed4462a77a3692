"""Evaluation of sentence splitters against gold sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]

COMMENT = "%%"
JOINERS = {"¶": "\n", "‿": ""}


@dataclass(frozen=True, slots=True)
class Gold:
    """A text and its gold sentences as (start, end) in code points.

    `half` and `category`: its sections in the file.
    """

    text: str
    spans: tuple[Span, ...]
    half: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """Scores of a sentence splitter; see `score`.

    `exact`, `dice`, `span_f1` are in 0 to 1; the counts are sentences.
    """

    exact: float
    dice: float
    span_f1: float
    gold: int
    predicted: int


def gold_of(sentences: Sequence[str], half: str = "", category: str = "") -> Gold:
    """Join sentences by a blank, or as their last character says (JOINERS)."""
    text, spans = "", []
    for line in sentences:
        joiner = JOINERS.get(line[-1:], " ")
        sentence = line[:-1] if line[-1:] in JOINERS else line
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + joiner
    return Gold(text.rstrip(), tuple(spans), half, category)


def read_gold(lines: Iterable[str]) -> Iterator[Gold]:
    """Parse a gold file.

    One sentence a line, an empty line between texts and `%% name` before a section.
    """
    half = category = ""
    sentences: list[str] = []
    for line in [*lines, ""]:
        line = line.strip("\n ")
        if line and not line.startswith(COMMENT):
            sentences.append(line)
            continue
        if sentences:
            yield gold_of(sentences, half, category)
            sentences = []
        name = line.removeprefix(COMMENT).strip()
        if name.startswith("half"):
            half = name.partition(":")[0]
        elif name:
            category = name


def score(gold: Iterable[Sequence[Span]], predicted: Iterable[Sequence[Span]], texts: Iterable[str]) -> SentenceScore:
    """Compare predicted with gold spans over all texts, white space aside.

    exact:   share of the gold sentences predicted with both ends right (EM of kiwipiepy's benchmark).
    dice:    mean over the gold sentences of 2·common/(gold + predicted) characters, with the predicted sentence that
             has most in common with it; a predicted sentence serves one gold sentence, best pairs first (F1 of the same
             benchmark, github.com/bab2min/kiwipiepy, benchmark/sentence_split/sentence_split.py).
    span_f1: harmonic mean of `exact` and of the share of the predicted sentences that are exact; unlike `dice`, it also
             falls when a sentence is cut into crumbs.

    ValueError without any gold sentence.
    """
    n_gold = n_predicted = n_exact = 0
    total = 0.0
    for gold_spans, predicted_spans, text in zip(gold, predicted, texts, strict=True):
        squeezed = _without_space(text)
        gold_pairs = [(squeezed[start], squeezed[end]) for start, end in gold_spans]
        predicted_pairs = [(squeezed[start], squeezed[end]) for start, end in predicted_spans]
        n_gold, n_predicted = n_gold + len(gold_pairs), n_predicted + len(predicted_pairs)
        n_exact += len(set(gold_pairs) & set(predicted_pairs))
        total += sum(_best_dice(gold_pairs, predicted_pairs))
    if not n_gold:
        raise ValueError("no gold sentence: there is nothing to compare with")
    span_f1 = 2 * n_exact / (n_gold + n_predicted)
    return SentenceScore(n_exact / n_gold, total / n_gold, span_f1, n_gold, n_predicted)


def _without_space(text: str) -> list[int]:
    """Return for each offset the number of non-space characters before it."""
    counts = [0]
    for character in text:
        counts.append(counts[-1] + (not character.isspace()))
    return counts


def _best_dice(gold: Sequence[Span], predicted: Sequence[Span]) -> list[float]:
    pairs = sorted(
        (
            (2 * common / (end - start + stop - begin), i, j)
            for i, (start, end) in enumerate(gold)
            for j, (begin, stop) in enumerate(predicted)
            if (common := min(end, stop) - max(start, begin)) > 0
        ),
        reverse=True,
    )
    best, used = [0.0] * len(gold), set()
    for dice, i, j in pairs:
        if j not in used:
            used.add(j)
            best[i] = max(best[i], dice)
    return best
