"""Append-only event log in JSON lines: started and ended tasks, hypotheses."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jaso_core.io.files import json_line
from jaso_core.io.links import append_text

NAME = "ledger.jsonl"


class EventLog:
    """An append-only file below the studies' folder.

    Only the process that leads a study writes to it.
    """

    def __init__(self, root: Path, name: str = NAME) -> None:
        self.path = root / name

    def write(self, **facts: Any) -> None:
        """Append one line with the time; it is on the disk (fsync) on return."""
        line = json_line({"at": datetime.now(UTC).isoformat(timespec="seconds"), **facts})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with append_text(self.path) as stream:
            if self.path.stat().st_size and not _ends_whole(self.path):
                stream.write("\n")
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def lines(self) -> list[dict[str, Any]]:
        """Return all whole lines; one that was torn by a kill is skipped."""
        if not self.path.is_file():
            return []
        events = []
        for line in self.path.read_bytes().splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                continue
        return events


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
