"""Detect the encoding of Korean text files and decode them. Pure: no I/O."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from jaso_core.errors import RequestError, did_you_mean

AUTO = "auto"
ERRORS = ("strict", "replace")

# UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMON_ENCODINGS = ("utf-8", "cp949")
# Minimum share of Hangul in non-ASCII text; with less it is another encoding, not a damaged file of this one.
_MIN_HANGUL_SHARE = 0.6
_GUESS_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text; `replaced`: whether undecodable bytes became U+FFFD."""

    text: str
    encoding: str
    replaced: bool


def decode(data: bytes, where: str, encoding: str = AUTO, errors: str = "strict") -> Decoded:
    """Decode bytes to text without byte order mark.

    `where` begins error messages. RequestError names line and byte of what cannot be decoded, and a remedy.
    """
    if errors not in ERRORS:
        raise RequestError(f"encoding_errors={errors} is unknown", did_you_mean(errors, list(ERRORS)))
    name = find_encoding(data, where) if encoding == AUTO else _codec_name(encoding)
    try:
        return Decoded(data.decode(name).removeprefix("\ufeff"), name, False)
    except UnicodeDecodeError as error:
        if errors == "replace":
            return Decoded(data.decode(name, "replace").removeprefix("\ufeff"), name, True)
        line = data[: error.start].decode(name, "ignore").count("\n") + 1
        byte = " ".join(f"{value:02x}" for value in data[error.start : error.end])
        raise RequestError(
            f"{where}:{line}: byte offset {error.start} ({byte}) is not {name}",
            "mend this line, or give encoding=…, or encoding_errors=replace to read it as �",
        ) from None


def find_encoding(data: bytes, where: str) -> str:
    """Detect the encoding.

    By byte order mark, then strict UTF-8, then cp949, then either with few invalid bytes, then by statistics.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    for name in _COMMON_ENCODINGS:
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    # "한글 글자" in UTF-8 with one invalid byte: share 0.8 as utf-8, 0.22 as cp949 → utf-8 with a damaged byte
    share, name = max((_hangul_share(data, name), name) for name in _COMMON_ENCODINGS)
    if share >= _MIN_HANGUL_SHARE:
        return name
    guess = from_bytes(data[:_GUESS_BYTES]).best()
    if guess is None:
        raise RequestError(f"{where}: its encoding cannot be found out", "give encoding=…, or save it as UTF-8")
    return guess.encoding


def _hangul_share(data: bytes, name: str) -> float:
    """Return the share of Hangul among non-ASCII characters.

    Invalid bytes are replaced and count as non-ASCII.
    """
    foreign = [character for character in data.decode(name, "replace") if not character.isascii()]
    return sum("가" <= character <= "힣" for character in foreign) / max(1, len(foreign))


def _codec_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        known = ["utf-8", "cp949", "euc-kr", "utf-16", "johab", "shift_jis", "latin-1"]
        raise RequestError(f"encoding={encoding} is unknown", did_you_mean(encoding, known)) from None
