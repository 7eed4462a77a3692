"""Language filter: answers that are not Korean, are mojibake, or hold no word."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from jaso_core.records import Item
from jaso_core.text.mojibake import is_mojibake
from jaso_preprocess.steps import STEPS, Drop, Step
from jaso_preprocess.steps.base import texts_of

_HANGUL = re.compile("[가-힣]+")


@dataclass(frozen=True)
class LanguageOptions:
    """Options of the language step.

    `min_hangul`: the share of Hangul among an answer's letters. `min_letters`: with fewer letters the language is
    unclear; "Python, SQL" is an answer too.
    """

    min_hangul: float = 0.2
    min_letters: int = 20

    def __post_init__(self) -> None:
        if not 0 <= self.min_hangul <= 1:
            raise ValueError(f"min_hangul {self.min_hangul} is no share: give 0 to 1")
        if self.min_letters < 1:
            raise ValueError("min_letters is at least 1")


@dataclass(frozen=True, slots=True)
class Letters:
    """Counts of code points after NFC.

    Jamo by themselves (ㅋㅋㅋ, ㅠㅠ) are laughter and tears, no letters.
    """

    hangul: int
    others: int
    digits: int

    @property
    def share(self) -> float | None:
        """Proportion of Hangul among the letters, 0 to 1; None without letters."""
        letters = self.hangul + self.others
        return self.hangul / letters if letters else None


def letters_of(text: str) -> Letters:
    """Count the letters and digits of a text by script."""
    hangul = others = digits = 0
    for char in unicodedata.normalize("NFC", text):
        if "가" <= char <= "힣":
            hangul += 1
        elif char.isalpha():
            others += not _is_jamo(char)
        else:
            digits += char.isnumeric()
    return Letters(hangul, others, digits)


def _is_jamo(char: str) -> bool:
    return (
        "\u1100" <= char <= "\u11ff"
        or "\u3130" <= char <= "\u318f"
        or "\ua960" <= char <= "\ua97f"
        or ("\ud7b0" <= char <= "\ud7ff")
    )


@STEPS.register("language", LanguageOptions)
class Language(Step):
    """Drops answers that are not Korean ("not_korean") or without words ("no_words").
    The latter have no letter and no digit. A text in a wrong encoding drops its item ("mojibake").

    The question's language decides nothing: English questions with Korean answers stay. An item without answer stays
    too.
    """

    def __init__(self, options: LanguageOptions) -> None:
        self.options = options

    def apply(self, item: Item) -> Item | Drop:
        for name, text in texts_of(item).items():
            if is_mojibake(text):
                return Drop("mojibake", f"the {name} was read in a wrong encoding")
        if item.answer is None:
            return item
        if self._is_plainly_korean(item.answer):
            return item
        letters = letters_of(item.answer)
        if not letters.hangul + letters.others + letters.digits:
            return Drop("no_words", f"{len(item.answer)} characters")
        share = letters.share
        if share is None or letters.hangul + letters.others < self.options.min_letters:
            return item
        if share < self.options.min_hangul:
            return Drop("not_korean", f"{share:.0%} of the letters are Hangul")
        return item

    def _is_plainly_korean(self, text: str) -> bool:
        """Return whether Hangul suffices even if every other character were a letter.

        Then the letters need not be counted one by one.
        """
        hangul = len("".join(_HANGUL.findall(text)))
        return hangul >= max(1, self.options.min_hangul * len(text)) and unicodedata.is_normalized("NFC", text)
