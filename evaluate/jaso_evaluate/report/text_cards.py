"""Cards of a text beside its reference, as template values, with their filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from jaso_core.records import Prediction
from jaso_core.report.number_format import number
from jaso_core.report.text_markup import MAX_CHARACTERS, common_spans, render_text, visible_part
from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.report import text_selection as samples
from jaso_evaluate.report.flags import Flag, flags_of
from jaso_evaluate.report.metric_families import HEADLINES
from jaso_evaluate.schema import Scores, TextScores

_MAX_CANDIDATES = 16
_MAX_CANDIDATE_LENGTH = 800
_MAX_OPEN = 40
"""With more texts than this the page opens with the first section alone."""

_MAX_CHOICES = 30
"""A filter with more choices than this names the texts, it does not group them."""


@dataclass
class Filter:
    """Radio buttons: `choices` {value: number of texts}.

    A text is shown under those of its values.
    """

    key: str
    title: str
    choices: dict[str, int] = field(default_factory=dict)
    checked: int = 0
    """The initial choice: 0 for all, else the number of a choice, from 1."""

    def choice_numbers(self, values: Sequence[str]) -> str:
        """Return the numbers of these choices, from 1, as an attribute's value."""
        choices = list(self.choices)
        return " ".join(str(choices.index(value) + 1) for value in values)


def side_by_side(
    predictions: Sequence[Prediction],
    per_example: Sequence[TextScores],
    scores: Scores,
    baselines: Sequence[str] = (),
) -> dict[str, Any]:
    """Return {"texts", "filters", "left_out"}: cards in the order of their sections."""
    flags = flags_of(scores, per_example, baselines)
    ranked = samples.ranking(scores, per_example)
    sections = samples.choose(len(predictions), ranked, flags)
    rows = [(section, i) for section in sections for i in section.rows]
    values = {
        "section": [[section.title] for section, _ in rows],
        "occupation": [_value(predictions[i], "occupation") for _, i in rows],
        "experience": [_value(predictions[i], "experience") for _, i in rows],
        "end": [_end(predictions[i]) for _, i in rows],
        "flag": [[flag.words for flag in flags[i] if flag.measure != "cut_at_limit"] for _, i in rows],
    }
    filters = _filters(values)
    if len(rows) > _MAX_OPEN and filters and filters[0].key == "section":
        filters[0].checked = 1
    cards = []
    for row_index, (section, i) in enumerate(rows):
        card = _card(predictions[i], per_example[i], scores, flags[i])
        card["section"] = section.title
        card["ranks"] = _ranks(ranked, i) if section.ranks else []
        card["data"] = [(f.key, f.choice_numbers(values[f.key][row_index])) for f in filters]
        cards.append(card)
    return {"texts": cards, "filters": filters, "left_out": len(predictions) - len(rows)}


def _filters(values: Mapping[str, Sequence[Sequence[str]]]) -> list[Filter]:
    titles = {
        "section": "Section",
        "occupation": "Occupation",
        "experience": "Experience",
        "end": "End",
        "flag": "Flag",
    }
    filters = []
    for key, title in titles.items():
        choice_filter = Filter(key, title)
        for text_values in values[key]:
            for value in text_values:
                choice_filter.choices[value] = choice_filter.choices.get(value, 0) + 1
        if key != "section":
            choice_filter.choices = dict(sorted(choice_filter.choices.items()))
        least = 1 if key == "flag" else 2
        if least <= len(choice_filter.choices) <= _MAX_CHOICES:
            filters.append(choice_filter)
    return filters


def _value(prediction: Prediction, key: str) -> list[str]:
    value = prediction.meta.get(key)
    return [] if value in (None, "") else [korean_name(str(value))]


def _end(prediction: Prediction) -> list[str]:
    stop = prediction.meta.get("stop")
    return [] if stop is None else ["cut at the token limit" if stop == "length" else "ended by itself"]


def _card(prediction: Prediction, row: TextScores, scores: Scores, flags: Sequence[Flag]) -> dict[str, Any]:
    prediction_part, reference_part = visible_part(prediction.prediction), visible_part(prediction.reference)
    question, prompt = prediction.meta.get("question"), prediction.prompt or ""
    head = question if isinstance(question, str) and question.strip() else prompt
    return {
        "id": prediction.id,
        "head": render_text(head, max_length=MAX_CHARACTERS // 3),
        "prompt": render_text(prompt, max_length=MAX_CHARACTERS // 3) if prompt and prompt != head else None,
        "reference": render_text(prediction.reference, common_spans(reference_part, prediction_part)),
        "prediction": render_text(prediction.prediction, common_spans(prediction_part, reference_part)),
        "reference_length": f"{len(prediction.reference):,}",
        "prediction_length": f"{len(prediction.prediction):,}",
        "kind": [value for key in ("company", "occupation", "experience") for value in _value(prediction, key)],
        "flags": flags,
        "cut": prediction.meta.get("stop") == "length" and all(flag.measure != "cut_at_limit" for flag in flags),
        "scores": [
            (name, number(row["scores"][name], 2 if name.startswith("bits") else 1))
            for name in HEADLINES
            if name in scores["metrics"] and row["scores"].get(name) is not None
        ],
        **_candidates(prediction),
    }


def _ranks(ranked: samples.Ranking, i: int) -> list[tuple[str, str]]:
    """Return ("chrf", "97 %"): the share of other texts that are worse by the measure."""
    return [
        (name, f"{100 * ranks[i]:.0f} %") for name, ranks in ranked.percentile_ranks.items() if ranks[i] == ranks[i]
    ]


def _candidates(prediction: Prediction) -> dict[str, Any]:
    """Return the candidates of this prompt, from meta's `candidates`.

    They are texts, or objects with a "text".
    """
    candidates = prediction.meta.get("candidates")
    contents = [
        candidate.get("text") if isinstance(candidate, Mapping) else candidate
        for candidate in (candidates if isinstance(candidates, list) else [])
    ]
    texts = [text for text in contents if isinstance(text, str)]
    rendered: list[Markup] = [render_text(text, max_length=_MAX_CANDIDATE_LENGTH) for text in texts[:_MAX_CANDIDATES]]
    return {"candidates": rendered, "candidates_left_out": len(texts) - len(rendered)}
