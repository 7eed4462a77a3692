"""Check JSON against the types that it is read as."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NotRequired, Required, TypeVar, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl

T = TypeVar("T")

_HALF = re.compile("[\ud800-\udfff]")
_CURE = "jaso did not write that: fetch or make the folder once more"


def read_json_as(path: Path, kind: type[T]) -> T:
    """Return a JSON file as a `kind`: a TypedDict, dict[str, int] and the like.

    A dataclass in it stands for an object with its fields.

    RequestError names the file and the key of another type. Keys that `kind` does not name may be there.
    """
    return cast(T, checked(read_json(path), kind, str(path)))


def read_jsonl_as(path: Path, kind: type[T]) -> Iterable[T]:
    """Yield each line of a JSON lines file as a `kind`; as `read_json_as`."""
    for where, body in read_jsonl(path):
        yield checked(body, kind, where)


def checked(body: object, kind: Any, where: str) -> Any:
    """Return `body`. RequestError if it is no `kind`, a type of JSON values."""
    fault = find_fault(body, kind)
    if fault is not None:
        raise RequestError(f"{where}: {fault}", _CURE)
    return body


def find_fault(value: object, kind: Any, key: str = "") -> str | None:
    """Return why a JSON value is no `kind`, with its key; None where it is one."""
    if kind is Any or kind is object:
        return _unwritable(value, key)
    if is_typeddict(kind) or is_dataclass(kind):
        return _fault_of_object(value, kind, key)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        of_parts = [find_fault(value, part, key) for part in parts]
        return None if None in of_parts else of_parts[0]
    if origin in (Required, NotRequired):
        return find_fault(value, parts[0], key)
    if origin is list or kind is list:
        if not isinstance(value, list):
            return _other(value, "a list", key)
        if _are_plain(value, (*parts, Any)[0]):
            return None
        faults = (find_fault(item, (*parts, Any)[0], f"{key}[{place}]") for place, item in enumerate(value))
        return next((fault for fault in faults if fault), None)
    if origin is dict or kind is dict:
        if not isinstance(value, dict):
            return _other(value, "an object", key)
        if _are_plain(value, str) and _are_plain(value.values(), (*parts, Any, Any)[1]):
            return None
        faults = (
            _unwritable(name, key) or find_fault(item, (*parts, Any, Any)[1], _join(key, name))
            for name, item in value.items()
        )
        return next((fault for fault in faults if fault), None)
    return _fault_of_plain(value, kind, key)


def _are_plain(values: Iterable[object], kind: Any) -> bool:
    """Return whether all are plain values of the kind, in one pass."""
    types = _plain_types(kind)
    if types is None:
        return False
    present = set(map(type, values))
    return (
        present <= types
        and not (float in present and not all(math.isfinite(value) for value in values if type(value) is float))
        and not (str in present and any(_HALF.search(value) for value in values if type(value) is str))
    )


@cache
def _plain_types(kind: Any) -> frozenset[type] | None:
    if kind in (str, bool, int):
        return frozenset({kind})
    if kind is float:
        return frozenset({int, float})
    if kind in (None, NoneType):
        return frozenset({NoneType})
    if get_origin(kind) in (Union, UnionType):
        parts = [_plain_types(part) for part in get_args(kind)]
        return frozenset().union(*(part for part in parts if part is not None)) if None not in parts else None
    return None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@cache
def _required(kind: Any) -> frozenset[str]:
    """Return the keys that must be there: of a dataclass those without a default."""
    if is_dataclass(kind):
        return frozenset(f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
    # By the hint too: where annotations are texts, as in all our modules, Python does not see NotRequired.
    optional = {name for name, part in _hints(kind).items() if get_origin(part) is NotRequired}
    return frozenset(kind.__required_keys__ - optional)


def _fault_of_object(value: object, kind: Any, key: str) -> str | None:
    if not isinstance(value, dict):
        return _other(value, "an object", key)
    for name, part in _hints(kind).items():
        if name in value:
            fault = find_fault(value[name], part, _join(key, name))
            if fault is not None:
                return fault
        elif name in _required(kind):
            return f"has no '{_join(key, name)}'"
    return None


def _fault_of_plain(value: object, kind: Any, key: str) -> str | None:
    if kind is None or kind is NoneType:
        return None if value is None else _other(value, "null", key)
    if kind is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return _unwritable(value, key) if is_number else _other(value, "a number", key)
    if kind is int:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return None if is_whole else _other(value, "a whole number", key)
    names = {str: "a text", bool: "true or false"}
    return _unwritable(value, key) if isinstance(value, kind) else _other(value, names[kind], key)


def _unwritable(value: object, key: str) -> str | None:
    """Return a fault for what JSON holds and ours cannot: NaN, half a character."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, float) and not math.isfinite(item):
            return _other(item, "a number", key)
        elif isinstance(item, str) and _HALF.search(item):
            return f"'{key}' holds half of a character"
    return None


def _other(value: object, wanted: str, key: str) -> str:
    text = repr(value)
    shown = text if len(text) <= 40 else f"{text[:39]}…"
    return f"'{key}' holds {shown}, not {wanted}" if key else f"holds {shown}, not {wanted}"


def _join(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)
