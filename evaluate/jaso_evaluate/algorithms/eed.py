"""Extended edit distance (EED), batched over many pairs of texts.

P. Stanchev, W. Wang, H. Ney (2019): EED: Extended Edit Distance Measure for Machine Translation. Written from the paper
and from what the authors' program computes. The reference is read character by character; each character substitutes
one of the prediction, is inserted, or is reached by deleting characters of the prediction. At a blank the reader may
jump to any position. Characters of the prediction that are visited never or more than once cost extra (coverage).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

_BATCH_CELLS = 1 << 16
"""Positions of predictions in one batch, so that a row of costs stays in the CPU cache."""

_PUNCTUATION, _SET_APART = re.compile(r"([.!?,])"), r" \1"
_BLANKS = re.compile(r"\s+")
_BLANK = 0x20


@dataclass(frozen=True)
class Costs:
    """Operation costs of EED; a substitution costs 1.

    `alpha`: a jump. `rho`: a character visited never or again. `deletion`: a character of the prediction. `insertion`:
    a character of the reference.
    """

    alpha: float = 2.0
    rho: float = 0.3
    deletion: float = 0.2
    insertion: float = 1.0


def separate_punctuation(text: str) -> str:
    """Pad punctuation with blanks, as the authors prepare English.

    One blank between words, one at each end.
    """
    return f" {_BLANKS.sub(' ', _PUNCTUATION.sub(_SET_APART, text.rstrip()))} "


def extended_edit_distances(
    predictions: Sequence[str], references: Sequence[str], costs: Costs = Costs()
) -> NDArray[np.float64]:
    """Return the EED of each pair, from 0 to 1; lower is better.

    References must not be empty (`separate_punctuation` makes none). Time grows with the product of the two lengths,
    memory with the batch. Costs are summed as integers, so that ties between positions are exact.
    """
    scores = np.zeros(len(references))
    lengths = np.array([len(text) for text in references], dtype=np.int64)
    for rows in _batches([len(text) for text in predictions], lengths):
        scores[rows] = _batch_distances([predictions[i] for i in rows], [references[i] for i in rows], costs)
    return scores


def _batches(lengths: Sequence[int], reference_lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield rows whose predictions have similar lengths, longest references first."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * (lengths[order[end]] + 1) <= _BATCH_CELLS:
            end += 1
        rows = order[start:end]
        yield rows[np.argsort(-reference_lengths[rows], kind="stable")]
        start = end


def _batch_distances(predictions: Sequence[str], references: Sequence[str], costs: Costs) -> NDArray[np.float64]:
    unit, (jump, deletion, insertion) = _to_integers(costs.alpha, costs.deletion, costs.insertion)
    lengths = np.array([len(text) for text in predictions])
    reference_lengths = np.array([len(text) for text in references])
    width = int(lengths.max()) + 1
    # A cost is at most that of inserting the whole reference; the table holds costs minus `deletion` × position.
    upper_bound = max(unit, insertion) * (int(reference_lengths.max()) + 2) + deletion * width + jump
    dtype = np.int16 if upper_bound < np.iinfo(np.int16).max // 2 else np.int32
    source, target = (
        _code_points(predictions, width - 1),
        _code_points(references, int(reference_lengths.max())).T.copy(),
    )
    deletion_ramp = deletion * np.arange(width, dtype=dtype)
    # Padding after the end of a shorter prediction is never the cheapest position.
    padding_cost = np.where(np.arange(width) > lengths[:, None], dtype(upper_bound), dtype(0)) + deletion_ramp
    cost = np.full((len(lengths), width), unit, dtype=dtype) - deletion_ramp
    cost[:, 0] = 0
    visits = np.zeros(cost.shape, dtype=np.int64)
    distances = np.zeros(len(lengths))
    for position in range(int(reference_lengths.max())):
        # References are sorted by length: lengths [5, 3, 3, 1] at position 2 → active 3, the first three rows.
        active = int(np.searchsorted(-reference_lengths, -position))
        cost, characters = cost[:active], target[position, :active]
        _advance(cost, source[:active] != characters[:, None], unit, deletion, insertion)
        actual_cost = cost + padding_cost[:active]
        best = actual_cost.argmin(axis=1)
        rows = np.arange(active)
        visits[rows, best] += 1
        if (is_blank := characters == _BLANK).any():
            jump_cost = (actual_cost[rows, best] + dtype(jump))[is_blank, None] - deletion_ramp
            cost[is_blank] = np.minimum(cost[is_blank], jump_cost)
        finished = np.flatnonzero(reference_lengths[:active] == position + 1)
        distances[finished] = (cost[finished, lengths[finished]] + deletion_ramp[lengths[finished]]) / unit
    in_text = np.arange(width) <= lengths[:, None]
    # Visits [0, 1, 3] → 1, 0 and 2 times rho
    coverage = costs.rho * (np.where(visits > 0, visits - 1, 1) * in_text).sum(axis=1)
    return np.asarray(np.minimum(1.0, (distances + coverage) / (reference_lengths + coverage)))


def _advance(
    cost: NDArray[np.signedinteger], mismatch: NDArray[np.bool_], unit: int, deletion: int, insertion: int
) -> None:
    """Add one row to the cost table in place: the next character of the references.

    `cost` [n, width] is stored minus `deletion` × position, so that deletions are a running minimum.
    """
    # A step from j − 1 to j lowers the stored cost by `deletion`, because `deletion` × position grows by one step.
    substitution = mismatch.astype(cost.dtype)
    substitution *= unit
    substitution += cost[:, :-1]
    substitution -= deletion
    first_column = cost[:, 0] + unit
    cost += insertion
    np.minimum(cost[:, 1:], substitution, out=cost[:, 1:])
    cost[:, 0] = first_column
    np.minimum.accumulate(cost, axis=1, out=cost)


def _code_points(texts: Sequence[str], width: int) -> NDArray[np.uint32]:
    """Return the code points, shape [n, width], padded with zeros."""
    raw = "".join(text.ljust(width, "\0") for text in texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32).reshape(len(texts), width)


def _to_integers(*costs: float) -> tuple[int, tuple[int, ...]]:
    """Scale the costs to integers; the first result is the integer that means 1."""
    # (2.0, 0.2, 1.0) → (5, (10, 1, 5)): all costs are multiples of 1/5
    fractions = [Fraction(str(cost)) for cost in costs]
    unit = lcm(*(fraction.denominator for fraction in fractions))
    return unit, tuple(int(fraction * unit) for fraction in fractions)
