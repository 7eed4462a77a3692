"""How large a study is: overrides for all its cells, from configs/size/<name>.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaso_core.config import REQUIRED, to_settings

_CORPUS_KEYS = (
    "source", "letters", "interviews", "named_employers", "hazards", "sites", "render", "period", "company",
    "max_documents",
)  # fmt: skip
_TRAINING_KEYS = ("model", "tokenizer", "trainer")


@dataclass(frozen=True)
class Size:
    """`overrides` for every cell; `seeds`: trainings of each, where nothing else is asked for."""

    name: str = REQUIRED
    seeds: int = 1
    overrides: list[str] = field(default_factory=list)


def read_size(node: Mapping[str, Any]) -> Size:
    """RequestError for unknown keys."""
    return to_settings(node, Size, "size")


def compatible_overrides(overrides: Sequence[str], user_overrides: Sequence[str]) -> list[str]:
    """Those of a study's or a size's `overrides` that make sense beside the ones a person has `user_overrides`.

    Who chooses another source has no use for the number of synthetic letters, and who chooses a model is not told its
    width, its tokenizer and how a tiny one is trained.
    """
    user_keys = {override.partition("=")[0] for override in user_overrides}
    dropped = (_CORPUS_KEYS if "source" in user_keys else ()) + (_TRAINING_KEYS if "model" in user_keys else ())
    return [override for override in overrides if override.lstrip("+~").partition("=")[0].split(".")[0] not in dropped]
