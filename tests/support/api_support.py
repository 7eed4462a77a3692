"""Keywords of the smallest training through the Python face."""

from __future__ import annotations

from typing import Any

TINY: dict[str, Any] = {
    "model": {"name": "tiny", "hidden_size": 32, "heads": 2, "layers": 1},
    "tokenizer": {"vocabulary": 600},
    "trainer": {"max_steps": 3, "max_length": 512, "batch_size": 2, "validation_limit": 2, "log_every": 1},
}
