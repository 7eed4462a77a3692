"""`jaso show changes`: changes of the steps, before and after, with context.

The corpus keeps only the offsets of the changes, because what masking took out must not be stored beside it. So the
documents in question are read from the input and cleaned once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.compute as pc

from jaso_core.console import COLOURS, visible
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.parquet import read_parquet_batches
from jaso_core.records import Document
from jaso_core.stage.manifest import Manifest, fingerprint, read_manifest
from jaso_core.text.edits import Edit
from jaso_preprocess.clean import (
    Change,
    ItemState,
    RecordOptions,
    clean,
)
from jaso_preprocess.execution.shards import Plan, plan
from jaso_preprocess.execution.worker import steps_of

FILE = "changes.parquet"
CONTEXT = 40
_RED, _GREEN, _, _DIM, _OFF = COLOURS


class ChangeRow(NamedTuple):
    """A row of changes.parquet."""

    document_id: str
    change: Change


def show_changes(folder: Path, step: str | None, count: int, colour: bool) -> Iterator[str]:
    """Yield text blocks, one a change.

    At most one a document, step and kind, `count` in all. RequestError: not a preprocess folder, no such step, or an
    input that is missing or was changed.
    """
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None or manifest.stage != "preprocess":
        raise RequestError(f"{folder}: is no complete preprocess folder", "give the out= of `jaso preprocess`")
    rows, total = _rows(folder / FILE, step, count, list(manifest.request["clean"]))
    planned = plan(_inputs(manifest))
    documents = _documents(planned, {row.document_id for row in rows})
    steps = steps_of(manifest.request["clean"], tuple(planned.companies))
    cleaned = {name: clean(document, steps, RecordOptions(trace=True)).states for name, document in documents.items()}
    for row in rows:
        change = row.change
        yield visible(f"{row.document_id}#{change.item} {change.field}  {change.step}: {change.kind}")
        yield f"  {_format_change(cleaned[row.document_id], change, colour)}"
    yield f"{len(rows):,} of {total:,} changes{f' of {step}' if step else ''}"


def _rows(path: Path, step: str | None, count: int, step_names: list[str]) -> tuple[list[ChangeRow], int]:
    if step is not None and step not in step_names:
        raise RequestError(f"clean '{step}' was not among the steps", did_you_mean(step, step_names))
    chosen: dict[tuple[str, str, str], ChangeRow] = {}
    total = 0
    for batch in read_parquet_batches(path):
        rows = batch if step is None else batch.filter(pc.equal(batch["step"], step))
        total += rows.num_rows
        for values in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            if len(chosen) == count:
                break
            row = ChangeRow(values[0], Change(*values[1:]))
            chosen.setdefault((row.document_id, row.change.step, row.change.kind), row)
    return list(chosen.values()), total


def _inputs(manifest: Manifest) -> list[str]:
    entries = [entry for name, entry in manifest.inputs.items() if name.startswith("input")]
    for entry in entries:
        try:
            same = fingerprint(Path(entry["path"]))["sha256"] == entry["sha256"]
        except RequestError:
            raise RequestError(
                f"{entry['path']}: the input is not there any more", "put it back to see texts"
            ) from None
        if not same:
            raise RequestError(f"{entry['path']}: the input was changed since", "run `jaso preprocess` again")
    return [entry["path"] for entry in entries]


def _documents(planned: Plan, ids: set[str]) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for shard in planned.shards:
        if len(documents) < len(ids):
            documents |= {document.id: document for document in shard.read() if document.id in ids}
    return documents


def _format_change(states: Sequence[ItemState], change: Change, colour: bool) -> str:
    for trace_entry in states[change.item].trace:
        if (trace_entry.field, trace_entry.step) == (change.field, change.step):
            for edit in trace_entry.edits:
                if (edit.start, edit.end, edit.kind) == (change.start, change.end, change.kind):
                    return _highlight(trace_entry.before, edit, colour)
    return f"characters {change.start} to {change.end}"


def _highlight(text: str, edit: Edit, colour: bool) -> str:
    removed, added = _escape_control(text[edit.start : edit.end]), _escape_control(edit.replacement)
    before, after = text[max(0, edit.start - CONTEXT) : edit.start], text[edit.end : edit.end + CONTEXT]
    if colour:
        change = (f"{_RED}{removed}{_OFF}" if removed else "") + (f"{_GREEN}{added}{_OFF}" if added else "")
        return f"{_DIM}{_escape_control(before)}{_OFF}{change}{_DIM}{_escape_control(after)}{_OFF}"
    change = (f"[-{removed}-]" if removed else "") + (f"{{+{added}+}}" if added else "")
    return f"{_escape_control(before)}{change}{_escape_control(after)}"


def _escape_control(text: str) -> str:
    """Replace line ends and other control characters by visible signs."""
    signs: dict[str, Any] = {"\n": "⏎", "\t": "⇥"}
    return "".join(signs.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in text)
