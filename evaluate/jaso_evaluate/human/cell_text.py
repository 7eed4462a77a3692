"""Sanitize untrusted text for spreadsheet cells, and recognise it when read back."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

LIMIT = 32_767
"""Characters of a cell (Excel), counted in UTF-16 units: an emoji is two."""

# C0 without tab and line feed, DEL, C1, bidirectional overrides and isolates, lone surrogates and noncharacters: not
# allowed in XML, or able to show a text in another order than it is written in.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Excel reads "_x0041_" in a file as "A".
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class CellText:
    """A text as raters see it.

    `altered` characters were replaced, `cut` characters are not shown.
    """

    text: str
    altered: int
    cut: int


def sanitize(text: str) -> CellText:
    """Make control characters visible (␀, or �); truncate at a cell's limit.

    A truncated text ends with a note that says so.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, altered = _CONTROLS.subn(lambda match: _replacement(match[0]), text)
    text, escapes = _ESCAPE.subn("_\u200b", text)
    fitting, cut = _truncate(text)
    return CellText(fitting, altered + escapes, cut)


def digest(text: str) -> str:
    """Hash a text, to detect edits.

    White space and the composition of Hangul do not count: programs change them (a tab is lost in .ods).
    """
    plain = "".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _replacement(char: str) -> str:
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def _truncate(text: str) -> tuple[str, int]:
    """Return the text, or its beginning with a note, and how many characters were cut."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * LIMIT:
        return text, 0
    beginning = encoded[: 2 * (LIMIT - 40)].decode("utf-16-le", "ignore")  # half a pair at the end goes
    cut = len(text) - len(beginning)
    return f"{beginning}\n…[이하 {cut:,}자 생략]", cut
