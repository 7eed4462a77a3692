"""The key that could undo masking. It names people and companies, so it never lies inside a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from jaso_core.errors import RequestError
from jaso_core.io.files import write_jsonl
from jaso_core.text.edits import Edit


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """masked_text[start : start + len(token)] == token, where `original` stood."""

    document_id: str
    item: int
    field: str
    start: int
    token: str
    original: str
    kind: str


class Masked(NamedTuple):
    """A token in a text on its way through the steps: where it stands, and what stood there."""

    start: int
    token: str
    original: str
    kind: str


def after_edits(masked: Sequence[Masked], text: str, edits: Sequence[Edit], masks: bool) -> list[Masked]:
    """The tokens of `text` after a step's edits: moved, swallowed by an edit around them, or joined by new ones.

    `masks`: the edits put tokens in, too. A token that a later edit takes out belongs to what that edit took.
    """
    kept: list[Masked] = []
    at, shift = 0, 0
    for edit in edits:
        while at < len(masked) and masked[at].start + len(masked[at].token) <= edit.start:
            kept.append(masked[at]._replace(start=masked[at].start + shift))
            at += 1
        inside = []
        while at < len(masked) and masked[at].start < edit.end:
            inside.append(masked[at])
            at += 1
        if masks:
            original = _restored(text[edit.start : edit.end], inside, edit.start)
            kept.append(Masked(edit.start + shift, edit.replacement, original, edit.kind))
        shift += len(edit.replacement) - (edit.end - edit.start)
    return [*kept, *(entry._replace(start=entry.start + shift) for entry in masked[at:])]


def _restored(text: str, masked: Sequence[Masked], start: int) -> str:
    for entry in reversed(masked):
        place = max(entry.start - start, 0)
        text = text[:place] + entry.original + text[entry.start - start + len(entry.token) :]
    return text


def unmask(text: str, entries: Iterable[KeyEntry]) -> str:
    """The text before masking. ValueError when an entry's token does not stand at its place."""
    for entry in sorted(entries, key=lambda entry: -entry.start):
        end = entry.start + len(entry.token)
        if text[entry.start : end] != entry.token:
            raise ValueError(f"{entry.document_id}: no {entry.token} at {entry.start}: the text was changed since")
        text = text[: entry.start] + entry.original + text[end:]
    return text


def refuse_inside(key_file: Path, corpus: Path) -> None:
    """RequestError when the key would lie in the corpus folder, where it would be published with it."""
    if key_file.resolve().is_relative_to(corpus.resolve()):
        raise RequestError(f"key_file={key_file} lies inside the corpus {corpus}", "keep the key in another folder")


def write_key(key_file: Path, corpus: Path, entries: Iterable[KeyEntry]) -> None:
    """Writes the key as JSON lines outside the corpus, readable by its owner only."""
    refuse_inside(key_file, corpus)
    key_file.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(key_file, [asdict(entry) for entry in entries])
    key_file.chmod(0o600)


def read_key(key_file: Path) -> list[KeyEntry]:
    """The entries of a key file."""
    with key_file.open(encoding="utf-8") as lines:
        return [KeyEntry(**json.loads(line)) for line in lines if line.strip()]
