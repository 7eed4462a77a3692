"""Refused URLs of this run, so that a continued run does not request them again."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path

from jaso_core.io.links import append_text
from jaso_crawl.types import Rejection


class RefusedUrls:
    """JSONL file in the run's scratch folder; survives SIGKILL, removed on success."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rejections: dict[str, Rejection] = {}
        for line in path.read_bytes().split(b"\n") if path.is_file() else ():
            with suppress(ValueError):  # a kill may truncate the last line
                rejection = Rejection(**json.loads(line))
                self._rejections[rejection.where] = rejection

    def get(self, url: str) -> Rejection | None:
        """Return the refusal of `url`, or None."""
        return self._rejections.get(url)

    def add(self, rejection: Rejection) -> None:
        """Add a refusal and write it to disk at once."""
        with self._lock, append_text(self._path) as stream:
            stream.write("\n" * (stream.tell() > 0) + json.dumps(rejection.to_json(), ensure_ascii=False))
            self._rejections[rejection.where] = rejection
