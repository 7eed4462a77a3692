"""Compare scored runs: paired tests, intervals, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso.scores import Scores, load_scores
from jaso_core.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_FILES = {"md": "comparison.md", "csv": "comparison.csv", "tex": "comparison.tex", "html": "comparison.html"}


class Comparison:
    """Comparison of systems on the same texts.

    `body`: what comparison.json holds. `notes`: what one should know of it.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
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
    from jaso_evaluate.comparison.compare import compare as compare_systems
    from jaso_evaluate.comparison.disagreements import disagreements
    from jaso_evaluate.comparison.systems import group_runs
    from jaso_evaluate.comparison.tokenizer_sensitivity import panel
    from jaso_evaluate.metrics import METRICS

    METRICS.names()  # metrics from extension folders bring their reductions along
    if len(systems) < 2:
        raise RequestError("jaso.compare: one system has nothing to be compared with", "give two or more")
    if test not in TESTS:
        raise RequestError(f"test '{test}' is unknown", did_you_mean(test, list(TESTS)))
    scores = {n: s if isinstance(s, Scores) else load_scores(s) for n, s in systems.items()}
    runs = [replace(scored.run, label=name) for name, scored in scores.items()]
    grouped, notes = group_runs(runs, {}, "none")
    body = compare_systems(grouped, Options(test, resamples, seed, tuple(measures)))
    body["tokenizers"] = panel(body["measures"])
    body["texts"], more = disagreements(grouped, body["measures"], None, 0)
    body["notes"] = [*notes, *body["notes"], *more]
    return Comparison(body)


def _row(row: Mapping[str, Any]) -> str:
    cells = "".join(_cell(cell, row["unit"]) for cell in row["cells"])
    return f"<tr><td>{escape(row['name'])} ({escape(row['unit'])})</td>{cells}</tr>"


def _cell(cell: Mapping[str, Any], unit: str) -> str:
    from jaso_core.report.number_format import digits, number, span

    decimals = digits(cell["ci95"], unit)
    value = number(cell["value"], decimals)
    mark = {"best": f"<b>{value}</b>", "tied": f"{value}°"}.get(str(cell.get("standing")), value)
    return f"<td>{mark} {span(cell['ci95'], decimals)}</td>"
