"""Record types that the stages exchange: documents, examples, predictions.

The names of JSON fields are fixed; a new field gets a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from jaso_core.errors import RequestError, did_you_mean

SCHEMA = 1

Kind = Literal["letter", "interview", "dialogue", "posting", "message"]
Split = Literal["train", "validation", "test"]
KINDS: tuple[str, ...] = get_args(Kind)
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its answer; a part that the source lacks is `None`."""

    question: str | None = None
    answer: str | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; `role` is system, user, assistant or tool."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a source; one line of documents.jsonl.

    It is a letter, an interview, a dialogue, a posting or a message. In `meta`, `columns` holds a user's further
    columns as texts, `messages` the turns of a conversation as {role, content}.
    """

    id: str
    source: str
    kind: str
    items: tuple[Item, ...]
    url: str | None = None
    fetched_at: str | None = None
    company: str | None = None
    role: str | None = None
    season: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    licence: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the fixed order."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "source": self.source,
            "kind": self.kind,
            "url": self.url,
            "fetched_at": self.fetched_at,
            "company": self.company,
            "role": self.role,
            "season": self.season,
            # Not asdict, which copies deeply: three texts need no copy.
            "items": [{"question": i.question, "answer": i.answer, "summary": i.summary} for i in self.items],
            "meta": dict(self.meta),
            "licence": self.licence,
        }

    @classmethod
    def from_json(cls, obj: object, where: str) -> Document:
        """Validate a JSON object and build the document.

        RequestError for a bad record; its message begins with `where` (file:line).
        """
        row = _mapping(obj, where)
        _check_schema(row, where)
        _check_keys(row, {"schema", *(f.name for f in fields(cls))}, {"id", "source", "kind", "items"}, where)
        for name in ("id", "source", "kind"):
            _check_text(row, name, where, required=True)
        for name in ("url", "fetched_at", "company", "role", "season", "licence"):
            _check_text(row, name, where, required=False)
        if row["kind"] not in KINDS:
            raise RequestError(f"{where}: kind '{row['kind']}' is unknown", did_you_mean(str(row["kind"]), list(KINDS)))
        if not isinstance(row["items"], list):
            raise RequestError(
                f"{where}: 'items' is {typename(row['items'])}", "make it a list of question/answer objects"
            )
        items = tuple(_item(item, f"{where}: items[{i}]") for i, item in enumerate(row["items"]))
        meta = _mapping(row.get("meta") or {}, f"{where}: meta")
        for name in ("occupation", "experience"):
            _check_text(meta, name, f"{where}: meta", required=False)
        _check_columns(meta, f"{where}: meta")
        values: dict[str, Any] = {f.name: row.get(f.name) for f in fields(cls) if f.name not in ("items", "meta")}
        return cls(**values, items=items, meta=meta)


@dataclass(frozen=True, slots=True)
class Example:
    """A training or test example. No `group` has examples in two splits.

    `meta`: the user's further columns, which prompts read as `meta.<column>`. `messages`: all turns of a conversation.
    """

    id: str
    document_id: str
    group: str
    split: str
    question: str | None
    answer: str | None
    summary: str | None = None
    occupation: str | None = None
    experience: str | None = None
    role: str | None = None
    company: str | None = None
    source: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict, hash=False)
    messages: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its offsets in a cleaned document.

    `text` is `field`[start:end] of the document's item; offsets count Unicode code points.
    """

    document_id: str
    item: int
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """A generated text with its reference.

    A file needs id, prediction and reference only.
    """

    id: str
    prediction: str
    reference: str
    prompt: str | None = None
    prompt_format: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the fixed order."""
        return {
            "id": self.id,
            "prompt": self.prompt,
            "prediction": self.prediction,
            "reference": self.reference,
            "prompt_format": self.prompt_format,
            "meta": dict(self.meta),
        }

    @classmethod
    def from_json(cls, obj: object, where: str) -> Prediction:
        """Validate a JSON object and build the prediction.

        RequestError for an unknown key: a misspelt 'refrence' must not be dropped in silence. `where` (file:line)
        opens the message.
        """
        row = _mapping(obj, where)
        _check_keys(row, {"schema", *(f.name for f in fields(cls))}, {"id", "prediction", "reference"}, where)
        _check_text(row, "id", where, required=True)
        for name in ("prediction", "reference"):
            if not isinstance(row[name], str):
                raise RequestError(f"{where}: '{name}' is {typename(row[name])}", "make it a text")
        meta = _mapping(row.get("meta") or {}, f"{where}: meta")
        return cls(
            id=row["id"],
            prediction=row["prediction"],
            reference=row["reference"],
            prompt=row.get("prompt"),
            prompt_format=row.get("prompt_format"),
            meta=meta,
        )


def _item(obj: object, where: str) -> Item:
    row = _mapping(obj, where)
    _check_keys(row, {"question", "answer", "summary"}, set(), where)
    for name in ("question", "answer", "summary"):
        _check_text(row, name, where, required=False)
    return Item(**row)


def _check_columns(meta: Mapping[str, Any], where: str) -> None:
    """Check a user's further columns and the turns of a conversation."""
    columns = _mapping(meta.get("columns") or {}, f"{where}.columns")
    for name, text in columns.items():
        if not isinstance(text, str):
            raise RequestError(f"{where}.columns: '{name}' is {typename(text)}", "make it a text")
    turns = meta.get("messages") or []
    for turn in turns if isinstance(turns, list) else [None]:
        if not (isinstance(turn, dict) and all(isinstance(turn.get(name), str) for name in ("role", "content"))):
            raise RequestError(
                f"{where}: 'messages' is no list of turns", 'write [{"role": "user", "content": "…"}, …]'
            )


def _mapping(obj: object, where: str) -> dict[str, Any]:
    if not isinstance(obj, dict):
        raise RequestError(f"{where}: is {typename(obj)}", "each line must be one JSON object")
    return obj


def _check_schema(row: Mapping[str, Any], where: str) -> None:
    if row.get("schema", SCHEMA) != SCHEMA:
        raise RequestError(f"{where}: schema {row['schema']!r}, this jaso reads {SCHEMA}", "use the jaso that wrote it")


def _check_keys(row: Mapping[str, Any], known: set[str], required: set[str], where: str) -> None:
    for key in row:
        if key not in known:
            raise RequestError(f"{where}: key '{key}' is unknown", did_you_mean(key, sorted(known)))
    for key in sorted(required):
        if key not in row:
            raise RequestError(f"{where}: key '{key}' is missing", f"required keys: {', '.join(sorted(required))}")


def _check_text(row: Mapping[str, Any], name: str, where: str, *, required: bool) -> None:
    value = row.get(name)
    if value is None and not required:
        return
    if not isinstance(value, str):
        raise RequestError(f"{where}: '{name}' is {typename(value)}", "make it a text")
    if not value.strip():
        raise RequestError(
            f"{where}: '{name}' is empty", "leave it out or write null" if not required else "fill it in"
        )


def typename(value: object) -> str:
    """Return the type of a JSON value in words: "a text", "null"."""
    names = {type(None): "null", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")
