"""Tolerances of the regression gate: how much worse a measure may get."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jaso_core.config import to_settings
from jaso_core.errors import RequestError

DEFAULT = "default"
Limit = Literal["tight", "floor", "retrained"]


@dataclass(frozen=True)
class Tolerance:
    """Limits of one measure: each a number in its unit, or a share of the baseline.

    `tight` holds in the same environment; `floor` in others, where a paired test must agree, too; `retrained` in place
    of `floor` where the model was trained again: the test knows how texts differ, not how trainings do. A share is
    written "2%".

    `bounded`: a measure that is only described (no direction is better) may not move by more than that, either way.
    """

    tight: Any = 1e-6
    floor: Any = "2%"
    retrained: Any = "25%"
    bounded: bool = False

    def __post_init__(self) -> None:
        for limit in ("tight", "floor", "retrained"):
            _amount(getattr(self, limit), 1.0, limit)

    def allowed(self, baseline: float, limit: Limit) -> float:
        """Return the greatest loss that passes, in the measure's unit."""
        return _amount(getattr(self, limit), abs(baseline), limit)


def read_tolerances(nodes: Mapping[str, Any]) -> dict[str, Tolerance]:
    """Parse tolerances by name or prefix of a name; `default` fills what is left open.

    RequestError for a bad node.
    """
    for key, node in nodes.items():
        if not isinstance(node, Mapping):
            raise RequestError(f"config key 'tolerances.{key}' is {node!r}", "give {tight: …, floor: …}")
    base = nodes.get(DEFAULT, {})
    tolerances = {key: to_settings({**base, **node}, Tolerance, f"tolerances.{key}") for key, node in nodes.items()}
    return {DEFAULT: Tolerance(), **tolerances}


def tolerance_for(measure: str, tolerances: Mapping[str, Tolerance]) -> Tolerance:
    """Return the tolerance of the longest key that prefixes the name, or the default."""
    # rouge1_kiwi with the keys rouge and rouge1 → rouge1
    keys = [key for key in tolerances if key != DEFAULT and measure.startswith(key)]
    return tolerances[max(keys, key=len, default=DEFAULT)]


def unused_keys(measures: Mapping[str, Any], tolerances: Mapping[str, Tolerance]) -> list[str]:
    """Return keys that are a prefix of no measure's name."""
    return [key for key in tolerances if key != DEFAULT and not any(name.startswith(key) for name in measures)]


def _amount(value: Any, baseline: float, name: str) -> float:
    """Parse a number, or a share of `baseline`. ValueError when it is neither."""
    text = str(value).strip()
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not 0 <= number < math.inf:
        raise ValueError(f"{name} is {value!r}, give a number of 0 or more, or a share such as 2%")
    return number / 100 * baseline if text.endswith("%") else number
