"""key.json: which run wrote the text behind each code. Its reader is not blind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.io.shapes import checked
from jaso_evaluate.human.rubric import Rubric, read_rubric

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


class _RowFile(TypedDict):
    """A row of key.json: see `KeyRow`."""

    code: str
    rater: str
    position: int
    run: str
    example: str
    question: str
    sha256: str
    duplicate_of: NotRequired[str | None]


class _KeyFile(TypedDict):
    """key.json: see `Key`."""

    round: str
    rubric: dict[str, Any]
    raters: list[str]
    runs: dict[str, str]
    items: dict[str, dict[str, str]]
    rows: list[_RowFile]


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
    if isinstance(body, dict) and body.get("schema") == SCHEMA:
        body = checked(body, _KeyFile, str(file))
        runs_and_raters = [(row["run"] in body["runs"], row["rater"] in body["raters"]) for row in body["rows"]]
        examples = [row["example"] in body["items"] for row in body["rows"]]
        if not all(examples) or not all(map(all, runs_and_raters)):
            raise RequestError(f"{file}: a row is of no run, rater or item that it names", _CURE)
    try:
        if body["schema"] != SCHEMA:
            what = f"{file}: schema {body['schema']}, this jaso reads {SCHEMA}"
            raise RequestError(what, "use the jaso that made the sheets")
        return Key(
            round=body["round"],
            rubric=read_rubric(body["rubric"], f"{file}: rubric"),
            raters=tuple(body["raters"]),
            runs=body["runs"],
            items=body["items"],
            rows=tuple(KeyRow(**row) for row in body["rows"]),
        )
    except (KeyError, TypeError, AttributeError):
        raise RequestError(f"{file}: is no key", _CURE) from None
