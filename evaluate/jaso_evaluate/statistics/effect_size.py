"""How large a difference is, in terms that do not depend on the measure's scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SIZES = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"), (math.inf, "large"))


def standardised(difference: float, standard_error: float, groups: int) -> float | None:
    """Cohen's d_z: the paired difference in standard deviations of one group's difference.

    With the standard error of any score it is difference / (error · √groups); for the mean of equal groups that is the
    mean of the differences over their standard deviation. None where nothing varies.
    """
    return difference / (standard_error * math.sqrt(groups)) if standard_error > 0 and groups > 0 else None


def size_word(d: float) -> str:
    """Cohen's (1988) words for |d|: below 0.2 negligible, 0.5 small, 0.8 medium, else large."""
    return next(word for limit, word in _SIZES if abs(d) < limit)


def share_better(first: Sequence[float | None], second: Sequence[float | None], higher_is_better: bool) -> float | None:
    """Share of texts on which `first` is better; ties count half, a text without a score in either does not count."""
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    points = sum(0.5 if a == b else float((a > b) is higher_is_better) for a, b in pairs)
    return points / len(pairs)
