"""Rubric of human evaluation: criteria, integer scales and described levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from jaso_core.errors import RequestError, did_you_mean

CODE, QUESTION, ANSWER, COMMENT = "코드", "질문", "답변", "의견"
"""Headers of every sheet, beside its criteria."""

TOTAL = "total"
"""Name of the sum over the criteria in tables; no criterion may have it."""

_MAX_LABEL = 40
_MAX_TEXT = 200
_MAX_SCALE = 1000


class CriterionNode(TypedDict):
    """A criterion as configuration and JSON."""

    label: str
    asks: str
    lowest: int
    highest: int
    levels: Mapping[int, str]


class RubricNode(TypedDict):
    """A rubric as configuration and JSON: the form that `read_rubric` takes."""

    name: str
    title: str
    criteria: dict[str, CriterionNode]


@dataclass(frozen=True)
class Criterion:
    """One column of the sheet: an integer scale.

    `levels` describes scores; those between described ones may be given all the same.
    """

    name: str
    label: str
    asks: str
    lowest: int
    highest: int
    levels: Mapping[int, str]

    @property
    def header(self) -> str:
        """The header cell: the label on its first line, then the levels.

        Reading goes by the first line.
        """
        return "\n".join([self.label, *(f"{score}: {text}" for score, text in self.levels.items())])

    @property
    def scale(self) -> str:
        """ "0, 1, 2" or "0 … 100", for display."""
        if self.highest - self.lowest > 10:
            return f"{self.lowest} … {self.highest}"
        return ", ".join(map(str, range(self.lowest, self.highest + 1)))

    def to_json(self) -> CriterionNode:
        """Return all but the name, which is the key in the rubric."""
        return {
            "label": self.label,
            "asks": self.asks,
            "lowest": self.lowest,
            "highest": self.highest,
            "levels": dict(self.levels),
        }


@dataclass(frozen=True)
class Rubric:
    """Criteria in the order of the columns; a text's total is the sum of its scores."""

    name: str
    title: str
    criteria: tuple[Criterion, ...]

    @property
    def lowest(self) -> int:
        """Lowest possible total."""
        return sum(c.lowest for c in self.criteria)

    @property
    def highest(self) -> int:
        """Highest possible total."""
        return sum(c.highest for c in self.criteria)

    def to_json(self) -> RubricNode:
        """Return the form that `read_rubric` takes."""
        criteria: dict[str, CriterionNode] = {
            c.name: {
                "label": c.label,
                "asks": c.asks,
                "lowest": c.lowest,
                "highest": c.highest,
                "levels": dict(c.levels),
            }
            for c in self.criteria
        }
        return {"name": self.name, "title": self.title, "criteria": criteria}


def read_rubric(node: object, where: str = "rubric") -> Rubric:
    """Parse the rubric of a config node (configs/rubric/*.yaml).

    RequestError names the key that is wrong and the cure.
    """
    body = _mapping(node, where, {f.name for f in fields(Rubric)})
    nodes = _mapping(body.get("criteria"), f"{where}.criteria", None)
    if not nodes:
        raise RequestError(f"config key '{where}.criteria' is empty", "name at least one criterion")
    criteria = tuple(_criterion(str(name), node, f"{where}.criteria.{name}") for name, node in nodes.items())
    labels = [c.label for c in criteria]
    for label in labels:
        if labels.count(label) > 1 or label in (CODE, QUESTION, ANSWER, COMMENT):
            raise RequestError(f"{where}: two columns are called '{label}'", "give each criterion a label of its own")
    name = _text(body, "name", where, 100)
    return Rubric(name, _text({"title": name, **body}, "title", where, 100), criteria)


def _criterion(name: str, node: object, where: str) -> Criterion:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name == TOTAL:
        raise RequestError(f"config key '{where}': not a name for a criterion", "use a-z, 0-9 and _, and not 'total'")
    body = _mapping(node, where, {f.name for f in fields(Criterion)} - {"name"})
    lowest, highest = _integer(body, "lowest", where), _integer(body, "highest", where)
    if not lowest < highest <= lowest + _MAX_SCALE:
        cure = f"highest must be above lowest, by {_MAX_SCALE:,} at most"
        raise RequestError(f"config key '{where}': a scale from {lowest} to {highest}", cure)
    levels = _levels(body.get("levels") or {}, f"{where}.levels", lowest, highest)
    asks = _text({"asks": name, **body}, "asks", where, _MAX_TEXT)
    return Criterion(name, _text(body, "label", where, _MAX_LABEL), asks, lowest, highest, levels)


def _levels(node: object, where: str, lowest: int, highest: int) -> dict[int, str]:
    levels: dict[int, str] = {}
    for key, text in _mapping(node, where, None).items():
        try:
            score = int(str(key))
        except ValueError:
            raise RequestError(f"config key '{where}.{key}': not a whole number", "levels are 'score: words'") from None
        if not lowest <= score <= highest:
            cure = "widen lowest and highest, or leave it out"
            raise RequestError(f"config key '{where}.{key}' is outside {lowest} to {highest}", cure)
        levels[score] = _text({str(key): text}, str(key), where, _MAX_TEXT)
    return dict(sorted(levels.items()))


def _mapping(node: object, where: str, allowed: set[str] | None) -> Mapping[Any, Any]:
    if not isinstance(node, Mapping):
        raise RequestError(f"config key '{where}' is missing or no mapping", "see configs/rubric/interview.yaml")
    for key in node:
        if allowed is not None and key not in allowed:
            raise RequestError(f"config key '{where}.{key}' is unknown", did_you_mean(str(key), sorted(allowed)))
    return node


def _text(body: Mapping[str, Any], key: str, where: str, longest: int) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or re.search(r"[\x00-\x1f\x7f]", value):
        cure = f"write one line of 1 to {longest} characters, in quotes if it looks like a number"
        raise RequestError(f"config key '{where}.{key}' is no such text", cure)
    return " ".join(value.split())


def _integer(body: Mapping[str, Any], key: str, where: str) -> int:
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RequestError(f"config key '{where}.{key}' is no whole number", "for example lowest: 0, highest: 2")
    return value
