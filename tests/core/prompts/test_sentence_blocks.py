"""The sentences of a preprocess folder find their examples."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import SENTENCE_SCHEMA, read_examples, write_parquet
from jaso_core.io.sentences import read_sentences
from jaso_core.prompts import PROMPTS
from jaso_core.records import SPLITS, Sentence


def test_sentences_come_in_order_and_of_answers_only(tmp_path: Path) -> None:
    rows = [
        Sentence("letter:1", 0, "question", 0, 3, "왜요?"),
        Sentence("letter:1", 0, "answer", 0, 3, "하나."),
        Sentence("letter:1", 0, "answer", 4, 6, "둘."),
        Sentence("letter:1", 1, "answer", 0, 2, "셋."),
        Sentence("b#2", 0, "answer", 0, 2, "넷."),
    ]
    write_parquet(tmp_path / "sentences.parquet", rows, SENTENCE_SCHEMA)
    assert read_sentences(tmp_path) == {"letter:1#0": ["하나.", "둘."], "letter:1#1": ["셋."], "b#2#0": ["넷."]}


def test_what_preprocess_wrote_makes_blocks(corpus: Path) -> None:
    """Nothing is lost but what stands between blocks, and no block crosses an answer."""
    sentences = read_sentences(corpus)
    made = PROMPTS.build({"name": "sentence_blocks", "sentences": 2}, "prompt")
    seen = 0
    for split in SPLITS:
        for example in read_examples(corpus / "examples" / f"{split}.parquet"):
            parts = made.expand(example, sentences[example.id])
            assert len(parts) == (len(sentences[example.id]) + 1) // 2
            joined = "".join("".join((part.answer or "").split()) for part in parts)
            assert joined == "".join((example.answer or "").split())
            seen += 1
    assert seen == len(sentences)


def test_folders_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"sentences.parquet: no such file; give a folder that `jaso preprocess`"):
        read_sentences(tmp_path)
    path = tmp_path / "sentences.parquet"
    pq.write_table(pa.table({"document_id": ["a"], "item": [0], "text": ["하나."]}), path)
    with pytest.raises(RequestError, match=r"sentences.parquet: column 'field' is missing; run `jaso preprocess`"):
        read_sentences(tmp_path)
    path.write_bytes(b"no parquet at all")
    with pytest.raises(RequestError, match=r"sentences.parquet: not a Parquet file"):
        read_sentences(tmp_path)
