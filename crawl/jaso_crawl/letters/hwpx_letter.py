"""Paragraphs of a .hwpx (OWPML, KS X 6101): a zip with a section of XML each."""

from __future__ import annotations

import re

from jaso_crawl.letters.office_zip import LetterError, LetterLimits, OfficeZip
from jaso_crawl.letters.paragraphs import Paragraph, Vocabulary, local_name, own_text, walk

_HWPX = Vocabulary(
    paragraph="p",
    text="t",
    breaks={"lineBreak": "\n", "tab": "\t", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"},
    skipped=("header", "footer", "footNote", "endNote", "hiddenComment", "memo", "secPr", "linesegarray"),
)
_SECTION = re.compile(r"Contents/section(\d+)\.xml")
_STYLES = "Contents/header.xml"
_MANIFEST = "META-INF/manifest.xml"
_HEADING = re.compile(r"개요\s*\d|제목.*|outline\s*\d|heading\s*\d", re.IGNORECASE)


def read_hwpx(data: bytes, limits: LetterLimits) -> list[Paragraph]:
    """Return the paragraphs of a .hwpx in reading order. LetterError as for .docx."""
    archive = OfficeZip(data, limits)
    if _MANIFEST in archive.names and b"encryption-data" in archive.read(_MANIFEST):
        raise LetterError("password", "is protected by a password; save it without one")
    numbers = sorted(int(match[1]) for name in archive.names if (match := _SECTION.fullmatch(name)))
    if not numbers:
        raise LetterError("no_text", "is no .hwpx: it has no sections; open it and save it once more as .hwpx")
    headings = _heading_styles(archive)
    sections = [archive.xml(f"Contents/section{number}.xml") for number in numbers]
    return [
        Paragraph(own_text(element, _HWPX), element.get("styleIDRef") in headings)
        for section in sections
        for element in walk(section, _HWPX)
    ]


def _heading_styles(archive: OfficeZip) -> set[str | None]:
    if _STYLES not in archive.names:
        return set()
    styles = (element for element in archive.xml(_STYLES).iter() if local_name(element) == "style")
    return {style.get("id") for style in styles if _HEADING.fullmatch(style.get("name") or "")}
