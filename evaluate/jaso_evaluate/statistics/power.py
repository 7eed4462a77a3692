"""What a comparison could have found: how small a difference, and how many examples a given one would take.

Planning figures, for one test at `level`, from the standard error that this comparison has: they scale it with the
square root of the number of groups. That error is itself an estimate, and planning with it falls short of the power
named about every second time; so its 80 % upper limit is taken (Browne 1995, "On the use of a pilot sample for sample
size determination"). The figures do not say that an observed difference is real: that is what p is for.
"""

from __future__ import annotations

import math

from scipy.special import chdtri, stdtrit

POWERS = (0.8, 0.9)
_LARGEST = 10**9
"""Groups beyond which nobody will go: a difference this small is called none."""


def detectable(standard_error: float, freedom: float, power: float, level: float) -> float | None:
    """The difference that a two-sided test at `level` finds with probability `power`; None without an error."""
    if standard_error <= 0:
        return None
    return _factor(freedom, power, level) * _upper(standard_error, freedom)


def groups_needed(
    difference: float, standard_error: float, groups: int, freedom: float, power: float, level: float
) -> int | None:
    """How many groups would tell `difference` with probability `power`, when `groups` gave `standard_error`.

    None where no number does: no difference, or no spread to plan with.
    """
    if difference == 0 or standard_error <= 0 or groups < 2:
        return None
    one = _upper(standard_error, freedom) ** 2 * groups / difference**2
    share = freedom / (groups - 1)  # what uneven groups leave of the degrees of freedom stays in proportion
    needed = 2
    for _ in range(50):
        factor = _factor(max(1.0, share * (needed - 1)), power, level)
        update = max(2, math.ceil(one * factor**2))
        if update > _LARGEST:
            return None
        if update == needed:
            break
        # Few groups ask for a larger t and so for more groups: half-way steps do not go to and fro.
        needed = update if update > needed else (update + needed) // 2
    return needed


def _upper(standard_error: float, freedom: float) -> float:
    """The upper 80 % confidence limit of a standard error with so many degrees of freedom."""
    return standard_error * math.sqrt(freedom / chdtri(freedom, 0.8))


def _factor(freedom: float, power: float, level: float) -> float:
    return float(stdtrit(freedom, 1 - level / 2) + stdtrit(freedom, power))
