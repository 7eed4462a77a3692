"""Worker: clean one shard, split it into sentences and compute dedup features.

A shard's folder appears whole or not at all, so that interrupted work continues with the shards that are missing.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from jaso_core.io.files import json_line, parquet_writer, write_json, write_jsonl
from jaso_core.masking.organisations.spellings import TABLE
from jaso_core.stage.code_digest import code_digest, equal_code
from jaso_core.stage.runner import request_of
from jaso_preprocess.clean import (
    Change,
    CleanedDocument,
    RecordOptions,
    clean,
)
from jaso_preprocess.dedup.signatures import NO_SENTENCES, ShardFeatures, facts_of
from jaso_preprocess.execution.shards import Shard
from jaso_preprocess.sentences import SPLITTERS
from jaso_preprocess.split.assign import SplitOptions
from jaso_preprocess.steps import STEPS, Step

CHANGE_SCHEMA = pa.schema(
    [("document_id", pa.string())]
    + [(name, pa.string() if name in ("field", "step", "kind") else pa.int32()) for name in Change._fields]
)


_CODE = ("jaso_preprocess", "jaso_core.text.edits", "jaso_core.text.kiwi", "jaso_core.masking")
"""The modules that decide the result of cleaning."""
_EQUAL_CODE: frozenset[str] = frozenset()
"""Digests of former code that cleaned to the same bytes: where only paths and names have changed since.
To be emptied by the change that makes `test_cleaning_gives_the_bytes_of_the_listed_digests` fail."""


class StageSettings(Protocol):
    """Protocol of the settings of a stage that runs the steps."""

    @property
    def out(self) -> str:
        """The folder that the stage writes."""


@dataclass(frozen=True)
class Task:
    """What to do with each shard; plain data, to be sent to a process or machine."""

    clean: Mapping[str, Mapping[str, Any]]
    sentences: Mapping[str, Any]
    split: SplitOptions
    companies: tuple[str, ...]
    folder: str
    keys: str | None = None
    """The folder for what masking takes out; None when it is not to be kept."""

    def shard_folder(self, shard: Shard) -> Path:
        """Return the shard's folder."""
        return Path(self.folder) / f"{shard.number:06d}"

    def is_done(self, shard: Shard) -> bool:
        """Return whether nothing is left to do for the shard."""
        part = self.key_file_part(shard)
        return self.shard_folder(shard).is_dir() and (part is None or part.is_file())

    def key_file_part(self, shard: Shard) -> Path | None:
        """Return the path of the shard's part of the key file."""
        return None if self.keys is None else Path(self.keys) / f"{shard.number:06d}.jsonl"


@dataclass
class Counts:
    """Counts of a shard; they add up over shards."""

    documents: int = 0
    empty: int = 0
    """Documents without items; they have lines in dropped.jsonl, too."""
    items: int = 0
    parts: int = 0
    dropped: int = 0
    changes: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    """Items changed, by step."""
    edits: dict[str, Counter[str]] = field(default_factory=dict)
    """Edits by step and kind."""
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    """Dropped items by step and reason."""
    columns: Counter[str] = field(default_factory=Counter)
    """Documents that have one of the user's further columns, by column."""
    conversations: int = 0
    """Documents with the turns of a conversation."""
    masked_columns: Counter[str] = field(default_factory=Counter)
    """Edits of masking in further columns, by column."""

    def add_document(self, cleaned: CleanedDocument) -> None:
        """Add a cleaned document."""
        self.documents += 1
        self.items += len(cleaned.states) - cleaned.parts
        self.parts += cleaned.parts
        for state in cleaned.states:
            self.changed.update({change[1] for change in state.changes})
            for change in state.changes:
                self.edits.setdefault(change[1], Counter())[change[2]] += 1
                self.changes += 1
        for record in cleaned.dropped_records():
            self.drop(record)
        self.columns.update((cleaned.document.meta.get("columns") or {}).keys())
        self.conversations += bool(cleaned.document.meta.get("messages"))
        self.masked_columns.update(cleaned.masked_columns)

    @property
    def further(self) -> list[str]:
        """The columns that examples have besides their fixed ones."""
        return [*(["meta"] if self.columns else []), *(["messages"] if self.conversations else [])]

    def drop(self, record: Mapping[str, Any]) -> None:
        """Add a line of dropped.jsonl."""
        if record["item"] is None:
            self.empty += 1
        else:
            self.dropped += 1
        self.reasons.setdefault(record["step"] or "reading", Counter())[record["reason"]] += 1

    def add(self, other: Mapping[str, Any]) -> None:
        """Add the counts of another shard, as read from its folder."""
        for name in ("documents", "empty", "items", "parts", "dropped", "changes"):
            setattr(self, name, getattr(self, name) + other[name])
        self.conversations += other.get("conversations", 0)  # shards of a former version lack it
        self.columns.update(other.get("columns", {}))
        self.masked_columns.update(other.get("masked_columns", {}))
        self.changed.update(other["changed"])
        for mine, theirs in ((self.edits, other["edits"]), (self.reasons, other["reasons"])):
            for step, counts in theirs.items():
                mine.setdefault(step, Counter()).update(counts)


