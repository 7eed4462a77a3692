"""Texts to read beside their references: the first ones, and some from the ends and the middle of the ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jaso_core.records import Prediction
from jaso_evaluate.report.numbers import number

_RANKED_BY = ("chrf", "rouge1_kiwi", "bleu_char")
_SHOWN = ("chrf", "bleu_char", "rouge1_kiwi", "bits_per_character")
_EACH = 3
_LONGEST = 3000
"""Characters of a text on the page; what is beyond stands in predictions.jsonl."""


def choose(
    predictions: Sequence[Prediction], per_example: Sequence[Mapping[str, Any]], scores: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Sections with a title and texts. Few texts are all shown once; a text is in one section only."""
    rows = list(zip(predictions, per_example, strict=True))
    key = next((name for name in _RANKED_BY if name in scores["metrics"]), None)
    sections = [("The first ones", rows[:_EACH])]
    if key is not None and len(rows) > _EACH:
        rest = sorted(rows[_EACH:], key=lambda row: (-(row[1]["scores"][key] or 0.0), row[0].id))
        middle = max(0, (len(rest) - _EACH) // 2)
        if len(rest) > 3 * _EACH:
            sections.append((f"Highest {key}", rest[:_EACH]))
            sections.append((f"Median {key}", rest[middle : middle + _EACH]))
            sections.append((f"Lowest {key}", rest[-_EACH:]))
        else:
            sections.append((f"The others, by {key}", rest))
    return [{"title": title, "texts": [_text(*row) for row in part]} for title, part in sections if part]


def _text(prediction: Prediction, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "prompt": _short(prediction.prompt or ""),
        "reference": _short(prediction.reference),
        "prediction": _short(prediction.prediction),
        "reference_length": f"{len(prediction.reference):,}",
        "prediction_length": f"{len(prediction.prediction):,}",
        "cut": prediction.meta.get("stop") == "length",
        "scores": [
            (name, number(row["scores"][name], 2 if name.startswith("bits") else 1))
            for name in _SHOWN
            if row["scores"].get(name) is not None
        ],
    }


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … (and {len(text) - _LONGEST:,} more characters)"
