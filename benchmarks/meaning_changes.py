"""Synthetic answers with a paraphrase and one planted change of meaning each."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

CHANGES = ("negation", "number", "opposite", "person")


@dataclass(frozen=True)
class MeaningPair:
    """An answer, the same in other words, and with another meaning.

    `change`: one of CHANGES.
    """

    original: str
    paraphrase: str
    changed: str
    change: str


# Every slot has two wordings of one meaning; the last sentence carries what is changed.
_PLACES = (
    ("대학교 동아리에서", "대학 시절 동아리 활동을 하며"),
    ("인턴 근무 중에", "인턴으로 일하던 때"),
    ("졸업 과제를 하면서", "졸업 프로젝트를 진행하는 동안"),
    ("아르바이트를 하며", "시간제로 일하는 동안"),
)
_WORKS = (
    ("고객 문의를 정리하는 일을 맡았습니다.", "제가 맡은 일은 손님의 질문을 모으는 것이었습니다."),
    ("재고 장부를 만드는 일을 했습니다.", "물품 목록을 작성하는 역할을 담당했습니다."),
    ("서버 기록을 살피는 일을 맡았습니다.", "로그를 점검하는 것이 제 담당이었습니다."),
    ("행사 예산을 짜는 일을 했습니다.", "행사에 쓸 돈을 계획하는 역할이었습니다."),
)
# As it is, in other words, with the persons exchanged.
_TEAMS = (
    (
        "팀장이 저에게 일을 알려 주었습니다.",
        "저는 팀장에게서 일을 배웠습니다.",
        "제가 팀장에게 일을 알려 주었습니다.",
    ),
    (
        "선배가 제 실수를 바로잡았습니다.",
        "제 잘못은 선배의 손으로 고쳐졌습니다.",
        "제가 선배의 실수를 바로잡았습니다.",
    ),
)
# As it is, in other words, the opposite, denied.
_RESULTS = (
    (
        "그 결과 오류를 {n}건 줄였습니다.",
        "결국 {n}건의 잘못이 사라졌습니다.",
        "그 결과 오류를 {n}건 늘렸습니다.",
        "그 결과 오류를 {n}건 줄이지 못했습니다.",
    ),
    (
        "그 결과 매출이 {n}% 올랐습니다.",
        "덕분에 판매액은 {n}% 커졌습니다.",
        "그 결과 매출이 {n}% 내렸습니다.",
        "그 결과 매출이 {n}% 오르지 않았습니다.",
    ),
    (
        "그래서 목표를 {n}일 앞당겨 끝냈습니다.",
        "그리하여 예정보다 {n}일 먼저 마쳤습니다.",
        "그래서 목표를 {n}일 늦게 끝냈습니다.",
        "그래서 목표를 {n}일 앞당겨 끝내지 못했습니다.",
    ),
)


def make_pairs(count: int, seed: int) -> list[MeaningPair]:
    """Return `count` pairs, the kinds of change in turn."""
    draw = random.Random(seed)
    return [_pair(draw, CHANGES[number % len(CHANGES)]) for number in range(count)]


def _pair(draw: random.Random, change: str) -> MeaningPair:
    place, work, team, outcome = (draw.choice(slot) for slot in (_PLACES, _WORKS, _TEAMS, _RESULTS))
    n = draw.randint(11, 60)
    result, other_words, opposite, negated = (text.format(n=n) for text in outcome)
    original = f"{place[0]} {work[0]} {team[0]} {result}"
    paraphrase = f"{place[1]} {work[1]} {team[1]} {other_words}"
    endings = {
        "negation": (team[0], negated),
        "number": (team[0], outcome[0].format(n=n + draw.randint(20, 39))),
        "opposite": (team[0], opposite),
        "person": (team[2], result),
    }
    return MeaningPair(original, paraphrase, f"{place[0]} {work[0]} {' '.join(endings[change])}", change)


def _shuffle_words(text: str, seed: int) -> str:
    words = text.split()
    random.Random(seed).shuffle(words)
    return " ".join(words)


def _wrong_particles(text: str, seed: int) -> str:
    draw = random.Random(seed)
    particles = ("을", "를", "이", "가", "은", "는", "에서", "에게")
    words = [_with_particle(word, particles, draw) for word in text.split()]
    return " ".join(words)


def _with_particle(word: str, particles: tuple[str, ...], draw: random.Random) -> str:
    own = next((particle for particle in particles if len(word) > len(particle) and word.endswith(particle)), None)
    return word if own is None else word.removesuffix(own) + draw.choice([p for p in particles if p != own])


def _loop(text: str, seed: int) -> str:
    words = text.split()
    start = random.Random(seed).randrange(len(words) - 3)
    return " ".join([*words[: start + 3], *(words[start : start + 3] * 6)])


DAMAGES: dict[str, Callable[[str, int], str]] = {
    "shuffled words": _shuffle_words,
    "wrong particles": _wrong_particles,
    "a loop of three words": _loop,
}
"""Ways to spoil a text, by a seed."""
