"""Problems of a sheet, one line each: file, sheet, cell, and the cure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A fault in a file; `sheet` and `cell` are empty where the whole file is meant."""

    file: str
    sheet: str
    cell: str
    what: str
    cure: str

    def __str__(self) -> str:
        location = ", ".join(
            part
            for part in (f"sheet '{self.sheet}'" if self.sheet else "", f"cell {self.cell}" if self.cell else "")
            if part
        )
        return f"{self.file}: {location or 'the whole file'}: {' '.join(self.what.split())}; {self.cure}"


class UnreadableFileError(Exception):
    """A file that gives no rows; `problem` has the reason.

    It is carried to the list of problems, never shown as an exception.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
