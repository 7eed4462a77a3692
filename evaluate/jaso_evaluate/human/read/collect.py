"""Collect all sheets of a round: whose they are, and every fault in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.file_kinds import existing_path
from jaso_evaluate.human.key import NAME, Key
from jaso_evaluate.human.problems import Problem, UnreadableFileError
from jaso_evaluate.human.read.files import read_grid
from jaso_evaluate.human.read.validate import CheckedSheet, RatedRow, SheetValidator


def sheet_files(paths: Sequence[str]) -> list[Path]:
    """List the files: those named, and those in named folders.

    Hidden and lock files are left out.
    """
    files: list[Path] = []
    for path in (existing_path(Path(path)) for path in paths):
        if not path.exists():
            raise RequestError(f"{path}: no such file or folder", "give sheets= the filled files, or their folder")
        folder = path / "sheets" if (path / NAME).is_file() else path
        inside = sorted(p for p in folder.iterdir() if p.is_file()) if path.is_dir() else [path]
        files += [p for p in inside if not p.name.startswith((".", "~$"))]
    if not files:
        raise RequestError(f"{paths[0]}: holds no sheets", "give sheets= the filled .xlsx or .csv files")
    return list(dict.fromkeys(files))


def collect(files: Sequence[Path], key: Key, skip_missing: bool) -> tuple[list[RatedRow], list[str]]:
    """Return the rows of all sheets, and notes.

    RequestError after every fault was printed, a line each.
    """
    checked, problems = [], []
    for file in files:
        try:
            checked.append(SheetValidator(read_grid(file), key, skip_missing).run())
        except UnreadableFileError as reason:
            problems.append(reason.problem)
    notes = [note for sheet in checked for note in sheet.notes]
    sheets = _one_sheet_per_rater(checked, problems, notes)
    for sheet in sheets:
        problems += sheet.problems
    notes += _report_absent(sheets, key, skip_missing, problems)
    blank = sum(score is None for sheet in sheets for row in sheet.rows for score in row.scores.values())
    if blank:
        notes.append(f"{blank:,} blank scores are left out")
    _raise_problems(problems, len(files))
    if blank == sum(len(row.scores) for sheet in sheets for row in sheet.rows):
        raise RequestError("no sheet holds a score", "give sheets= the filled files")
    return [row for sheet in sheets for row in sheet.rows], notes


def _one_sheet_per_rater(
    checked: Sequence[CheckedSheet], problems: list[Problem], notes: list[str]
) -> list[CheckedSheet]:
    """Keep one sheet per rater.

    An empty one beside a filled one (.csv beside .xlsx) is passed over.
    """
    sheet_of_rater: dict[str, CheckedSheet] = {}
    unassigned = [sheet for sheet in checked if not sheet.rater]
    for sheet in checked:
        before = sheet_of_rater.get(sheet.rater) if sheet.rater else None
        if not sheet.rater:
            continue
        if before is None:
            sheet_of_rater[sheet.rater] = sheet
            continue
        filled = [candidate for candidate in (before, sheet) if not candidate.is_blank]
        if len(filled) == 2:
            what = f"is a second sheet of rater '{sheet.rater}', beside {before.file}"
            problems.append(Problem(sheet.file, "", "", what, "keep the one that counts"))
            continue
        sheet_of_rater[sheet.rater] = filled[0] if filled else before
        skipped = sheet if sheet_of_rater[sheet.rater] is before else before
        notes.append(
            f"{skipped.file}: has no scores, {sheet_of_rater[sheet.rater].file} is taken for rater '{sheet.rater}'"
        )
    return [*unassigned, *sheet_of_rater.values()]


def _report_absent(sheets: Sequence[CheckedSheet], key: Key, skip_missing: bool, problems: list[Problem]) -> list[str]:
    """Report raters without a sheet.

    Not while there is a file that belongs to no known rater.
    """
    present = {sheet.rater for sheet in sheets}
    absent = [rater for rater in dict.fromkeys(row.rater for row in key.rows) if rater not in present]
    if skip_missing:
        if absent and len(absent) == len(key.raters) and not problems:
            raise RequestError("no sheet of any rater came back", "give sheets= the filled files")
        return [f"no sheet of rater '{rater}' came back" for rater in absent]
    if not problems and "" not in present:
        cure = "give it too, or read with missing=skip"
        problems += [
            Problem(f"{rater}.xlsx", "", "", f"no sheet of rater '{rater}' came back", cure) for rater in absent
        ]
    return []


def _raise_problems(problems: Sequence[Problem], files: int) -> None:
    if not problems:
        return
    if len(problems) == 1:
        only = problems[0]
        raise RequestError(str(only).removesuffix(f"; {only.cure}"), only.cure)
    for problem in problems:
        say(str(problem))
    summary = f"{len(problems)} faults in {len({p.file for p in problems})} of {files} sheets, told above"
    raise RequestError(summary, "mend the cells and read again; nothing was written")
