"""comparison.html: one static file; filters are radio buttons and CSS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from markupsafe import Markup

from jaso_core.report.marks import TIED
from jaso_core.report.number_format import digits, number
from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.comparison import plots as comparison_plots
from jaso_evaluate.comparison import view
from jaso_evaluate.comparison.schema import Comparison, DisputedTexts, MeasureRow
from jaso_evaluate.comparison.verdict.decide import PRIMARY
from jaso_evaluate.comparison.verdict.sentences import verdict_sentences
from jaso_evaluate.report import page
from jaso_evaluate.statistics.power import POWERS

_MAX_PLOTS = 12
_FIRST_TEXTS = 3
"""Texts side by side directly under the head; the others come last."""


class _ShownText(TypedDict):
    run: str
    score: str
    text: str | None


class _ShownExample(TypedDict):
    id: str
    spread: str
    occupation: str | None
    prompt: str | None
    reference: str | None
    predictions: list[_ShownText]


def html(comparison: Comparison) -> str:
    """Render the page. Equal comparisons give equal bytes."""
    rows = view.matrix(comparison)
    primary = [row for name in PRIMARY for row in rows if row["name"] == name]
    families = list(dict.fromkeys(row["family"] for row in rows))
    occupations = sorted({text["occupation"] for text in comparison["texts"]["texts"] if text["occupation"]})
    judged = [row for row in comparison["measures"] if row["higher_is_better"] is not None]
    primary_plots = _plots([row for name in PRIMARY for row in judged if row["name"] == name])
    plots = _plots([row for row in judged if row["name"] not in PRIMARY][: _MAX_PLOTS - len(primary_plots)])
    return page(
        "comparison.html.j2",
        comparison=comparison,
        rows=rows,
        verdict=verdict_sentences(comparison["verdict"]) if "verdict" in comparison else [],
        distrusted=bool(comparison.get("verdict", {}).get("degenerate")),
        note=view.note(comparison),
        legend=view.LEGEND,
        tied=TIED,
        powers=" / ".join(f"{power:g}" for power in POWERS),
        differences=view.differences(comparison),
        pairs=view.pairs(comparison),
        panel=view.panel(comparison),
        primary=primary,
        rest=[row for row in rows if row["name"] not in PRIMARY],
        primary_plots=primary_plots,
        plots=plots,
        firsts=_FIRST_TEXTS,
        families=families,
        occupations=[(name, korean_name(name)) for name in occupations],
        texts=_texts(comparison["texts"], comparison["measures"]),
        by=comparison["texts"]["by"],
    )


def _plots(rows: Sequence[MeasureRow]) -> list[tuple[str, Markup]]:
    """Return (family of measures, plot) of the rows that have one."""
    plots = [(row["name"].split("_")[0], comparison_plots.intervals(row)) for row in rows]
    return [(family, plot) for family, plot in plots if plot is not None]


def _texts(texts: DisputedTexts, measures: Sequence[MeasureRow]) -> list[_ShownExample]:
    unit = next((row["unit"] for row in measures if row["name"] == texts["by"]), "")
    decimals = digits(None, unit)
    return [
        {
            "id": text["id"],
            "spread": number(text["spread"], decimals),
            "occupation": text["occupation"],
            "prompt": text["prompt"],
            "reference": text["reference"],
            "predictions": [
                {"run": prediction["run"], "score": number(prediction["score"], decimals), "text": prediction["text"]}
                for prediction in text["predictions"]
            ],
        }
        for text in texts["texts"]
    ]
