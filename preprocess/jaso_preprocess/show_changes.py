"""`jaso show changes`: what the steps changed, before and after, with the text around it.

The corpus keeps only the places of the changes, because what masking took out must not lie beside it. So the documents
in question are read from the input and cleaned once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from jaso_core.errors import RequestError, did_you_mean
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
_RED, _GREEN, _DIM, _OFF = "\x1b[31;9m", "\x1b[32;1m", "\x1b[2m", "\x1b[0m"


class Row(NamedTuple):
    """A line of changes.parquet."""

    document_id: str
    change: Change


def show_changes(folder: Path, step: str | None, count: int, colour: bool) -> Iterator[str]:
    """Blocks of text, one a change: at most one a document, step and kind, `count` in all.

    RequestError: not a preprocess folder, no such step, or an input that is gone or was changed.
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
        yield f"{row.document_id}#{change.item} {change.field}  {change.step}: {change.kind}"
        yield f"  {_shown(cleaned[row.document_id], change, colour)}"
    yield f"{len(rows):,} of {total:,} changes{f' of {step}' if step else ''}"


def _rows(path: Path, step: str | None, count: int, known: list[str]) -> tuple[list[Row], int]:
    if step is not None and step not in known:
        raise RequestError(f"clean '{step}' was not among the steps", did_you_mean(step, known))
    table = pq.read_table(path, filters=None if step is None else [("step", "=", step)])
    chosen: dict[tuple[str, str, str], Row] = {}
    for batch in table.to_batches():
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            row = Row(values[0], Change(*values[1:]))
            chosen.setdefault((row.document_id, row.change.step, row.change.kind), row)
            if len(chosen) == count:
                return list(chosen.values()), table.num_rows
    return list(chosen.values()), table.num_rows


def _inputs(manifest: Manifest) -> list[str]:
    given = [entry for name, entry in manifest.inputs.items() if name.startswith("input")]
    for entry in given:
        try:
            same = fingerprint(Path(entry["path"]))["sha256"] == entry["sha256"]
        except RequestError:
            raise RequestError(
                f"{entry['path']}: the input is not there any more", "put it back to see texts"
            ) from None
        if not same:
            raise RequestError(f"{entry['path']}: the input was changed since", "run `jaso preprocess` again")
    return [entry["path"] for entry in given]


def _documents(planned: Plan, wanted: set[str]) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for shard in planned.shards:
        if len(found) < len(wanted):
            found |= {document.id: document for document in shard.read() if document.id in wanted}
    return found


def _shown(states: Sequence[ItemState], change: Change, colour: bool) -> str:
    for traced in states[change.item].trace:
        if (traced.field, traced.step) == (change.field, change.step):
            for edit in traced.edits:
                if (edit.start, edit.end, edit.kind) == (change.start, change.end, change.kind):
                    return _marked(traced.before, edit, colour)
    return f"characters {change.start} to {change.end}"


def _marked(text: str, edit: Edit, colour: bool) -> str:
    out, into = _visible(text[edit.start : edit.end]), _visible(edit.replacement)
    before, after = text[max(0, edit.start - CONTEXT) : edit.start], text[edit.end : edit.end + CONTEXT]
    if colour:
        change = (f"{_RED}{out}{_OFF}" if out else "") + (f"{_GREEN}{into}{_OFF}" if into else "")
        return f"{_DIM}{_visible(before)}{_OFF}{change}{_DIM}{_visible(after)}{_OFF}"
    change = (f"[-{out}-]" if out else "") + (f"{{+{into}+}}" if into else "")
    return f"{_visible(before)}{change}{_visible(after)}"


def _visible(text: str) -> str:
    """Line ends and other characters that a terminal would act upon, as signs."""
    shown: dict[str, Any] = {"\n": "⏎", "\t": "⇥"}
    return "".join(shown.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in text)
