"""comparison.html: one file without scripts or network, filtered by radio buttons and CSS alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.comparison import plots as comparison_plots
from jaso_evaluate.comparison import view
from jaso_evaluate.report import page
from jaso_evaluate.report.number_format import digits, number
from jaso_evaluate.statistics.power import POWERS

Found = Mapping[str, Any]

_PLOTS = 12


def html(found: Found) -> str:
    """The page. Equal findings give equal bytes."""
    rows = view.matrix(found)
    families = list(dict.fromkeys(row["family"] for row in rows))
    occupations = sorted({text["occupation"] for text in found["texts"]["texts"] if text["occupation"]})
    judged = [row for row in found["measures"] if row["higher_is_better"] is not None]
    plots = [(row["name"].split("_")[0], comparison_plots.intervals(row)) for row in judged[:_PLOTS]]
    return page(
        "comparison.html.j2",
        found=found,
        rows=rows,
        note=view.note(found),
        legend=view.LEGEND,
        tied=view.TIED,
        powers=" / ".join(f"{power:g}" for power in POWERS),
        differences=view.differences(found),
        pairs=view.pairs(found),
        panel=view.panel(found),
        plots=[(family, plot) for family, plot in plots if plot is not None],
        families=families,
        occupations=[(name, korean_name(name)) for name in occupations],
        texts=_texts(found["texts"], found["measures"]),
        by=found["texts"]["by"],
    )


def _texts(shown: Found, measures: Sequence[Found]) -> list[dict[str, Any]]:
    unit = next((row["unit"] for row in measures if row["name"] == shown["by"]), "")
    decimals = digits(None, unit)
    return [
        {
            **text,
            "spread": number(text["spread"], decimals),
            "predictions": [{**one, "score": number(one["score"], decimals)} for one in text["predictions"]],
        }
        for text in shown["texts"]
    ]
