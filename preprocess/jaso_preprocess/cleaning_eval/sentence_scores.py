"""How well a splitter finds sentences that people marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]

COMMENT = "%%"
JOINERS = {"¶": "\n", "‿": ""}


@dataclass(frozen=True, slots=True)
class Gold:
    """A text and its sentences as (start, end) in code points; `half` and `category`: its sections in the file."""

    text: str
    spans: tuple[Span, ...]
    half: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """`exact`, `dice` and `span_f1` are shares of 1; the counts are sentences. See `score`."""

    exact: float
    dice: float
    span_f1: float
    gold: int
    found: int


def gold_of(sentences: Sequence[str], half: str = "", category: str = "") -> Gold:
    """Joins sentences by a blank, or by what their last character asks for (JOINERS)."""
    text, spans = "", []
    for line in sentences:
        joiner = JOINERS.get(line[-1:], " ")
        sentence = line[:-1] if line[-1:] in JOINERS else line
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + joiner
    return Gold(text.rstrip(), tuple(spans), half, category)


def read_gold(lines: Iterable[str]) -> Iterator[Gold]:
    """Texts of a file with one sentence a line, an empty line between texts and `%% name` before a section."""
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


def score(gold: Iterable[Sequence[Span]], found: Iterable[Sequence[Span]], texts: Iterable[str]) -> SentenceScore:
    """Compares spans, white space aside, over all texts together.

    exact:   share of the gold sentences that were found with both ends right (EM of kiwipiepy's benchmark).
    dice:    mean over the gold sentences of 2·common/(gold + found) characters, with the found sentence that has most
             in common with it; a found sentence serves one gold sentence, the best pairs first (F1 of that benchmark:
             github.com/bab2min/kiwipiepy, benchmark/sentence_split/sentence_split.py).
    span_f1: harmonic mean of `exact` and of the share of the found sentences that are exact; unlike `dice`, it also
             falls when a sentence is cut into crumbs.
    """
    n_gold = n_found = n_exact = 0
    total = 0.0
    for wanted, got, text in zip(gold, found, texts, strict=True):
        squeezed = _without_space(text)
        right = [(squeezed[start], squeezed[end]) for start, end in wanted]
        ours = [(squeezed[start], squeezed[end]) for start, end in got]
        n_gold, n_found = n_gold + len(right), n_found + len(ours)
        n_exact += len(set(right) & set(ours))
        total += sum(_best_dice(right, ours))
    if not n_gold:
        raise ValueError("no gold sentence: there is nothing to compare with")
    span_f1 = 2 * n_exact / (n_gold + n_found)
    return SentenceScore(n_exact / n_gold, total / n_gold, span_f1, n_gold, n_found)


def _without_space(text: str) -> list[int]:
    """For each offset the number of characters before it that are not white space."""
    counts = [0]
    for character in text:
        counts.append(counts[-1] + (not character.isspace()))
    return counts


def _best_dice(gold: Sequence[Span], found: Sequence[Span]) -> list[float]:
    pairs = sorted(
        (
            (2 * common / (end - start + stop - begin), i, j)
            for i, (start, end) in enumerate(gold)
            for j, (begin, stop) in enumerate(found)
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
