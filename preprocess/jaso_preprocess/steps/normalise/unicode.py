"""Unicode normalisation: one spelling for each character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from jaso_core.records import Document, Item
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_core.text.excel_escapes import EXCEL_ESCAPE, decode_escapes
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep
from jaso_preprocess.steps.base import texts_of

# NFKC would do this too, but it also turns ㈜ into (주), ① into 1 and ㅋ into a conjoining jamo: a list by hand.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys([0x00A0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F], " ")
_QUOTES = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"}
# Word processors write their line breaks as \v, their page breaks as \f.
_LINE_ENDS = dict.fromkeys([0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029], "\n")
# Zero-width space and non-joiner, word joiner, byte order mark, soft hyphen, directions.
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, *range(0x202A, 0x202F)], "")
_ISOLATES = dict.fromkeys(range(0x2066, 0x206A), "")
_CONTROL = dict.fromkeys([*range(9), *range(0x0E, 0x20), *range(0x7F, 0xA0)], "")
# Fillers: those of a syllable's width are typed as blanks (ㅤ), those of no width are rests of broken syllables.
_FILLERS = {
    **dict.fromkeys([0x3164, 0xFFA0, 0x2800], " "),
    **dict.fromkeys([0x115F, 0x1160, 0x034F, 0x061C, 0x180E, *range(0x2061, 0x2065), *range(0xFE00, 0xFE0F)], ""),
}
_CODES = _CONTROL | _FULL_WIDTH | _SPACES | _QUOTES | _LINE_ENDS | _INVISIBLE | _ISOLATES | _FILLERS
_TABLE = {"\r\n": "\n", "\u200d": "", **{chr(code): text for code, text in _CODES.items()}}
# Emoji are joined by U+200D, and by nothing else that people write here.
_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_CLASS = "".join(re.escape(chr(code)) for code in _CODES)
_HALF_WIDTH_JAMO = "\uffa1-\uffbe\uffc2-\uffc7\uffca-\uffcf\uffd2-\uffd7\uffda-\uffdc"
_ODD = re.compile(
    f"\r\n|[{_CLASS}]|(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})|[{_HALF_WIDTH_JAMO}]+|{EXCEL_ESCAPE.pattern}"
)
_MAY_BE_ODD = re.compile(f"[\r\u200d{_CLASS}{_HALF_WIDTH_JAMO}]|_x")
_SYLLABLE = re.compile("([ㄱ-ㅎ])([ㅏ-ㅣ])([ㄱ-ㅎ](?![ㅏ-ㅣ]))?")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_WORD = re.compile(r"\S+")


def unicode_edits(text: str, spoken: bool = False) -> list[Edit]:
    r"""Return edits of kind "unicode"; none for plain NFC text.

    In `spoken` text \v and \f are noise, not line ends.
    """
    return to_fixpoint(text, lambda current: _once(current, spoken))


def _once(text: str, spoken: bool) -> list[Edit]:
    if not unicodedata.is_normalized("NFC", text):
        return [edit for word in _WORD.finditer(text) for edit in _nfc_edits(word.group(), word.start())]
    if not _MAY_BE_ODD.search(text):
        return []
    return [Edit(*odd.span(), _replacement(odd.group(), spoken), "unicode") for odd in _ODD.finditer(text)]


def _replacement(odd: str, spoken: bool) -> str:
    if spoken and odd in "\v\f":
        return ""
    if odd in _TABLE:
        return _TABLE[odd]
    return decode_escapes(odd) if odd[0] == "_" else _compose(odd)


def _compose(jamo: str) -> str:
    """Compose half-width jamo to syllables; single ones become letters of full width."""
    # ﾱￂﾤ → ㅁㅏㄴ → 만; ﾻﾻ → ㅋㅋ
    letters = "".join(chr(int(unicodedata.decomposition(letter).split()[1], 16)) for letter in jamo)
    return _SYLLABLE.sub(_syllable, letters)


def _syllable(letters: re.Match[str]) -> str:
    first, vowel, final = letters.groups()
    if first not in _INITIALS:
        return letters[0]
    place = _FINALS.find(final) if final else 0
    syllable = chr(0xAC00 + _INITIALS.index(first) * 588 + (ord(vowel) - ord("ㅏ")) * 28 + max(0, place))
    return syllable if place >= 0 else syllable + final  # ㅏㄸ: ㄸ ends no syllable


def _nfc_edits(word: str, start: int) -> list[Edit]:
    """Return edits that normalise a word to NFC; nothing combines across white space."""
    if unicodedata.is_normalized("NFC", word):
        return []
    # 각하 in NFD has 5 code points → edits (0, 3) 각, (3, 5) 하
    edits, at = [], 0
    for end in range(1, len(word) + 1):
        if end < len(word) and _combines_with_previous(word[end]):
            continue
        after = unicodedata.normalize("NFC", word[at:end])
        if after != word[at:end]:
            edits.append(Edit(start + at, start + end, after, "unicode"))
        at = end
    return edits


def _combines_with_previous(character: str) -> bool:
    """Return whether the character may combine with the one before.

    A mark, or a vowel or final of Hangul.
    """
    return unicodedata.category(character)[0] == "M" or "\u1160" <= character <= "\u11ff"


@STEPS.register("unicode")
class Unicode(EditStep):
    """Normalises characters: NFC, plain ASCII, plain blanks and straight quotes.
    Full-width ASCII becomes ASCII, odd spaces a blank; invisible characters are removed. Half-width jamo become
    syllables, Excel's _x000D_ a line end.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return unicode_edits(text)

    def item_edits(self, document: Document | None, item: Item) -> Mapping[str, Sequence[Edit]]:
        """Treat interviews as spoken text.

        Transcripts are typed on one line: what looks like a word processor's line break is a slip there.
        """
        spoken = document is not None and document.kind == "interview"
        return {name: unicode_edits(text, spoken) for name, text in texts_of(item).items()}
