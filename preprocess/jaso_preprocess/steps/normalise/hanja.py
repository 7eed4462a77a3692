"""Hanja in Korean text: 發展 becomes 발전, 도전(挑戰) and 挑戰(도전) become 도전."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_core.text.mojibake import is_mojibake, mojibake_words
from jaso_preprocess.hanja.reader import may_be_read, read
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
_RUN = re.compile(f"[{_IDEOGRAPH}]+")
_KANA = re.compile("[ぁ-ゖァ-ヺー]")
_HANGUL = re.compile("[가-힣]")
_CHUNK = re.compile(r"\S+")
_SEGMENT = re.compile('[^.!?。！？\n"“”「」『』《》〈〉()（）\\[\\]]+')
_FACE = "乃"  # an emoticon: a raised thumb
_LONGEST_WITHOUT_HANGUL = 8
_LONGEST_OF_A_LIST = 4  # 學歷 經歷 資格 is a Korean list, though there is no Hangul in it
_GLOSS = re.compile(rf"[ \t]?([(（\[〔])[ \t]*([{_IDEOGRAPH}]+)[ \t]*(?:([)）\]〕])|[,;·/][ \t]*(?=[^)）\]〕\n]))")
_READING = re.compile(r"[ \t]?[(（\[〔][ \t]*([가-힣]+)[ \t]*[)）\]〕]")


def hanja_edits(text: str) -> list[Edit]:
    """Replace hanja by their readings; remove hanja that only repeat the Hangul.

    A bracket that is no reading of the word before it is read in place: 가상사(株) becomes 가상사(주), 배(船) 배(선).
    Chinese and Japanese stay, and so does a run with a character that Korean has no reading for. Mojibake stays, as
    its hanja are none.
    """
    if not _RUN.search(text) or is_mojibake(text):
        return []
    return to_fixpoint(text, lambda current: list(_once(current)))


def _once(text: str) -> Iterator[Edit]:
    foreign = [*_foreign_spans(text), (len(text), len(text))]
    at = span_index = 0
    for match in _RUN.finditer(text):
        while foreign[span_index][1] <= match.start() and span_index < len(foreign) - 1:
            span_index += 1
        if match.start() < at or foreign[span_index][0] <= match.start() < foreign[span_index][1]:
            continue
        # 도전(挑戰)과 挑戰(도전) 發展 → (2, 6) removed, (8, 14) 도전, (15, 17) 발전
        edit = _gloss(text, *match.span(), at) or _with_reading(text, *match.span()) or _read(text, *match.span())
        if edit:
            yield edit
            at = edit.end


def _gloss(text: str, start: int, end: int, floor: int) -> Edit | None:
    """Remove a gloss in brackets: 도전(挑戰), 이순신(李舜臣, 1545~1598)."""
    for opening in range(max(floor, start - 4), start):
        match = _GLOSS.match(text, opening)
        if match and match.span(2) == (start, end):
            hangul = re.sub(r"[ \t]", "", text[max(floor, opening - 2 * (end - start)) : opening])
            if not may_be_read(text[start:end], hangul[start - end :]):
                return None
            begin = match.start() if match[3] else match.start(1) + 1
            return Edit(begin, match.end(), "", "hanja")
    return None


def _with_reading(text: str, start: int, end: int) -> Edit | None:
    """Replace hanja by the reading in brackets behind them: 挑戰(도전)."""
    match = _READING.match(text, end)
    if match and may_be_read(text[start:end], match[1]):
        return Edit(start, match.end(), match[1], "hanja")
    return None


def _read(text: str, start: int, end: int) -> Edit | None:
    if text[start:end] == _FACE:
        return None
    hangul = read(text[start:end], text[max(0, start - 4) : start], text[end : end + 2])
    return None if hangul is None else Edit(start, end, hangul, "hanja")


def _foreign_spans(text: str) -> list[tuple[int, int]]:
    """Return spans of Chinese, Japanese or mojibake.

    Words with kana, and sentences or quotations of nothing but hanja.
    """
    spans = list(mojibake_words(text))
    if _KANA.search(text):
        spans += [match.span() for match in _CHUNK.finditer(text) if _KANA.search(match.group())]
    spans += [match.span() for match in _SEGMENT.finditer(text) if _is_foreign(match.group())]
    return sorted(spans)


def _is_foreign(segment: str) -> bool:
    hangul = len(_HANGUL.findall(segment))
    if len(_KANA.findall(segment)) > hangul:
        return True
    runs = [] if hangul else [len(run) for run in _RUN.findall(segment)]
    return sum(runs) > _LONGEST_WITHOUT_HANGUL and max(runs) > _LONGEST_OF_A_LIST


@STEPS.register("hanja")
class Hanja(EditStep):
    """Hanja become Hangul as they are read: 女性 여성, 六月 유월, 도전(挑戰) 도전.
    Chinese and Japanese stay.
    """

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return hanja_edits(text)
