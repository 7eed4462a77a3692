"""Name files that are no table, with how to convert them; paths found by NFC."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.text.invisible import comparable_name

_ARCHIVE = ("an archive", "unpack it, and give the table in it")
_PART = (
    "one part of a split archive",
    "join its parts (cat NAME.zip.0* > NAME.zip, or 7-Zip), unpack that, and give the table in it",
)
_LETTERS = "source=letter_files reads letters; copy a table out of it, and save that as .xlsx or CSV"
_WORD = ("a Word document", _LETTERS)
_HANGUL = ("a Hangul document (한글)", _LETTERS)
_PDF = ("a PDF document", "copy its questions and answers into a table, and save that as .xlsx or CSV")
_SLIDES = ("a presentation", "copy its questions and answers into a table, and save that as .xlsx or CSV")
_SHEET = ("a workbook of another program", "open it, and save it as .xlsx or CSV")
_OLD_SHEET = ("in the old .xls format", "save it as .xlsx")
_ARROW = ("an Arrow file", "datasets.Dataset.from_file('NAME').to_parquet('NAME.parquet') converts it")
_DATABASE = ("a database", "export the table as CSV")
_LIST = ("one JSON text", "source=dataset reads it; or write one object a line: jq -c '.[]' NAME.json > NAME.jsonl")
_BY_SUFFIX = {
    ".docx": _WORD, ".doc": _WORD, ".odt": _WORD, ".rtf": _WORD, ".docm": _WORD, ".dotx": _WORD, ".pages": _WORD,
    ".hwp": _HANGUL, ".hwpx": _HANGUL, ".hwt": _HANGUL, ".hml": _HANGUL, ".pdf": _PDF,
    ".pptx": _SLIDES, ".ppt": _SLIDES, ".odp": _SLIDES, ".key": _SLIDES,
    ".ods": _SHEET, ".xlsb": _SHEET, ".numbers": _SHEET, ".cell": _SHEET, ".xlsm": _SHEET, ".xls": _OLD_SHEET,
    ".tar": _ARCHIVE, ".tgz": _ARCHIVE, ".gz": _ARCHIVE, ".bz2": _ARCHIVE, ".xz": _ARCHIVE, ".zst": _ARCHIVE,
    ".zip": _ARCHIVE, ".7z": _ARCHIVE, ".rar": _ARCHIVE, ".alz": _ARCHIVE, ".egg": _ARCHIVE,
    ".arrow": _ARROW, ".feather": _ARROW, ".db": _DATABASE, ".sqlite": _DATABASE, ".sqlite3": _DATABASE, ".json": _LIST,
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BY_BEGINNING = (
    (b"%PDF", _PDF), (b"HWP Document File", _HANGUL), (b"{\\rtf", _WORD), (b"\x1f\x8b", _ARCHIVE), (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ", _ARCHIVE), (b"\x28\xb5\x2f\xfd", _ARCHIVE), (b"7z\xbc\xaf", _ARCHIVE), (b"Rar!", _ARCHIVE),
    (b"ALZ\x01", _ARCHIVE), (b"EGGA", _ARCHIVE), (b"ARROW1", _ARROW), (b"SQLite format 3", _DATABASE),
)  # fmt: skip
# Names of parts that tell what a ZIP or OLE file is.
_IN_ZIP = (
    (b"word/", _WORD), (b"Contents/section", _HANGUL), (b"application/hwp+zip", _HANGUL), (b"ppt/", _SLIDES),
    (b"opendocument.text", _WORD), (b"opendocument.spreadsheet", _SHEET), (b"xl/workbook.bin", _SHEET),
)  # fmt: skip
_IN_OLE = (("HwpSummaryInformation", _HANGUL), ("WordDocument", _WORD), ("PowerPoint Document", _SLIDES))
_TAR_MARK = slice(257, 262)
_SAVED_BY = ("dataset_info.json", "state.json", "dataset_dict.json")


def refuse_foreign(path: Path, known: str) -> None:
    """Raise RequestError for a folder, and a file whose name says that it is no table.

    `known`: the suffixes that are read, for the message.
    """
    if path.is_dir():
        raise RequestError(*_folder_error(path))
    kind = kind_of_name(path.name)
    if kind is not None:
        what, cure = kind
        raise RequestError(f"{path}: '{path.suffix}' cannot be read, it is {what}", f"{cure}; known: {known}")


def kind_of_name(name: str) -> tuple[str, str] | None:
    """Return what a file is by its name, and how to convert it; None when unknown."""
    parts = name.lower().rsplit(".", 2)
    last = f".{parts[-1]}" if len(parts) > 1 else ""
    # 자료.zip.001, 자료.z01, 자료.part2.rar
    if last[1:].isascii() and last[1:].isdigit() and len(last) == 4:
        return _PART
    if last[:2] == ".z" and last[2:].isdigit():
        return _PART
    if last == ".rar" and len(parts) > 2 and parts[1].startswith("part"):
        return _PART
    return _BY_SUFFIX.get(last)


def kind_of_content(data: bytes) -> tuple[str, str] | None:
    """Return what a file is by its content, and how to convert it; None when unknown."""
    for beginning, kind in _BY_BEGINNING:
        if data.startswith(beginning):
            return kind
    if data[_TAR_MARK] == b"ustar":
        return _ARCHIVE
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _IN_ZIP if mark in data), None)
    if data.startswith(_OLE):
        return next((kind for mark, kind in _IN_OLE if mark.encode("utf-16-le") in data), None)
    return None


def _folder_error(path: Path) -> tuple[str, str]:
    names = {entry.name for entry in path.iterdir()}
    if names.isdisjoint(_SAVED_BY):
        return f"{path}: is a folder, not a file", "give the table in it"
    return f"{path}: is a folder of save_to_disk, not a table", "source=dataset reads it"


def existing_path(path: Path) -> Path:
    """Return the path as it is on the disk: names are compared in NFC.

    macOS writes names in NFD, and what is copied from a page may hold invisible characters. A path that is nowhere is
    returned as it is, and so is one that could mean two.
    """
    if path.exists() or path.parent == path:
        return path
    parent = existing_path(path.parent)
    wanted = comparable_name(path.name)
    try:
        names = [entry for entry in parent.iterdir() if comparable_name(entry.name) == wanted]
    except OSError:
        return path
    exact = [entry for entry in names if unicodedata.normalize("NFC", entry.name) == path.name]
    matches = exact or names
    return matches[0] if len(matches) == 1 else path
