"""Append-only log of finished batches, so that a killed run can resume."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any

from jaso_core.console import bar
from jaso_core.io.files import json_line
from jaso_core.io.links import append_text

Batch = tuple[int, list[Any]]


class BatchLog:
    """Append-only JSONL file, one finished batch per line.

    An incomplete last line, left by a kill, is truncated when the file is opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: dict[int, list[Any]] = {}
        self._read()

    def append(self, number: int, rows: list[Any]) -> None:
        """Append a batch; it is on disk (fsync) on return."""
        with append_text(self.path) as stream:
            stream.write(json_line({"batch": number, "rows": rows}))
            stream.flush()
            os.fsync(stream.fileno())
        self.batches[number] = rows

    def rows(self) -> list[Any]:
        """Return all rows in the order of their batches."""
        return [row for number in sorted(self.batches) for row in self.batches[number]]

    def _read(self) -> None:
        if not self.path.is_file():
            return
        body = self.path.read_bytes()
        complete_lines = body[: body.rfind(b"\n") + 1]
        if len(complete_lines) < len(body):
            os.truncate(self.path, len(complete_lines))
        # bytes.splitlines: str.splitlines would also split at U+2028, which a text may contain.
        for line in complete_lines.splitlines():
            entry = json.loads(line)
            self.batches[entry["batch"]] = entry["rows"]


def resume_batches(path: Path, total: int, what: str, work: Callable[[Container[int]], Iterable[Batch]]) -> list[Any]:
    """Run `work` on the batches that are not in the log; return all rows.

    `work` gets the numbers of the finished batches and yields (number, rows) for the others. `total` rows are expected.
    """
    log = BatchLog(path)
    with bar(total, what, "texts", done=len(log.rows())) as progress:
        for number, rows in work(frozenset(log.batches)):
            log.append(number, rows)
            progress.update(len(rows))
    return log.rows()
