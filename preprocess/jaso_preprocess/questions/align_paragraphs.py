"""Align paragraphs of an answer with several questions, in order.

Dynamic programming over all segmentations of the paragraphs into as many runs as there are questions, scored by
headings, what the paragraphs speak of, how they begin and end, and how long the runs are. The best segmentation counts
only when it is ahead of every other by a margin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jaso_preprocess.questions.discourse import boundary_score
from jaso_preprocess.questions.headings import (
    NUMBERED,
    TITLE,
    Question,
    heading_score,
    is_heading_like,
    split_number,
    stems,
)
from jaso_preprocess.questions.lines import Line, lines_of
from jaso_preprocess.questions.topics import is_asking, topic_score

_MAX_PARAGRAPHS = 150
_MARGIN = 0.3  # all scores are like log-odds
_SUPPORT_MARGIN = 0.4
_AMBIGUITY_MARGIN = 0.1
_TOPIC_WEIGHT, _FIRST_SENTENCE_WEIGHT = 0.5, 1.0  # of a whole paragraph, of its first sentence
_WORD_WEIGHT = 0.5
_MIN_LOG_PROBABILITY = -3.0
_UNDER_HEADING = -4.0
_CLEAR_HEADING = 4.0  # a heading that names its question
_ALL_HEADINGS_FACTOR = 2.0  # when each question has a heading, headings decide
_MAX_ECHO_LENGTH = 140
_MIN_LENGTH_SCORE = -6.0  # a floor, so that headings outweigh any odd length
_HEADING_START = 1.5  # a run begins with a heading of any kind
_EMPTY_RUN = -20.0  # a run of nothing but headings
_LENGTH_SIGMA = 0.45  # standard deviation of the logarithm of a run's length
_MAX_FIRST_SENTENCE = 90
_MINUS_INFINITY = -math.inf
_MAX_READ = 3000  # characters of a paragraph that are scored


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line with text; `after_blank`: an empty line is before it."""

    line: Line
    after_blank: bool


def paragraphs_of(answer: str) -> list[Paragraph]:
    """Return the non-empty lines of an answer."""
    paragraphs: list[Paragraph] = []
    after_blank = False
    for line in lines_of(answer):
        if line.bare:
            paragraphs.append(Paragraph(line, after_blank))
        after_blank = not line.bare
    return paragraphs


def run_starts(
    paragraphs: Sequence[Paragraph], questions: Sequence[Question], is_doubtful: bool = False
) -> list[int] | None:
    """Return the first paragraph of each question's run; None when it is unclear.

    `is_doubtful`: the questions may be sides of one, so each run must have a heading or fit its own question best.
    """
    if not len(questions) <= len(paragraphs) <= _MAX_PARAGRAPHS:
        return None
    table = _score_table(paragraphs, questions)
    # 2 questions, 4 paragraphs (지원 동기, its text, 입사 후 포부, its text) → starts [0, 2], ends [2, 4]
    starts, margin = _best_segmentation(table)
    ends = [*starts[1:], len(paragraphs)]
    has_empty_run = any(table.bodies[start] == table.bodies[end] for start, end in zip(starts, ends, strict=True))
    if (
        margin < _MARGIN
        or has_empty_run
        or any(_is_start_ambiguous(table, starts, ends, index) for index in range(1, len(starts)))
    ):
        return None
    return None if is_doubtful and not _is_supported(table, questions, starts, ends) else starts


def _is_start_ambiguous(table: _ScoreTable, starts: list[int], ends: list[int], index: int) -> bool:
    """Return whether a run reads as well from one paragraph earlier or later.

    Then only its length speaks for the start.
    """
    at = starts[index]
    others = [other for other in (at - 1, at + 1) if starts[index - 1] < other < ends[index]]
    here = table.text_evidence(index, at)
    return bool(others) and all(abs(table.text_evidence(index, other) - here) < _AMBIGUITY_MARGIN for other in others)


