"""What the model wrote on the same prompts as it learned: a few steps side by side, the others below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaso_train.report.folder import Log
from jaso_train.report.number_format import visible

BESIDE = 4
"""Steps that fit beside each other."""
_MORE = 40
_LONGEST = 1500
"""Characters of a text on the page; log.jsonl has all."""


def choose(log: Log, best: int | None) -> list[dict[str, Any]]:
    """One entry for each prompt: its texts at the first, the last, the best and a step between, then the others."""
    by_step = {row["step"]: row["samples"] for row in log if isinstance(row.get("samples"), list)}
    steps = sorted(by_step)
    beside = spread(steps, BESIDE, best)
    others = [step for step in steps if step not in beside]
    found: dict[str, dict[str, Any]] = {}
    for step in [*beside, *spread(others, _MORE)]:
        for sample in by_step[step]:
            entry = found.setdefault(
                str(sample["id"]),
                {"id": str(sample["id"]), "prompt": _cut(str(sample["prompt"])), "beside": [], "others": []},
            )
            entry["beside" if step in beside else "others"].append((step, _cut(str(sample["text"]))))
    return list(found.values())


def spread(steps: Sequence[int], most: int, wanted: int | None = None) -> list[int]:
    """At most `most` of the sorted `steps`: both ends, `wanted` where it is among them, the others evenly between."""
    if len(steps) <= most:
        return list(steps)
    chosen = {steps[round(place * (len(steps) - 1) / (most - 1))] for place in range(most)}
    if wanted is not None and wanted in steps and wanted not in chosen:
        nearest = min(sorted(chosen - {steps[0], steps[-1]}), key=lambda step: abs(step - wanted))
        chosen = chosen - {nearest} | {wanted}
    return sorted(chosen)


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … (and {len(text) - _LONGEST:,} more characters)"
