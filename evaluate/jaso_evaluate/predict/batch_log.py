"""Results of finished batches, kept as they come, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Any

from jaso_core.console import bar
from jaso_core.io.files import json_line

Batch = tuple[int, list[Any]]


class BatchLog:
    """An append-only file: one finished batch a line. A line torn by a kill is cut off when the file is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.batches: dict[int, list[Any]] = {}
        self._read()

    def append(self, number: int, rows: list[Any]) -> None:
        """Keeps a batch; on return it is on the disk."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json_line({"batch": number, "rows": rows}))
            stream.flush()
            os.fsync(stream.fileno())
        self.batches[number] = rows

    def rows(self) -> list[Any]:
        """All rows, in the order of their batches."""
        return [row for number in sorted(self.batches) for row in self.batches[number]]

    def _read(self) -> None:
        if not self.path.is_file():
            return
        body = self.path.read_bytes()
        whole = body[: body.rfind(b"\n") + 1]
        if len(whole) < len(body):
            os.truncate(self.path, len(whole))
        for line in whole.splitlines():  # of bytes: those of a text split at U+2028 too, which a text may hold
            entry = json.loads(line)
            self.batches[entry["batch"]] = entry["rows"]


def complete(path: Path, total: int, what: str, work: Callable[[Container[int]], Iterable[Batch]]) -> list[Any]:
    """Runs `work` on the batches that `path` does not hold yet; returns the rows of all `total` rows' batches.

    `work` gets the numbers of the finished batches and yields (number, rows) for the others.
    """
    log = BatchLog(path)
    with bar(total, what, "texts", done=len(log.rows())) as shown:
        for number, rows in work(frozenset(log.batches)):
            log.append(number, rows)
            shown.update(len(rows))
    return log.rows()
