"""n-grams of many texts as integers, and vectorised counts over them.

Time is linear in the length of the texts, apart from sorting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaso_evaluate.statistics.reductions import reduction

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BLEU_ORDER = 4


@dataclass(frozen=True)
class Ngrams:
    """All n-grams of one order.

    `ids` [m] are equal for equal n-grams; `texts` [m] is the index of each one's text.
    """

    ids: Ints
    texts: Ints

    def totals(self, texts: int) -> Ints:
        """Return the number of n-grams in each text, shape [texts]."""
        return np.bincount(self.texts, minlength=texts).astype(np.int64)

    def distinct_shares(self, texts: int) -> Floats:
        """Split the number of distinct n-grams among the texts, shape [texts].

        An n-gram that occurs c times in all texts together adds 1/c wherever it occurs, so that the sum is the number
        of distinct ones.
        """
        # "a b a" and "a b": a counts 1/3 each time and b 1/2 → 1.17 and 0.83, in all 2 distinct tokens
        counts = np.bincount(self.ids) if len(self.ids) else np.zeros(0)
        return np.bincount(self.texts, weights=1 / counts[self.ids], minlength=texts).astype(np.float64)

    def distinct(self, texts: int) -> Ints:
        """Return the number of distinct n-grams within each text, shape [texts]."""
        # (n-gram, text) as one number: each pair counts once, then n-grams are counted by text.
        return np.bincount(np.unique(self.ids * texts + self.texts) % texts, minlength=texts).astype(np.int64)


def iterate_ngrams(tokens: Sequence[Sequence[str]], longest: int) -> Iterator[Ngrams]:
    """Yield the n-grams of the tokenised texts, for n = 1 … longest."""
    vocabulary: dict[str, int] = {}
    token_ids = np.array([vocabulary.setdefault(t, len(vocabulary)) for text in tokens for t in text], dtype=np.int64)
    texts = np.repeat(np.arange(len(tokens)), [len(text) for text in tokens]).astype(np.int64)
    starts, ids = np.arange(len(token_ids)), token_ids
    yield Ngrams(ids, texts)
    for n in range(2, longest + 1):
        ends = starts + n - 1
        # Tokens of texts [0, 0, 0, 1, 1] → bigrams start at 0, 1, 3: none crosses the end of a text.
        is_inside = ends < len(token_ids)
        is_inside[is_inside] = texts[starts[is_inside]] == texts[ends[is_inside]]
        starts = starts[is_inside]
        ids = np.unique(ids[is_inside] * max(len(vocabulary), 1) + token_ids[starts + n - 1], return_inverse=True)[1]
        yield Ngrams(ids, texts[starts])


def self_bleu(tokens: Sequence[Sequence[str]], scopes: Sequence[int] | None = None) -> Floats:
    """Return BLEU (0–100) of each text against the others of its scope, shape [texts].

    `scopes`: the scope number of each text; by default all texts are in one. NaN for a text without tokens, which is no
    reference either, and for a text that is alone. As sacrebleu's sentence BLEU: n-grams up to 4, matches clipped by
    the greatest count in any reference, closest reference length, smoothing "exp", effective order. Zhu et al. (2018)
    in linear time: of each n-gram only the two greatest counts matter, the second for the text that holds the greatest.
    """
    count = len(tokens)
    scope = np.zeros(count, dtype=np.int64) if scopes is None else np.asarray(scopes, dtype=np.int64)
    lengths = np.array([len(text) for text in tokens], dtype=np.int64)
    closest = _closest_lengths(lengths, scope)
    columns = [lengths.astype(float), closest]
    matches, totals = [], []
    for ngrams in iterate_ngrams(tokens, BLEU_ORDER):
        matches.append(_clipped_matches(ngrams, scope))
        totals.append(ngrams.totals(count).astype(float))
    stats = np.stack([*columns, *matches, *totals], axis=1)
    is_alone = np.isnan(closest)
    scores = reduction("bleu:effective")(np.where(is_alone[:, None], 0.0, stats))
    return np.where(is_alone, np.nan, scores)


def _closest_lengths(lengths: Ints, scope: Ints) -> Floats:
    """Return the closest length of another text of the scope; NaN where there is none.

    The shorter of two equally close ones.
    """
    # Lengths [3, 5, 6] in one scope → [5, 6, 5]
    closest = np.full(len(lengths), np.nan)
    order = np.lexsort((lengths, scope))
    order = order[lengths[order] > 0]
    sizes = lengths[order].astype(float)
    is_same_scope = scope[order][1:] == scope[order][:-1]
    gaps = np.where(is_same_scope, np.diff(sizes), np.inf)
    below = np.concatenate([[np.inf], gaps])[: len(sizes)]
    above = np.concatenate([gaps, [np.inf]])[: len(sizes)]
    nearest = np.where(below <= above, sizes - below, sizes + above)
    closest[order] = np.where(np.isfinite(np.minimum(below, above)), nearest, np.nan)
    return closest


def _clipped_matches(ngrams: Ngrams, scope: Ints) -> Floats:
    """Count each text's n-grams that another text of its scope has too, shape [texts].

    Clipped by the greatest count in one other text.
    """
    n = len(scope)
    if not len(ngrams.ids):
        return np.zeros(n)
    vocabulary_size = int(ngrams.ids.max()) + 1
    pairs, counts = np.unique(
        (scope[ngrams.texts] * vocabulary_size + ngrams.ids) * n + ngrams.texts, return_counts=True
    )
    keys, texts = pairs // n, pairs % n
    order = np.lexsort((-counts, keys))
    keys, texts, counts = keys[order], texts[order], counts[order]
    # Counts of one n-gram, sorted: [5, 2, 1] → the text with 5 is clipped by 2, the other texts by 5.
    is_first = np.concatenate([[True], keys[1:] != keys[:-1]])
    greatest = counts[np.maximum.accumulate(np.where(is_first, np.arange(len(keys)), 0))]
    has_next = np.concatenate([~is_first[1:], [False]])
    second = np.where(has_next, np.concatenate([counts[1:], [0]]), 0)
    others = np.where(is_first, second, greatest)
    return np.bincount(texts, weights=np.minimum(counts, others), minlength=n).astype(np.float64)
