"""How a text that nobody vouches for is put into a cell: harmless, readable, and recognised when it comes back."""

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
_STARTS_A_FORMULA = "=+-@|%\t\r＝＋－＠"
_SHORT = 30


@dataclass(frozen=True)
class Shown:
    """A text as raters see it; `altered` characters were replaced, `cut` characters are not shown."""

    text: str
    altered: int
    cut: int


def shown(text: str) -> Shown:
    """Control characters become visible (␀, or �); what is beyond a cell's limit is cut, and says so."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, altered = _CONTROLS.subn(lambda match: _picture(match[0]), text)
    text, escapes = _ESCAPE.subn("_\u200b", text)
    fitting, cut = _fit(text)
    return Shown(fitting, altered + escapes, cut)


def digest(text: str) -> str:
    """Tells whether a text was edited. Blanks and the composition of Hangul do not count: programs change them (a tab
    does not outlive .ods)."""
    plain = "".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def guarded(text: str) -> str:
    """For CSV: an apostrophe before what a spreadsheet would take for a formula, a number or a date."""
    short = len(text) <= _SHORT and text.strip() and (text.isascii() or any(c.isdigit() for c in text))
    return f"'{text}" if needs_guard(text) or short else text


def needs_guard(text: str) -> bool:
    """Whether the text begins like a formula, or like a guarded text."""
    return text.startswith("'") or text.lstrip()[:1] in tuple(_STARTS_A_FORMULA) or text[:1] in ("\t", "\r")


def unguarded(text: str) -> str:
    """Undoes `guarded`."""
    return text[1:] if text.startswith("'") else text


def _picture(char: str) -> str:
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def _fit(text: str) -> tuple[str, int]:
    """The text, or its beginning with a note, and how many characters were cut."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * LIMIT:
        return text, 0
    kept = encoded[: 2 * (LIMIT - 40)].decode("utf-16-le", "ignore")  # half a pair at the end goes
    cut = len(text) - len(kept)
    return f"{kept}\n…[이하 {cut:,}자 생략]", cut
