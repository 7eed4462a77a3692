"""Number of positions that a model has by its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_POSITIONS = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len")


def positions_of(config: Mapping[str, Any]) -> int | None:
    """Return the number of positions by a config.json, None where it has none."""
    for node in (config, config.get("text_config") or {}):
        values = [node[key] for key in _POSITIONS if isinstance(node.get(key), int)]
        if values:
            return int(values[0])
    return None
