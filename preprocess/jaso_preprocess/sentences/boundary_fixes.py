"""Boundary fixes: move and remove cuts at dots, bullets, laughter and remarks.

Not a splitter itself; `careful` uses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

_LAUGHTER = (
    r"(?:[ㅋㅎㅠㅜㅡㄷ]{1,40}+|(?:[크큭호헤히흐]{2}|하하)[크큭하호헤히흐]{0,20}+|[;~]{2,10}+|:['-]?[)(DP3]|;-?\)|\^[_.o]?\^|[ㅠㅜTㅡ][._][ㅠㅜTㅡ]|[♡♥☆❤☺✨]\ufe0f?"
    "|[\U0001f300-\U0001faff][\ufe0f\u200d\U0001f300-\U0001faff]{0,12}+)"
)
_TAIL = re.compile(rf"\s*{_LAUGHTER}(?:\s*{_LAUGHTER}){{0,20}}[.!?~]{{0,9}}(?=\s|$)")
_DOTS = re.compile(r"(?:\.{2,}|…)[.…]*\s*$")
_MARKER = r"(?:\(?(?:\d{1,3}|[가나다라마바사A-Za-z])[.)]|[①-⑳]|[-–·•∙▪■□○●◦※*▶►])"
_BULLET_AT_END = re.compile(r"(?<=\s)(?:[①-⑳]|[-–·•∙▪■□○●◦※*▶►])\s+$")
_MARKER_ONLY = re.compile(rf"\s*{_MARKER}\s*$")
_QUOTED = re.compile(r"[\"'”’」』》]\s*$")
_GOES_ON = re.compile(r"이?라[고는며면]|하[고며는]\s|하[시셨였]|했|며\s|면서\s")
# Endings of a remark in round brackets: (지금도 아찔합니다.) (웃음); not (가칭), (1).
_REMARK = re.compile(r"(?:[.!?…]|[다요죠까]|[았었했]음|웃음|박수|일동|한숨|눈물)\s*\)$")
# A mask or bracket that is part of what follows: ○○ 선배, [이름] 과장님, (가칭) 연구회; not a heading of several words.
_PREFIX_ONLY = re.compile(r"\s*(?:[○●◯△▲◇◆×□■*OX]{2,6}|\[[^\s\[\]]{1,12}\]|\([^()]{0,20}[^().!?…]\))\s*$")
_SPACE = re.compile(r"\s*")
_WINDOW = 24


def fix_cuts(line: str, cuts: Sequence[int], pairs: Sequence[tuple[int, int]], after_verb: Set[int]) -> list[int]:
    """Return the cuts that stay, moved to where they belong.

    `cuts` in order; `pairs`: quotations and brackets; `after_verb`: the cuts before which a sentence is complete.
    """
    closing = dict(pairs)
    fixed: list[int] = []
    for cut in cuts:
        begin = fixed[-1] if fixed else 0
        if cut <= begin:
            continue
        before = line[max(begin, cut - _WINDOW) : cut]
        if _belongs_together(line, cut, before, begin, cut in after_verb):
            continue
        if bullet := _BULLET_AT_END.search(before):
            cut -= len(before) - bullet.start()
        # 좋았다 ㅋㅋ 그래서 갔다: the cut at 4 moves to 7, so that the laughter stays with its sentence
        cut = _after_remark(line, _after_laughter(line, cut), closing)
        if begin < cut < len(line):
            fixed.append(cut)
    return fixed


def _belongs_together(line: str, cut: int, before: str, begin: int, after_verb: bool) -> bool:
    if _DOTS.search(before) and not after_verb:  # 솔직히... 자신이
        return True
    if _MARKER_ONLY.match(before) and cut - begin <= _WINDOW:  # "1. " alone
        return True
    if _PREFIX_ONLY.match(before) and cut - begin <= _WINDOW:
        return True
    if before[-1:] in ")]}）」』》〉】\"'”’" and before[-2:-1] not in ".!?…":  # [회사]만이
        return True
    return bool(_QUOTED.search(before) and _GOES_ON.match(line, cut))


def _after_laughter(line: str, cut: int) -> int:
    tail = _TAIL.match(line, cut)
    return _skip_space(line, tail.end()) if tail else cut


def _after_remark(line: str, cut: int, closing: dict[int, int]) -> int:
    end = closing.get(cut)
    if end is None or line[cut] != "(" or not _REMARK.search(line, cut, end):
        return cut
    after = _skip_space(line, end)
    return after if after > end or after == len(line) else cut


def _skip_space(line: str, at: int) -> int:
    match = _SPACE.match(line, at)
    return match.end() if match else at
