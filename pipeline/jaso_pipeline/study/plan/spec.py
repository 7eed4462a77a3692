"""Study specification: configs/study/<name>.yaml as checked dataclasses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import yaml

from jaso_core.config import REQUIRED, to_settings
from jaso_core.config_groups import choice_file, group_choices
from jaso_core.errors import RequestError, did_you_mean

_NAME = re.compile(r"[\w.+-]+(?: [\w.+-]+)*")
_RESERVED_NAMES = ("crawl", "preprocess", "train", "evaluate", "compare", "logs")


@dataclass(frozen=True)
class Claim:
    """A hypothesis: cell `better` is better than cell `than` in `measure`.

    `because` says who claims it, or why. `expected`: whether it should come true on the synthetic corpus; false:
    nothing was planted, so that nothing should be found; null: unknown. Cells are named by their labels.
    """

    better: str = REQUIRED
    than: str = REQUIRED
    measure: str = REQUIRED
    because: str = ""
    expected: bool | None = None


@dataclass(frozen=True)
class PriorTable:
    """A table of the work that a study repeats: a header and rows, as published.

    `rows` are keyed by the labels of this study's cells. `measures` are this study's measures by column, null where
    there is none. `units` says what is wrong with the table or what was done to it.
    """

    title: str = REQUIRED
    source: str = REQUIRED
    columns: list[str] = REQUIRED
    measures: list[str | None] = REQUIRED
    rows: dict[str, list[float | None]] = REQUIRED
    units: str = ""


@dataclass(frozen=True)
class Spec:
    """Specification of one study.

    `factors`: by config key its levels, a list of values, or {label: [overrides]} where a level is more than one key.
    `against`: the cell that the others are compared with, by its label (empty: the first). `base`: overrides for all
    cells. `sizes`: more of them by size. `held_out`: {factor: level} whose test examples all cells are evaluated on,
    where a factor changes the corpus. `measures`: the report's columns, `primary` the one that decides, `curve` whether
    the levels of the one factor are numbers to be drawn as an axis. `own_seeds`: no two cells are trained with the same
    seed.
    """

    name: str = REQUIRED
    title: str = REQUIRED
    asks: str = REQUIRED
    factors: dict[str, Any] = REQUIRED
    primary: str = REQUIRED
    measures: list[str] = REQUIRED
    against: str = ""
    base: list[str] = field(default_factory=list)
    sizes: dict[str, list[str]] = field(default_factory=dict)
    held_out: dict[str, str] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    former: list[PriorTable] = field(default_factory=list)
    curve: bool = False
    own_seeds: bool = False


@dataclass(frozen=True)
class Level:
    """One value of a factor."""

    factor: str
    label: str
    overrides: tuple[str, ...]


Combination = tuple[Level, ...]
"""One level of each factor: a cell without its seed."""


def read_spec(node: Mapping[str, Any]) -> Spec:
    """Parse and check a specification.

    Claims about cells that the study's file has, and a narrowed factor has not, are left out. RequestError names the
    key: unknown, of the wrong type, or a claim about a cell that does not exist.
    """
    spec = to_settings(node, Spec, "study")
    labels = [label(combination) for combination in combinations(spec)]
    spec = without_cells(spec, _cells_of_file(spec.name) - set(labels))
    if len(labels) < 2:
        raise RequestError("config key 'study.factors': one cell has nothing to be compared with", "give two levels")
    named = [(f"study.claims[{i}]", name) for i, c in enumerate(spec.claims) for name in (c.better, c.than)]
    named += [(f"study.former[{i}].rows", name) for i, table in enumerate(spec.former) for name in table.rows]
    named += [("study.against", spec.against)] if spec.against else []
    for key, name in named:
        if name not in labels:
            raise RequestError(f"config key '{key}': no cell '{name}'", did_you_mean(name, labels))
    for key in spec.held_out:
        if spec.held_out[key] not in [level.label for level in levels(spec).get(key, ())]:
            raise RequestError(f"config key 'study.held_out.{key}': no such level", f"`jaso show study {spec.name}`")
    if not _NAME.fullmatch(spec.name) or spec.name in _RESERVED_NAMES:
        raise RequestError(
            f"config key 'study.name' is '{spec.name}'", "give another one: it is a folder beside stages'"
        )
    if spec.curve and len(spec.factors) != 1:
        raise RequestError("config key 'study.curve': an axis needs one factor", "leave it out")
    if spec.curve and not all(
        _is_number(level.label) for factor_levels in levels(spec).values() for level in factor_levels
    ):
        raise RequestError("config key 'study.curve': the levels are no numbers", "leave it out")
    return spec


def without_cells(spec: Spec, absent: Collection[str]) -> Spec:
    """Leave out claims and published rows about the cells `absent`.

    Where the cell that others are compared with is among them, the first takes its place.
    """
    claims = [claim for claim in spec.claims if claim.better not in absent and claim.than not in absent]
    tables = [
        replace(table, rows={name: row for name, row in table.rows.items() if name not in absent})
        for table in spec.former
    ]
    against = "" if spec.against in absent else spec.against
    return replace(spec, claims=claims, former=[table for table in tables if table.rows], against=against)


def _cells_of_file(name: str) -> set[str]:
    """Return the cells of the study's own file; none where there is none."""
    if name not in group_choices("study"):
        return set()
    node = yaml.safe_load(choice_file("study", name).read_text(encoding="utf-8"))
    factors = node.get("factors") if isinstance(node, dict) else None
    if not isinstance(factors, dict):
        return set()
    parsed = [_parse_levels(str(key), values) for key, values in factors.items()]
    return {label(combination) for combination in product(*parsed)}


def levels(spec: Spec) -> dict[str, list[Level]]:
    """Return {factor: levels}, in their order."""
    return {key: _parse_levels(key, values) for key, values in spec.factors.items()}


def combinations(spec: Spec) -> list[Combination]:
    """Return all cells in the order of the factors, the baseline cell first."""
    all_cells = [tuple(combination) for combination in product(*levels(spec).values())]
    baseline = [combination for combination in all_cells if label(combination) == spec.against]
    return baseline + [combination for combination in all_cells if combination not in baseline]


def label(combination: Sequence[Level]) -> str:
    """Return a cell's name: the levels of its factors."""
    return ", ".join(level.label for level in combination)


def _parse_levels(key: str, values: Any) -> list[Level]:
    config_key = f"study.factors.{key}"
    if isinstance(values, Mapping):
        levels = [Level(key, str(name), tuple(map(str, overrides or ()))) for name, overrides in values.items()]
    elif isinstance(values, list):
        levels = [Level(key, _yaml_text(value), (f"{key}={_yaml_text(value)}",)) for value in values]
    else:
        raise RequestError(f"config key '{config_key}' is {values!r}", "give a list of values, or {label: [overrides]}")
    for level in levels:
        if not _NAME.fullmatch(level.label):
            raise RequestError(f"config key '{config_key}': '{level.label}' is no name", "use letters, digits, _ . + -")
    if len({level.label for level in levels}) < len(levels):
        raise RequestError(f"config key '{config_key}': a level stands there twice", "leave one out")
    return levels


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _yaml_text(value: object) -> str:
    """Format a value as YAML and Hydra write it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
