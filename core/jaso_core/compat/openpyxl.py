"""openpyxl 3.1: where a worksheet lies in its package."""

from __future__ import annotations

from typing import Any


def worksheet_part(page: Any) -> str:
    """Return the name of a worksheet's part in the ZIP.

    Of a workbook that was opened with `read_only=True`.

    openpyxl resolves sheet names to parts when it opens the workbook, and keeps the result to itself.
    """
    return str(page._worksheet_path)
