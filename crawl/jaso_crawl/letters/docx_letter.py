"""Paragraphs of a .docx by python-docx, with tables and text boxes."""

from __future__ import annotations

import io
import re
from typing import Any

from jaso_crawl.letters.office_zip import LetterError, LetterLimits, OfficeZip
from jaso_crawl.letters.paragraphs import Paragraph, Vocabulary, own_text, walk

_DOCX = Vocabulary(
    paragraph="p",
    text="t",
    breaks={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"},
    # Fallback repeats a text box for old programs; del and moveFrom hold what was taken out; pPr and rPr no text.
    skipped=("Fallback", "del", "moveFrom", "pPr", "rPr", "sectPr"),
)
_BODY = "word/document.xml"
_HEADING = re.compile(r"(?:heading|제목)\s*\d|title|subtitle|제목|부제", re.IGNORECASE)


def read_docx(data: bytes, limits: LetterLimits) -> list[Paragraph]:
    """Return the paragraphs of a .docx in reading order.

    LetterError for a damaged or hostile file. Numbers that the program draws before list items are no text of it.
    """
    archive = OfficeZip(data, limits)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.xml(name)  # python-docx parses them all, with another parser
    try:
        from docx import Document

        document = Document(io.BytesIO(data))
        body = document.element.body
        headings = {style.style_id for style in document.styles if _HEADING.fullmatch(str(style.name))}
        return [Paragraph(own_text(element, _DOCX), _style(element) in headings) for element in walk(body, _DOCX)]
    except Exception as error:  # python-docx raises what it meets: a missing part, a wrong relation
        detail = f"is no Word document ({type(error).__name__}); open it and save it once more as .docx"
        raise LetterError("broken_document", detail) from None


def _style(paragraph: Any) -> str | None:
    style: str | None = getattr(paragraph, "style", None)  # absent in a drawing's own paragraphs
    return style