def _is_supported(table: _ScoreTable, questions: Sequence[Question], starts: list[int], ends: list[int]) -> bool:
    if all(table.headings[index][start] >= _CLEAR_HEADING for index, start in enumerate(starts)):
        return True
    topics = {question.topic for question in questions}
    if None in topics or len(topics) < len(questions):
        return False
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        topic_sums = [sums[end] - sums[start] for sums in table.sums]
        if any(
            other > topic_sums[index] - _SUPPORT_MARGIN
            for position, other in enumerate(topic_sums)
            if position != index
        ):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _ScoreTable:
    """Scores by question and paragraph.

    `starts`: all that speaks for a run to begin here; `sums`: prefix sums of the topic scores.
    """

    headings: list[list[float]]
    starts: list[list[float]]
    sums: list[list[float]]
    bodies: list[int]
    """Prefix counts of paragraphs that are more than headings."""
    sizes: list[int]

    def text_evidence(self, index: int, at: int) -> float:
        """Return the textual evidence for a run to begin at a paragraph.

        The run before it ends there.
        """
        # Of the topic scores of both runs, what depends on `at`: this run's begins there, the other's ends there.
        return self.starts[index][at] - self.sums[index][at] + self.sums[index - 1][at]


def _score_table(paragraphs: Sequence[Paragraph], questions: Sequence[Question]) -> _ScoreTable:
    texts = [paragraph.line.bare for paragraph in paragraphs]
    headings = _heading_scores(texts, questions)
    whole = _log_softmax(_topic_scores(texts, questions), _TOPIC_WEIGHT)
    first_sentences = _log_softmax(
        _topic_scores([_first_sentence(text) for text in texts], questions), _FIRST_SENTENCE_WEIGHT
    )
    titled = [is_heading_like(text) for text in texts]
    boundaries = [_boundary_score(paragraphs, titled, i) for i in range(len(texts))]
    starts = [
        [_start_score(headings[k][i], first_sentences[k][i], boundaries[i]) for i in range(len(texts))]
        for k in range(len(questions))
    ]
    echoes = [
        len(text) <= _MAX_ECHO_LENGTH and is_asking(text) and any(row[i] >= _CLEAR_HEADING for row in headings)
        for i, text in enumerate(texts)
    ]
    plain = [int(not title and not echo) for title, echo in zip(titled, echoes, strict=True)]
    return _ScoreTable(
        headings,
        starts,
        [_prefix_sums(row) for row in whole],
        [int(x) for x in _prefix_sums(plain)],
        [int(x) for x in _prefix_sums([len(text) for text in texts])],
    )


def _heading_scores(texts: Sequence[str], questions: Sequence[Question]) -> list[list[float]]:
    """Score each paragraph as the heading of each question.

    Numbers alone count only where they number the answers: once each and in order, not the lines of a list.
    """
    numbers = [number for text in texts if (number := split_number(text)[0]) is not None]
    counted = numbers == list(range(1, len(questions) + 1))
    scores = [[heading_score(text, question) for text in texts] for question in questions]
    scores = [[score if counted or score >= TITLE - NUMBERED else 0.0 for score in row] for row in scores]
    all_headed = all(max(row) >= _CLEAR_HEADING for row in scores[1:])
    return [[score * _ALL_HEADINGS_FACTOR if all_headed else score for score in row] for row in scores]


def _start_score(heading_score: float, first_sentence_score: float, boundary_score: float) -> float:
    """Combine the scores of a start: a heading outweighs how its line reads."""
    return heading_score + max(boundary_score, 0.0) if heading_score else first_sentence_score + boundary_score


def _boundary_score(paragraphs: Sequence[Paragraph], titled: Sequence[bool], index: int) -> float:
    if index == 0:
        return 0.0
    if titled[index - 1]:
        return _UNDER_HEADING
    if titled[index]:
        return _HEADING_START
    return boundary_score(paragraphs[index - 1].line.bare, paragraphs[index].line.bare, paragraphs[index].after_blank)


