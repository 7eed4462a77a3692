"""Format numbers and option values for people."""

from __future__ import annotations

import json
import math

MINUS = "\u2212"
NONE = "–"
_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {127: 0x2421}
_GAP = "\N{NO-BREAK SPACE}"


def count(value: float | None) -> str:
    """Format a whole number with thousands separators."""
    return NONE if value is None else f"{round(value):,}".replace("-", MINUS)


def decimal(value: float | None, places: int = 3) -> str:
    """Format with a true minus sign and thousands separators."""
    return NONE if value is None or not math.isfinite(value) else f"{value:z,.{places}f}".replace("-", MINUS)


def figures(value: float | None, digits: int = 3) -> str:
    """Round to `digits` significant figures; powers of ten below 0.0001."""
    return NONE if value is None or not math.isfinite(value) else f"{value:.{digits}g}".replace("-", MINUS)


def percent(part: float | None, whole: float | None = 1.0) -> str:
    """Format one decimal, never 0.0 for something or 100.0 for less than all."""
    if part is None or not whole:
        return NONE
    share = 100 * part / whole
    if 0 < share < 0.05:
        return f"<{_GAP}0.1{_GAP}%"
    if 99.95 <= share < 100:
        return f">{_GAP}99.9{_GAP}%"
    return f"{share:.1f}{_GAP}%"


def seconds(value: float | None) -> str:
    """Format as "0.4 s", "12 s", "3 min 20 s" or "2 h 5 min"."""
    if value is None:
        return NONE
    if value < 9.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(value: float | None) -> str:
    """Format bytes in powers of ten."""
    if value is None:
        return NONE
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def setting(value: object) -> str:
    """Format a value of the configuration as one would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def visible(text: str) -> str:
    """Replace control characters by their pictures (␀, ␖ …).

    An untrained model writes many, and a page shows none.
    """
    return text.translate(_CONTROLS)
