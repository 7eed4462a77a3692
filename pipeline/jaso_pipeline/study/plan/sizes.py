"""Study size: overrides for all cells, from configs/size/<name>.yaml."""

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
    """`overrides` for every cell; `seeds`: number of trainings of each by default."""

    name: str = REQUIRED
    seeds: int = 1
    overrides: list[str] = field(default_factory=list)


def read_size(node: Mapping[str, Any]) -> Size:
    """Parse a size. RequestError for unknown keys."""
    return to_settings(node, Size, "size")


def compatible_overrides(overrides: Sequence[str], user_overrides: Sequence[str]) -> list[str]:
    """Return the `overrides` that are compatible with the user's own.

    A user who chooses another source has no use for the number of synthetic letters, and one who chooses a model none
    for the width, tokenizer and training of a tiny one.
    """
    user_keys = {override.partition("=")[0] for override in user_overrides}
    dropped = (_CORPUS_KEYS if "source" in user_keys else ()) + (_TRAINING_KEYS if "model" in user_keys else ())
    return [override for override in overrides if override.lstrip("+~").partition("=")[0].split(".")[0] not in dropped]
