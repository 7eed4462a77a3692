"""Parse one label file of AI Hub 71592 into an interview document. Pure: no I/O."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from jaso_core.records import Document, Item, typename
from jaso_crawl.aihub.paths import EXPERIENCES, GENDERS, code_of, occupation_code


class BadLabelError(ValueError):
    """A label file that cannot become a document.

    `reason` is a category for counting, the message has the details.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def parse_label(
    data: bytes,
    stem: str,
    source: str,
    licence: str | None = None,
    meta: Mapping[str, Any] | None = None,
    *,
    recording: bool = False,
) -> Document:
    """Parse one label file into a document.

    `stem` (ckmk_d_ard_f_e_101874) is its id within `source` and supplies what `info` leaves out. With `recording` meta
    also holds the date, and of question and answer the audio's path and its length in ms.
    BadLabelError (not_utf8, not_json, too_deep, not_a_label, empty_question, empty_answer, bad_character).
    """
    body = _parse_json(data)
    content = body.get("dataSet")
    if not isinstance(content, dict):
        raise BadLabelError("not_a_label", f"'dataSet' is {typename(content)}, not an object")
    info, question, answer = (_mapping(content.get(key)) for key in ("info", "question", "answer"))
    item = Item(_text(question.get("raw")), _text(answer.get("raw")), _text(answer.get("summary")))
    if item.question is None:
        raise BadLabelError("empty_question", "the question is empty")
    if item.answer is None:
        raise BadLabelError("empty_answer", "the answer is empty")
    code = code_of(stem)
    occupation = _word(info.get("occupation"))
    document = Document(
        id=f"{source}:{stem}",
        source=source,
        kind="interview",
        items=(item,),
        meta={
            **(meta or {}),
            "occupation": code.occupation if occupation is None else occupation_code(occupation),
            "experience": _match_known(EXPERIENCES, info.get("experience")) or code.experience,
            "gender": _match_known(GENDERS, info.get("gender")) or code.gender,
            "age_range": _word(info.get("ageRange")),
            "channel": _word(info.get("channel")),
            "place": _word(info.get("place")),
            "emotion": _labels(answer.get("emotion")),
            "intent": _labels(answer.get("intent")),
            **(_recording(body, content, info) if recording else {}),
        },
        licence=licence,
    )
    if b"\\u" in data:  # only an escape can put a lone surrogate into UTF-8
        _refuse_lone_surrogates(document)
    return document


def _parse_json(data: bytes) -> dict[str, Any]:
    """Parse the JSON object, tolerant of AI Hub's quirks.

    Some files begin with a BOM, some hold raw control characters; NaN and 1e999 become null.
    """
    try:
        body = json.loads(
            data.decode("utf-8-sig"),
            strict=False,
            parse_constant=_to_none,
            parse_float=_finite_float,
            parse_int=_bounded_int,
        )
    except UnicodeDecodeError as error:
        raise BadLabelError("not_utf8", f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadLabelError("not_json", f"not JSON (line {error.lineno}: {error.msg})") from None
    except RecursionError:
        raise BadLabelError("too_deep", "lists or objects in each other without end") from None
    if not isinstance(body, dict):
        raise BadLabelError("not_a_label", f"the file holds {typename(body)}, not an object")
    return body


def _to_none(_: str) -> None:
    return None


def _finite_float(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _bounded_int(digits: str) -> int | None:
    # int() refuses thousands of digits; no number of a label has twenty.
    return int(digits) if len(digits) < 20 else None


def _recording(body: Mapping[str, Any], content: Mapping[str, Any], info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recording's metadata: audio paths, durations in ms, date.

    rawDataInfo is beside dataSet or inside it; either half may be missing.
    """
    outside, inside = _mapping(body.get("rawDataInfo")), _mapping(content.get("rawDataInfo"))
    halves = {part: _mapping(outside.get(part)) or _mapping(inside.get(part)) for part in ("question", "answer")}
    date = info.get("date")
    return {
        "audio": {part: _word(raw.get("audioPath")) for part, raw in halves.items()},
        "duration_ms": {part: _milliseconds(raw.get("duration")) for part, raw in halves.items()},
        "date": str(date) if isinstance(date, int) and not isinstance(date, bool) else _word(date),
    }


def _milliseconds(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return round(value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(node: object) -> str | None:
    """Return the text unchanged; None when it has no visible character."""
    text = _mapping(node).get("text")
    return text if isinstance(text, str) and _is_visible(text) else None


def _is_visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


def _word(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and _is_visible(value) else None


def _match_known(known: tuple[str, ...], value: object) -> str | None:
    """Return a known value in its canonical spelling, any other word unchanged."""
    word = _word(value)
    return word.upper() if word is not None and word.upper() in known else word


def _labels(value: object) -> list[dict[str, Any]]:
    """Return annotations as a list, keeping only scalar values of each.

    The file has a list, a single label, an empty list, or none.
    """
    entries = value if isinstance(value, list) else [value]
    return [
        {key: item for key, item in entry.items() if not isinstance(item, dict | list)}
        for entry in entries
        if isinstance(entry, dict)
    ]


def _refuse_lone_surrogates(document: Document) -> None:
    """Raise BadLabelError for a lone surrogate such as "\\ud83d".

    No UTF-8 file can hold one.
    """
    try:
        json.dumps(document.to_json(), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        surrogate = ord(error.object[error.start])
        raise BadLabelError("bad_character", f"holds half a character (\\u{surrogate:04x})") from None
