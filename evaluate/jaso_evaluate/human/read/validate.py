"""Validate the rows of a sheet against the key; every fault is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from jaso_core.report.escape import unescape_cell
from jaso_core.text.invisible import comparable_name
from jaso_evaluate.human.cell_text import digest
from jaso_evaluate.human.key import Key, KeyRow
from jaso_evaluate.human.problems import Problem
from jaso_evaluate.human.read.files import DateOrError, Formula, Grid, Value
from jaso_evaluate.human.read.parse_score import InvalidScoreError, parse_score
from jaso_evaluate.rubric import ANSWER, CODE, COMMENT, QUESTION

_HEADER_ROWS = 10


@dataclass(frozen=True)
class RatedRow:
    """One row as a rater filled it.

    {criterion: score or None}, the comment, and the texts that were read.
    """

    key: KeyRow
    scores: Mapping[str, int | None]
    comment: str
    question: str
    answer: str


@dataclass
class CheckedSheet:
    """Result of validating a sheet. `problems` make it void."""

    file: str
    rater: str = ""
    rows: list[RatedRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_invalid_score: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written where scores belong."""
        return not self.has_invalid_score and all(score is None for row in self.rows for score in row.scores.values())


class SheetValidator:
    """Validates one grid. With `skip_missing` blank scores are no fault."""

    def __init__(self, grid: Grid, key: Key, skip_missing: bool) -> None:
        self._grid, self._key, self._skip = grid, key, skip_missing
        self._rows_by_code = {row.code: row for row in key.rows}
        self._result = CheckedSheet(grid.file, notes=list(grid.notes))

    def run(self) -> CheckedSheet:
        """Return everything that is wrong, and the rows that are not."""
        top = self._find_header()
        if top is None:
            self._problem(1, 1, f"no header with '{CODE}' in the first {_HEADER_ROWS} rows", "write it back")
            return self._result
        columns = self._columns(top)
        codes = self._codes(top, columns.get(CODE))
        if CODE in columns and self._is_of_this_round(codes):
            self._rows(top, columns, codes)
        return self._result

    def _find_header(self) -> int | None:
        """Find the header's row number: the row with most of the columns' names."""
        expected = set(self._expected_columns())
        matches = [len(expected & {self._label(v) for v in row}) for row in self._grid.rows[:_HEADER_ROWS]]
        return matches.index(max(matches)) + 1 if matches and max(matches) >= 2 else None

    def _expected_columns(self) -> list[str]:
        return [CODE, QUESTION, ANSWER, *(c.label for c in self._key.rubric.criteria)]

    def _label(self, value: Value) -> str:
        """Return the first line of a header cell; a known column as the rubric spells it."""
        label = comparable_name(unescape_cell(_text(value).strip().split("\n")[0]))
        names = (*self._expected_columns(), COMMENT)
        return next((name for name in names if comparable_name(name) == label), label)

    def _columns(self, top: int) -> dict[str, int]:
        """Return column numbers by header; their order does not matter."""
        labels = [self._label(value) for value in self._grid.rows[top - 1]]
        missing = [name for name in self._expected_columns() if name not in labels]
        unknown = [
            n for n, label in enumerate(labels, start=1) if label and label not in (*self._expected_columns(), COMMENT)
        ]  # fmt: skip
        for name in missing:
            if unknown:
                column = unknown.pop(0)
                self._problem(top, column, f"column '{labels[column - 1]}' is unknown", f"call it '{name}' again")
            else:
                position = self._expected_columns().index(name) + 1
                self._problem(top, position, f"column '{name}' is missing", "put it back from the sheet as handed out")
        for column in unknown:
            self._result.notes.append(f"{self._grid.file}: column '{labels[column - 1]}' is not of the sheet, left out")
        for name in dict.fromkeys(label for label in labels if label in (*self._expected_columns(), COMMENT)):
            copies = [n for n, label in enumerate(labels, start=1) if label == name]
            if len(copies) > 1:
                self._problem(top, copies[1], f"column '{name}' stands there twice", "delete the copy")
        # Reversed: of columns with the same label the first one counts.
        return {label: n for n, label in reversed(list(enumerate(labels, start=1))) if label}

    def _codes(self, top: int, column: int | None) -> dict[int, str]:
        """Return {row: code} of the rows that hold anything."""
        rows = range(top + 1, len(self._grid.rows) + 1)
        filled = [row for row in rows if any(_text(value) for value in self._grid.rows[row - 1])]
        return {row: _text(self._cell(row, column)).strip().lstrip("'").upper() for row in filled}

    def _is_of_this_round(self, codes: Mapping[int, str]) -> bool:
        raters = Counter(self._rows_by_code[code].rater for code in codes.values() if code in self._rows_by_code)
        other = self._grid.round not in ("", self._key.round)
        if not raters or other:
            what = (
                f"is of round {self._grid.round}, the key of {self._key.round}" if other else "has no code of the key"
            )
            self._result.problems.append(
                Problem(self._grid.file, self._grid.sheet, "", what, "give key= the folder that this sheet was made in")
            )
            return False
        self._result.rater = raters.most_common(1)[0][0]
        if self._grid.rater not in ("", self._result.rater):
            what = f"the first page names rater '{self._grid.rater}', the codes are those of '{self._result.rater}'"
            cure = (
                f"write '{self._result.rater}' again"
                if self._grid.rater not in self._key.raters
                else "sort out whose it is"
            )
            self._result.problems.append(Problem(self._grid.file, "안내", "B2", what, cure))
        return True

    def _rows(self, top: int, columns: Mapping[str, int], codes: Mapping[int, str]) -> None:
        row_of_code = {row.code: row for row in self._key.rows if row.rater == self._result.rater}
        missing = {code: row for code, row in row_of_code.items() if code not in codes.values()}
        seen: dict[str, int] = {}
        for number, code in codes.items():
            if code in seen:
                self._problem(
                    number, columns[CODE], f"code {code} stands in row {seen[code]} too", "delete one of them"
                )
            elif code not in row_of_code:
                self._unknown_code(number, code, columns, missing)
            else:
                seen[code] = number
                self._row(number, row_of_code[code], columns)
        for code, row in missing.items():
            what = f"the row with code {code} is missing"
            self._problem(top + row.position, columns[CODE], what, "put it back from the sheet as handed out")

    def _unknown_code(self, number: int, code: str, columns: Mapping[str, int], missing: dict[str, KeyRow]) -> None:
        """Report a code that is not this rater's.

        It was edited where the row's answer is one that is missing.
        """
        answer = _digests(self._cell(number, columns.get(ANSWER)))
        intended = next((row for row in missing.values() if row.sha256 in answer), None)
        code_text = f"'{code[:20]}'" if code else "a blank"
        if intended is not None:
            del missing[intended.code]
            self._problem(number, columns[CODE], f"{code_text} in place of a code", f"write {intended.code} again")
        elif code in self._rows_by_code:
            what = f"code {code} is of {self._rows_by_code[code].rater}'s sheet"
            self._problem(number, columns[CODE], what, "delete the row here and keep it there")
        else:
            self._problem(
                number, columns[CODE], f"{code_text} is no code of the key", "delete this row, it was not handed out"
            )

    def _row(self, number: int, key: KeyRow, columns: Mapping[str, int]) -> None:
        for name, expected in ((QUESTION, key.question), (ANSWER, key.sha256)):
            if name in columns and expected not in _digests(self._cell(number, columns[name])):
                what = f"the {'question' if name == QUESTION else 'answer'} of {key.code} was changed"
                self._problem(number, columns[name], what, "put the text back from the sheet as handed out")
        scores = {}
        for criterion in self._key.rubric.criteria:
            column = columns.get(criterion.label)
            if column is None:
                self._result.has_invalid_score = True  # reported at the header
                continue
            area = self._grid.merged.get((number, column))
            try:
                scores[criterion.name] = parse_score(self._cell(number, column), criterion)
                if area is not None:
                    self._merged(number, column, area)
                elif scores[criterion.name] is None and not self._skip:
                    cure = f"write one of {criterion.scale}, or read with missing=skip"
                    self._problem(number, column, f"no score for '{criterion.label}'", cure)
            except InvalidScoreError as fault:
                self._result.has_invalid_score = True
                self._problem(number, column, fault.what, fault.cure)
        question, answer, comment = (_text(self._cell(number, columns.get(c))) for c in (QUESTION, ANSWER, COMMENT))
        self._result.rows.append(RatedRow(key, scores, comment.strip(), unescape_cell(question), unescape_cell(answer)))

    def _merged(self, number: int, column: int, area: str) -> None:
        if not any(f"merged ({area})" in problem.what for problem in self._result.problems):
            self._problem(number, column, f"cells are merged ({area})", "split them and score each row")

    def _cell(self, row: int, column: int | None) -> Value:
        values: Sequence[Value] = self._grid.rows[row - 1]
        return values[column - 1] if column is not None and column <= len(values) else None

    def _problem(self, row: int, column: int, what: str, cure: str) -> None:
        cell = f"{get_column_letter(column)}{row}"
        self._result.problems.append(Problem(self._grid.file, self._grid.sheet, cell, what, cure))


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _digests(value: Value) -> set[str]:
    """Hash the cell's text with and without the apostrophe that escapes it in CSV.

    Some programs drop the apostrophe.
    """
    if isinstance(value, Formula | DateOrError):
        return set()
    return {digest(_text(value)), digest(unescape_cell(_text(value)))}
