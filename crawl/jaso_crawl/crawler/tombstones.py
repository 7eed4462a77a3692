"""Tombstones: forgotten records are not fetched or kept again by later crawls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from jaso_core.io.links import append_text

NAME = "forgotten.txt"
"""File in a crawl's folder: SHA-256 of forgotten ids and URLs, one a line, so that it reveals none of them."""


class Tombstones:
    """The tombstones of one crawl folder."""

    def __init__(self, out: Path) -> None:
        self._path = out / NAME
        text = self._path.read_text("ascii") if self._path.is_file() else ""
        self._digests = set(text.split())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _digest(name) in self._digests

    def add(self, names: Iterable[str]) -> None:
        """Add ids and URLs; they are on disk on return."""
        new = sorted({_digest(name) for name in names} - self._digests)
        with append_text(self._path, encoding="ascii") as stream:
            stream.writelines(f"{digest}\n" for digest in new)
        self._digests |= set(new)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
