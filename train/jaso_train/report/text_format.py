"""Format option values and untrusted texts for people."""

from __future__ import annotations

import json

_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {127: 0x2421}


def setting(value: object) -> str:
    """Format a value of the configuration as one would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def visible(text: str) -> str:
    """Replace control characters by their pictures (␀, ␖ …).

    An untrained model writes many, and a page shows none.
    """
    return text.translate(_CONTROLS)
