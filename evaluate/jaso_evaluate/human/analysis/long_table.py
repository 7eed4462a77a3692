"""human.csv: a long table with one score per line."""

from __future__ import annotations

import csv
import io

from jaso_evaluate.human.cell_text import needs_escape
from jaso_evaluate.human.ratings import Ratings

_COLUMNS = ("rater", "code", "position", "run", "id", "duplicate_of", "criterion", "score")


def long_table(ratings: Ratings) -> str:
    """Return the file's text, formulas escaped.

    Names of runs and examples that begin like a formula get an apostrophe.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in ratings.rows:
        key = row.key
        run, example = (f"'{name}" if needs_escape(name) else name for name in (key.run, key.example))
        for name, score in row.scores.items():
            value = "" if score is None else score
            writer.writerow([key.rater, key.code, key.position, run, example, key.duplicate_of or "", name, value])
    return stream.getvalue()
