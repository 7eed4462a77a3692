"""Open xlsx workbooks for their values: styles and properties do not matter."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import TYPE_CHECKING
from xml.parsers import expat

from jaso_core.errors import first_line
from jaso_core.io.free_space import free_memory

if TYPE_CHECKING:
    from openpyxl import Workbook

# ISO/IEC 29500 Strict names its vocabularies otherwise; the elements are the same.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(spreadsheetml|officeDocument|drawingml)/")
_STYLES = "xl/styles.xml"
# What holds no value of a cell, and is absent from many files.
_NEEDLESS = ("docProps/core.xml", "docProps/custom.xml", "xl/theme/theme1.xml")
_NUMBER_FORMATS = re.compile(rb"<(?:\w+:)?numFmt\b[^<>]*>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^<>]*>")
_NAMES = re.compile(rb"<(?:\w+:)?definedNames\b.*?</(?:\w+:)?definedNames>", re.DOTALL)
_SPREADSHEET = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LARGEST_CONTENT = 2 << 30
# Shared texts are held as a whole: bytes of memory for a byte of them, and for the XML around them.
_SHARED_TEXTS = "sst"
_MEMORY_PER_BYTE = 3
_MOST_TEXTS = 10_000_000
_TAGS_PER_TEXT = 4  # <si><t>…</t></si>
# Of any part but sheets and shared texts: styles have the most, and the format ends them at 65,490.
_MOST_TAGS = 1_000_000
_BLOCK = 1 << 16


class UnreadableWorkbookError(ValueError):
    """The file is no xlsx workbook; the message is one line."""


class TooLargeWorkbookError(UnreadableWorkbookError):
    """The file unpacks to more than it may."""


class TooManyTextsError(UnreadableWorkbookError):
    """The file's shared texts are more than they may be."""


def open_workbook(
    data: bytes,
    *,
    read_only: bool,
    data_only: bool = True,
    largest: int = _LARGEST_CONTENT,
    most_texts: int = _MOST_TEXTS,
) -> Workbook:
    """Open a workbook. UnreadableWorkbookError with a one-line reason.

    `largest`: bytes that it may unpack to. `most_texts`: shared texts, which are read whether a cell holds them or not.
    A part with a document type, which may define entities, is refused: no spreadsheet program writes one.

    A file that openpyxl refuses for its styles, properties or names, and one in the Strict variant of the format, is
    opened with those replaced. Number formats are kept, as they tell dates from numbers.
    """
    from openpyxl import load_workbook  # slow to import

    _check_parts(data, largest, most_texts)
    error: Exception | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(data), read_only=read_only, data_only=data_only)
            if book.worksheets:
                return book
        except Exception as raised:  # openpyxl raises whatever its parsers do
            error = raised
        try:
            repaired = load_workbook(io.BytesIO(_repair(data, largest)), read_only=read_only, data_only=data_only)
        except Exception as raised:
            raise UnreadableWorkbookError(one_line(error or raised)) from None
    if not repaired.worksheets:
        raise UnreadableWorkbookError(one_line(error) if error else "it has no sheet with cells")
    return repaired


def one_line(error: Exception) -> str:
    """Return the first line of an error's message, its type where it has none."""
    return first_line(error)[:120]


def _check_parts(data: bytes, largest: int, most_texts: int) -> None:
    """Refuse what unpacks to too much, has document types, or parts without end.

    What is no zip is refused later.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A member never gives more than its declared size; zipfile stops there.
            size = sum(entry.file_size for entry in archive.infolist())
            if size > largest:
                raise TooLargeWorkbookError(f"unpacks to {size / 2**30:,.1f} GB")
            for entry in archive.infolist():
                if entry.filename.lower().endswith((".xml", ".rels")):
                    _check_part(archive, entry, most_texts)
    except UnreadableWorkbookError:
        raise
    except Exception:  # zipfile and zlib raise some ten kinds of errors for damage
        return


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_texts: int) -> None:
    root = _root(archive, entry)
    if root == _SHARED_TEXTS:
        if _MEMORY_PER_BYTE * entry.file_size > free_memory():
            raise UnreadableWorkbookError(f"its texts, {entry.file_size:,} bytes, do not fit into memory")
        if _count_tags(archive, entry) > _TAGS_PER_TEXT * most_texts:
            raise TooManyTextsError(f"holds more than {most_texts:,} texts")
    elif root != "worksheet" and _count_tags(archive, entry) > _MOST_TAGS:
        raise UnreadableWorkbookError(f"{entry.filename} has more than {_MOST_TAGS:,} tags, as no workbook's has")


def _root(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    """Return the name of a part's root in any encoding, None where there is none.

    UnreadableWorkbookError for a document type. The part is read as far as its root.
    """
    beginnings: list[str | None] = []  # None for a document type, else the root
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: beginnings.append(None)
    parser.StartElementHandler = lambda name, _: beginnings.append(name)
    with archive.open(entry) as stream:
        while not beginnings and (block := stream.read(_BLOCK)):
            try:
                parser.Parse(block)
            except expat.ExpatError:
                break
    if beginnings[:1] == [None]:
        raise UnreadableWorkbookError(f"{entry.filename} has a document type, as no workbook does")
    return beginnings[0].rpartition(":")[2] if beginnings and beginnings[0] else None


def _count_tags(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return how many tags a part has: the time to read it goes with them."""
    with archive.open(entry) as stream:
        return sum(block.count(b"<") for block in iter(lambda: stream.read(_BLOCK), b""))


def _repair(data: bytes, largest: int) -> bytes:
    """Return the archive with plain styles, in the transitional vocabulary."""
    repaired = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(repaired, "w", zipfile.ZIP_STORED) as new:
        if sum(entry.file_size for entry in old.infolist()) > largest:
            raise ValueError("it unpacks to too much")
        for name in dict.fromkeys(old.namelist()):
            if name in _NEEDLESS:
                continue
            part = old.read(name)
            if name.endswith((".xml", ".rels")):
                part = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part)
            if name == _STYLES:
                part = _plain_styles(part)
            elif name == "xl/workbook.xml":
                part = _NAMES.sub(b"", part)
            new.writestr(name, part)
    return repaired.getvalue()


def _plain_styles(part: bytes) -> bytes:
    """Return a style sheet with the same number formats and nothing else."""
    formats = _CELL_FORMATS.search(part)
    codes = [
        (re.search(rb'\bnumFmtId="(\d{1,9})"', xf) or (b"", b"0"))[1]
        for xf in _CELL_FORMAT.findall(formats[0] if formats else b"<xf>")
    ]
    xfs = b"".join(b'<xf numFmtId="%s" fontId="0" fillId="0" borderId="0" xfId="0"/>' % code for code in codes)
    number_formats = b"".join(
        b'<numFmt numFmtId="%s" formatCode="%s"/>' % (number[1], code[1])
        for tag in _NUMBER_FORMATS.findall(part)
        if (number := re.search(rb'\bnumFmtId="(\d{1,9})"', tag))
        and (code := re.search(rb'\bformatCode="([^"]*)"', tag))
    )
    return (
        b'<styleSheet xmlns="%s"><numFmts>%s</numFmts>'
        b'<fonts><font><sz val="11"/></font></fonts><fills><fill><patternFill/></fill></fills>'
        b"<borders><border/></borders>"
        b'<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs>%s</cellXfs>'
        b"</styleSheet>" % (_SPREADSHEET, number_formats, xfs)
    )
