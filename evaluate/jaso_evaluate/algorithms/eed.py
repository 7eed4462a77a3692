"""Extended edit distance (EED) of many pairs of texts at once.

P. Stanchev, W. Wang, H. Ney (2019): EED: Extended Edit Distance Measure for Machine Translation. Written from the paper
and from what the authors' program computes: characters of the reference are read one after another, each either put in
the place of a character of the prediction, inserted, or reached by leaving characters out; at a blank the reader may
jump anywhere. Characters of the prediction that are read never or more than once cost extra.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

_CELLS = 1 << 16
"""Places of predictions in one batch: a row of costs stays in the processor's cache."""

_MARK, _APART = re.compile(r"([.!?,])"), r" \1"
_BLANKS = re.compile(r"\s+")
_BLANK = 0x20


@dataclass(frozen=True)
class Costs:
    """`alpha` of a jump, `rho` of a character read never or again, `deletion` of a character of the prediction,
    `insertion` of one of the reference; a character in another's place costs 1."""

    alpha: float = 2.0
    rho: float = 0.3
    deletion: float = 0.2
    insertion: float = 1.0


def spaced(text: str) -> str:
    """As the authors prepare English: marks stand alone, one blank between words, one at each end."""
    return f" {_BLANKS.sub(' ', _MARK.sub(_APART, text.rstrip()))} "


def extended_edit_distances(
    predictions: Sequence[str], references: Sequence[str], costs: Costs = Costs()
) -> NDArray[np.float64]:
    """Of each pair, from 0 to 1; lower is better. References must not be empty (`spaced` makes none).

    Time grows with the product of the two lengths, memory with the batch. Sums of costs are whole numbers, so that it
    is exact which of two places is the cheaper one.
    """
    scores = np.zeros(len(references))
    lengths = np.array([len(text) for text in references], dtype=np.int64)
    for rows in _batches([len(text) for text in predictions], lengths):
        scores[rows] = _batch([predictions[i] for i in rows], [references[i] for i in rows], costs)
    return scores


def _batches(lengths: Sequence[int], expected: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Rows with predictions of like length, those with longer references first."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * (lengths[order[end]] + 1) <= _CELLS:
            end += 1
        rows = order[start:end]
        yield rows[np.argsort(-expected[rows], kind="stable")]
        start = end


def _batch(predictions: Sequence[str], references: Sequence[str], costs: Costs) -> NDArray[np.float64]:
    unit, (jump, deletion, insertion) = _whole(costs.alpha, costs.deletion, costs.insertion)
    ends = np.array([len(text) for text in predictions])
    steps = np.array([len(text) for text in references])
    places = int(ends.max()) + 1
    # A cost is at most that of putting all of the reference in, and is kept less `deletion` for each place.
    most = max(unit, insertion) * (int(steps.max()) + 2) + deletion * places + jump
    kind = np.int16 if most < np.iinfo(np.int16).max // 2 else np.int32
    written, read = _points(predictions, places - 1), _points(references, int(steps.max())).T.copy()
    slope = deletion * np.arange(places, dtype=kind)
    # What lies behind the end of a shorter prediction is never the cheapest.
    behind = np.where(np.arange(places) > ends[:, None], kind(most), kind(0)) + slope
    cost = np.full((len(ends), places), unit, dtype=kind) - slope
    cost[:, 0] = 0
    visits = np.zeros(cost.shape, dtype=np.int64)
    result = np.zeros(len(ends))
    for step in range(int(steps.max())):
        live = int(np.searchsorted(-steps, -step))  # the references that have a character here
        cost, signs = cost[:live], read[step, :live]
        _advance(cost, written[:live] != signs[:, None], unit, deletion, insertion)
        true = cost + behind[:live]
        best = true.argmin(axis=1)
        rows = np.arange(live)
        visits[rows, best] += 1
        if (blank := signs == _BLANK).any():
            reached = (true[rows, best] + kind(jump))[blank, None] - slope
            cost[blank] = np.minimum(cost[blank], reached)
        done = np.flatnonzero(steps[:live] == step + 1)
        result[done] = (cost[done, ends[done]] + slope[ends[done]]) / unit
    counted = np.arange(places) <= ends[:, None]
    cover = costs.rho * (np.where(visits > 0, visits - 1, 1) * counted).sum(axis=1)
    return np.asarray(np.minimum(1.0, (result + cover) / (steps + cover)))


def _advance(
    cost: NDArray[np.signedinteger], differs: NDArray[np.bool_], unit: int, deletion: int, insertion: int
) -> None:
    """Reads one more character of the references. `cost` [n, places] is kept less `deletion` for each place, so that
    leaving characters out is a running minimum."""
    replaced = differs.astype(cost.dtype)
    replaced *= unit
    replaced += cost[:, :-1]
    replaced -= deletion
    first = cost[:, 0] + unit
    cost += insertion
    np.minimum(cost[:, 1:], replaced, out=cost[:, 1:])
    cost[:, 0] = first
    np.minimum.accumulate(cost, axis=1, out=cost)


def _points(texts: Sequence[str], width: int) -> NDArray[np.uint32]:
    """Code points, shape [n, width], with zeros behind the ends."""
    raw = "".join(text.ljust(width, "\0") for text in texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32).reshape(len(texts), width)


def _whole(*costs: float) -> tuple[int, tuple[int, ...]]:
    """The costs as multiples of their greatest common unit, and how many of it make 1."""
    fractions = [Fraction(str(cost)) for cost in costs]
    unit = lcm(*(fraction.denominator for fraction in fractions))
    return unit, tuple(int(fraction * unit) for fraction in fractions)
