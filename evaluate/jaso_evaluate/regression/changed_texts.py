"""The texts that changed most between a baseline and a run."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import Any

from jaso_evaluate.regression.baseline import Record
from jaso_evaluate.regression.verdicts import Judgement

_COMPARED = 2_000
"""Characters of a text that its edit distance looks at; the time grows with their square."""

_RANKED = 10
"""The distance is taken of so many times the texts that are shown: those whose scores changed most."""


def changed_texts(old: Record, new: Record, ids: Sequence[str]) -> list[str]:
    """The ids whose prediction is another."""
    return [i for i in ids if old.texts[i].prediction != new.texts[i].prediction]


def most_changed(
    old: Record, new: Record, ids: Sequence[str], judgements: Sequence[Judgement], shown: int
) -> list[dict[str, Any]]:
    """The `shown` texts that changed most, the most changed first.

    By the greatest loss in a measure that failed (where none did: the greatest change in one that has a direction), as
    a share of that measure's range over all texts; then by edit distance. {"id", "question", "reference", "baseline",
    "run", "scores": [{"name", "baseline", "run"}], "distance"}.
    """
    failed = [j for j in judgements if j.fails and j.change is not None]
    looked = failed or [j for j in judgements if j.higher_is_better is not None and j.change is not None]
    changes = _changes(old, new, ids, looked, losses=bool(failed))
    other = set(changed_texts(old, new, ids))
    ranked = sorted((i for i in ids if i in other or changes[i] > 0), key=lambda i: (-changes[i], i))
    distances = {i: _distance(old, new, i) for i in ranked[: shown * _RANKED]}
    best = sorted(distances, key=lambda i: (-changes[i], -distances[i], i))[:shown]
    return [_shown(old, new, i, looked, distances[i]) for i in best]


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions and substitutions of characters from `a` to `b` (Levenshtein).

    A column of the table is kept as the bits of two numbers (Myers 1999, in the form of Hyyrö 2003).
    """
    start = len(os.path.commonprefix([a, b]))  # noqa: RUF071 - of characters, not of folders
    a, b = a[start:], b[start:]
    if not a or not b:
        return max(len(a), len(b))
    places: dict[str, int] = {}
    for i, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << i
    full, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    more, less, distance = full, 0, len(a)
    for character in b:
        equal = places.get(character, 0)
        vertical = equal | less
        across = (((equal & more) + more) ^ more) | equal
        up = (less | ~(across | more)) & full
        down = more & across
        distance += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & full
        down = (down << 1) & full
        more = (down | ~(vertical | up)) & full
        less = up & vertical
    return distance


def _distance(old: Record, new: Record, i: str) -> int:
    return edit_distance(old.texts[i].prediction[:_COMPARED], new.texts[i].prediction[:_COMPARED])


def _changes(
    old: Record, new: Record, ids: Sequence[str], looked: Sequence[Judgement], *, losses: bool
) -> dict[str, float]:
    """0 where nothing got worse (or, without `losses`, nothing changed); 1: by all of a measure's range."""
    found = dict.fromkeys(ids, 0.0)
    for judgement in looked:
        before, after = _scores(old, ids, judgement.name), _scores(new, ids, judgement.name)
        values = [*before.values(), *after.values()]
        spread = max(values, default=0.0) - min(values, default=0.0)
        for i in before.keys() & after.keys() if spread > 0 else ():
            change = (after[i] - before[i]) / spread
            signed = losses and judgement.higher_is_better is not None
            loss = (-change if judgement.higher_is_better else change) if signed else abs(change)
            found[i] = max(found[i], loss)
    return found


def _scores(record: Record, ids: Sequence[str], name: str) -> dict[str, float]:
    found = {i: record.lines[i]["scores"].get(name) for i in ids}
    return {i: score for i, score in found.items() if score is not None}


def _shown(old: Record, new: Record, i: str, looked: Sequence[Judgement], distance: int) -> dict[str, Any]:
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
            for j in looked
            if before.get(j.name) != after.get(j.name)
        ],
        "distance": distance,
    }
