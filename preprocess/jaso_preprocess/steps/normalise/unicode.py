"""Unicode normalisation: one spelling for each character."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from jaso_core.records import Document, Item
from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
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
_CODES = _CONTROL | _FULL_WIDTH | _SPACES | _QUOTES | _LINE_ENDS | _INVISIBLE | _ISOLATES
_TABLE = {"\r\n": "\n", "\u200d": "", **{chr(code): text for code, text in _CODES.items()}}
# Emoji are joined by U+200D, and by nothing else that people write here.
_EMOJI = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_CLASS = "".join(re.escape(chr(code)) for code in _CODES)
_ODD = re.compile(f"\r\n|[{_CLASS}]|(?<!{_EMOJI})\u200d|\u200d(?!{_EMOJI})")
_WORD = re.compile(r"\S+")


def unicode_edits(text: str, spoken: bool = False) -> list[Edit]:
    r"""Return edits of kind "unicode"; none for plain NFC text.

    In `spoken` text \v and \f are noise, not line ends.
    """
    return to_fixpoint(text, lambda current: _once(current, spoken))


def _once(text: str, spoken: bool) -> list[Edit]:
    if not unicodedata.is_normalized("NFC", text):
        return [edit for word in _WORD.finditer(text) for edit in _nfc_edits(word.group(), word.start())]
    return [
        Edit(*odd.span(), "" if spoken and odd.group() in "\v\f" else _TABLE[odd.group()], "unicode")
        for odd in _ODD.finditer(text)
    ]


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
    Full-width ASCII becomes ASCII, odd spaces a blank; invisible characters are removed.
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
