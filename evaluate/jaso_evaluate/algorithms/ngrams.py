"""n-grams of many texts as numbers, and what is counted over them: all vectorised, in time linear in the texts' length
but for the sorting."""

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
class Grams:
    """All n-grams of one length. `ids` [m] are equal for equal n-grams, `texts` [m] says which text each is of."""

    ids: Ints
    texts: Ints

    def totals(self, texts: int) -> Ints:
        """n-grams of each text, shape [texts]."""
        return np.bincount(self.texts, minlength=texts).astype(np.int64)

    def shares(self, texts: int) -> Floats:
        """Each text's part in the number of different n-grams, shape [texts]: an n-gram that occurs c times in all
        texts together adds 1/c wherever it occurs, so that the sum is the number of different ones."""
        counts = np.bincount(self.ids) if len(self.ids) else np.zeros(0)
        return np.bincount(self.texts, weights=1 / counts[self.ids], minlength=texts).astype(np.float64)

    def different(self, texts: int) -> Ints:
        """Different n-grams of each text alone, shape [texts]."""
        return np.bincount(np.unique(self.ids * texts + self.texts) % texts, minlength=texts).astype(np.int64)


def grams(tokens: Sequence[Sequence[str]], longest: int) -> Iterator[Grams]:
    """The n-grams of the texts' tokens, for n = 1 … longest."""
    numbers: dict[str, int] = {}
    row = np.array([numbers.setdefault(t, len(numbers)) for text in tokens for t in text], dtype=np.int64)
    texts = np.repeat(np.arange(len(tokens)), [len(text) for text in tokens]).astype(np.int64)
    starts, ids = np.arange(len(row)), row
    yield Grams(ids, texts)
    for n in range(2, longest + 1):
        last = starts + n - 1
        inside = last < len(row)
        inside[inside] = texts[starts[inside]] == texts[last[inside]]
        starts = starts[inside]
        ids = np.unique(ids[inside] * max(len(numbers), 1) + row[starts + n - 1], return_inverse=True)[1]
        yield Grams(ids, texts[starts])


def self_bleu(tokens: Sequence[Sequence[str]], scopes: Sequence[int] | None = None) -> Floats:
    """BLEU (0–100) of each text against all other texts of its scope as references, shape [texts].

    `scopes`: a number for each text; by default all are of one. NaN for texts without tokens, which are no references
    either, and where a text stands alone. As sacrebleu's sentence BLEU: n-grams up to 4, matches clipped by the
    greatest count in any reference, the closest reference length, smoothing "exp", effective order. Of each n-gram only
    the two greatest counts matter, the second for the text that holds the greatest: Zhu et al. (2018) in linear time.
    """
    n = len(tokens)
    scope = np.zeros(n, dtype=np.int64) if scopes is None else np.asarray(scopes, dtype=np.int64)
    lengths = np.array([len(text) for text in tokens], dtype=np.int64)
    closest = _closest_lengths(lengths, scope)
    columns = [lengths.astype(float), closest]
    matches, totals = [], []
    for found in grams(tokens, BLEU_ORDER):
        matches.append(_clipped(found, scope))
        totals.append(found.totals(n).astype(float))
    stats = np.stack([*columns, *matches, *totals], axis=1)
    alone = np.isnan(closest)
    scores = reduction("bleu:effective")(np.where(alone[:, None], 0.0, stats))
    return np.where(alone, np.nan, scores)


def _closest_lengths(lengths: Ints, scope: Ints) -> Floats:
    """The nearest length of another text of the scope, the shorter of two equally near; NaN: there is none."""
    closest = np.full(len(lengths), np.nan)
    order = np.lexsort((lengths, scope))
    order = order[lengths[order] > 0]
    sizes = lengths[order].astype(float)
    same = scope[order][1:] == scope[order][:-1]
    steps = np.where(same, np.diff(sizes), np.inf)
    below = np.concatenate([[np.inf], steps])[: len(sizes)]
    above = np.concatenate([steps, [np.inf]])[: len(sizes)]
    nearest = np.where(below <= above, sizes - below, sizes + above)
    closest[order] = np.where(np.isfinite(np.minimum(below, above)), nearest, np.nan)
    return closest


def _clipped(found: Grams, scope: Ints) -> Floats:
    """For each text, its n-grams that another text of the scope holds too, as often as one of them does; [texts]."""
    n = len(scope)
    if not len(found.ids):
        return np.zeros(n)
    kinds = int(found.ids.max()) + 1
    pairs, counts = np.unique((scope[found.texts] * kinds + found.ids) * n + found.texts, return_counts=True)
    keys, texts = pairs // n, pairs % n
    order = np.lexsort((-counts, keys))
    keys, texts, counts = keys[order], texts[order], counts[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    greatest = counts[np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))]
    follows = np.concatenate([~first[1:], [False]])
    second = np.where(follows, np.concatenate([counts[1:], [0]]), 0)
    others = np.where(first, second, greatest)
    return np.bincount(texts, weights=np.minimum(counts, others), minlength=n).astype(np.float64)
