"""human.csv: a long table with one score per line."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.report.escape import escape_formula
from jaso_core.report.tables import csv_text
from jaso_evaluate.human.ratings import Ratings

_COLUMNS = ("rater", "code", "position", "run", "id", "duplicate_of", "criterion", "score")


def long_table(ratings: Ratings) -> str:
    """Return the file's text, formulas escaped.

    Names of runs and examples that begin like a formula get an apostrophe.
    """
    rows: list[Sequence[str | int]] = [_COLUMNS]
    for row in ratings.rows:
        key = row.key
        run, example = map(escape_formula, (key.run, key.example))
        for name, score in row.scores.items():
            value = "" if score is None else score
            rows.append([key.rater, key.code, key.position, run, example, key.duplicate_of or "", name, value])
    return csv_text(rows, quote_all=True)
