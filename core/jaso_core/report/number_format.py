"""Format numbers for people: true minus signs, thousands apart, "–" for no value."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\u2212"
NONE = "–"
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def count(value: float | None) -> str:
    """Format a whole number with thousands separators."""
    return NONE if value is None else f"{round(value):,}".replace("-", MINUS)


def number(value: float | None, decimals: int) -> str:
    """Format with fixed decimals, and no minus before a zero."""
    return NONE if value is None else f"{value:z,.{decimals}f}".replace("-", MINUS)


def signed_number(value: float | None, decimals: int) -> str:
    """Format a number with its sign, a true minus."""
    return ("+" if value is not None and value > 0 else "") + number(value, decimals)


def decimal(value: float | None, places: int = 3) -> str:
    """Format with fixed decimals; infinite and undefined values are no value."""
    return NONE if value is None or not math.isfinite(value) else number(value, places)


def figures(value: float | None, digits: int = 3) -> str:
    """Round to `digits` significant figures; powers of ten below 0.0001."""
    return NONE if value is None or not math.isfinite(value) else f"{value:.{digits}g}".replace("-", MINUS)


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


def span(bounds: Sequence[float] | None, decimals: int) -> str:
    """Format as "[low, high]"."""
    return NONE if bounds is None else f"[{number(bounds[0], decimals)}, {number(bounds[1], decimals)}]"


def p_value(p: float | None) -> str:
    """Format with three decimals; never 0."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(part: float | None, whole: float | None = 1.0, *, space: str = _NO_BREAK_SPACE) -> str:
    """Format one decimal, never 0.0 for something or 100.0 for less than all.

    space: what parts the number from its signs.
    """
    if part is None or not whole:
        return NONE
    share = 100 * part / whole
    if 0 < share < 0.05:
        return f"<{space}0.1{space}%"
    if 99.95 <= share < 100:
        return f">{space}99.9{space}%"
    return f"{share:.1f}{space}%"


def seconds(value: float | None, *, exact: bool = False) -> str:
    """Format as "12 s" or "3 min 20 s"; if `exact`, also as "0.4 s" and "2 h 5 min"."""
    if value is None:
        return NONE
    if exact and value < 9.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if exact and minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(value: float | None) -> str:
    """Format bytes in powers of ten."""
    if value is None:
        return NONE
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
