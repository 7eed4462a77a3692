"""Format numbers for display, with the digits that their interval justifies."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\u2212"
NONE = "–"


def digits(bounds: Sequence[float] | None, unit: str = "") -> int:
    """Decimals such that half the interval shows two figures.

    At most 1 on scales to 100, else at most 3. A very narrow interval on a scale to 100 gets 2, so that its ends can
    be told apart.
    """
    hundred = "100" in unit or "%" in unit
    if bounds is None or bounds[1] <= bounds[0]:
        return 1 if hundred else 2
    # [31.2, 34.8] in % → 1 decimal, [10.00, 10.12] in % → 2, [1.02, 1.08] → 3
    half = (bounds[1] - bounds[0]) / 2
    max_digits = (1 if half >= 0.1 else 2) if hundred else 3
    return max(0, min(max_digits, 1 - math.floor(math.log10(half))))


def number(value: float | None, decimals: int) -> str:
    """Format with a true minus, thousands apart, and no minus before a zero."""
    return NONE if value is None else f"{value:z,.{decimals}f}".replace("-", MINUS)


def span(bounds: Sequence[float] | None, decimals: int) -> str:
    """Format as "[low, high]"."""
    return NONE if bounds is None else f"[{number(bounds[0], decimals)}, {number(bounds[1], decimals)}]"


def p_value(p: float | None) -> str:
    """Format with three decimals; never 0."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def seconds(value: float | None) -> str:
    """Format as "12 s" or "3 min 20 s"."""
    if value is None:
        return NONE
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
