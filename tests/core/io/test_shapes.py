"""JSON of another shape than jaso writes is named by its key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pytest

from jaso_core.errors import RequestError
from jaso_core.io.shapes import find_fault, read_json_as


class Part(TypedDict):
    value: float | None
    names: NotRequired[list[str]]


class Whole(TypedDict):
    n: int
    parts: dict[str, Part]
    rest: NotRequired[dict[str, Any] | None]


GOOD = {"n": 2, "parts": {"a": {"value": 1.5, "names": ["b"]}, "c": {"value": None}, "d": {"value": 3}}, "more": "x"}


@pytest.mark.parametrize("body", [GOOD, {"n": 0, "parts": {}, "rest": None}, {"n": 0, "parts": {}, "rest": {"a": [1]}}])
def test_what_jaso_writes_passes(body: object) -> None:
    assert find_fault(body, Whole) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"n": "2"}, "'n' holds '2', not a whole number"),
        ({"n": True}, "'n' holds True, not a whole number"),
        ({"n": 1.5}, "'n' holds 1.5, not a whole number"),
        ({"parts": []}, "'parts' holds [], not an object"),
        ({"parts": {"a": 7}}, "'parts.a' holds 7, not an object"),
        ({"parts": {"a": {}}}, "has no 'parts.a.value'"),
        ({"parts": {"a": {"value": "1"}}}, "'parts.a.value' holds '1', not a number"),
        ({"parts": {"a": {"value": float("nan")}}}, "'parts.a.value' holds nan, not a number"),
        ({"parts": {"a": {"value": 1, "names": ["b", 7]}}}, "'parts.a.names[1]' holds 7, not a text"),
        ({"parts": {"a": {"value": 1, "names": ["\ud800"]}}}, "'parts.a.names[0]' holds half of a character"),
        ({"rest": {"a": [1, {"b": float("inf")}]}}, "'rest.a' holds inf, not a number"),
        ({"rest": [1]}, "'rest' holds [1], not an object"),
    ],
)
def test_the_key_of_another_type_is_named(change: dict[str, object], fault: str) -> None:
    assert find_fault({**GOOD, **change}, Whole) == fault


@pytest.mark.parametrize(
    ("kind", "text"), [(Whole, "[]"), (Whole, "7"), (Whole, "null"), (dict[str, int], '{"a": null}')]
)
def test_the_file_is_named(kind: Any, text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(RequestError, match=r"a\.json: .*holds .*, not .*; jaso did not write that"):
        read_json_as(tmp_path / "a.json", kind)


def test_a_long_value_is_cut() -> None:
    assert find_fault(["x" * 1000], dict[str, int]) == f"holds ['{'x' * 37}…, not an object"


@dataclass
class Row:
    name: str
    place: int = 0


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([{"name": "a"}, {"name": "b", "place": 2}], None),
        ([{"name": "a"}, {"place": 2}], "has no '[1].name'"),
        ([{"name": "a", "place": "2"}], "'[0].place' holds '2', not a whole number"),
    ],
)
def test_a_dataclass_stands_for_an_object_with_its_fields(rows: list[object], fault: str | None) -> None:
    assert find_fault(rows, list[Row]) == fault
