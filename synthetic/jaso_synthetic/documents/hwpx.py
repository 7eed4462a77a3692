"""Write a small .hwpx (OWPML): paragraphs and tables in a zip of XML."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_DATE = (2024, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'
_NS = "http://www.hancom.co.kr/hwpml/2011"
_CONTAINER = (
    f'{_HEAD}<ocf:container xmlns:ocf="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<ocf:rootfiles><ocf:rootfile full-path="Contents/content.hpf" media-type="application/hwpml-package+xml"/>'
    "</ocf:rootfiles></ocf:container>"
)
_VERSION = (
    f'{_HEAD}<hv:HCFVersion xmlns:hv="{_NS}/version" tagetApplication="WORDPROCESSOR" major="5" minor="1" micro="0" '
    'buildNumber="1" xmlVersion="1.4"/>'
)
_PACKAGE = (
    f'{_HEAD}<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:manifest>'
    '<opf:item id="header" href="Contents/header.xml" media-type="application/xml"/>'
    '<opf:item id="section0" href="Contents/section0.xml" media-type="application/xml"/></opf:manifest>'
    '<opf:spine><opf:itemref idref="header"/><opf:itemref idref="section0"/></opf:spine></opf:package>'
)
_HEADER = (
    f'{_HEAD}<hh:head xmlns:hh="{_NS}/head" version="1.4" secCnt="1"><hh:refList><hh:styles itemCnt="2">'
    '<hh:style id="0" type="PARA" name="바탕글"/><hh:style id="1" type="PARA" name="개요 1"/>'
    "</hh:styles></hh:refList></hh:head>"
)


def write_hwpx(path: Path, paragraphs: Sequence[str | Sequence[Sequence[str]]]) -> None:
    """Write paragraphs; one that is a list of rows of texts becomes a table."""
    body = "".join(_paragraph(entry) if isinstance(entry, str) else _table(entry) for entry in paragraphs)
    section = f'{_HEAD}<hs:sec xmlns:hs="{_NS}/section" xmlns:hp="{_NS}/paragraph">{body}</hs:sec>'
    parts = {
        "mimetype": "application/hwp+zip",
        "version.xml": _VERSION,
        "META-INF/container.xml": _CONTAINER,
        "Contents/content.hpf": _PACKAGE,
        "Contents/header.xml": _HEADER,
        "Contents/section0.xml": section,
    }
    write_zip(path, {name: text.encode() for name, text in parts.items()})


def write_zip(path: Path, parts: dict[str, bytes]) -> None:
    """Write a zip with a fixed date, so that equal parts give equal bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, date_time=_DATE)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same bytes on every platform
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)


def _paragraph(text: str) -> str:
    runs = escape(text).replace("\n", "<hp:lineBreak/>").replace("\t", "<hp:tab/>")
    return f'<hp:p styleIDRef="0"><hp:run><hp:t>{runs}</hp:t></hp:run></hp:p>'


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(
        "<hp:tr>" + "".join(f"<hp:tc><hp:subList>{_paragraph(cell)}</hp:subList></hp:tc>" for cell in row) + "</hp:tr>"
        for row in rows
    )
    return f'<hp:p styleIDRef="0"><hp:run><hp:tbl>{cells}</hp:tbl></hp:run></hp:p>'
