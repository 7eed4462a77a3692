"""Unmasking key: restores masked texts; kept outside the corpus.

It holds names of people and companies.
"""

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
    """One masked span; `original` is the text that the token replaced.

    masked_text[start : start + len(token)] == token.
    """

    document_id: str
    item: int
    field: str
    start: int
    token: str
    original: str
    kind: str


class MaskedSpan(NamedTuple):
    """A token in a text between two steps: its offset, and the original behind it."""

    start: int
    token: str
    original: str
    kind: str


def shift_masked(masked: Sequence[MaskedSpan], text: str, edits: Sequence[Edit], masks: bool) -> list[MaskedSpan]:
    """Update the masked spans of `text` for a step's edits.

    They are shifted, swallowed by an edit around them, or joined by new ones. `masks`: the edits insert tokens. A
    token that a later edit removes becomes part of that edit's original.
    """
    # "[회사]에서 [이름] 팀장", spans at 0 and 7. An edit that removes 0:4 drops the first and moves the second to 3;
    # one that masks 0:11 as [주소] takes in both: its original is "가나다에서 홍길동".
    shifted: list[MaskedSpan] = []
    index, shift = 0, 0
    for edit in edits:
        while index < len(masked) and masked[index].start + len(masked[index].token) <= edit.start:
            shifted.append(masked[index]._replace(start=masked[index].start + shift))
            index += 1
        inside = []
        while index < len(masked) and masked[index].start < edit.end:
            inside.append(masked[index])
            index += 1
        if masks:
            original = _restore(text[edit.start : edit.end], inside, edit.start)
            shifted.append(MaskedSpan(edit.start + shift, edit.replacement, original, edit.kind))
        shift += len(edit.replacement) - (edit.end - edit.start)
    return [*shifted, *(entry._replace(start=entry.start + shift) for entry in masked[index:])]


def _restore(text: str, masked: Sequence[MaskedSpan], start: int) -> str:
    for entry in reversed(masked):
        offset = max(entry.start - start, 0)
        text = text[:offset] + entry.original + text[entry.start - start + len(entry.token) :]
    return text


def unmask(text: str, entries: Iterable[KeyEntry]) -> str:
    """Return the text before masking. ValueError when a token is not at its offset."""
    for entry in sorted(entries, key=lambda entry: -entry.start):
        end = entry.start + len(entry.token)
        if text[entry.start : end] != entry.token:
            raise ValueError(f"{entry.document_id}: no {entry.token} at {entry.start}: the text was changed since")
        text = text[: entry.start] + entry.original + text[end:]
    return text


def check_key_outside(key_file: Path, corpus: Path) -> None:
    """Raise RequestError when the key file is inside the corpus folder.

    It would be published with the corpus.
    """
    if key_file.resolve().is_relative_to(corpus.resolve()):
        raise RequestError(f"key_file={key_file} lies inside the corpus {corpus}", "keep the key in another folder")


def write_key(key_file: Path, corpus: Path, entries: Iterable[KeyEntry]) -> None:
    """Write the key as JSON lines outside the corpus, readable by its owner only."""
    check_key_outside(key_file, corpus)
    key_file.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(key_file, (asdict(entry) for entry in entries), private=True)


def read_key(key_file: Path) -> list[KeyEntry]:
    """Read the entries of a key file."""
    with key_file.open(encoding="utf-8") as lines:
        return [KeyEntry(**json.loads(line)) for line in lines if line.strip()]
