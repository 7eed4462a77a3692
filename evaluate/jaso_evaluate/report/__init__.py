"""report.html: one static file from predictions, scores and run facts.

It needs no scripts, no network and no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jaso_core.io.files import read_json, read_jsonl
from jaso_core.records import Prediction
from jaso_core.report.page import page_environment, render_page
from jaso_core.report.text_markup import breakable, plain
from jaso_evaluate.report import distributions, history, plots, tables, text_cards, view
from jaso_evaluate.schema import Scores, TextScores


def render(
    predictions: Sequence[Prediction],
    scores: Scores,
    per_example: Sequence[TextScores],
    facts: Mapping[str, Any],
) -> str:
    """Render the page. Equal inputs give equal bytes."""
    log = facts.get("train", {}).get("log", [])
    scoring = facts["scoring"]
    return page(
        "report.html.j2",
        title=view.title(facts),
        lead=view.lead(scores, facts),
        headline=view.headline(scores, facts),
        alarm=view.alarm(facts),
        warnings=view.warnings(predictions, scores, facts),
        stages=history.stages(facts),
        dropped=history.dropped(facts),
        versions=facts.get("versions", {}),
        groups=tables.score_groups(scores, scoring["baselines"]),
        panel=tables.tokenizer_panel(scores, per_example),
        parts=tables.part_tables(scores, scoring["by"]),
        scoring=scoring,
        curves=[plots.training_loss(log), plots.validation_bits(log)],
        bits=plots.bits(scores),
        distributions=distributions.histograms(predictions, scores, per_example),
        samples=text_cards.side_by_side(predictions, per_example, scores, scoring["baselines"]),
    )


def rebuild(folder: Path, predictions_file: Path | None = None) -> str:
    """Render the page of a finished folder again, from its files.

    `jaso score` keeps no predictions: name their file.
    """
    predictions = [Prediction.from_json(o, w) for w, o in read_jsonl(predictions_file or folder / "predictions.jsonl")]
    per_example = [row for _, row in read_jsonl(folder / "scores.jsonl")]
    return render(predictions, read_json(folder / "scores.json"), per_example, read_json(folder / "run.json"))


def stylesheet() -> str:
    """Return the CSS of the pages, for another page that looks like them."""
    return files(__name__).joinpath("style.css").read_text(encoding="utf-8")


def page(template: str, **context: Any) -> str:
    """Fill a template of this package; all that is not marked safe is escaped.

    The filter `plain` makes one line of a name, with codes for characters that cannot be seen or that turn the line
    around; `breakable` lets a measure's name be broken after underscores.
    """
    environment = page_environment("jaso_evaluate.report", keep_trailing_newline=False)
    environment.filters |= {"plain": plain, "breakable": breakable}
    return render_page(environment, template, **context)
