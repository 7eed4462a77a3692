"""Registry of sources, and the protocol of a source of documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import KINDS, Document
from jaso_core.registry import Registry
from jaso_core.stage.runner import StageRun
from jaso_crawl.types import Rejection

REPLACED = "rows_with_replaced_bytes"
"""Count of rows that were read with undecodable bytes replaced; shown in the summary."""


def check_kind(kind: str) -> None:
    """Raise RequestError when a source's option `kind` is no kind of document."""
    if kind not in KINDS:
        raise RequestError(f"config key 'kind': '{kind}' is unknown", did_you_mean(kind, list(KINDS)))


class Source(Protocol):
    """Protocol of a source of documents."""

    def inputs(self) -> Mapping[str, Path]:
        """Return the user's files that it reads. RequestError when absent.

        When one changes, the stage runs again.
        """

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield every document and rejection, in an order that only the input determines.

        May add to `run.counts` and `run.seeds`, keep unfinished work below `run.scratch`, and write further files.
        """


@runtime_checkable
class StoredSource(Protocol):
    """Protocol of a source that stores fetched pages, to re-read or update them."""

    def parsers_digest(self) -> str:
        """Return a hash of the parser code; a change re-reads a complete folder."""

    def refresh_reason(self) -> str | None:
        """Return why even a complete folder is updated, or None."""


SOURCES: Registry[Source] = Registry("source", "jaso_crawl.sources", "jaso_crawl.sites")
