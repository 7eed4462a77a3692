"""Whether a line goes on in the next one, by Kiwi's tags of its last word.

A clause, a connective, an adverbial and a date go on; a noun may be the end of a heading and decides nothing. Used to
join wrapped lines and to keep them from being taken for headings.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from jaso_core.text.kiwi import kiwi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiwipiepy import Token


class Continuation(IntEnum):
    """How surely a line goes on in the next one."""

    ENDS = 0
    """A finite verb or a nominal ending: 했습니다, 처리함, 넘다."""
    OPEN = 1
    """A noun: the middle of a sentence, or a heading."""
    ADVERBIAL = 2
    """An adverb, a time, a place: 매일 아침, 2021년 3월, 현장에서. Slogans end like this too: 고객과 함께."""
    GOES_ON = 3
    """A particle of case, a connective ending, a modifier: 저는, 배우며, 새로운."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_TAIL = 40  # characters of a line that Kiwi reads
_CLAUSAL = ("JKS", "JKO", "JKC", "JKG", "JX", "JC", "EC", "ETM", "MAJ", "MM", "IC", "XPN")
_STEMS = ("EP", "V", "XSV", "XSA")  # a verb without its ending: 했⏎습니다
_ADVERBIAL = ("JKB", "MAG")
_ENDING = ("EF", "SF", "SE")
_NOUN = ("N", "SL", "SN", "SH", "XSN", "XR")
# Nouns that stand for an adverb without a particle: times, and what relates one event to another.
_TIMES = _words(
    """때 뒤 후 전 이후 이전 당시 무렵 즈음 동안 사이 내내 중 도중 날 해 첫해 달 주 년 월 일 시 분 초
    시절 순간 찰나 지금 오늘 어제 내일 그제 요즘 최근 작년 올해 내년 지난해 재작년 새벽 아침 점심 저녁 밤
    낮 오전 오후 정오 봄 여름 가을 겨울 주말 평일 방학 학기 매일 매주 매달 매년 결과 반면 한편 대신 덕분
    때문 다음 그때 처음 마지막 만 지 차 간 끝 초반 중반 후반 초기 말 그동안 그간 요사이 이때 이날 그날
    이튿날 이듬해"""
)
# Dependent nouns that a heading may end in: 실패에서 배운 것. The others (수, 줄, 채, 뿐) need what comes next.
_HEADING_NOUNS = frozenset(("것", "거", "점", "분", "법", "이", "곳"))
_AFTER_TENSE = frozenset(("어", "지"))  # 했어, 했지; but 찾아, 적지
# Endings that Kiwi takes for final ones at the end of a line, though they connect as often: 찾아⏎고쳤습니다.
_CONNECTING = _words("어 어서 ᆫ지 는지 은지 ᆯ지 을지 지 고 며 니 으니 면 으면 게")
_POINTING = re.compile(r"(?:이|그|저|이런|그런|이러한|그러한|같은|다른|어느|어떤|매|모든)[ \t]+\S+(?:[ \t]+\S+)?")
_SLOGAN = re.compile(r"(?:으로|로|함께|먼저|더)\Z")
_BACK_REFERENCE = re.compile(r"(?:이|그|저)(?:를|것|때|[ \t])|이렇|그렇")
_OWN_TOPIC = re.compile(r"(?:저는|제가|저희는|저희가|나는|내가|우리는)(?:[ \t]|$)")
# A line that opens with these is the beginning of a sentence, never a heading.
_SENTENCE_HEAD = re.compile(
    r"(?:저는|제가|저희는|저희가|나는|내가|우리는|우리가|그러나|하지만|그리고|그래서|또한|따라서|그런데|그러므로|결국|특히|"
    r"이후|당시)[ \t]"
)
_TOPIC_INSIDE = re.compile(r"[ \t](?:저는|제가|저희는|나는|내가|우리는)[ \t]")
# A sentence that ended without a mark before the line did: 배웠습니다 부가세.
_ENDED_INSIDE = re.compile(r"[가-힣](?:니다|니까|어요|아요|네요|지요|죠|[었았했였]다|[겠있없]다)[ \t]")
_MARGIN = 1.0
_FIRST_KNOWN = 100
"""Kiwi numbers morphemes that it only guesses below this."""
_PREDICATES = ("V", "XSV", "XSA")
_HEAD = 16
_WIDEST = 80
# What only the end of a word can be: 했⏎습니다, 서두른다⏎고 배웠다.
_REST_OF_WORD = re.compile(
    r"(?:습니다|니다|습니까|니까|었다|였다|어요|아요|[다요죠])(?=[.!?,\s]|\Z)|(?:고|며|는|라고|라는|면서|지만|던)\s|[.,!?](?!\d)"
)
# Verbs of little meaning make a verb of the noun before them: 연습⏎했습니다.
_LIGHT_VERBS = frozenset(("하", "되", "시키", "당하"))


