"""The registry of sources, and what a source of documents is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from jaso_core.records import Document
from jaso_core.registry import Registry
from jaso_core.stage.runner import StageRun
from jaso_crawl.types import Rejection

REPLACED = "rows_with_replaced_bytes"
"""The count of rows that were read in spite of bytes that nobody could read; the summary says it."""


class Source(Protocol):
    """Something that gives documents."""

    def inputs(self) -> Mapping[str, Path]:
        """The user's own files that it reads; when one changes, the stage runs again. RequestError when absent."""

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Every document and every drop, in an order that depends on the input alone.

        May add to `run.counts` and `run.seeds`, keep unfinished work below `run.scratch`, and write further files.
        """


@runtime_checkable
class StoredSource(Protocol):
    """A source that stores what it fetches: it can be read again, or brought up to date."""

    def parsers_digest(self) -> str:
        """Identifies the code that reads what is stored; when it changes, a complete folder is made again."""

    def refresh_reason(self) -> str | None:
        """Why even a complete folder is brought up to date; None when it is not."""


SOURCES: Registry[Source] = Registry("source", "jaso_crawl.sources", "jaso_crawl.sites")
