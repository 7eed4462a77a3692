"""human.csv: every score on a line of its own."""

from __future__ import annotations

import csv
import io

from jaso_evaluate.human.cell_text import needs_guard
from jaso_evaluate.human.ratings import Ratings

_COLUMNS = ("rater", "code", "position", "run", "id", "duplicate_of", "criterion", "score")


def long_table(ratings: Ratings) -> str:
    """The file's text; names of runs and examples that begin like a formula get an apostrophe."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in ratings.rows:
        key = row.key
        run, example = (f"'{name}" if needs_guard(name) else name for name in (key.run, key.example))
        for name, score in row.scores.items():
            given = "" if score is None else score
            writer.writerow([key.rater, key.code, key.position, run, example, key.duplicate_of or "", name, given])
    return stream.getvalue()
