"""Boundary fixes: move and remove cuts at dots, bullets, laughter and remarks.

Not a splitter itself; `careful` uses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

# Characters of the Basic Multilingual Plane that are drawn as emoji, and others behind which U+FE0F asks for it; not
# the signs that lists begin with (✓, ☞, ①).
_EMOJI = (
    "[♡♥☆❤☺✨☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋❌❎❓-❕❗⭐⭕]\ufe0f?|[\u2600-\u27bf]\ufe0f"
    "|[\U0001f300-\U0001faff][\ufe0f\u200d\U0001f300-\U0001faff]{0,12}+"
)
_REACTION = r"[ㅇㅅㄱㄴㅊ]{2,6}|ㅇㅋ|[히헤]"
_LAUGHTER = (
    rf"(?:[ㅋㅎㅠㅜㅡㄷ]{{1,40}}+|(?:[크큭호헤히흐]{{2}}|하하)[크큭하호헤히흐]{{0,20}}+|{_REACTION}"
    rf"|[;~]{{2,10}}+|:['-]?[)(DP3]|;-?\)|\^[_.o]?\^|[ㅠㅜTㅡ][._][ㅠㅜTㅡ]|{_EMOJI})"
)
_TAIL = re.compile(rf"\s*{_LAUGHTER}(?:\s*{_LAUGHTER}){{0,20}}[.!?~]{{0,9}}(?=\s|$)")
_ONLY_LAUGHTER = re.compile(rf"\s*{_LAUGHTER}(?:\s*{_LAUGHTER}){{0,20}}[.!~]{{0,9}}\s*")
# 하하하 behind a mark laughs at what comes, and ㅇㅇ behind a question mark answers it.
_OPENING_LAUGHTER = re.compile(r"[하호]{3,20}+[.!~]{0,3}\s+(?=\S)")
_ANSWER = re.compile(r"[ㅇㄴ]{2,6}(?=\s+\S)")
_LEADING_EMOJI = re.compile(rf"\s*({_EMOJI})\s")
_DOTS = re.compile(r"(?:\.{2,}|…)[.…]*\s*$")
_MARKER = r"(?:\(?(?:\d{1,3}|[가나다라마바사A-Za-z])[.)]|[①-⑳]|[-–·•∙▪■□○●◦※*▶►])"
_BULLET_AT_END = re.compile(r"(?<=\s)(?:[①-⑳]|[-–·•∙▪■□○●◦※*▶►])\s+$")
_MARKER_ONLY = re.compile(rf"\s*{_MARKER}\s*$")
_QUOTED = re.compile(r"[\"'”’」』》>]\s*$")
# Behind ? or ! they still report what comes before: 왜 안 될까? 라고 되물었다, 괜찮을까? 싶었지만.
_NEVER_OPENS = re.compile(r"이?라(?:고[는도만]?|는|며|면서|던)\s|싶|요(?=[\s.!?~ㅋㅎㅠㅜ^]|$)")
_PARTICLE = re.compile(r"(?:[은는이가을를의와과도만에로]|으로|에서|에게|보다|처럼|까지|부터|조차|마저)\s")
_GOES_ON = re.compile(r"이?라[고는며면]|하[고며는]\s|하[시셨였]|했|며\s|면서\s")
# Endings of a remark in round brackets: (지금도 아찔합니다.) (웃음); not (가칭), (1).
_REMARK = re.compile(r"(?:[.!?…]|[다요죠까]|[았었했]음|웃음|박수|일동|한숨|눈물)\s*\)$")
_ENDING_IN_BRACKET = re.compile(r"(?:[.!?…]|[다요죠까]|[았었했]음)\s*\)$")
_SHORT_REMARK = 3  # words; (지금도 아찔합니다.) is a remark on the sentence before, a longer sentence speaks for itself
# In brackets, but part of the word behind them: (주) 가상전자, (가칭) 연구회, (1) 첫째.
_PREFIX_BRACKET = re.compile(r"\((?:\d{1,3}|[A-Za-z]|[가-힣]{1,3})\)$")
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
        cut = _after_laughter(line, cut)
        if _is_bracketed_sentence(line, cut, closing):
            fixed += [at for at in (cut, _skip_space(line, closing[cut])) if begin < at < len(line)]
            continue
        cut = _after_remark(line, cut, closing)
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
    if before[-1:] in ")]}）」』》〉】\"'”’>" and before[-2:-1] not in ".!?…":  # [회사]만이
        return True
    if _NEVER_OPENS.match(line, cut) or (cut - begin <= _WINDOW and _ONLY_LAUGHTER.fullmatch(before)):
        return True
    if _QUOTED.search(before) and _PARTICLE.match(line, cut):  # "고맙습니다." 를 입에 달고
        return True
    return bool(_QUOTED.search(before) and _GOES_ON.match(line, cut))


def _after_laughter(line: str, cut: int) -> int:
    tail = _TAIL.match(line, cut)
    if tail is None:
        return cut
    mark = line[:cut].rstrip()[-1:]
    if mark in tuple(".!?") and _OPENING_LAUGHTER.match(line, cut):
        return cut
    if mark == "?" and _ANSWER.match(line, cut):
        return cut
    bullet = _LEADING_EMOJI.match(line)
    if bullet and line.startswith(bullet[1], cut):  # ⭐ 장점 … ⭐ 단점: the line counts with it
        return cut
    return _skip_space(line, tail.end())


def _is_bracketed_sentence(line: str, cut: int, closing: dict[int, int]) -> bool:
    """Return whether a bracket that begins at the cut holds a sentence of its own."""
    end = closing.get(cut)
    if end is None or line[cut] != "(" or not _ENDING_IN_BRACKET.search(line, cut, end):
        return False
    if end < len(line) and not line[end].isspace():
        return False
    return len(line[cut:end].split()) > _SHORT_REMARK


def _after_remark(line: str, cut: int, closing: dict[int, int]) -> int:
    """Return where a remark in round brackets ends: 우승했습니다. (6회 우승)."""
    end = closing.get(cut)
    if end is None or line[cut] != "(":
        return cut
    is_remark = _REMARK.search(line, cut, end) or not _PREFIX_BRACKET.match(line[cut:end])
    if not is_remark:
        return cut
    after = _skip_space(line, end)
    return after if after > end or after == len(line) else cut


def _skip_space(line: str, at: int) -> int:
    match = _SPACE.match(line, at)
    return match.end() if match else at
