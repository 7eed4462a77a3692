"""A dropped copy names its original, and how like it it is."""

from __future__ import annotations

from jaso_core.records import Item
from jaso_preprocess.clean import dropped_record
from jaso_preprocess.dedup.link import LinkResult
from jaso_preprocess.split.assign import Assignment
from jaso_preprocess.steps import Drop


def test_a_copy_names_its_original_in_fields() -> None:
    assignment = Assignment({}, {}, 0, 0, 0, 0)
    linked = LinkResult([], [], assignment, (), copies={1: ("a, Jaccard 1", 2 / 3), 2: ("b", 1.0)})
    assert linked.drop_of(0) is None
    near = linked.drop_of(1)
    assert near == Drop(
        "near_duplicate", "of a, Jaccard 1, Jaccard 0.67", duplicate_of="a, Jaccard 1", similarity=2 / 3
    )
    assert linked.drop_of(2) == Drop("duplicate", "of b, Jaccard 1.00", duplicate_of="b", similarity=1.0)
    assert dropped_record("c", 0, Item("질문", "답"), "linking", near) == {
        "document_id": "c", "item": 0, "step": "linking", "reason": "near_duplicate",
        "detail": "of a, Jaccard 1, Jaccard 0.67", "duplicate_of": "a, Jaccard 1", "similarity": 2 / 3,
        "question": "질문", "answer": "답", "summary": None,
    }  # fmt: skip


def test_other_drops_have_no_such_fields() -> None:
    assert dropped_record("c", 1, Item("질문"), "length", Drop("no_answer")) == {
        "document_id": "c", "item": 1, "step": "length", "reason": "no_answer", "detail": None,
        "question": "질문", "answer": None, "summary": None,
    }  # fmt: skip
