"""Which paragraphs of an answer belong to which of several questions, in order.

All ways of cutting the paragraphs into as many runs as there are questions are weighed at once (dynamic programming):
headings, what the paragraphs speak of, how they begin and end, and how long the runs are. The best way counts only
when it is ahead of every other by a margin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jaso_preprocess.questions.discourse import boundary
from jaso_preprocess.questions.headings import NUMBERED, TITLE, Question, heading, is_heading_like, numbered, stems
from jaso_preprocess.questions.lines import Line, lines_of
from jaso_preprocess.questions.topics import fit, is_asking

_MOST_PARAGRAPHS = 150
_MARGIN = 0.3  # all scores are in the manner of log-odds
_BACKING = 0.4
_SILENCE = 0.1
_TOPIC, _LEAD = 0.5, 1.0  # weights of what a whole paragraph and its first sentence speak of
_WORDS = 0.5
_FLOOR = -3.0
_UNDER_HEADING = -4.0
_CLEAR = 4.0  # a heading that names its question
_EVERY = 2.0  # when each question has a heading, headings decide
_LONGEST_ECHO = 140
_LONGEST_SHOT = -6.0  # no run is so odd in length that headings could not win
_TITLED = 1.5  # a run begins with a heading of any kind
_EMPTY = -20.0  # a run of nothing but headings
_SPREAD = 0.45  # standard deviation of the logarithm of a run's length
_LEAD_LENGTH = 90
_LOW = -math.inf
_READ = 3000  # characters of a paragraph that are looked at


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line with text, and whether an empty one stands before it."""

    line: Line
    after_blank: bool


def paragraphs_of(answer: str) -> list[Paragraph]:
    """The lines of an answer that hold text."""
    found: list[Paragraph] = []
    blank = False
    for line in lines_of(answer):
        if line.bare:
            found.append(Paragraph(line, blank))
        blank = not line.bare
    return found


def runs(paragraphs: Sequence[Paragraph], questions: Sequence[Question], doubted: bool = False) -> list[int] | None:
    """The first paragraph of each question's run, or None when nobody can tell.

    `doubted`: the questions may be sides of one, so each run must bear a heading or speak of its own question most.
    """
    if not len(questions) <= len(paragraphs) <= _MOST_PARAGRAPHS:
        return None
    weights = _weights(paragraphs, questions)
    starts, margin = _best(weights)
    ends = [*starts[1:], len(paragraphs)]
    hollow = any(weights.bodies[start] == weights.bodies[end] for start, end in zip(starts, ends, strict=True))
    if margin < _MARGIN or hollow or any(_is_silent(weights, starts, ends, place) for place in range(1, len(starts))):
        return None
    return None if doubted and not _is_backed(weights, questions, starts, ends) else starts


def _is_silent(weights: _Weights, starts: list[int], ends: list[int], place: int) -> bool:
    """Would a run read as well if it began one paragraph earlier or later? Then only its length speaks for it."""
    at = starts[place]
    others = [other for other in (at - 1, at + 1) if starts[place - 1] < other < ends[place]]
    here = weights.read(place, at)
    return bool(others) and all(abs(weights.read(place, other) - here) < _SILENCE for other in others)


def _is_backed(weights: _Weights, questions: Sequence[Question], starts: list[int], ends: list[int]) -> bool:
    if all(weights.headings[place][start] >= _CLEAR for place, start in enumerate(starts)):
        return True
    topics = {question.topic for question in questions}
    if None in topics or len(topics) < len(questions):
        return False
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        spoken = [sums[end] - sums[start] for sums in weights.sums]
        if any(other > spoken[place] - _BACKING for at, other in enumerate(spoken) if at != place):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Weights:
    """By question and paragraph: headings, starts (all that speaks for a run to begin here), and sums up to here."""

    headings: list[list[float]]
    starts: list[list[float]]
    sums: list[list[float]]
    bodies: list[int]
    """How many of the paragraphs before are more than headings."""
    sizes: list[int]

    def read(self, place: int, at: int) -> float:
        """What the texts say for a run to begin at a paragraph, the run before it ending there."""
        return self.starts[place][at] - self.sums[place][at] + self.sums[place - 1][at]


def _weights(paragraphs: Sequence[Paragraph], questions: Sequence[Question]) -> _Weights:
    texts = [paragraph.line.bare for paragraph in paragraphs]
    headings = _headings(texts, questions)
    whole = _shares(_about(texts, questions), _TOPIC)
    lead = _shares(_about([_lead(text) for text in texts], questions), _LEAD)
    titled = [is_heading_like(text) for text in texts]
    begins = [_begins(paragraphs, titled, place) for place in range(len(texts))]
    starts = [[_start(headings[k][i], lead[k][i], begins[i]) for i in range(len(texts))] for k in range(len(questions))]
    echoes = [
        len(text) <= _LONGEST_ECHO and is_asking(text) and any(row[i] >= _CLEAR for row in headings)
        for i, text in enumerate(texts)
    ]
    plain = [int(not title and not echo) for title, echo in zip(titled, echoes, strict=True)]
    return _Weights(
        headings,
        starts,
        [_summed(row) for row in whole],
        [int(x) for x in _summed(plain)],
        [int(x) for x in _summed([len(text) for text in texts])],
    )