@lru_cache(maxsize=1024)
def continuation(line: str) -> Continuation:
    """Classify the end of a line that has no final mark."""
    if line.endswith((",", "·")):
        return Continuation.GOES_ON
    tokens = [token for token in _tokens(_last_words(line)) if token.tag[0] != "S" or token.tag in ("SL", "SN", "SF")]
    if not tokens:
        return Continuation.ENDS
    last = tokens[-1]
    before = tokens[-2] if len(tokens) > 1 else None
    if last.tag == "EF" and last.form in _CONNECTING:
        is_finite = last.form in _AFTER_TENSE and before is not None and before.tag == "EP"
        return Continuation.ENDS if is_finite else Continuation.ADVERBIAL
    if (last.tag == "EC" and last.form.endswith("다")) or last.tag.startswith(_ENDING):
        return Continuation.ENDS
    if last.tag == "ETN":  # 처리함; but 지원하기⏎전에, and 기본 지키기 as a heading
        return Continuation.OPEN if last.form == "기" else Continuation.ENDS
    if last.tag == "ETM" and before is not None and before.tag == "VCP":  # 제 꿈인; but 회계인
        return Continuation.OPEN
    if last.tag.startswith((*_CLAUSAL, *_STEMS)):
        return Continuation.GOES_ON
    if last.tag.startswith(_ADVERBIAL):
        return Continuation.ADVERBIAL
    if len(tokens) > 2 and _ends_a_modifier(tokens, len(tokens) - 3) and tokens[-2].tag in ("SN", "NR", "MM"):
        return Continuation.OPEN  # 함께한 4개월: a modified time is a noun
    if last.form in _TIMES or _POINTING.fullmatch(line) or (last.tag == "NNB" and last.form not in _HEADING_NOUNS):
        return Continuation.ADVERBIAL
    return Continuation.OPEN if last.tag.startswith(_NOUN) else Continuation.ENDS


@lru_cache(maxsize=1024)
def opens_a_sentence(line: str) -> bool:
    """Return whether a line holds a sentence's topic or begins with a connective.

    저는, 목표는, 그러나: a heading does not.
    """
    if _SENTENCE_HEAD.match(line) or _TOPIC_INSIDE.search(line) or _ENDED_INSIDE.search(line):
        return True
    tokens = _tokens(line[-_WIDEST:])
    verbs = (at for at, token in enumerate(tokens) if token.tag.startswith(_PREDICATES) or _ends_a_modifier(tokens, at))
    verb = max(verbs, default=-1)
    return any(_needs_a_verb(tokens, at, verb) for at in range(len(tokens)))


def _needs_a_verb(tokens: Sequence[Token], at: int, last_verb: int) -> bool:
    """Return whether a token waits for the verb of the sentence.

    `last_verb`: index of the line's last verb. A topic waits. A case particle does where no verb follows: 지난해
    4월에 인적자원관리; not 현장에서 찾은 답. So does 접한 뒤.
    """
    token = tokens[at]
    if token.tag == "JX" and token.form in ("은", "는"):
        return True
    if token.tag in ("JKS", "JKO", "JKB"):
        return at > last_verb
    return at > 0 and _ends_a_modifier(tokens, at - 1) and token.form in ("뒤", "후", "때", "동안")


