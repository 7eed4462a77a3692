"""One spelling for each character."""

from __future__ import annotations

import re
import unicodedata

from jaso_core.registry import NoOptions
from jaso_preprocess.steps import STEPS, TextStep

# NFKC would do this too, but it also turns ㈜ into (주), ① into 1 and ㅋ into a conjoining jamo: a list by hand.
_FULL_WIDTH: dict[int, int | str] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES: dict[int, int | str] = dict.fromkeys([0x00A0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F], " ")
_QUOTES: dict[int, int | str] = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}
# Word processors write their line breaks as \v, their page breaks as \f.
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\u2028\u2029\u0085]")
# Zero-width space, word joiner, byte order mark, soft hyphen, directions. U+200D stays: emoji need it.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e]")
_CONTROL = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f]")
_TABLE = str.maketrans({**_FULL_WIDTH, **_SPACES, **_QUOTES})


@STEPS.register("unicode")
class Unicode(TextStep):
    """NFC, full-width ASCII to ASCII, odd spaces to a blank, curly quotes to straight, invisible characters off."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def text(self, text: str, field: str) -> str:
        del field
        text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
        return _CONTROL.sub("", _INVISIBLE.sub("", text.translate(_TABLE)))
