"""Effect sizes of a difference, independent of the measure's scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

_LABELS = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"), (math.inf, "large"))


def cohens_d(difference: float, standard_error: float, groups: int) -> float | None:
    """Return Cohen's d_z: the paired difference in SDs of one group's difference.

    With the standard error of any score it is difference / (error · √groups); for the mean of equal groups that is the
    mean of the differences over their standard deviation. None where nothing varies.
    """
    return difference / (standard_error * math.sqrt(groups)) if standard_error > 0 and groups > 0 else None


def effect_size_label(d: float) -> str:
    """Return Cohen's (1988) label for |d|.

    Below 0.2 negligible, 0.5 small, 0.8 medium, else large.
    """
    return next(label for limit, label in _LABELS if abs(d) < limit)


def win_rate(first: Sequence[float | None], second: Sequence[float | None], higher_is_better: bool) -> float | None:
    """Return the share of texts on which `first` is better; ties count half.

    A text without a score in either does not count; None where there are none.
    """
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    points = sum(0.5 if a == b else float((a > b) is higher_is_better) for a, b in pairs)
    return points / len(pairs)
