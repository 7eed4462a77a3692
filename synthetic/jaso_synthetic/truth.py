"""Ground truth of planted defects as JSON records, one per document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from jaso_synthetic.records import (
    SYNTHETIC_LICENCE,
    Corpus,
    Planted,
    SampleInterview,
    SampleItem,
    SampleLetter,
)

SCHEMA = 1


def _planted(planted: Iterable[Planted]) -> list[dict[str, object]]:
    return [asdict(plant) for plant in planted]


def _item(item: SampleItem) -> dict[str, object]:
    return {
        "topic": item.topic,
        "clean_question": item.clean_question,
        "clean_answer": item.clean_answer,
        "segments": [asdict(segment) for segment in item.segments] or None,
        "page_only": {
            "counter": item.counter,
            "advice": list(item.advice),
            "marks": [asdict(mark) for mark in item.marks],
        },
        "planted": _planted(item.planted),
    }


def letter_record(letter: SampleLetter) -> dict[str, object]:
    """Return the ground truth of one letter."""
    copy = letter.near_duplicate_of
    return {
        "schema": SCHEMA,
        "id": f"sample:{letter.id}",
        "kind": "letter",
        "near_duplicate_of": None if copy is None else f"sample:{copy}",
        "company": letter.canonical,
        "aliases": list(letter.aliases),
        "occupation": letter.occupation,
        "experience": letter.experience,
        "items": [_item(item) for item in letter.items],
        "licence": SYNTHETIC_LICENCE,
    }


def interview_record(interview: SampleInterview) -> dict[str, object]:
    """Return the ground truth of one interview; its single item has no page."""
    copy = interview.near_duplicate_of
    item: dict[str, object] = {
        "topic": interview.topic,
        "clean_question": interview.question,
        "clean_answer": interview.clean_answer,
        "segments": None,
        "page_only": {"counter": None, "advice": [], "marks": []},
        "planted": _planted(interview.planted),
    }
    return {
        "schema": SCHEMA,
        "id": f"sample:{interview.id}",
        "kind": "interview",
        "near_duplicate_of": None if copy is None else f"sample:{copy}",
        "company": None,
        "aliases": [],
        "occupation": interview.occupation,
        "experience": interview.experience,
        "items": [item],
        "licence": SYNTHETIC_LICENCE,
    }


def truth_records(corpus: Corpus) -> Iterator[dict[str, object]]:
    """Yield one record per document: letters first, then interviews."""
    for letter in corpus.letters:
        yield letter_record(letter)
    for interview in corpus.interviews:
        yield interview_record(interview)
