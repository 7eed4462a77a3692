"""Characters that Excel writes as _xHHHH_ (ECMA-376, ST_Xstring)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HIGH, _LOW = "[dD][89abAB]", "[dD][c-fC-F]"
# With ASCII letters or digits on both sides it is an identifier, as tile_x0012_y0034. A line end is none in any case.
EXCEL_ESCAPE = re.compile(
    rf"_x(?P<high>{_HIGH}[0-9A-Fa-f]{{2}})__x(?P<low>{_LOW}[0-9A-Fa-f]{{2}})_"
    r"|_x(?P<end>000[aAdD])_"
    r"|(?<![A-Za-z0-9])_x(?P<left>[0-9A-Fa-f]{4})_|_x(?P<right>[0-9A-Fa-f]{4})_(?![A-Za-z0-9])"
)


def escapes(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, character) of each escape; half a surrogate pair is U+FFFD."""
    if "_x" not in text:
        return
    for match in EXCEL_ESCAPE.finditer(text):
        yield *match.span(), _character(match)


def decode_escapes(text: str) -> str:
    """Return the text with the escaped characters: "가_x000D_" is "가\\r"."""
    if "_x" not in text:
        return text
    return EXCEL_ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match["high"]:
        return bytes.fromhex(match["high"] + match["low"]).decode("utf-16-be")
    code = int(match["end"] or match["left"] or match["right"], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
