"""Sentence-final verb endings without punctuation.

Not a splitter itself; `careful` uses it. Kiwi tags an ending that could also connect (다, 지, 더라, 음) as a
connective one (EC, ETN) when no mark follows, and then does not split the sentences. Its neighbours tell more.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Protocol


class Token(Protocol):
    """The attributes used of kiwipiepy's tokens.

    `start` and `end` are code points of the line.
    """

    @property
    def form(self) -> str: ...
    @property
    def tag(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_PLAIN = frozenset(("다", "ᆫ다", "는다"))
_AFTER_TENSE = frozenset(("지", "네", "군"))  # 뛰어갔지, but 가지 않다
_TALK = frozenset(("더라", "더라고", "더라구", "거든", "구나", "구만", "ᆯ걸", "는걸", "ᆫ걸"))
_POLITE = frozenset(
    [
        "습니다",
        "ᆸ니다",
        "습니까",
        "ᆸ니까",
        "어요",
        "에요",
        "예요",
        "네요",
        "군요",
        "죠",
        "지요",
        "세요",
        "나요",
        "ᆫ가요",
        "ᆯ게요",
        "ᆯ까요",
    ]
)
_NOMINAL = frozenset(("ᆷ", "음"))
_CLOSING = _PLAIN | _POLITE | _AFTER_TENSE | _TALK | _NOMINAL
_ENDINGS = frozenset(("EF", "EC", "ETN"))
_TRAILING_OFF = frozenset(("는데", "ᆫ데", "은데", "던데", "ᆯ텐데"))
_STRINGING = frozenset(("고", "구", "고요", "구요"))
# Before 다 these close a sentence; after other verbs it is short for 다가 (확인해 보다 알았다) and connects.
_PLAIN_AUXILIARIES = frozenset(("싶", "있", "않", "못하", "듯하", "만하", "법하", "듯싶"))
_RESUMING = frozenset(("아무튼", "암튼", "어쨌든", "어쨌거나", "하여튼", "여하튼", "여튼"))
_MOVING = frozenset(("가", "오", "나가", "나오", "다니", "들르", "다녀오"))
_TRAILING = frozenset(("SF", "SE", "SSC", "W_EMOJI"))
_LAUGHTER = frozenset("ㅋㅎㅠㅜㅡㄷ^_~;♡♥☆❤")
_BOUND = ("XSN", "XSV", "XSA", "VCP")
_PARTICLES = frozenset(("JKS", "JKC", "JKO", "JKB", "JKG", "JX", "JC"))

_UTTERANCES = frozenset(["말", "말씀", "얘기", "이야기", "소리", "소문", "의견", "논란"])
# (좋았다) 생각했다, 말했다: what comes before is what was thought or said.
_SAYING = _UTTERANCES | {"생각", "대답", "주장", "고백", "이유", "핑계"}
# (좋다 나쁘다) 말이: what two opposite words behind each other are about.
_TALK_OF = _UTTERANCES | {"논쟁", "논의", "목소리", "평", "평가", "반응", "하"}
_AFTER_NOMINAL = frozenset(["및", "등", "또는", "혹은", "없이", "때문", "덕분", "대신", "자체", "여부", "정도", "속"])
_LIGHT = frozenset(["치", "보", "싶", "그러", "말", "말하", "듣"])
_NOT = frozenset(("안", "못"))
_AFTER_JI = frozenset(["뭐", "무엇", "않", "싶", "모르"])


def ends_before(tokens: Sequence[Token], starts: Set[int]) -> dict[int, bool]:
    """Return {start of a sentence: whether the text before it is complete}.

    For Kiwi's `starts`, and for the ones found here. Complete is what ends in a closing ending, or what can trail off
    in dots; 솔직히... is neither.
    """
    boundaries: dict[int, bool] = {}
    first = 0
    ending: int | None = None  # index of the last closing ending, while only marks or laughter have followed
    inside = _inside_alternatives(tokens)
    for at, token in enumerate(tokens):
        tag = token.tag
        if at in inside:
            ending = None
            continue
        if ending is None and tag not in _ENDINGS and token.start not in starts:
            continue  # nine of ten tokens
        if at and token.start in starts and _connects(tokens, at):
            ending = None
        elif at and token.start in starts and token.start not in boundaries:
            boundaries[token.start], first = ending is not None or _may_trail_off(tokens, first, at), at
        elif ending is not None and not _trails(token):
            blank = token.start > tokens[at - 1].end
            if blank and _closes(tokens, ending, first, at):
                boundaries[token.start], first = True, at
        if tag == "EF" or (tag in ("EC", "ETN") and token.form in _CLOSING):
            ending = at
        elif ending is not None and not _trails(token) and token.form != "요":
            ending = None
    return boundaries


def _trails(token: Token) -> bool:
    """Return whether a token is a mark, laughter or an emoticon.

    Not the symbols of a masked name (○○ 인턴 시절).
    """
    return token.tag in _TRAILING or (token.tag in ("SW", "SO") and _LAUGHTER.issuperset(token.form))


def _closes(tokens: Sequence[Token], ending: int, first: int, following: int) -> bool:
    """Return whether `tokens[ending]` closes the sentence that begins with `first`.

    After it are a blank and `following`.
    """
    form, before = tokens[ending].form, tokens[ending - 1].tag
    between = [token.tag for token in tokens[ending + 1 : following]]
    if ending == first or never_opens(tokens[following]):
        return False
    if "SF" in between:
        return True  # Kiwi misses some of these before an opening bracket
    if form not in _CLOSING or "SSC" in between:  # "고맙다" 한마디
        return False
    if not {"SW", "SO", "W_EMOJI"}.isdisjoint(between):
        return True  # 귀찮다 ㅋㅋ 그냥
    if not _opens(tokens, ending, first, following):
        return False
    if form in _NOMINAL:
        return _closes_nominal(tokens, ending, first, following)
    if form == "지" and tokens[ending - 2].form == "되":  # 사랑하면 됐지 꼭
        return False
    if form == "다":
        return before == "EP" or (_is_plain_stem(tokens, ending, following) and _has_particle(tokens, first, ending))
    if form in _AFTER_TENSE:
        return before == "EP"
    return form in _TALK or form in _POLITE or _words(tokens, first, ending) >= 2


def _connects(tokens: Sequence[Token], at: int) -> bool:
    """Return whether the word before `at` is a verb's stem with 다.

    Without a mark it connects (검토하다 | 숫자가), but Kiwi takes it for a finite form at times.
    """
    stem, ending = tokens[max(0, at - 2)], tokens[at - 1]
    return ending.form == "다" and stem.tag.startswith(("VV", "XSV")) and stem.form not in _PLAIN_AUXILIARIES


def _is_plain_stem(tokens: Sequence[Token], ending: int, following: int) -> bool:
    """Return whether 다 makes the stem before it a finite form.

    An adjective's or 이다's does: 좋다, 중요하다. A verb's finite form is 진행한다; 진행하다 is short for
    진행하다가. 희다 못해 goes on.
    """
    stem = tokens[ending - 1]
    if tokens[following].form in ("못", "못하"):
        return False
    if stem.tag == "VX":
        return stem.form in _PLAIN_AUXILIARIES
    return stem.tag.startswith(("VA", "VC", "XSA"))


def never_opens(token: Token) -> bool:
    """Return whether a token is bound to the word before it.

    A particle, an ending, a suffix or 이다.
    """
    return token.tag[0] in "JE" or token.tag.startswith(_BOUND)


def _closes_nominal(tokens: Sequence[Token], ending: int, first: int, following: int) -> bool:
    """Return whether …함, …었음 closes a sentence.

    Only after a tense where the line does not end like this: 40건을 처리함 may be a noun phrase.
    """
    if tokens[following].form in _AFTER_NOMINAL:
        return False
    if tokens[ending - 1].tag == "EP":
        return True
    nominal_style = any(token.tag == "EF" and token.form in _NOMINAL for token in tokens)
    return nominal_style and (_has_particle(tokens, first, ending) or _words(tokens, first, ending) >= 3)


def _opens(tokens: Sequence[Token], ending: int, first: int, following: int) -> bool:
    """Return whether what follows the ending can begin a sentence."""
    token, tag = tokens[following], tokens[following].tag
    after = tokens[following + 1] if following + 1 < len(tokens) else None
    if tag in ("VX", "VCP", "VCN", "SP") or after is None:
        return False
    if tokens[ending].form == "지" and token.form in _AFTER_JI:
        return False
    if token.form in _SAYING and after.tag == "JKO":  # 좋았다 말을 하더니
        return False
    if tag == "NNG" and after.tag == "XSV":  # 잊겠다 다짐했는데; but 분류함 | 반복되는 문의를
        return following + 2 < len(tokens) and tokens[following + 2].tag == "ETM"
    if tag[0] == "V":
        return _verb_opens(tokens, ending, first, following)
    return not _alternates(tokens, ending, following)


def _verb_opens(tokens: Sequence[Token], ending: int, first: int, following: int) -> bool:
    """Return whether a verb after the ending can begin a sentence.

    붙였다 | 찾는 시간이, 의심했다 | 뜯어 보니; but 왔다 갔다, 갔다 올 때, 간다 하는, 잊겠다 마음먹고.
    """
    verb, after = tokens[following], tokens[following + 1]
    if tokens[max(0, ending - 2)].form in _MOVING or verb.form in _LIGHT:
        return False
    if after.tag == "ETM":
        return verb.form != "하" or (
            after.form == "ᆯ" and [t.tag for t in tokens[following + 2 : following + 3]] == ["NNG"]
        )
    whole = tokens[ending - 1].form == "었" and _words(tokens, first, ending) > 2
    return after.tag == "EC" and verb.form != "하" and whole


def _alternates(tokens: Sequence[Token], ending: int, following: int) -> bool:
    """Return whether the same verb is denied before or after the ending.

    온다 안 온다 말이 많다.
    """
    at = next((i for i in range(ending - 1, max(-1, ending - 4), -1) if tokens[i].tag[0] == "V"), None)
    if at is None:
        return False
    stem = tokens[at].form
    after = tokens[following].form in _NOT and tokens[following + 1].form == stem
    return after or (tokens[at - 1].form in _NOT and any(t.form == stem for t in tokens[max(0, at - 4) : at]))


def _inside_alternatives(tokens: Sequence[Token]) -> set[int]:
    """Return the tokens that go on with a pair of opposite words.

    In "맛이 짜다 싱겁다 의견이 갈려" 싱겁 and 의견.
    """
    inside: set[int] = set()
    for at, token in enumerate(tokens):
        if token.form in _TALK_OF and at >= 4 and tokens[at - 1].form in _PLAIN:
            second = _word_start(tokens, at)
            second -= tokens[second - 1].form in _NOT
            if second >= 2 and tokens[second - 1].form in _PLAIN and _word_start(tokens, second) >= second - 3:
                inside.update((second, at))
    return inside


def _word_start(tokens: Sequence[Token], end: int) -> int:
    """Return the first token of the white-space word that ends before a token."""
    first = end - 1
    while first > 0 and tokens[first].start <= tokens[first - 1].end:
        first -= 1
    return first


def _may_trail_off(tokens: Sequence[Token], first: int, at: int) -> bool:
    """Return whether dots may end a sentence here.

    추억이 돋는 영화... and 걱정인데... may be sentences; 음..., 결과는..., 했지만... go on. So does 그렇게 되고...,
    unless the next words take up the thread (아무튼, 그래서).
    """
    last = next((i for i in range(at - 1, first, -1) if not _trails(tokens[i])), first)
    token = tokens[last]
    can_end = token.tag[0] == "N" or token.tag == "XSN" or token.form in _TRAILING_OFF
    if token.tag in _ENDINGS and token.form in _STRINGING:
        can_end = tokens[at].tag in ("MAJ", "IC") or tokens[at].form in _RESUMING
    return can_end and _words(tokens, first, last) > 1


def _has_particle(tokens: Sequence[Token], first: int, end: int) -> bool:
    return any(token.tag in _PARTICLES for token in tokens[first:end])


def _words(tokens: Sequence[Token], first: int, last: int) -> int:
    """Count white-space words from the first token to the last."""
    return 1 + sum(tokens[i].start > tokens[i - 1].end for i in range(first + 1, last + 1))
