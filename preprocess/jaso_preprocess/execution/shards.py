"""The input in shards: stretches of its files that are cleaned one by one, on whatever core or machine is free.

Where a shard begins depends on the input alone, so the result does not depend on who did the work.
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
"""Some hundred letters, a few seconds of work: what a kill can cost, and what a worker holds in memory."""


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
        """The shard's documents. RequestError naming file and line for a bad record."""
        yield from read_documents(Path(self.path), self.start, self.end, self.first_line)


@dataclass
class Plan:
    """The shards in their order, and what is known of the input before the work."""

    shards: list[Shard] = field(default_factory=list)
    companies: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)


def plan(inputs: Sequence[str], size: int = SHARD_BYTES) -> Plan:
    """Reads each line once. RequestError when a file is absent, is not JSON, or two documents have one id."""
    made = Plan()
    seen: dict[str, str] = {}
    for given in inputs:
        path = Path(given) / "documents.jsonl" if Path(given).is_dir() else Path(given)
        for start, end, first, rows in _stretches(path, size):
            for row in rows:
                _note(made, row, path, seen)
            made.shards.append(Shard(len(made.shards), str(path), start, end, first, len(rows)))
    return made


def _stretches(path: Path, size: int) -> Iterator[tuple[int, int, int, list[dict[str, object]]]]:
    """(start, end, first line, what is needed of each record) of stretches that end at the first line after `size`."""
    if not path.is_file():
        raise RequestError(f"{path}: no such file", "check the path")
    for start, end, first in _borders(path, size):
        yield start, end, first, [_needed(obj) for _, obj in read_jsonl(path, start, end, first, mend=True)]


def _borders(path: Path, size: int) -> Iterator[tuple[int, int, int]]:
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


def _needed(obj: object) -> dict[str, object]:
    row = obj if isinstance(obj, dict) else {}
    return {name: row.get(name) for name in ("id", "company", "licence")}


def _note(made: Plan, row: dict[str, object], path: Path, seen: dict[str, str]) -> None:
    name, company, licence = row["id"], row["company"], row["licence"]
    if isinstance(name, str):
        if name in seen:
            raise RequestError(
                f"{path}: document id '{name}' is also in {seen[name]}",
                "rename one of the files, set columns.id, or remove one of the two",
            )
        seen[name] = str(path)
    if isinstance(company, str):
        made.companies[company] += 1
    made.licences[licence if isinstance(licence, str) else "(none)"] += 1
