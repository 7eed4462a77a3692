"""Reject overrides that would change no cell of a study.

A report names what was requested, and readers believe it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaso_core.errors import RequestError
from jaso_pipeline.study.plan.spec import Spec, levels


def refuse_unused(
    user_overrides: Sequence[str], spec: Spec, with_corpus: bool, compose_config: Callable[[str], Mapping[str, Any]]
) -> None:
    """Raise RequestError for an override without effect.

    All levels of a factor set it themselves, or it is about making a corpus where one is given. `compose_config`:
    returns the configuration of a command.
    """
    for key in map(_key, user_overrides):
        for factor_levels in levels(spec).values():
            if all(key in map(_key, level.overrides) for level in factor_levels):
                message = f"'{key}=' changes nothing: the study '{spec.name}' compares cells that set it themselves"
                raise RequestError(message, "leave it out, or compare others in a study of your own (docs/studies.md)")
    if with_corpus:
        used = {*compose_config("train"), *compose_config("evaluate")}
        for key in map(_key, user_overrides):
            if key.split(".")[0].split("@")[0] not in used:
                raise RequestError(
                    f"'{key}=' changes nothing: corpus= is a corpus that is made", "leave one of them out"
                )


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")
