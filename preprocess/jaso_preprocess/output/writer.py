"""Corpus writer: read the shards again in order and write the corpus by document."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jaso_core.io.files import (
    SENTENCE_SCHEMA,
    atomic_path,
    atomic_text,
    json_line,
    parquet_writer,
    read_jsonl,
)
from jaso_core.io.further_columns import EXAMPLE_SCHEMA, example_row, example_schema
from jaso_core.records import SPLITS, Document, Example, Item, Turn
from jaso_core.stage.runner import StageRun
from jaso_preprocess.clean import dropped_record
from jaso_preprocess.dedup.link import LinkResult
from jaso_preprocess.dedup.signatures import Sentences
from jaso_preprocess.execution.worker import CHANGE_SCHEMA, Counts
from jaso_preprocess.output.statistics import Tally
from jaso_preprocess.steps import Drop

LINKING = "linking"
"""The step's name in dropped.jsonl for copies of other documents or items, and items without an answer."""

Row = Callable[[Sequence[Any]], None]
Line = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item that cleaning kept.

    `item`: its number in the document. `dropped`: its line of dropped.jsonl, None where it becomes an example.
    """

    item: int
    example: Example
    sentences: Sentences
    dropped: dict[str, Any] | None


@dataclass
class CorpusWriter:
    """Writer of examples, sentences and dropped items; counts as it goes."""

    linked: LinkResult
    counts: Counts
    tally: Tally = field(default_factory=Tally)
    _seen: set[bytes] = field(default_factory=set)
    _schema: pa.Schema = EXAMPLE_SCHEMA

    def write(self, stage: StageRun, folders: Sequence[Path]) -> None:
        """Write the stage's folder from the shards' folders."""
        self._schema = example_schema(self.counts.further)
        with ExitStack() as files:
            examples = {
                str(split): files.enter_context(parquet_writer(stage.add(f"examples/{split}.parquet"), self._schema))
                for split in SPLITS
            }
            sentences = files.enter_context(parquet_writer(stage.add("sentences.parquet"), SENTENCE_SCHEMA))
            text = files.enter_context(atomic_text(stage.add("sentences.txt")))
            dropped = files.enter_context(atomic_text(stage.add("dropped.jsonl")))
            index = 0
            for folder in folders:
                with (folder / "dropped.jsonl").open(encoding="utf-8", newline="\n") as lines:
                    shutil.copyfileobj(lines, dropped)
                for document, sentences_by_item in _documents(folder):
                    for entry in self._items(index, document, sentences_by_item):
                        if entry.dropped is not None:
                            self.counts.drop(entry.dropped)
                            dropped.write(json_line(entry.dropped))
                        else:
                            self._write(entry, examples, sentences, text.write)
                    index += 1
        self._declare(stage)
        self._write_changes(stage, folders)

    def _items(self, index: int, document: Document, sentences_by_item: Sequence[Sentences | None]) -> Iterator[_Entry]:
        """Yield each item that cleaning kept."""
        copy = self.linked.drop_of(index)
        any_kept = False
        for item_index, (item, spans) in enumerate(zip(document.items, sentences_by_item, strict=True)):
            if spans is None:
                continue
            drop = copy or self._repeated_item_drop(item)
            record = dropped_record(document.id, item_index, item, LINKING, drop) if drop else None
            any_kept = any_kept or drop is None
            example = _example(document, item_index, self.linked.groups[index], self.linked.splits[index])
            yield _Entry(item_index, example, spans, record)
        if any_kept:
            self.tally.add_document(document)

    def _repeated_item_drop(self, item: Item) -> Drop | None:
        if not item.answer:
            return Drop("no_answer")
        text = "\0".join("".join((text or "").split()) for text in (item.question, item.answer))
        key = hashlib.blake2b(text.encode(), digest_size=12).digest()
        if key in self._seen:
            return Drop("duplicate_item")
        self._seen.add(key)
        return None

    def _write(
        self,
        entry: _Entry,
        examples: Mapping[str, Row],
        sentences: Row,
        line: Line,
    ) -> None:
        example, (spans, morphemes) = entry.example, entry.sentences
        answer = example.answer or ""
        texts = [answer[start:end] for start, end in spans]
        if self.tally.sentences and texts:
            line("\n")
        examples[example.split](example_row(example, self._schema))
        for (start, end), text in zip(spans, texts, strict=True):
            sentences((example.document_id, entry.item, "answer", start, end, text))
            line(text + "\n")
        self.tally.add_example(example, morphemes, texts)

    def _declare(self, stage: StageRun) -> None:
        for split in SPLITS:
            stage.add(f"examples/{split}.parquet", self.tally.splits[split])
        stage.add("sentences.parquet", self.tally.sentences)
        stage.add("sentences.txt", self.tally.sentences)
        stage.add("dropped.jsonl", self.counts.dropped + self.counts.empty)

    def _write_changes(self, stage: StageRun, folders: Sequence[Path]) -> None:
        path = stage.add("changes.parquet", self.counts.changes)
        with atomic_path(path) as temporary, pq.ParquetWriter(temporary, CHANGE_SCHEMA) as writer:
            for folder in folders:
                writer.write_table(pq.read_table(folder / "changes.parquet", schema=CHANGE_SCHEMA))


def _documents(folder: Path) -> Iterator[tuple[Document, list[Sentences | None]]]:
    for _, record in read_jsonl(folder / "documents.jsonl"):
        sentences_by_item = [None if entry is None else (entry[0], entry[1]) for entry in record.pop("sentences")]
        yield _document_from_record(record), sentences_by_item


def _document_from_record(record: dict[str, Any]) -> Document:
    """Build a document from a shard's record, without validation: we wrote it."""
    del record["schema"]
    return Document(**{**record, "items": tuple(Item(**item) for item in record["items"])})


def _example(document: Document, index: int, group: str, split: str) -> Example:
    item = document.items[index]
    # A conversation is one item's; where cleaning has split it, no part has all turns.
    turns = document.meta.get("messages") or () if len(document.items) == 1 else ()
    return Example(
        id=f"{document.id}#{index}",
        document_id=document.id,
        group=group,
        split=split,
        question=item.question,
        answer=item.answer,
        summary=item.summary,
        occupation=document.meta.get("occupation"),
        experience=document.meta.get("experience"),
        role=document.role,
        company=document.company,
        source=document.source,
        meta=document.meta.get("columns") or {},
        messages=tuple(Turn(turn["role"], turn["content"]) for turn in turns),
    )