def _headings(texts: Sequence[str], questions: Sequence[Question]) -> list[list[float]]:
    """Numbers alone count only where they number the answers: once each and in order, not the lines of a list."""
    numbers = [number for text in texts if (number := numbered(text)[0]) is not None]
    counted = numbers == list(range(1, len(questions) + 1))
    found = [[heading(text, question) for text in texts] for question in questions]
    found = [[score if counted or score >= TITLE - NUMBERED else 0.0 for score in row] for row in found]
    every = all(max(row) >= _CLEAR for row in found[1:])
    return [[score * _EVERY if every else score for score in row] for row in found]


def _start(heading: float, lead: float, begins: float) -> float:
    """A heading outweighs how its line reads."""
    return heading + max(begins, 0.0) if heading else lead + begins


def _begins(paragraphs: Sequence[Paragraph], titled: Sequence[bool], place: int) -> float:
    if place == 0:
        return 0.0
    if titled[place - 1]:
        return _UNDER_HEADING
    if titled[place]:
        return _TITLED
    return boundary(paragraphs[place - 1].line.bare, paragraphs[place].line.bare, paragraphs[place].after_blank)


def _about(texts: Sequence[str], questions: Sequence[Question]) -> list[list[float]]:
    """How much each text speaks of each question: by the question's type, and by words that both have."""
    words = [stems(text[:_READ]) for text in texts]
    return [
        [
            fit(text[:_READ], question.topic) + _WORDS * len(question.words & own)
            for text, own in zip(texts, words, strict=True)
        ]
        for question in questions
    ]


def _lead(text: str) -> str:
    end = min((at for mark in (". ", "? ", "! ", "다 ") if (at := text.find(mark, 15)) > 0), default=len(text))
    return text[: min(end + 1, _LEAD_LENGTH)]


def _shares(scores: list[list[float]], weight: float) -> list[list[float]]:
    """How much better a paragraph fits each question than the others: logarithms of shares, no lower than a floor."""
    out: list[list[float]] = [[] for _ in scores]
    for column in zip(*scores, strict=True):
        scaled = [weight * score for score in column]
        top = max(scaled)
        total = top + math.log(sum(math.exp(score - top) for score in scaled))
        for row, score in zip(out, scaled, strict=True):
            row.append(max(_FLOOR, score - total))
    return out


def _summed(row: Sequence[float]) -> list[float]:
    sums = [0.0]
    for value in row:
        sums.append(sums[-1] + value)
    return sums


def _run(weights: _Weights, place: int, start: int, end: int, mean: float) -> float:
    size = weights.sizes[end] - weights.sizes[start]
    length = -0.5 * (math.log(max(size, 1) / mean) / _SPREAD) ** 2
    body = 0.0 if weights.bodies[end] > weights.bodies[start] else _EMPTY
    return (
        weights.starts[place][start]
        + weights.sums[place][end]
        - weights.sums[place][start]
        + max(length, _LONGEST_SHOT)
        + body
    )


def _best(weights: _Weights) -> tuple[list[int], float]:
    """The starts of the best runs, and how far they are ahead of the best other ones."""
    groups, count = len(weights.starts), len(weights.bodies) - 1
    mean = weights.sizes[-1] / groups
    first = [[_LOW] * (count + 1) for _ in range(groups + 1)]  # [k][i]: the best of k runs over i paragraphs
    rest = [[_LOW] * (count + 1) for _ in range(groups + 1)]  # [k][i]: of the runs from k on, from paragraph i on
    came = [[0] * (count + 1) for _ in range(groups + 1)]
    first[0][0] = rest[groups][count] = 0.0
    spans = [
        (k, start, end, _run(weights, k, start, end, mean))
        for k in range(groups)
        for start in range(k if k else 0, count - (groups - k) + 1 if k else 1)
        for end in range(start + 1, count - (groups - k - 1) + 1)
    ]
    for k, start, end, score in spans:
        if first[k][start] + score > first[k + 1][end]:
            first[k + 1][end], came[k + 1][end] = first[k][start] + score, start
    for k, start, end, score in reversed(spans):
        rest[k][start] = max(rest[k][start], rest[k + 1][end] + score)
    starts, at = [0] * groups, count
    for k in range(groups, 0, -1):
        at = starts[k - 1] = came[k][at]
    others = (first[k][i] + rest[k][i] for k in range(1, groups) for i in range(k, count) if i != starts[k])
    return starts, first[groups][count] - max(others, default=_LOW)
