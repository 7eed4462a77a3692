"""All files of a round together: which belong to whom, and every fault in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_evaluate.human.key import NAME, Key
from jaso_evaluate.human.problems import Problem, Unreadable
from jaso_evaluate.human.read.files import read_grid
from jaso_evaluate.human.read.validate import Check, Checked, Rated


def sheet_files(paths: Sequence[str]) -> list[Path]:
    """The files that are meant: those named, and those in a folder that is named, hidden and lock files apart."""
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise RequestError(f"{path}: no such file or folder", "give sheets= the filled files, or their folder")
        folder = path / "sheets" if (path / NAME).is_file() else path
        inside = sorted(p for p in folder.iterdir() if p.is_file()) if path.is_dir() else [path]
        found += [p for p in inside if not p.name.startswith((".", "~$"))]
    if not found:
        raise RequestError(f"{paths[0]}: holds no sheets", "give sheets= the filled .xlsx or .csv files")
    return list(dict.fromkeys(found))


def collect(files: Sequence[Path], key: Key, skip_missing: bool) -> tuple[list[Rated], list[str]]:
    """The rows of all sheets and notes. RequestError after every fault was told, a line each."""
    checked, problems = [], []
    for file in files:
        try:
            checked.append(Check(read_grid(file), key, skip_missing).run())
        except Unreadable as reason:
            problems.append(reason.problem)
    notes = [note for each in checked for note in each.notes]
    kept = _one_a_rater(checked, problems, notes)
    for each in kept:
        problems += each.problems
    notes += _absent(kept, key, skip_missing, problems)
    blank = sum(score is None for each in kept for row in each.rows for score in row.scores.values())
    if blank:
        notes.append(f"{blank:,} blank scores are left out")
    _tell(problems, len(files))
    if blank == sum(len(row.scores) for each in kept for row in each.rows):
        raise RequestError("no sheet holds a score", "give sheets= the filled files")
    return [row for each in kept for row in each.rows], notes


def _one_a_rater(checked: Sequence[Checked], problems: list[Problem], notes: list[str]) -> list[Checked]:
    """One sheet of each rater: an empty one beside a filled one (.csv beside .xlsx) is passed over."""
    kept: dict[str, Checked] = {}
    strange = [each for each in checked if not each.rater]
    for each in checked:
        before = kept.get(each.rater) if each.rater else None
        if not each.rater:
            continue
        if before is None:
            kept[each.rater] = each
            continue
        filled = [one for one in (before, each) if not one.blank]
        if len(filled) == 2:
            what = f"is a second sheet of rater '{each.rater}', beside {before.file}"
            problems.append(Problem(each.file, "", "", what, "keep the one that counts"))
            continue
        kept[each.rater] = filled[0] if filled else before
        passed = each if kept[each.rater] is before else before
        notes.append(f"{passed.file}: has no scores, {kept[each.rater].file} is taken for rater '{each.rater}'")
    return [*strange, *kept.values()]


def _absent(kept: Sequence[Checked], key: Key, skip_missing: bool, problems: list[Problem]) -> list[str]:
    """Raters without a sheet. Nothing is said of them while a file could not be told to be anybody's."""
    there = {each.rater for each in kept}
    absent = [rater for rater in dict.fromkeys(row.rater for row in key.rows) if rater not in there]
    if skip_missing:
        if absent and len(absent) == len(key.raters) and not problems:
            raise RequestError("no sheet of any rater came back", "give sheets= the filled files")
        return [f"no sheet of rater '{rater}' came back" for rater in absent]
    if not problems and "" not in there:
        cure = "give it too, or read with missing=skip"
        problems += [
            Problem(f"{rater}.xlsx", "", "", f"no sheet of rater '{rater}' came back", cure) for rater in absent
        ]
    return []


def _tell(problems: Sequence[Problem], files: int) -> None:
    if not problems:
        return
    if len(problems) == 1:
        only = problems[0]
        raise RequestError(str(only).removesuffix(f"; {only.cure}"), only.cure)
    for problem in problems:
        say(str(problem))
    counted = f"{len(problems)} faults in {len({p.file for p in problems})} of {files} sheets, told above"
    raise RequestError(counted, "mend the cells and read again; nothing was written")
