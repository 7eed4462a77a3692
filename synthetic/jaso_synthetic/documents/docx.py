"""Write a .docx by python-docx, with a fixed date, so that its bytes are equal."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from docx import Document

from jaso_synthetic.documents.hwpx import write_zip


def write_docx(path: Path, paragraphs: Sequence[str | Sequence[Sequence[str]]]) -> None:
    """Write paragraphs; one that is a list of rows of texts becomes a table.

    "# 지원 동기" becomes a heading.
    """
    document = Document()
    document.core_properties.created = document.core_properties.modified = datetime(2024, 1, 1)
    document.core_properties.author = "synthetic"
    for entry in paragraphs:
        if not isinstance(entry, str):
            table = document.add_table(len(entry), len(entry[0]))
            for row, texts in zip(table.rows, entry, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
        elif entry.startswith("# "):
            document.add_heading(entry.removeprefix("# "), level=1)
        else:
            document.add_paragraph(entry)
    saved = io.BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as archive:
        write_zip(path, {name: archive.read(name) for name in archive.namelist()})
