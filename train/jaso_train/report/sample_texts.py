"""Choose sample texts for the report: some steps side by side, others below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from jaso_train.report.folder import Log
from jaso_train.report.text_format import visible

COLUMNS = 4
"""Steps that fit side by side."""
_MOST_OTHERS = 40
_LONGEST = 1500
"""Characters of a text on the page; log.jsonl has all."""


class SampleSeries(TypedDict):
    """What the model wrote for one prompt, as (step, text)."""

    id: str
    prompt: str
    beside: list[tuple[int, str]]
    others: list[tuple[int, str]]


def choose(log: Log, best: int | None) -> list[SampleSeries]:
    """Return one entry for each prompt, with its texts by step.

    `beside`: the first, the last, the best and a step between; then `others`.
    """
    by_step = {row["step"]: row["samples"] for row in log if isinstance(row.get("samples"), list)}
    steps = sorted(by_step)
    beside = spread(steps, COLUMNS, best)
    others = [step for step in steps if step not in beside]
    entries: dict[str, SampleSeries] = {}
    for step in [*beside, *spread(others, _MOST_OTHERS)]:
        for sample in by_step[step]:
            entry = entries.setdefault(
                str(sample["id"]),
                {"id": str(sample["id"]), "prompt": _cut(str(sample["prompt"])), "beside": [], "others": []},
            )
            texts = entry["beside"] if step in beside else entry["others"]
            texts.append((step, _cut(str(sample["text"]))))
    return list(entries.values())


def spread(steps: Sequence[int], most: int, required: int | None = None) -> list[int]:
    """Choose at most `most` of the sorted `steps`: both ends, others evenly between.

    `required` is among them where it is a step.
    """
    if len(steps) <= most:
        return list(steps)
    # 10 steps, most 4 → indices 0, 3, 6, 9.
    chosen = {steps[round(index * (len(steps) - 1) / (most - 1))] for index in range(most)}
    if required is not None and required in steps and required not in chosen:
        nearest = min(sorted(chosen - {steps[0], steps[-1]}), key=lambda step: abs(step - required))
        chosen = chosen - {nearest} | {required}
    return sorted(chosen)


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … (and {len(text) - _LONGEST:,} more characters)"
