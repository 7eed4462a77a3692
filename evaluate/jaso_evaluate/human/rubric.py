"""What raters are asked: criteria, each with a whole-number scale and words for its levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from jaso_core.errors import RequestError, did_you_mean

CODE, QUESTION, ANSWER, COMMENT = "코드", "질문", "답변", "의견"
"""Headers that every sheet has beside its criteria."""

TOTAL = "total"
"""What the sum over the criteria is called in tables; no criterion may have this name."""

_LONGEST_LABEL = 40
_LONGEST_TEXT = 200
_WIDEST_SCALE = 1000


@dataclass(frozen=True)
class Criterion:
    """One column of the sheet. `levels` describes scores; those between described ones may be given all the same."""

    name: str
    label: str
    asks: str
    lowest: int
    highest: int
    levels: Mapping[int, str]

    @property
    def header(self) -> str:
        """The header cell: the label on its first line, which is what reading goes by, then the levels."""
        return "\n".join([self.label, *(f"{score}: {text}" for score, text in self.levels.items())])

    @property
    def scale(self) -> str:
        """ "0, 1, 2" or "0 … 100", for people."""
        if self.highest - self.lowest > 10:
            return f"{self.lowest} … {self.highest}"
        return ", ".join(map(str, range(self.lowest, self.highest + 1)))


@dataclass(frozen=True)
class Rubric:
    """Criteria in the order of the columns; a text's total is the sum of its scores."""

    name: str
    title: str
    criteria: tuple[Criterion, ...]

    @property
    def lowest(self) -> int:
        """Of the total."""
        return sum(c.lowest for c in self.criteria)

    @property
    def highest(self) -> int:
        """Of the total."""
        return sum(c.highest for c in self.criteria)

    def to_json(self) -> dict[str, Any]:
        """The form that `read_rubric` takes."""
        criteria = {c.name: {k: v for k, v in asdict(c).items() if k != "name"} for c in self.criteria}
        return {"name": self.name, "title": self.title, "criteria": criteria}


def read_rubric(node: object, where: str = "rubric") -> Rubric:
    """The rubric of a config node (configs/rubric/*.yaml). RequestError names the key that is wrong and the cure."""
    body = _mapping(node, where, {f.name for f in fields(Rubric)})
    criteria = _mapping(body.get("criteria"), f"{where}.criteria", None)
    if not criteria:
        raise RequestError(f"config key '{where}.criteria' is empty", "name at least one criterion")
    found = tuple(_criterion(str(name), node, f"{where}.criteria.{name}") for name, node in criteria.items())
    labels = [c.label for c in found]
    for label in labels:
        if labels.count(label) > 1 or label in (CODE, QUESTION, ANSWER, COMMENT):
            raise RequestError(f"{where}: two columns are called '{label}'", "give each criterion a label of its own")
    name = _text(body, "name", where, 100)
    return Rubric(name, _text({"title": name, **body}, "title", where, 100), found)


def _criterion(name: str, node: object, where: str) -> Criterion:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or name == TOTAL:
        raise RequestError(f"config key '{where}': not a name for a criterion", "use a-z, 0-9 and _, and not 'total'")
    body = _mapping(node, where, {f.name for f in fields(Criterion)} - {"name"})
    lowest, highest = _whole(body, "lowest", where), _whole(body, "highest", where)
    if not lowest < highest <= lowest + _WIDEST_SCALE:
        cure = f"highest must be above lowest, by {_WIDEST_SCALE:,} at most"
        raise RequestError(f"config key '{where}': a scale from {lowest} to {highest}", cure)
    levels = _levels(body.get("levels") or {}, f"{where}.levels", lowest, highest)
    asks = _text({"asks": name, **body}, "asks", where, _LONGEST_TEXT)
    return Criterion(name, _text(body, "label", where, _LONGEST_LABEL), asks, lowest, highest, levels)


def _levels(node: object, where: str, lowest: int, highest: int) -> dict[int, str]:
    found: dict[int, str] = {}
    for key, text in _mapping(node, where, None).items():
        try:
            score = int(str(key))
        except ValueError:
            raise RequestError(f"config key '{where}.{key}': not a whole number", "levels are 'score: words'") from None
        if not lowest <= score <= highest:
            cure = "widen lowest and highest, or leave it out"
            raise RequestError(f"config key '{where}.{key}' is outside {lowest} to {highest}", cure)
        found[score] = _text({str(key): text}, str(key), where, _LONGEST_TEXT)
    return dict(sorted(found.items()))


def _mapping(node: object, where: str, known: set[str] | None) -> Mapping[Any, Any]:
    if not isinstance(node, Mapping):
        raise RequestError(f"config key '{where}' is missing or no mapping", "see configs/rubric/interview.yaml")
    for key in node:
        if known is not None and key not in known:
            raise RequestError(f"config key '{where}.{key}' is unknown", did_you_mean(str(key), sorted(known)))
    return node


def _text(body: Mapping[str, Any], key: str, where: str, longest: int) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > longest or re.search(r"[\x00-\x1f\x7f]", value):
        cure = f"write one line of 1 to {longest} characters, in quotes if it looks like a number"
        raise RequestError(f"config key '{where}.{key}' is no such text", cure)
    return " ".join(value.split())


def _whole(body: Mapping[str, Any], key: str, where: str) -> int:
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RequestError(f"config key '{where}.{key}' is no whole number", "for example lowest: 0, highest: 2")
    return value
