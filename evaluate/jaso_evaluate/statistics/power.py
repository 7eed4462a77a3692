"""Power analysis: detectable difference and required sample size.

Planning figures for one test at `level`, from the standard error of the present comparison, scaled with the square root
of the number of groups. That error is itself an estimate, and planning with it misses the stated power about every
second time; so its 80 % upper limit is used (Browne 1995, "On the use of a pilot sample for sample size
determination"). The figures do not say that an observed difference is real: that is what p is for.
"""

from __future__ import annotations

import math

from scipy.special import chdtri, stdtrit

POWERS = (0.8, 0.9)
_MAX_GROUPS = 10**9
"""A difference that needs more groups than this is reported as none."""


def detectable_difference(standard_error: float, df: float, power: float, level: float) -> float | None:
    """Return the difference that a two-sided test finds with probability `power`.

    `level` is that of the test. None without an error.
    """
    if standard_error <= 0:
        return None
    return _factor(df, power, level) * _upper_limit(standard_error, df)


def groups_needed(
    difference: float, standard_error: float, groups: int, df: float, power: float, level: float
) -> int | None:
    """Return the number of groups that detect `difference` with probability `power`.

    `groups` gave `standard_error`. None where no number suffices: no difference, or no spread to plan with.
    """
    if difference == 0 or standard_error <= 0 or groups < 2:
        return None
    unit_groups = _upper_limit(standard_error, df) ** 2 * groups / difference**2
    df_ratio = df / (groups - 1)  # uneven groups reduce df; the ratio is kept for other numbers of groups
    required = 2
    for _ in range(50):
        factor = _factor(max(1.0, df_ratio * (required - 1)), power, level)
        update = max(2, math.ceil(unit_groups * factor**2))
        if update > _MAX_GROUPS:
            return None
        if update == required:
            break
        # Few groups need a larger t and so more groups: half steps downwards prevent oscillation.
        required = update if update > required else (update + required) // 2
    return required


def _upper_limit(standard_error: float, df: float) -> float:
    """Return the upper 80 % confidence limit of a standard error."""
    return standard_error * math.sqrt(df / chdtri(df, 0.8))


def _factor(df: float, power: float, level: float) -> float:
    return float(stdtrit(df, 1 - level / 2) + stdtrit(df, power))
