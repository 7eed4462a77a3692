"""Text keys: values of keys of type str reach the stage as typed.

Hydra's grammar reads 2024_05_01 as the number 20240501, 1e5 as 100000.0 and NaN as a float; as the name of a folder
or a column it is the text that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from jaso_pipeline.cli.commands import VERBS
from jaso_pipeline.inspect.list_show_status import REGISTRIES, registry

_NULL = re.compile(r"null", re.IGNORECASE)
_LIST = re.compile(r"\[([\w./:%@+-]*(?:,[\w./:%@+-]*)*)\]", re.ASCII)
"""List of bare words, none of which holds a comma, a blank or a quotation mark."""


def is_altered(value: str) -> bool:
    """Return whether Hydra would make another text of an unquoted value.

    2024 → 2024 is none, 2024_05 → 202405, 1.50 → 1.5 and true → True are.
    """
    if not value or _NULL.fullmatch(value):
        return False
    try:
        parsed = OverridesParser.create().parse_override(f"key={value}").value()
    except (OverrideParseException, OmegaConfBaseException):
        return True
    return parsed is None or str(parsed) != value


def list_items(value: str) -> Sequence[str] | None:
    """Return the items of a list of bare words, "[a,2024_05]"; None for other values."""
    match = _LIST.fullmatch(value)
    return match[1].split(",") if match else None


@cache
def holds_text(verb: str, key: str) -> bool:
    """Return whether all that the key can be for the command is text, or a list of it."""
    types = list(_types(verb, key.split(".")))
    return bool(types) and all(_is_text(hint) for hint in types)


@cache
def holds_one_text(verb: str, key: str) -> bool:
    """Return whether the key is text and no list of it."""
    return holds_text(verb, key) and not any(_inner(hint, list) for hint in _types(verb, key.split(".")))


def _types(verb: str, names: Sequence[str]) -> Iterator[Any]:
    """Yield the types of a key in the dataclasses of the command's stages."""
    if verb not in VERBS:
        return
    stages = ("crawl", "preprocess", "train", "evaluate") if verb == "pipeline" else (verb,)
    for stage in stages:
        for schema in _schemas(stage):
            yield from _walk(schema, names, names[0])


def _schemas(stage: str) -> Iterator[type]:
    """Yield the dataclasses that the configuration of a stage is checked against."""
    if stage == "crawl":  # its keys are those of the source
        from jaso_crawl.run import CrawlSettings

        yield CrawlSettings
        yield from _options("source")
        return
    module = VERBS[stage].load()
    yield from (
        value
        for name, value in vars(module).items()
        if name.endswith("Settings") and isinstance(value, type) and is_dataclass(value)
    )


def _walk(hint: Any, names: Sequence[str], group: str) -> Iterator[Any]:
    """Yield the types of names[0].names[1]… below a type.

    A dictionary of a config group has the options of the group's components: model.layers, clean.length.min_answer.
    """
    if not names:
        yield hint
        return
    for part in _alternatives(hint):
        if is_dataclass(part) and isinstance(part, type):
            hints = get_type_hints(part)
            if names[0] in hints:
                yield from _walk(hints[names[0]], names[1:], group)
        elif get_origin(part) is dict and group in REGISTRIES:
            entries = registry(group)
            if entries is None:
                continue
            if names[0] in entries.names() and len(names) > 1:
                yield from _walk(entries.get(names[0]).options, names[1:], group)
            elif len(names) == 1:
                for options in _options(group):
                    yield from _walk(options, names, group)
        elif get_origin(part) is dict:
            yield from _walk(get_args(part)[1], names[1:], group)


def _options(group: str) -> Iterator[type]:
    entries = registry(group)
    for name in entries.names() if entries is not None else ():
        assert entries is not None
        yield entries.get(name).options


def _alternatives(hint: Any) -> Sequence[Any]:
    """Return the types of a union, without None: str | None → [str]."""
    types = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return [part for part in types if part is not NoneType]


def _is_text(hint: Any) -> bool:
    return all(part is str or _inner(part, list) == (str,) for part in _alternatives(hint))


def _inner(hint: Any, container: type) -> tuple[Any, ...]:
    return next((get_args(part) for part in _alternatives(hint) if get_origin(part) is container), ())
