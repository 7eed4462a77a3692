"""Detect mojibake: Korean text that was once decoded with a wrong encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_FEWEST_REPLACED = 3
_REPLACED_SHARE = 0.3
# "자기소개서" in UTF-8 has 15 bytes; read as cp949 with 2 of 3 bytes lost here and there some 40 % still decode.
_UTF8_SHARE = 0.3
_CP949_SHARE = 0.9
_CP949_LATIN_SHARE = 0.6
_FEWEST_SYLLABLES = 2
_FEWEST_CP949 = 5
_FEWEST_CP949_LATIN = 3
_SINGLE_BYTE_SHARE = 0.7
_SUSPICIOUS_SHARE = 0.15
# Encodings that Korean UTF-8 has been read as without an error; cp1252 stands for latin-1 too.
_READ_UTF8_AS = ("cp949", "cp1252", "mac_roman", "gb18030")
_READ_CP949_AS = ("gb18030", "euc_jp", "big5")
_HANGUL = re.compile("[가-힣]")
_COMMON = re.compile("[이다는을고의에가하니지로서한있습기은어사를도인나해그시대정일자]")
# In running Korean 45 % of the syllables are among these, in wrongly decoded Chinese 5 %.
_COMMON_SHARE = 0.2
# First bytes of Hangul in UTF-8, as latin-1 and cp1252 show them.
_LEADS = re.compile("[êëìí]")
_LEAD_SHARE = 0.25
_FEWEST_LEADS = 6
_SUSPICIOUS_WORDS_SHARE = 0.6
_FEWEST_RARE = 4
_HANJA = "\u3400-\u9fff\uf900-\ufaff"
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
# What cp1252 and Mac Roman show for bytes above 0x7F, without the punctuation that Korean text has.
_LATIN_LETTERS = "".join(
    sorted(
        {
            *map(chr, range(0x80, 0x100)),
            *(bytes([b]).decode(c, "ignore") for c in ("cp1252", "mac_roman") for b in range(0x80, 0x100)),
        }
        - {*"“”‘’–—…•·€™\xa0", ""}
    )
)
_LATIN = re.compile(f"[{_LATIN_LETTERS}]")
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]")
_FIRST_OF_STANDARD = 0xA1
"""KS X 1001 has both bytes of a character at or above it; cp949 adds the rare syllables below."""


def is_mojibake(text: str) -> bool:
    """Return whether a text is mojibake as a whole, or for a good part.

    A few replacement characters (U+FFFD) in good text are none, nor is Chinese, Japanese or a word of hanja.
    """
    suspicious = len(suspicious_pattern().findall(text))
    if suspicious < _FEWEST_REPLACED or suspicious < _SUSPICIOUS_SHARE * (len(text) - text.count(" ")):
        return False
    foreign = len(_NON_ASCII.findall(text))
    replaced = text.count("\ufffd")
    if replaced >= _FEWEST_REPLACED and replaced >= _REPLACED_SHARE * foreign:
        return True
    if any(_utf8_share(text, encoding) >= _UTF8_SHARE for encoding in _READ_UTF8_AS):
        return True
    if suspicious >= _SUSPICIOUS_WORDS_SHARE * foreign and _is_made_of_rare_syllables(text):
        return True
    leads = len(_LEADS.findall(text))
    if leads >= _FEWEST_LEADS and leads >= _LEAD_SHARE * foreign:
        return True
    return _was_cp949(text)


def mojibake_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of words that are UTF-8 read as cp949."""
    pattern = suspicious_pattern()
    for word in re.finditer(r"\S+", text):
        if len(pattern.findall(word[0])) >= _FEWEST_SYLLABLES and _utf8_share(word[0], "cp949") >= _UTF8_SHARE:
            yield word.span()


