"""What was forgotten on request stays forgotten: later crawls of the same folder do not fetch or keep it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

NAME = "forgotten.txt"
"""Below a crawl's folder: SHA-256 of forgotten ids and addresses, one a line, so that the list itself tells nothing."""


class Tombstones:
    """The list of one folder."""

    def __init__(self, out: Path) -> None:
        self._path = out / NAME
        text = self._path.read_text("ascii") if self._path.is_file() else ""
        self._digests = set(text.split())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _digest(name) in self._digests

    def add(self, names: Iterable[str]) -> None:
        """Notes ids and addresses; on disk when it returns."""
        new = sorted({_digest(name) for name in names} - self._digests)
        with self._path.open("a", encoding="ascii") as stream:
            stream.writelines(f"{digest}\n" for digest in new)
        self._digests |= set(new)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
