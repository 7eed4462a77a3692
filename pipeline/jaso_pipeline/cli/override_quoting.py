"""Quote Hydra overrides: its grammar rejects bare Hangul, blanks and brackets."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import yaml

from jaso_core.config import config_folder
from jaso_core.config_groups import group_choices
from jaso_core.errors import RequestError
from jaso_pipeline.cli.text_keys import holds_one_text, holds_text, is_altered, list_items

_KEY = re.compile(r"^(?P<key>[+~]{0,2}[\w./@-]+)=(?P<value>.*)$", re.DOTALL | re.ASCII)
_BEFORE_QUOTE = re.compile(r"(\\+)('|$)")  # only there Hydra reads a backslash as an escape
_NODE = re.compile(r"\[.*\]$|\{.*\}$", re.DOTALL)
_PLAIN = re.compile(r"^[A-Za-z0-9_./:@%+*?|\\-]*$")

# `jaso evaluate model=<dir>`: Hydra would read the value as a choice of the config group "model".
_RENAMED = {(verb, "model"): "model_dir" for verb in ("chat", "evaluate", "generate")}

_MODEL_GROUP = ("train", "pipeline")
"""Commands whose `model=` is a choice of the config group."""


def to_hydra_overrides(verb: str, arguments: list[str], *, multirun: bool) -> list[str]:
    """Convert typed arguments to Hydra overrides.

    Values with Hangul, blanks or brackets are quoted, and those of text keys that Hydra would read as a number;
    `model=` of evaluate is renamed. A value that is already quoted, a list or a dictionary stays as it is. In a sweep
    each part between commas is quoted separately.
    """
    if verb == "study":
        arguments = _study_arguments(arguments)
    if verb in _MODEL_GROUP and not multirun:
        arguments = [part for argument in arguments for part in _model_arguments(argument)]
    return [_to_hydra_override(verb, argument, multirun) for argument in arguments]


def _model_arguments(argument: str) -> list[str]:
    """Write `model=<folder or hub name>` as `model=hf model.path=…`.

    A choice of the group stays as it is.
    """
    key, _, value = argument.partition("=")
    is_path = "/" in value or Path(value).is_dir()
    if key == "model" and is_path and value not in group_choices("model"):
        return ["model=hf", f"model.path={value}"]
    return [argument]


def _study_arguments(arguments: list[str]) -> list[str]:
    """Convert the arguments of `jaso study`.

    The first word is the study's name; overrides that are no keys of configs/study.yaml go to its cells.
    """
    study_keys = set(yaml.safe_load((config_folder() / "study.yaml").read_text(encoding="utf-8"))) | {
        "study",
        "size",
        "seed",
    }
    study_overrides, cell_overrides = [], []
    for argument in arguments:
        key = argument.partition("=")[0].lstrip("+~")
        if argument.startswith("-") or key.split(".")[0] in study_keys or key.startswith("hydra"):
            study_overrides.append(argument)
        elif "=" not in argument and not argument.startswith("~"):
            study_overrides.append(f"study={argument}")
        else:
            cell_overrides.append(argument)
    if not any(argument.startswith("study=") for argument in study_overrides):
        raise RequestError(
            "`jaso study` needs a study's name", "`jaso list study` shows them: jaso study prompts out=…"
        )
    # each cell override becomes a quoted string inside of one list
    quoted = ("'" + _BEFORE_QUOTE.sub(r"\1\1\2", cell).replace("'", "\\'") + "'" for cell in cell_overrides)
    return [*study_overrides, *([f"overrides=[{','.join(quoted)}]"] if cell_overrides else [])]


def _to_hydra_override(verb: str, argument: str, multirun: bool) -> str:
    match = _KEY.match(argument)
    if argument.startswith("-") or match is None:
        return argument
    key, value = match["key"], match["value"]
    key = _RENAMED.get((verb, key), key)
    quote = partial(_quote_value, verb, key.lstrip("+~"))
    if verb in ("compare", "curves") and key == "runs" and not value.startswith("["):
        return f"runs=[{','.join(map(quote, value.split(',')))}]"
    if verb == "preprocess" and key == "input" and not value.startswith("[") and not multirun:
        return f"input=[{','.join(map(quote, value.split(',')))}]"
    parts = value.split(",") if multirun and not _is_structured(value) else [value]
    return f"{key}={','.join(map(quote, parts))}"


def _quote_value(verb: str, key: str, value: str) -> str:
    """Quote a value where Hydra needs it, or would make another text of a text key's."""
    if _NODE.match(value) and holds_one_text(verb, key):
        return _quoted(value)  # columns.question=[2024] is a column's name
    items = list_items(value)
    if items is not None and any(map(is_altered, items)) and holds_text(verb, key):
        return f"[{','.join(_quote_value(verb, key, item) for item in items)}]"
    if _PLAIN.match(value) and is_altered(value) and holds_text(verb, key):
        return _quoted(value)
    return _quote(value)


def _is_structured(value: str) -> bool:
    """Return whether the value is a list, dict, quoted text or sweep function.

    Interpolations (${…}) count too; a sweep function is such as range(1,4).
    """
    pairs = (("[", "]"), ("{", "}"), ("'", "'"), ('"', '"'), ("${", "}"))
    is_enclosed = any(value.startswith(first) and value.endswith(last) for first, last in pairs)
    return is_enclosed or bool(re.match(r"^(choice|range|interval|glob|sort|shuffle)\(.*\)$", value))


def _quote(value: str) -> str:
    return value if _is_structured(value) or _PLAIN.match(value) else _quoted(value)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\") if value.endswith("\\") else value
    return "'" + escaped.replace("'", "\\'") + "'"