def build_steps(clean: Mapping[str, Mapping[str, Any]]) -> dict[str, Step]:
    """Build the cleaning steps in order.

    RequestError for an unknown step or a bad option.
    """
    return {name: STEPS.build(node, f"clean.{name}") for name, node in clean.items()}


def steps_of(clean: Mapping[str, Mapping[str, Any]], companies: tuple[str, ...]) -> dict[str, Step]:
    """Build the steps and give them the companies of the input; cached."""
    return _steps(json.dumps(clean), companies)


@lru_cache(maxsize=1)
def _steps(clean: str, companies: tuple[str, ...]) -> dict[str, Step]:
    steps = build_steps(json.loads(clean))
    for step in steps.values():
        step.meet(companies)
    gc.collect()  # before freeze: else the garbage of an earlier stage is kept, too
    gc.freeze()  # modules, tables and names stay: later collections skip them
    return steps


def request_with_code(settings: StageSettings) -> dict[str, Any]:
    """Return the request of a stage that runs the steps, with a hash of the code.

    Its settings but the input, which is known by its content. With the hash a folder made by other steps is made again,
    even under the same names.
    """
    request = {key: value for key, value in request_of(settings).items() if key != "input"}
    code = equal_code(Path(settings.out), "code", code_digest(_CODE, (TABLE,)), _EQUAL_CODE)
    return {**request, "code": code}


def process_shard(task: Task, shard: Shard) -> None:
    """Write the shard's folder; RequestError for a bad record of the input."""
    if task.is_done(shard):
        return
    target = task.shard_folder(shard)
    unfinished = target.with_name(f"{target.name}.{os.uname().nodename}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    steps, options = steps_of(task.clean, task.companies), RecordOptions(key=task.keys is not None)
    cleaned = [clean(document, steps, options) for document in shard.read()]
    _write(task, shard, cleaned, unfinished)
    shutil.rmtree(target, ignore_errors=True)  # a folder without its part of the key file is not complete
    try:
        unfinished.rename(target)
    except OSError:  # another worker was faster
        shutil.rmtree(unfinished)


def _write(task: Task, shard: Shard, cleaned: list[CleanedDocument], folder: Path) -> None:
    counts = Counts()
    for result in cleaned:
        counts.add_document(result)
    _write_documents(task, [result for result in cleaned if not result.is_empty], folder)
    write_jsonl(folder / "dropped.jsonl", (record for result in cleaned for record in result.dropped_records()))
    with parquet_writer(folder / "changes.parquet", CHANGE_SCHEMA) as add:
        for result in cleaned:
            for change in result.changes():
                add((result.document.id, *change))
    if part := task.key_file_part(shard):
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_jsonl(part, (asdict(entry) for result in cleaned for entry in result.key_entries()), private=True)
    write_json(folder / "counts.json", vars(counts))


def _write_documents(task: Task, cleaned: list[CleanedDocument], folder: Path) -> None:
    """Write each document with its sentences on a line, and the dedup features.

    Sentences are null for a dropped item.
    """
    splitter = SPLITTERS.build(task.sentences, "sentences")
    answer_sentences = splitter.counted(
        item.answer for result in cleaned for item in result.document.items if item.answer
    )
    features = ShardFeatures()
    with (folder / "documents.jsonl").open("wb") as stream:
        for result in cleaned:
            sentences = [
                next(answer_sentences) if state.drop is None and state.item.answer else NO_SENTENCES
                for state in result.states
            ]
            features.add(result.document, sentences, stream.tell())
            sentences_or_null = [
                None if state.drop else spans for state, spans in zip(result.states, sentences, strict=True)
            ]
            stream.write(json_line({**result.document.to_json(), "sentences": sentences_or_null}).encode())
    features.write(folder / "likeness.npz")
    write_jsonl(folder / "facts.jsonl", (facts_of(result.document, task.split) for result in cleaned))