def _is_made_of_rare_syllables(text: str) -> bool:
    """Return whether rare syllables adjoin hanja, or are nearly all there is.

    This is UTF-8 read as cp949 whose unreadable bytes were deleted: "븞뀞븯꽭슂" of 안녕하세요.
    """
    rare = _rare_syllables()
    if re.search(f"[{_HANJA}][{rare}]|[{rare}][{_HANJA}]", text):
        return True
    if len(re.findall(f"\ufffd[{rare}]", text)) >= _FEWEST_SYLLABLES:  # �뿴�젙, 열정
        return True
    return len(set(re.findall(f"[{rare}]", text))) >= _FEWEST_RARE


def _utf8_share(text: str, read_as: str) -> float:
    """Return the share of bytes that are Hangul when the wrong decoding is undone."""
    # "湲곗냼媛쒖꽌" → bytes EA B8 B0 EC 86 8C … → "기소개서": 1.0
    data = _encode(text, read_as)
    syllables = len(_HANGUL.findall(data.decode("utf-8", "ignore")))
    if syllables < _FEWEST_SYLLABLES:
        return 0.0
    kept = len(_HANGUL.findall(text)) if read_as != "cp949" else 0  # good Hangul, which the other encodings lack
    return 3 * max(0, syllables - kept) / max(1, sum(byte > 0x7F for byte in data))


def _was_cp949(text: str) -> bool:
    """Return whether the text is cp949 that was read as another encoding."""
    if _HANGUL.search(text):
        return False
    foreign = len(_NON_ASCII.findall(text))
    single = [("cp1252", _LATIN), ("mac_roman", _LATIN), ("cp932", _HALF_WIDTH_KANA)]
    for encoding, letters in single:
        if len(letters.findall(text)) < _SINGLE_BYTE_SHARE * foreign:
            continue
        data = _encode(text, encoding)
        syllables = _common_hangul(data)
        if syllables >= _FEWEST_CP949_LATIN and 2 * syllables >= _CP949_LATIN_SHARE * foreign:
            return _reads_as_korean(data, syllables)
    for encoding in _READ_CP949_AS:
        data = _encode(text, encoding)
        syllables = _common_hangul(data)
        if syllables >= _FEWEST_CP949 and 2 * syllables >= _CP949_SHARE * sum(byte > 0x7F for byte in data):
            return _reads_as_korean(data, syllables)
    return False


def _reads_as_korean(data: bytes, syllables: int) -> bool:
    return len(_COMMON.findall(data.decode("cp949", "ignore"))) >= _COMMON_SHARE * syllables


def _common_hangul(data: bytes) -> int:
    """Count the syllables of KS X 1001 in bytes decoded as EUC-KR."""
    return len(_HANGUL.findall(data.decode("euc_kr", "ignore")))


def _encode(text: str, encoding: str) -> bytes:
    if encoding == "cp1252":
        return text.translate(_cp1252_as_latin()).encode("latin-1", "replace")
    return text.encode(encoding, "replace")


@cache
def _cp1252_as_latin() -> dict[int, int]:
    """Return {code point: byte} of the characters that cp1252 has and latin-1 has not."""
    pairs = ((byte, bytes([byte]).decode("cp1252", "ignore")) for byte in range(0x80, 0xA0))
    return {ord(character): byte for byte, character in pairs if character}


@cache
def suspicious_pattern() -> re.Pattern[str]:
    """Return a pattern of what mojibake is made of, and Korean text seldom has.

    Syllables outside KS X 1001, hanja, letters of latin-1, half-width kana, U+FFFD, half a surrogate pair. A text
    without a match is no mojibake.
    """
    return re.compile(f"[{_LATIN_LETTERS}{_HANJA}\uff61-\uff9f\ufffd\ud800-\udfff{_rare_syllables()}]")


@cache
def _rare_syllables() -> str:
    """Return the 8,822 syllables of Hangul that KS X 1001 has not."""
    syllables = map(chr, range(0xAC00, 0xD7A4))
    return "".join(syllable for syllable in syllables if min(syllable.encode("cp949")) < _FIRST_OF_STANDARD)
