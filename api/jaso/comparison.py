"""Compare scored runs: paired tests, intervals, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from jaso.scores import Scores, load_scores
from jaso_core.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from jaso_evaluate.comparison.schema import Cell, MeasureRow
    from jaso_evaluate.comparison.schema import Comparison as ComparisonBody

_FILES = {"md": "comparison.md", "csv": "comparison.csv", "tex": "comparison.tex", "html": "comparison.html"}


class Comparison:
    """Comparison of systems on the same texts.

    `body`: what comparison.json holds. `notes`: what one should know of it.
    """

    def __init__(self, body: ComparisonBody) -> None:
        self.body = body

    @property
    def notes(self) -> list[str]:
        """Sentences on missing texts, few groups and the like."""
        return list(self.body["notes"])

    def table(self, form: str = "md") -> str:
        """Return all measures of all systems, differences and pairs as a table.

        `form`: md, csv, tex or html (a whole page).
        """
        from jaso_evaluate.comparison.tables import render

        if form not in _FILES:
            raise RequestError(f"table form '{form}' is unknown", did_you_mean(form, list(_FILES)))
        return render(self.body)[_FILES[form]]

    def pairs(self) -> pd.DataFrame:
        """Return one row for every two systems and measure, with p-values.

        A row has the difference (second − first), p, and p after Holm's correction.
        """
        import pandas as pd

        rows = [{"measure": row["name"], **pair} for row in self.body["measures"] for pair in row["pairs"]]
        return pd.DataFrame(rows, columns=["measure", "first", "second", "difference", "p", "p_holm"])

    def __repr__(self) -> str:
        return f"Comparison of {', '.join(self.body['runs'])} on {self.body['n']:,} texts\n\n{self.table('md')}"

    def _repr_html_(self) -> str:
        """The matrix that a notebook shows."""
        head = "".join(f"<th>{escape(name)}</th>" for name in ("measure", *self.body["runs"]))
        rows = "".join(_row(row) for row in self.body["measures"])
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        legend = "bold: better than every other system; °: not told from the best"
        return f"<table><tr>{head}</tr>{rows}</table><p>{legend}</p><ul>{notes}</ul>"


def compare(
    systems: Mapping[str, Scores | str | Path],
    *,
    measures: Sequence[str] = (),
    test: str = "permutation",
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Compare systems by name on the texts that all have.

    Differences are taken from the first system.

    A system is the result of `jaso.score`, or a folder of `jaso evaluate` or `jaso score`. `measures`: these only
    (default: all that they share); `test`: permutation or bootstrap. RequestError when they share no texts, or their
    references differ.
    """
    from jaso_evaluate.comparison.compare import TESTS, Options
    from jaso_evaluate.comparison.run import full_comparison
    from jaso_evaluate.comparison.systems import group_runs

    if len(systems) < 2:
        raise RequestError("jaso.compare: one system has nothing to be compared with", "give two or more")
    if test not in TESTS:
        raise RequestError(f"test '{test}' is unknown", did_you_mean(test, list(TESTS)))
    scores = {n: s if isinstance(s, Scores) else load_scores(s) for n, s in systems.items()}
    runs = [replace(scored.run, label=name) for name, scored in scores.items()]
    grouped, notes = group_runs(runs, {}, "none")
    return Comparison(full_comparison(grouped, Options(test, resamples, seed, tuple(measures)), notes))


def write_comparison(
    systems: Mapping[str, Sequence[str | Path]], out: str | Path, *, measures: Sequence[str] = ()
) -> Path:
    """`jaso compare`: a folder with tables, page and comparison.json. Returns it.

    `systems`: scored folders by system, one per seed; `measures`: these only (default: all that they share).
    """
    from jaso_evaluate.comparison.run import run, settings

    folders = {name: [str(path) for path in paths] for name, paths in systems.items()}
    run(settings({"out": str(out), "systems": folders, "measures": list(measures)}))
    return Path(out)


def load_comparison(folder: str | Path) -> Comparison:
    """Load the comparison of a folder that `jaso compare` wrote.

    RequestError when it has none.
    """
    from jaso_core.io.files import read_json

    file = Path(folder) / "comparison.json"
    if not file.is_file():
        raise RequestError(f"{folder}: has no comparison.json", "give a folder that `jaso compare` wrote")
    return Comparison(read_json(file))


def _row(row: MeasureRow) -> str:
    cells = "".join(_cell(cell, row["unit"]) for cell in row["cells"])
    return f"<tr><td>{escape(row['name'])} ({escape(row['unit'])})</td>{cells}</tr>"


def _cell(cell: Cell, unit: str) -> str:
    from jaso_core.report.number_format import digits, number, span

    decimals = digits(cell["ci95"], unit)
    value = number(cell["value"], decimals)
    mark = {"best": f"<b>{value}</b>", "tied": f"{value}°"}.get(str(cell.get("standing")), value)
    return f"<td>{mark} {span(cell['ci95'], decimals)}</td>"
