"""Rows of a sheet, held against the key: every fault is found, not only the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from jaso_evaluate.human.cell_text import digest, unguarded
from jaso_evaluate.human.key import Key, KeyRow
from jaso_evaluate.human.problems import Problem
from jaso_evaluate.human.read.files import Damaged, Formula, Grid, Value
from jaso_evaluate.human.read.parse_score import NoScore, parse_score
from jaso_evaluate.human.rubric import ANSWER, CODE, COMMENT, QUESTION

_HEADER_WITHIN = 10


@dataclass(frozen=True)
class Rated:
    """One row as a rater filled it: {criterion: score or None}, the comment, and the texts that were read."""

    key: KeyRow
    scores: Mapping[str, int | None]
    comment: str
    question: str
    answer: str


@dataclass
class Checked:
    """What a sheet gives. `problems` make it void."""

    file: str
    rater: str = ""
    rows: list[Rated] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    spoiled: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was written where scores belong."""
        return not self.spoiled and all(score is None for row in self.rows for score in row.scores.values())


class Check:
    """Checks one grid. With `skip_missing` blank scores are no fault."""

    def __init__(self, grid: Grid, key: Key, skip_missing: bool) -> None:
        self._grid, self._key, self._skip = grid, key, skip_missing
        self._known = {row.code: row for row in key.rows}
        self._found = Checked(grid.file, notes=list(grid.notes))

    def run(self) -> Checked:
        """Everything that is wrong, and the rows that are not."""
        top = self._header()
        if top is None:
            self._problem(1, 1, f"no header with '{CODE}' in the first {_HEADER_WITHIN} rows", "write it back")
            return self._found
        columns = self._columns(top)
        codes = self._codes(top, columns.get(CODE))
        if CODE in columns and self._is_of_this_round(codes):
            self._rows(top, columns, codes)
        return self._found

    def _header(self) -> int | None:
        """The header's row number: where most of the columns' names stand."""
        wanted = set(self._wanted())
        hits = [len(wanted & {_label(v) for v in row}) for row in self._grid.rows[:_HEADER_WITHIN]]
        return hits.index(max(hits)) + 1 if hits and max(hits) >= 2 else None

    def _wanted(self) -> list[str]:
        return [CODE, QUESTION, ANSWER, *(c.label for c in self._key.rubric.criteria)]

    def _columns(self, top: int) -> dict[str, int]:
        """Column numbers by header; their order does not matter."""
        labels = [_label(value) for value in self._grid.rows[top - 1]]
        missing = [name for name in self._wanted() if name not in labels]
        strange = [
            n for n, label in enumerate(labels, start=1) if label and label not in (*self._wanted(), COMMENT)
        ]  # fmt: skip
        for name in missing:
            if strange:
                column = strange.pop(0)
                self._problem(top, column, f"column '{labels[column - 1]}' is unknown", f"call it '{name}' again")
            else:
                place = self._wanted().index(name) + 1
                self._problem(top, place, f"column '{name}' is missing", "put it back from the sheet as handed out")
        for column in strange:
            self._found.notes.append(f"{self._grid.file}: column '{labels[column - 1]}' is not of the sheet, left out")
        for name in dict.fromkeys(label for label in labels if label in (*self._wanted(), COMMENT)):
            places = [n for n, label in enumerate(labels, start=1) if label == name]
            if len(places) > 1:
                self._problem(top, places[1], f"column '{name}' stands there twice", "delete the copy")
        return {label: n for n, label in reversed(list(enumerate(labels, start=1))) if label}

    def _codes(self, top: int, column: int | None) -> dict[int, str]:
        """{row: code} of the rows that hold anything."""
        rows = range(top + 1, len(self._grid.rows) + 1)
        filled = [row for row in rows if any(_text(value) for value in self._grid.rows[row - 1])]
        return {row: _text(self._at(row, column)).strip().lstrip("'").upper() for row in filled}

    def _is_of_this_round(self, codes: Mapping[int, str]) -> bool:
        raters = Counter(self._known[code].rater for code in codes.values() if code in self._known)
        other = self._grid.round not in ("", self._key.round)
        if not raters or other:
            what = (
                f"is of round {self._grid.round}, the key of {self._key.round}" if other else "has no code of the key"
            )
            self._found.problems.append(
                Problem(self._grid.file, self._grid.sheet, "", what, "give key= the folder that this sheet was made in")
            )
            return False
        self._found.rater = raters.most_common(1)[0][0]
        if self._grid.rater not in ("", self._found.rater):
            what = f"the first page names rater '{self._grid.rater}', the codes are those of '{self._found.rater}'"
            cure = (
                f"write '{self._found.rater}' again"
                if self._grid.rater not in self._key.raters
                else "sort out whose it is"
            )
            self._found.problems.append(Problem(self._grid.file, "안내", "B2", what, cure))
        return True

    def _rows(self, top: int, columns: Mapping[str, int], codes: Mapping[int, str]) -> None:
        mine = {row.code: row for row in self._key.rows if row.rater == self._found.rater}
        lacking = {code: row for code, row in mine.items() if code not in codes.values()}
        seen: dict[str, int] = {}
        for number, code in codes.items():
            if code in seen:
                self._problem(
                    number, columns[CODE], f"code {code} stands in row {seen[code]} too", "delete one of them"
                )
            elif code not in mine:
                self._strange(number, code, columns, lacking)
            else:
                seen[code] = number
                self._row(number, mine[code], columns)
        for code, row in lacking.items():
            what = f"the row with code {code} is missing"
            self._problem(top + row.position, columns[CODE], what, "put it back from the sheet as handed out")

    def _strange(self, number: int, code: str, columns: Mapping[str, int], lacking: dict[str, KeyRow]) -> None:
        """A code that is not this rater's: edited where the row's answer is one that is missing."""
        answer = _digests(self._at(number, columns.get(ANSWER)))
        meant = next((row for row in lacking.values() if row.sha256 in answer), None)
        told = f"'{code[:20]}'" if code else "a blank"
        if meant is not None:
            del lacking[meant.code]
            self._problem(number, columns[CODE], f"{told} in place of a code", f"write {meant.code} again")
        elif code in self._known:
            what = f"code {code} is of {self._known[code].rater}'s sheet"
            self._problem(number, columns[CODE], what, "delete the row here and keep it there")
        else:
            self._problem(
                number, columns[CODE], f"{told} is no code of the key", "delete this row, it was not handed out"
            )

    def _row(self, number: int, key: KeyRow, columns: Mapping[str, int]) -> None:
        for name, expected in ((QUESTION, key.question), (ANSWER, key.sha256)):
            if name in columns and expected not in _digests(self._at(number, columns[name])):
                what = f"the {'question' if name == QUESTION else 'answer'} of {key.code} was changed"
                self._problem(number, columns[name], what, "put the text back from the sheet as handed out")
        scores = {}
        for criterion in self._key.rubric.criteria:
            column = columns.get(criterion.label)
            if column is None:
                self._found.spoiled = True  # told at the header
                continue
            area = self._grid.merged.get((number, column))
            try:
                scores[criterion.name] = parse_score(self._at(number, column), criterion)
                if area is not None:
                    self._merged(number, column, area)
                elif scores[criterion.name] is None and not self._skip:
                    cure = f"write one of {criterion.scale}, or read with missing=skip"
                    self._problem(number, column, f"no score for '{criterion.label}'", cure)
            except NoScore as fault:
                self._found.spoiled = True
                self._problem(number, column, fault.what, fault.cure)
        question, answer, comment = (_text(self._at(number, columns.get(c))) for c in (QUESTION, ANSWER, COMMENT))
        self._found.rows.append(Rated(key, scores, comment.strip(), unguarded(question), unguarded(answer)))

    def _merged(self, number: int, column: int, area: str) -> None:
        if not any(f"merged ({area})" in problem.what for problem in self._found.problems):
            self._problem(number, column, f"cells are merged ({area})", "split them and score each row")

    def _at(self, row: int, column: int | None) -> Value:
        values: Sequence[Value] = self._grid.rows[row - 1]
        return values[column - 1] if column is not None and column <= len(values) else None

    def _problem(self, row: int, column: int, what: str, cure: str) -> None:
        cell = f"{get_column_letter(column)}{row}"
        self._found.problems.append(Problem(self._grid.file, self._grid.sheet, cell, what, cure))


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _label(value: Value) -> str:
    """What a header cell says on its first line."""
    lines = _text(value).strip().split("\n")
    return " ".join(unguarded(lines[0]).split())


def _digests(value: Value) -> set[str]:
    """Of the cell's text, with and without the apostrophe that guards it in CSV (some programs drop it)."""
    if isinstance(value, Formula | Damaged):
        return set()
    return {digest(_text(value)), digest(unguarded(_text(value)))}
