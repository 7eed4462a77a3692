"""AI Hub 71592 (채용면접 인터뷰 데이터): the label files of its zips, read in place and never unpacked."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.records import Document, Item
from jaso_crawl.pages import Rejection

LARGEST_LABEL = 4 * 2**20
"""Bytes. Labels have a few thousand; more is not a label, and not worth the memory."""


class BadLabelError(ValueError):
    """A label file that cannot become a document; the message says why."""


def read_zip(path: Path, source: str, licence: str | None, meta: Mapping[str, Any]) -> Iterator[Document | Rejection]:
    """Every .json member of a label zip, in the order of their names. RequestError when it is no zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in sorted(archive.infolist(), key=lambda entry: entry.filename):
                if info.filename.lower().endswith(".json"):
                    yield _read_member(archive, info, f"{path.name}:{info.filename}", source, licence, meta)
    except zipfile.BadZipFile as error:
        raise RequestError(f"{path}: not a whole zip ({error})", "download it again") from None


def _read_member(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    where: str,
    source: str,
    licence: str | None,
    meta: Mapping[str, Any],
) -> Document | Rejection:
    # Names may begin with "/". Nothing is written, but a name with ".." has no business here.
    name = PurePosixPath(info.filename.replace("\\", "/").lstrip("/"))
    if ".." in name.parts:
        return Rejection(where, "unsafe_name", "the member's name leads out of the archive")
    if info.file_size > LARGEST_LABEL:
        return Rejection(where, "too_large", f"{info.file_size:,} bytes are no label")
    try:
        return parse_label(archive.read(info), name.stem, source, licence, meta)
    except BadLabelError as error:
        return Rejection(where, "bad_label", str(error))
    except (zipfile.BadZipFile, EOFError) as error:
        return Rejection(where, "damaged", str(error))


def parse_label(
    data: bytes, stem: str, source: str, licence: str | None = None, meta: Mapping[str, Any] | None = None
) -> Document:
    """One label file. `stem` (ckmk_d_ard_f_e_101874) is its id within `source`. BadLabelError when it holds no talk."""
    try:
        # Some files begin with a BOM, some hold raw control characters.
        body = json.loads(data.decode("utf-8-sig"), strict=False)
    except UnicodeDecodeError as error:
        raise BadLabelError(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadLabelError(f"not JSON (line {error.lineno}: {error.msg})") from None
    content = _mapping(_mapping(body).get("dataSet"))
    info, question, answer = (_mapping(content.get(key)) for key in ("info", "question", "answer"))
    item = Item(_text(question.get("raw")), _text(answer.get("raw")), _text(answer.get("summary")))
    if item.question is None or item.answer is None:
        raise BadLabelError("question or answer is empty")
    return Document(
        id=f"{source}:{stem}",
        source=source,
        kind="interview",
        items=(item,),
        meta={
            **(meta or {}),
            "occupation": info.get("occupation") or None,
            "experience": info.get("experience") or None,
            "gender": info.get("gender") or None,
            "age_range": info.get("ageRange") or None,
            "channel": info.get("channel") or None,
            "place": info.get("place") or None,
            "emotion": _labels(answer.get("emotion")),
            "intent": _labels(answer.get("intent")),
        },
        licence=licence,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(node: object) -> str | None:
    text = _mapping(node).get("text")
    return text if isinstance(text, str) and text.strip() else None


def _labels(value: object) -> list[dict[str, Any]]:
    """A list, an empty list, or absent."""
    return [dict(entry) for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