def _ends_a_modifier(tokens: Sequence[Token], at: int) -> bool:
    """Return whether a verb that modifies the next noun ends here: 찾은.

    Kiwi reads 함께한 as 함께 and the determiner 한, which is never written in one word with what is before it.
    """
    token = tokens[at]
    if at > 0 and token.tag == "MM" and token.form == "한":
        return bool(tokens[at - 1].tag == "MAG" and tokens[at - 1].end == token.start)
    return bool(token.tag == "ETM")


def has_own_topic(line: str) -> bool:
    """Return whether a line begins with its own topic (저는, 제가).

    It then goes on with no noun phrase of the line above.
    """
    return bool(_OWN_TOPIC.match(line))


def may_be_slogan(line: str, below: str) -> bool:
    """Return whether an adverbial over a whole sentence may be a heading.

    고객 곁으로 over 저는 …; 그 경험으로 points back and is none.
    """
    return bool(_SLOGAN.search(line)) and has_own_topic(below) and not _BACK_REFERENCE.match(line)


def begins_inside_a_word(line: str) -> bool:
    """Return whether a line begins with the rest of an ending or with a mark."""
    return bool(_REST_OF_WORD.match(line))


@lru_cache(maxsize=1024)
def cannot_open(line: str) -> bool:
    """Return whether a line begins with what belongs to the word before.

    A particle, an ending, or the verb of a noun.
    """
    if begins_inside_a_word(line):
        return True
    tokens = _tokens(line[:_HEAD])
    if not tokens:
        return False
    first = tokens[0]
    return first.tag[0] in "JE" or first.tag.startswith(("XSN", "XSV", "XSA", "VCP")) or _is_light_verb(first)


def joint(before: str, after: str) -> str:
    """Return what belongs between two halves of a sentence.

    A blank, or nothing inside a word.
    """
    if begins_inside_a_word(after):
        return ""
    left, right = _last_words(before)[-_HEAD:], after[:_HEAD]
    tail, head = _tokens(left), _tokens(right)
    if tail and head and tail[-1].tag in ("NNG", "XR") and _is_light_verb(head[0]):
        return ""
    return " " if kiwi().glue([left, right], return_space_insertions=True)[1][0] else ""


@lru_cache(maxsize=1024)
def splits_a_word(before: str, after: str) -> bool:
    """Return whether a line end stands inside a word: 학교의 축⏎제를."""
    if has_own_topic(after) or not ("가" <= before[-1] <= "힣" and "가" <= after[0] <= "힣"):
        return False
    # Kiwi.glue takes a millisecond; where the joined word is no likelier than the two, it need not be asked.
    left, right = before.split()[-1], after.split()[0]
    if _is_noun(_tokens(left)[-1:], max(2, len(left))) and _is_noun(_tokens(right)[:1], 2):
        return False  # 강점⏎인턴 사수에게: Kiwi would read 강점인, and 턴
    if _is_noun(_tokens(left), len(left)) and not _is_known(_tokens(left + right)[0]):
        return False  # 찾은 답⏎바이오: a word that is whole, and a joined one that Kiwi only guesses
    if _likelihood(left + right) <= _likelihood(f"{left} {right}") + _MARGIN:
        return False
    return not joint(before, after)


def _is_noun(tokens: Sequence[Token], length: int) -> bool:
    """Return whether Kiwi knows one of the tokens as a noun of so many syllables."""
    return any(token.tag == "NNG" and _is_known(token) and len(token.form) >= length for token in tokens)


def _is_known(token: Token) -> bool:
    return int(token.id) >= _FIRST_KNOWN


def _likelihood(words: str) -> float:
    return float(kiwi().analyze(words)[0][1])


def _is_light_verb(token: Token) -> bool:
    return token.tag in ("VV", "XSV", "VX") and token.form in _LIGHT_VERBS


def _last_words(line: str) -> str:
    if len(line) <= _TAIL:
        return line
    return line[line.find(" ", len(line) - _TAIL) + 1 :][-_TAIL:]


def _tokens(words: str) -> list[Token]:
    return list(kiwi().tokenize(words))
