"""Records refuse what they do not understand, and say where it stands."""

from __future__ import annotations

import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Document, Item, Prediction

LETTER = {
    "schema": 1,
    "id": "jobkorea:900001",
    "source": "jobkorea",
    "kind": "letter",
    "url": "https://example.invalid/1",
    "fetched_at": "2026-01-01T00:00:00Z",
    "company": "(주)가상전자",
    "role": None,
    "season": "2023년 하반기",
    "items": [{"question": "지원 동기는?", "answer": "만들고 싶습니다.", "summary": None}],
    "meta": {"occupation": "ICT"},
    "licence": "CC0-1.0",
}


def test_a_document_survives_json_unchanged() -> None:
    document = Document.from_json(LETTER, "d.jsonl:1")
    assert document.items == (Item("지원 동기는?", "만들고 싶습니다."),)
    assert document.to_json() == LETTER
    assert list(document.to_json()) == list(LETTER), "the order of the fields is part of the format"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "lettre"}, "d.jsonl:3: kind 'lettre' is unknown; did you mean 'letter'?"),
        ({"schema": 2}, "d.jsonl:3: schema 2, this jaso reads 1"),
        ({"titel": "x"}, "d.jsonl:3: key 'titel' is unknown"),
        ({"company": ""}, "d.jsonl:3: 'company' is empty; leave it out or write null"),
        ({"id": 7}, "d.jsonl:3: 'id' is a number; make it a text"),
        ({"meta": {"occupation": 3}}, "d.jsonl:3: meta: 'occupation' is a number; make it a text"),
        ({"items": {}}, "d.jsonl:3: 'items' is an object"),
        ({"items": [{"answr": "x"}]}, "d.jsonl:3: items[0]: key 'answr' is unknown; did you mean 'answer'?"),
    ],
)
def test_a_bad_document_is_refused_with_place_and_cure(change: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError) as error:
        Document.from_json({**LETTER, **change}, "d.jsonl:3")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_missing_key_is_named() -> None:
    row = {key: value for key, value in LETTER.items() if key != "kind"}
    with pytest.raises(
        RequestError, match=r"^d.jsonl:9: key 'kind' is missing; required keys: id, items, kind, source$"
    ):
        Document.from_json(row, "d.jsonl:9")


def test_a_prediction_needs_three_keys_and_may_be_empty_text() -> None:
    read = Prediction.from_json({"id": "a", "prediction": "", "reference": "정답"}, "p.jsonl:1")
    assert (read.prediction, read.reference, read.prompt) == ("", "정답", None)
    with pytest.raises(RequestError, match="key 'refrence' is unknown; did you mean 'reference'"):
        Prediction.from_json({"id": "a", "prediction": "", "refrence": ""}, "p.jsonl:1")
