"""One text beside its reference, as plain values for the template, and the filters over all that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from jaso_core.records import Prediction
from jaso_core.text.occupation_codes import korean_name
from jaso_evaluate.report import text_selection as samples
from jaso_evaluate.report.flags import Flag, flags_of
from jaso_evaluate.report.metric_families import HEADLINES
from jaso_evaluate.report.number_format import number
from jaso_evaluate.report.text_markup import LONGEST, common, part, shown

_CANDIDATES = 16
_CANDIDATE_LONGEST = 800
_PAGE_OF_ALL = 40
"""With more texts than this the page opens with the first section alone."""

_MOST_CHOICES = 30
"""A filter with more choices than this names the texts, it does not group them."""


@dataclass
class Filter:
    """Radio buttons: `choices` {value: how many texts}; a text shows under those of its values."""

    key: str
    title: str
    choices: dict[str, int] = field(default_factory=dict)
    checked: int = 0
    """Which is chosen at first: 0 for all, else the number of a choice, from 1."""

    def places(self, values: Sequence[str]) -> str:
        """The numbers of these choices, from 1, as an attribute's value."""
        known = list(self.choices)
        return " ".join(str(known.index(value) + 1) for value in values)


def side_by_side(
    predictions: Sequence[Prediction],
    per_example: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Any],
    baselines: Sequence[str] = (),
) -> dict[str, Any]:
    """{"texts", "filters", "left_out"}: cards in the order of their sections."""
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
    if len(rows) > _PAGE_OF_ALL and filters and filters[0].key == "section":
        filters[0].checked = 1
    cards = []
    for place, (section, i) in enumerate(rows):
        card = _card(predictions[i], per_example[i], scores, flags[i])
        card["section"] = section.title
        card["ranks"] = _ranks(ranked, i) if section.ranks else []
        card["data"] = [(f.key, f.places(values[f.key][place])) for f in filters]
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
    found = []
    for key, title in titles.items():
        made = Filter(key, title)
        for some in values[key]:
            for value in some:
                made.choices[value] = made.choices.get(value, 0) + 1
        if key != "section":
            made.choices = dict(sorted(made.choices.items()))
        least = 1 if key == "flag" else 2
        if least <= len(made.choices) <= _MOST_CHOICES:
            found.append(made)
    return found


def _value(prediction: Prediction, key: str) -> list[str]:
    value = prediction.meta.get(key)
    return [] if value in (None, "") else [korean_name(str(value))]


def _end(prediction: Prediction) -> list[str]:
    stop = prediction.meta.get("stop")
    return [] if stop is None else ["cut at the token limit" if stop == "length" else "ended by itself"]


def _card(
    prediction: Prediction, row: Mapping[str, Any], scores: Mapping[str, Any], flags: Sequence[Flag]
) -> dict[str, Any]:
    mine, theirs = part(prediction.prediction), part(prediction.reference)
    question, prompt = prediction.meta.get("question"), prediction.prompt or ""
    head = question if isinstance(question, str) and question.strip() else prompt
    return {
        "id": prediction.id,
        "head": shown(head, most=LONGEST // 3),
        "prompt": shown(prompt, most=LONGEST // 3) if prompt and prompt != head else None,
        "reference": shown(prediction.reference, common(theirs, mine)),
        "prediction": shown(prediction.prediction, common(mine, theirs)),
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
    """("chrf", "97 %"): the share of the other texts that are worse by this measure."""
    return [(name, f"{100 * place[i]:.0f} %") for name, place in ranked.places.items() if place[i] == place[i]]


def _candidates(prediction: Prediction) -> dict[str, Any]:
    """The texts that were written for this prompt, in meta's `candidates`: texts, or objects with a "text"."""
    found = prediction.meta.get("candidates")
    ones = [one.get("text") if isinstance(one, Mapping) else one for one in (found if isinstance(found, list) else [])]
    texts = [text for text in ones if isinstance(text, str)]
    kept: list[Markup] = [shown(text, most=_CANDIDATE_LONGEST) for text in texts[:_CANDIDATES]]
    return {"candidates": kept, "candidates_left_out": len(texts) - len(kept)}
