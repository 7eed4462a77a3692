"""The first line by which Excel names a file's delimiter: sep=;"""

from __future__ import annotations

import re

# Other programs may quote it, or fill up its row with delimiters.
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<mark>[^\r\n"]|\\t)"?(?P=mark)*[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)


def split_separator_line(text: str) -> tuple[str | None, str]:
    """Return (delimiter, the text below that line); (None, text) without one."""
    match = _SEPARATOR_LINE.match(text)
    if match is None:
        return None, text
    return match["mark"].replace("\\t", "\t"), text[match.end() :]
