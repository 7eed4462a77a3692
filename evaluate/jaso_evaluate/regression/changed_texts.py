"""Texts that changed most between a baseline and a run."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import Any

from jaso_evaluate.regression.baseline import RunRecord
from jaso_evaluate.regression.verdicts import Judgement

_MAX_CHARACTERS = 2_000
"""Characters of a text for its edit distance; time grows with their square."""

_CANDIDATES = 10
"""Distances are computed for this many times the texts that are shown.

For those whose scores changed most.
"""


def changed_texts(old: RunRecord, new: RunRecord, ids: Sequence[str]) -> list[str]:
    """Return the ids whose prediction differs."""
    return [i for i in ids if old.texts[i].prediction != new.texts[i].prediction]


def most_changed(
    old: RunRecord, new: RunRecord, ids: Sequence[str], judgements: Sequence[Judgement], count: int
) -> list[dict[str, Any]]:
    """Return the `count` texts that changed most, the most changed first.

    By the greatest loss in a measure that failed (where none did: the greatest change in one that has a direction), as
    a share of that measure's range over all texts; then by edit distance. {"id", "question", "reference", "baseline",
    "run", "scores": [{"name", "baseline", "run"}], "distance"}.
    """
    failed = [j for j in judgements if j.fails and j.change is not None]
    measures = failed or [j for j in judgements if j.higher_is_better is not None and j.change is not None]
    changes = _changes(old, new, ids, measures, losses=bool(failed))
    changed = set(changed_texts(old, new, ids))
    ranked = sorted((i for i in ids if i in changed or changes[i] > 0), key=lambda i: (-changes[i], i))
    distances = {i: _distance(old, new, i) for i in ranked[: count * _CANDIDATES]}
    best = sorted(distances, key=lambda i: (-changes[i], -distances[i], i))[:count]
    return [_entry(old, new, i, measures, distances[i]) for i in best]


def edit_distance(a: str, b: str) -> int:
    """Levenshtein distance in characters, by bit-parallel dynamic programming.

    A column of the table is kept as the bits of two numbers (Myers 1999, in the form of Hyyrö 2003).
    """
    prefix = len(os.path.commonprefix([a, b]))  # noqa: RUF071 - of characters, not of folders
    a, b = a[prefix:], b[prefix:]
    if not a or not b:
        return max(len(a), len(b))
    # Names as in Myers's paper: bit i is row i. peq: rows equal to a character ("aba" → a: 0b101, b: 0b010);
    # pv, mv: rows where the column grows or falls by 1 downwards; ph, mh: the same from column to column.
    peq: dict[str, int] = {}
    for i, character in enumerate(a):
        peq[character] = peq.get(character, 0) | 1 << i
    mask, last_bit = (1 << len(a)) - 1, 1 << (len(a) - 1)
    pv, mv, distance = mask, 0, len(a)
    for character in b:
        eq = peq.get(character, 0)
        xv = eq | mv
        xh = (((eq & pv) + pv) ^ pv) | eq
        ph = (mv | ~(xh | pv)) & mask
        mh = pv & xh
        # The last row: "aba" against "", "b", "ba" → 3, 2, 1
        distance += bool(ph & last_bit) - bool(mh & last_bit)
        ph = (ph << 1 | 1) & mask
        mh = (mh << 1) & mask
        pv = (mh | ~(xv | ph)) & mask
        mv = ph & xv
    return distance


def _distance(old: RunRecord, new: RunRecord, i: str) -> int:
    return edit_distance(old.texts[i].prediction[:_MAX_CHARACTERS], new.texts[i].prediction[:_MAX_CHARACTERS])


def _changes(
    old: RunRecord, new: RunRecord, ids: Sequence[str], measures: Sequence[Judgement], *, losses: bool
) -> dict[str, float]:
    """Return the greatest loss of each text, as a share of a measure's range.

    0 where nothing got worse (or, without `losses`, nothing changed); 1: by all of the range.
    """
    changes = dict.fromkeys(ids, 0.0)
    for judgement in measures:
        before, after = _scores(old, ids, judgement.name), _scores(new, ids, judgement.name)
        values = [*before.values(), *after.values()]
        spread = max(values, default=0.0) - min(values, default=0.0)
        for i in before.keys() & after.keys() if spread > 0 else ():
            change = (after[i] - before[i]) / spread
            signed = losses and judgement.higher_is_better is not None
            loss = (-change if judgement.higher_is_better else change) if signed else abs(change)
            changes[i] = max(changes[i], loss)
    return changes


def _scores(record: RunRecord, ids: Sequence[str], name: str) -> dict[str, float]:
    scores = {i: record.lines[i]["scores"].get(name) for i in ids}
    return {i: score for i, score in scores.items() if score is not None}


def _entry(old: RunRecord, new: RunRecord, i: str, measures: Sequence[Judgement], distance: int) -> dict[str, Any]:
    meta: Mapping[str, Any] = new.texts[i].meta
    before, after = old.lines[i]["scores"], new.lines[i]["scores"]
    return {
        "id": i,
        "question": meta.get("question") or new.texts[i].prompt,
        "reference": new.texts[i].reference,
        "baseline": old.texts[i].prediction,
        "run": new.texts[i].prediction,
        "scores": [
            {"name": j.name, "baseline": before.get(j.name), "run": after.get(j.name)}
            for j in measures
            if before.get(j.name) != after.get(j.name)
        ],
        "distance": distance,
    }
