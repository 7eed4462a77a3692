"""Line classification: prose, heading or list item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLOSERS = "\"'”’)]〉>》」』】"
_MARKS = ".!?…。~;:,ㅋㅎㅠㅜ^" + _CLOSERS
# 1. 1) (1) ① 가. 나) 첫째, Q1. -: what a list or a numbered heading begins with.
NUMBER = re.compile(
    r"[ \t]*(?:(?:Q|문항|질문)?[ \t]?\(?\d{1,2}(?:[.)]|번[.)]?)(?!\d)|\d{1,2}-\d{1,2}[.)]"
    r"|[①-⑳❶-❿]|[ⅠⅡⅢⅣⅤ]\.?|[가나다라마바][.)])[ \t]*"
)
_BULLET = re.compile(r"[ \t]*(?:[-–—•·*+>◦‣→☞✓✔]|[○●□■◆◇▶▷※★☆▪▫▲△#])[ \t]*(?=\S)")
_FINITE = re.compile(r"(?:니다|니까|세요|네요|군요|지요|죠|데요|거든요|까요|예요|에요|어요|아요|해요|하오|시오|라)$")
_BROKEN = re.compile(r"(?:[,(·:;]|[가-힣](?:는|며|면서|지만|는데|에서|에게|하고|하여|해서|했고|통해|위해|때문에))$")
_FINAL_SS, _FINAL_N, _FINAL_BS = 20, 4, 18


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text, text[start:end], without its line end."""

    start: int
    end: int
    text: str

    @property
    def bare(self) -> str:
        """The line without outer white space."""
        return self.text.strip()


def lines_of(text: str) -> Iterator[Line]:
    """Yield all lines in order, empty ones included."""
    at = 0
    for part in text.split("\n"):
        yield Line(at, at + len(part), part)
        at += len(part) + 1


def ends_a_sentence(text: str) -> bool:
    """Return whether the text ends a sentence.

    With final punctuation or, without any, with a final ending (-습니다, -했다, -어요).
    """
    bare = text.rstrip()
    if not bare:
        return False
    words = bare.rstrip(_MARKS)
    if any(mark in ".!?…。~" for mark in bare[len(words) :]) or bare[-1] in "ㅋㅎㅠㅜ^":
        return True
    return has_final_ending(words)


def has_final_ending(words: str) -> bool:
    """Return whether the words end in a finite verb.

    보다, 이루다 (as in a title) do not: no tense, no 습니다.
    """
    if _FINITE.search(words):
        return True
    if len(words) < 2 or words[-1] != "다" or not "가" <= words[-2] <= "힣":
        return False
    final = (ord(words[-2]) - 0xAC00) % 28
    return final in (_FINAL_SS, _FINAL_N, _FINAL_BS) or words[-2:] == "이다" or words.endswith(("하다", "되다"))


def breaks_off(text: str) -> bool:
    """Return whether the line stops inside a sentence, as hard-wrapped prose does.

    After a particle or a comma. 이, 은, 을 are particles after a consonant, 가, 를 after a vowel: 분석가 and 가을 are
    nouns.
    """
    if _BROKEN.search(text):
        return True
    if len(text) < 2 or text[-1] not in "이은을가를" or not "가" <= text[-2] <= "힣":
        return False
    return (text[-1] in "이은을") == bool((ord(text[-2]) - 0xAC00) % 28)


def is_listed(text: str) -> bool:
    """Return whether the line begins with a number or a bullet."""
    return bool(NUMBER.match(text) or _BULLET.match(text))


def is_prose(text: str) -> bool:
    """Return whether the line holds a whole sentence, wherever it breaks off."""
    bare = text.strip()
    return len(bare) >= 15 and (ends_a_sentence(bare) or bool(re.search(r"다[.!?] ", bare)) or len(bare) >= 60)
