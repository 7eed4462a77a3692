"""Reductions from summed sufficient statistics to scores, vectorised.

A corpus score, the scores of single texts and all bootstrap resamples are the same reduction of different sums.
Reductions have names ("ratio:100", "bleu", "chrf:2"), so that a file of statistics can be reduced again later.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jaso_core.errors import RequestError, did_you_mean

Floats = NDArray[np.float64]
Reduction = Callable[[Floats], Floats]

_MAKERS: dict[str, Callable[[str], Reduction]] = {}


def register_reduction(name: str) -> Callable[[Callable[[str], Reduction]], Callable[[str], Reduction]]:
    """Register a factory: the text after ":" → reduction, [..., k] → [...].

    A reduction gives NaN where there is no value.
    """

    def add(make: Callable[[str], Reduction]) -> Callable[[str], Reduction]:
        _MAKERS[name] = make
        return make

    return add


def reduction(spec: str) -> Reduction:
    """Return the reduction named by `spec`: "name" or "name:argument".

    RequestError when there is none.
    """
    name, _, argument = spec.partition(":")
    if name not in _MAKERS:
        raise RequestError(f"reduction '{name}' is unknown", did_you_mean(name, sorted(_MAKERS)))
    return _MAKERS[name](argument)


@register_reduction("ratio")
def ratio(argument: str) -> Reduction:
    """Ratio of sums [a, b] → a / b, times the argument.

    Means, shares, bits per character.
    """
    scale = float(argument or 1)

    def reduce(stats: Floats) -> Floats:
        return scale * _divide(stats[..., 0], stats[..., 1], np.nan)

    return reduce


@register_reduction("bleu")
def bleu(argument: str) -> Reduction:
    """BLEU from 0 to 100, as sacrebleu computes it with smoothing "exp".

    From [length, reference length, matches of 1…n, n-grams of 1…n]. Argument "effective": orders that the text is too
    short for are left out (for single texts).
    """
    effective = argument == "effective"

    def reduce(stats: Floats) -> Floats:
        # [4, 5, 3, 1, 0, 0, 4, 3, 2, 1] → precisions 3/4, 1/3, 1/4, 1/4, penalty exp(1 − 5/4) → 27.5
        order = (stats.shape[-1] - 2) // 2
        length, expected = stats[..., 0], stats[..., 1]
        match, total = stats[..., 2 : 2 + order], stats[..., 2 + order :]
        has_ngrams = np.cumprod(total > 0, axis=-1).astype(bool)
        # Smoothing "exp": the k-th order without a match gets precision 1 / (2^k · n-grams).
        missed = np.cumsum((match == 0) & has_ngrams, axis=-1)
        precision = np.where(match > 0, _divide(match, total, 0), _divide(0.5**missed, total, 0))
        orders = np.maximum(has_ngrams.sum(axis=-1), 1) if effective else np.full(length.shape, order)
        logs = np.where(has_ngrams, np.log(np.where(has_ngrams, precision, 1)), 0 if effective else -np.inf)
        with np.errstate(over="ignore"):
            penalty = np.where(length < expected, np.exp(1 - _divide(expected, length, np.inf)), 1.0)
        score = 100 * penalty * np.exp(logs.sum(axis=-1) / orders)
        return np.where(match.sum(axis=-1) > 0, score, 0.0)

    return reduce


@register_reduction("chrf")
def chrf(argument: str) -> Reduction:
    """chrF-beta from 0 to 100, as sacrebleu computes it.

    From [n-grams, reference n-grams, matches] × orders.
    """
    factor = float(argument or 2) ** 2

    def reduce(stats: Floats) -> Floats:
        # [4, 5, 2, 3, 4, 1] → precision (2/4 + 1/3) / 2, recall (2/5 + 1/4) / 2 → chrF2 34.0
        hypothesis, reference, match = stats[..., 0::3], stats[..., 1::3], stats[..., 2::3]
        is_counted = (hypothesis > 0) & (reference > 0)
        orders = np.maximum(is_counted.sum(axis=-1), 1)
        precision = np.where(is_counted, _divide(match, hypothesis, 0), 0).sum(axis=-1) / orders
        recall = np.where(is_counted, _divide(match, reference, 0), 0).sum(axis=-1) / orders
        return 100.0 * _divide((1 + factor) * precision * recall, factor * precision + recall, 0)

    return reduce


def score_bounds(spec: str, stats: Floats) -> tuple[float, float]:
    """Return the bounds of possible scores for statistics such as these [n, k].

    0 and the whole for parts of a whole, 0 for values that are never negative.
    """
    name, _, argument = spec.partition(":")
    if name in ("bleu", "chrf"):
        return 0.0, 100.0
    if name != "ratio" or (stats < 0).any():
        return -math.inf, math.inf
    # "ratio:100": rows [1, 2] are parts of a whole, from 0 to 100; rows [3, 2] are not and have no upper bound.
    return 0.0, float(argument or 1) if (stats[:, 0] <= stats[:, 1]).all() else math.inf


def _divide(a: Floats, b: Floats, otherwise: float) -> Floats:
    """Return a / b, and `otherwise` where b is 0."""
    a, b = np.broadcast_arrays(a, b)
    out = np.full(a.shape, float(otherwise))
    np.divide(a, b, out=out, where=b != 0)
    return out
