"""Answers of a judge: JSON, possibly with words around it."""

from __future__ import annotations

import json
import re
from typing import Any

from jaso_evaluate.rubric import Rubric

_OBJECT = re.compile(r"\{[^{}]*\}")


def read_scores(answer: str, rubric: Rubric) -> dict[str, float] | None:
    """Return a score for each criterion.

    None unless all are there and within their scales.
    """
    for body in _objects(answer):
        scores = {criterion.name: body.get(criterion.name) for criterion in rubric.criteria}
        if all(
            isinstance(score := scores[criterion.name], int | float)
            and not isinstance(score, bool)
            and criterion.lowest <= score <= criterion.highest
            for criterion in rubric.criteria
        ):
            return {name: float(score) for name, score in scores.items() if score is not None}
    return None


def read_choice(answer: str) -> str | None:
    """Return "A", "B" or "=" of a comparison; None for anything else."""
    for body in _objects(answer):
        if (choice := str(body.get("better", "")).strip().upper()) in ("A", "B", "="):
            return choice
    return None


def _objects(answer: str) -> list[dict[str, Any]]:
    bodies = []
    for match in reversed(_OBJECT.findall(answer)):  # a model that thinks aloud ends with its answer
        try:
            body = json.loads(match)
        except ValueError:
            continue
        if isinstance(body, dict):
            bodies.append(body)
    return bodies
