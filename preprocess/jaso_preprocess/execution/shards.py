"""Input shards: byte ranges of the input files that are cleaned independently.

Where a shard begins depends on the input alone, so the result does not depend on which core or machine did the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.files import read_documents, read_jsonl
from jaso_core.records import Document

SHARD_BYTES = 2 << 20
"""Some hundred letters, a few seconds of work: what a kill can lose, and what a worker holds in memory."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The lines of `path` from byte `start` to byte `end`; `first_line` counts from 1."""

    number: int
    path: str
    start: int
    end: int
    first_line: int
    documents: int

    def read(self) -> Iterator[Document]:
        """Yield the shard's documents; RequestError naming file and line for a bad record."""
        yield from read_documents(Path(self.path), self.start, self.end, self.first_line)


@dataclass
class Plan:
    """The shards in their order, and the companies and licences of the whole input."""

    shards: list[Shard] = field(default_factory=list)
    companies: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)


def plan(inputs: Sequence[str], size: int = SHARD_BYTES) -> Plan:
    """Split the inputs into shards, reading each line once.

    RequestError when a file is absent, is not JSON, or two documents have one id.
    """
    shard_plan = Plan()
    seen: dict[str, str] = {}
    for name in inputs:
        path = Path(name) / "documents.jsonl" if Path(name).is_dir() else Path(name)
        for start, end, first, rows in _shard_ranges(path, size):
            for row in rows:
                _register_document(shard_plan, row, path, seen)
            shard_plan.shards.append(Shard(len(shard_plan.shards), str(path), start, end, first, len(rows)))
    return shard_plan


def _shard_ranges(path: Path, size: int) -> Iterator[tuple[int, int, int, list[dict[str, object]]]]:
    """Yield (start, end, first line, needed fields of each record).

    A range ends at the first line after `size` bytes.
    """
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "check the path")
    for start, end, first in _byte_ranges(path, size):
        yield start, end, first, [_needed_fields(obj) for _, obj in read_jsonl(path, start, end, first, mend=True)]


def _byte_ranges(path: Path, size: int) -> Iterator[tuple[int, int, int]]:
    start = end = 0
    first = 1
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            end += len(line)
            if end - start >= size:
                yield start, end, first
                start, first = end, number + 1
    if end > start:
        yield start, end, first


def _needed_fields(obj: object) -> dict[str, object]:
    row = obj if isinstance(obj, dict) else {}
    return {name: row.get(name) for name in ("id", "company", "licence")}


def _register_document(shard_plan: Plan, row: dict[str, object], path: Path, seen: dict[str, str]) -> None:
    name, company, licence = row["id"], row["company"], row["licence"]
    if isinstance(name, str):
        if name in seen:
            raise RequestError(
                f"{path}: document id '{name}' is also in {seen[name]}",
                "rename one of the files, set columns.id, or remove one of the two",
            )
        seen[name] = str(path)
    if isinstance(company, str):
        shard_plan.companies[company] += 1
    shard_plan.licences[licence if isinstance(licence, str) else "(none)"] += 1
