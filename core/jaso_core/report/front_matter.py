"""The YAML at the head of a card: one line a value, however long."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

_ENDLESS = 2**31


def front_matter(values: Mapping[str, object]) -> str:
    """Return the lines between the two `---` of a card."""
    return str(yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=_ENDLESS))
