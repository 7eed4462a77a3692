"""Undo planted defects."""

from __future__ import annotations

from collections.abc import Iterable

from jaso_synthetic.records import Planted


def apply_planted(raw: str, planted: Iterable[Planted], field: str) -> str:
    """Replace each planted span of one field; the result is exactly the clean text.

    Raises:
        ValueError: a span overlaps another or does not hold the recorded text.
    """
    parts: list[str] = []
    position = 0
    for plant in sorted((p for p in planted if p.field == field), key=lambda p: (p.start, p.end)):
        if plant.start < position or raw[plant.start : plant.end] != plant.text:
            raise ValueError(f"planted {plant.kind} at {plant.start} does not fit the text")
        parts += [raw[position : plant.start], plant.replacement]
        position = plant.end
    parts.append(raw[position:])
    return "".join(parts)