def _topic_scores(texts: Sequence[str], questions: Sequence[Question]) -> list[list[float]]:
    """Score how much each text speaks of each question.

    By the question's type, and by words that both have.
    """
    words = [stems(text[:_MAX_READ]) for text in texts]
    return [
        [
            topic_score(text[:_MAX_READ], question.topic) + _WORD_WEIGHT * len(question.words & text_words)
            for text, text_words in zip(texts, words, strict=True)
        ]
        for question in questions
    ]


def _first_sentence(text: str) -> str:
    end = min((at for mark in (". ", "? ", "! ", "다 ") if (at := text.find(mark, 15)) > 0), default=len(text))
    return text[: min(end + 1, _MAX_FIRST_SENTENCE)]


def _log_softmax(scores: list[list[float]], weight: float) -> list[list[float]]:
    """Compute the log-softmax of weight · score over the questions, with a floor."""
    rows: list[list[float]] = [[] for _ in scores]
    for column in zip(*scores, strict=True):
        scaled = [weight * score for score in column]
        # One paragraph, scores 2 and 1, weight 0.5 → scaled 1.0, 0.5 → -0.47, -0.97
        top = max(scaled)
        total = top + math.log(sum(math.exp(score - top) for score in scaled))
        for row, score in zip(rows, scaled, strict=True):
            row.append(max(_MIN_LOG_PROBABILITY, score - total))
    return rows


def _prefix_sums(row: Sequence[float]) -> list[float]:
    sums = [0.0]
    for value in row:
        sums.append(sums[-1] + value)
    return sums


def _run_score(table: _ScoreTable, index: int, start: int, end: int, mean: float) -> float:
    size = table.sizes[end] - table.sizes[start]
    # Twice or half the mean length → −1.19, three times → −2.98
    length = -0.5 * (math.log(max(size, 1) / mean) / _LENGTH_SIGMA) ** 2
    body = 0.0 if table.bodies[end] > table.bodies[start] else _EMPTY_RUN
    return (
        table.starts[index][start]
        + table.sums[index][end]
        - table.sums[index][start]
        + max(length, _MIN_LENGTH_SCORE)
        + body
    )


def _best_segmentation(table: _ScoreTable) -> tuple[list[int], float]:
    """Return the starts of the best segmentation, and its margin over the second best."""
    n_runs, n_paragraphs = len(table.starts), len(table.bodies) - 1
    mean = table.sizes[-1] / n_runs
    # prefix_best[k][i]: best score of the first k runs over the first i paragraphs (as in Viterbi);
    # suffix_best[k][i]: best score of the runs from k on, from paragraph i on.
    prefix_best = [[_MINUS_INFINITY] * (n_paragraphs + 1) for _ in range(n_runs + 1)]
    suffix_best = [[_MINUS_INFINITY] * (n_paragraphs + 1) for _ in range(n_runs + 1)]
    backpointers = [[0] * (n_paragraphs + 1) for _ in range(n_runs + 1)]
    prefix_best[0][0] = suffix_best[n_runs][n_paragraphs] = 0.0
    spans = [
        (k, start, end, _run_score(table, k, start, end, mean))
        for k in range(n_runs)
        for start in range(k if k else 0, n_paragraphs - (n_runs - k) + 1 if k else 1)
        for end in range(start + 1, n_paragraphs - (n_runs - k - 1) + 1)
    ]
    for k, start, end, score in spans:
        if prefix_best[k][start] + score > prefix_best[k + 1][end]:
            prefix_best[k + 1][end], backpointers[k + 1][end] = prefix_best[k][start] + score, start
    for k, start, end, score in reversed(spans):
        suffix_best[k][start] = max(suffix_best[k][start], suffix_best[k + 1][end] + score)
    starts, at = [0] * n_runs, n_paragraphs
    for k in range(n_runs, 0, -1):
        at = starts[k - 1] = backpointers[k][at]
    # prefix + suffix is the best score with run k starting at i: any i other than the best start is a rival.
    others = (
        prefix_best[k][i] + suffix_best[k][i]
        for k in range(1, n_runs)
        for i in range(k, n_paragraphs)
        if i != starts[k]
    )
    return starts, prefix_best[n_runs][n_paragraphs] - max(others, default=_MINUS_INFINITY)
