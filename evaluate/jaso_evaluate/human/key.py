"""key.json: which run wrote the text behind each code. Its reader is not blind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.io.shapes import checked
from jaso_evaluate.rubric import Rubric, read_rubric

NAME = "key.json"
SCHEMA = 1
_CURE = "give key= the folder that `jaso sheet make` wrote"


@dataclass(frozen=True)
class KeyRow:
    """One row of one sheet.

    `position` counts from 1; the hashes (cell_text.digest) are of what was shown. `duplicate_of` is the code under
    which the same rater saw the same text first.
    """

    code: str
    rater: str
    position: int
    run: str
    example: str
    question: str
    sha256: str
    duplicate_of: str | None = None


class _KeyFile(TypedDict):
    """key.json: see `Key`."""

    round: str
    rubric: dict[str, Any]
    raters: list[str]
    runs: dict[str, str]
    items: dict[str, dict[str, str]]
    rows: list[KeyRow]


@dataclass(frozen=True)
class Key:
    """A round of scoring.

    `runs`: {label: sha256 of its predictions}; `items`: {example: {"question", "group"}}.
    """

    round: str
    rubric: Rubric
    raters: tuple[str, ...]
    runs: Mapping[str, str]
    items: Mapping[str, Mapping[str, str]]
    rows: tuple[KeyRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the content of key.json."""
        return {
            "schema": SCHEMA,
            "round": self.round,
            "rubric": self.rubric.to_json(),
            "raters": list(self.raters),
            "runs": dict(self.runs),
            "items": {example: dict(item) for example, item in self.items.items()},
            "rows": [asdict(row) for row in self.rows],
        }


def read_key(path: Path) -> Key:
    """Read the key of a folder of `jaso sheet make`, or its key.json.

    RequestError when it is none.
    """
    file = path / NAME if path.is_dir() else path
    body = read_json(file)
    if not isinstance(body, dict) or "schema" not in body:
        raise RequestError(f"{file}: is no key", _CURE)
    if body["schema"] != SCHEMA:
        what = f"{file}: schema {body['schema']}, this jaso reads {SCHEMA}"
        raise RequestError(what, "use the jaso that made the sheets")
    checked(body, _KeyFile, str(file))
    try:
        rows = tuple(KeyRow(**row) for row in body["rows"])
    except TypeError:  # a key that no row has
        raise RequestError(f"{file}: is no key", _CURE) from None
    runs, raters, items = body["runs"], body["raters"], body["items"]
    if not all(row.run in runs and row.rater in raters and row.example in items for row in rows):
        raise RequestError(f"{file}: a row is of no run, rater or item that it names", _CURE)
    return Key(body["round"], read_rubric(body["rubric"], f"{file}: rubric"), tuple(raters), runs, items, rows)
