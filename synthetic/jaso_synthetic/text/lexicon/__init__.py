"""Word lists and grammars of the synthetic corpus (YAML), each read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """Load ``<name>.yaml``.

    Raises:
        FileNotFoundError: there is no such list.
    """
    return yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
