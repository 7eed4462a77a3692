"""Who reads what, and in which order: balanced, so that neither a rater's severity nor a place favours a run."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaso_core.errors import RequestError

_LOOK_AHEAD = 60


@dataclass(frozen=True)
class Showing:
    """One row of a rater's sheet: item and run by number; `again` is a text that stands further up too."""

    item: int
    run: int
    again: bool = False


def draw(groups: Mapping[str, str], count: int | None, seed: int) -> list[str]:
    """`count` of the ids (None: all), a group's second only when each group has given its first. {id: group}."""
    chance = random.Random(f"{seed}:items")
    by_group: dict[str, list[str]] = {}
    for i, group in groups.items():
        by_group.setdefault(group, []).append(i)
    queues = list(by_group.values())
    chance.shuffle(queues)
    for queue in queues:
        chance.shuffle(queue)
    ranked = sorted((place, number, i) for number, queue in enumerate(queues) for place, i in enumerate(queue))
    drawn = [i for _, _, i in ranked]
    return drawn if count is None else drawn[:count]


def deal(items: int, runs: int, raters: int, per_rater: int | None, duplicates: int, seed: str) -> list[list[int]]:
    """The items of each rater. All runs of an item go to the same raters, so that severity cancels out between runs.

    Each item gets equally many raters, each rater one item more than another at most, and pairs of raters share items
    about equally often. RequestError when `per_rater` is too few to read everything once.
    """
    if per_rater is None or per_rater >= items * runs + duplicates:
        return [list(range(items)) for _ in range(raters)]
    room = max(0, per_rater - duplicates) // runs
    readers = min(raters, raters * room // items)
    if readers == 0:
        cure = f"raise per_rater or raters, or lower items to {raters * room}" if room else "raise per_rater"
        what = f"per_rater={per_rater} is {room} items of {runs} runs for each of {raters} raters"
        raise RequestError(f"{what}: not enough to read {items} items once", cure)
    if items * readers < raters:
        cure = f"give raters={items * readers} at most, or more items"
        raise RequestError(f"{raters} raters, but {items} items leave some of them nothing to read", cure)
    chance = random.Random(f"{seed}:deal")
    load = [0] * raters
    together = [[0] * raters for _ in range(raters)]
    dealt: list[list[int]] = [[] for _ in range(raters)]
    for item in chance.sample(range(items), items):
        chosen: list[int] = []
        while len(chosen) < readers:
            left = [r for r in range(raters) if r not in chosen]
            chance.shuffle(left)
            rater = min(left, key=lambda r: (load[r], sum(together[r][c] for c in chosen)))
            for other in chosen:
                together[rater][other] += 1
                together[other][rater] += 1
            chosen.append(rater)
        for rater in chosen:
            load[rater] += 1
            dealt[rater].append(item)
    return dealt


def order(items: Sequence[int], runs: int, rater: int, questions: Sequence[str], seed: str) -> list[Showing]:
    """A rater's rows. Each pass shows every item once, the run rotated as in a Latin square.

    So each run stands about equally often in each part of the sheet, and an item comes back after more than half a
    pass. `questions` [all items]: answers to the same one are moved apart where that is possible.
    """
    chance = random.Random(f"{seed}:order:{rater}")
    shuffled = chance.sample(list(items), len(items))
    turn = chance.randrange(runs)
    rank = {item: place for place, item in enumerate(shuffled)}
    half = len(shuffled) // 2
    rows: list[Showing] = []
    for number in range(runs):
        early = chance.sample(shuffled[:half], half)
        late = chance.sample(shuffled[half:], len(shuffled) - half)
        rows += [Showing(item, (rank[item] + number + turn) % runs) for item in early + late]
    return _apart(rows, questions)


def repeat(rows: Sequence[Showing], count: int, rater: int, seed: str) -> list[Showing]:
    """`rows` with `count` texts of its first half once more in the second, spread over the runs."""
    if count == 0:
        return list(rows)
    half = (len(rows) + 1) // 2
    if count > half:
        raise RequestError(f"duplicates={count} of {len(rows)} texts a rater", f"give duplicates={half} at most")
    chance = random.Random(f"{seed}:repeat:{rater}")
    first, second = list(rows[:half]), list(rows[half:])
    seen: dict[int, int] = {}
    turns: dict[Showing, tuple[int, float]] = {}
    for row in chance.sample(first, half):
        seen[row.run] = seen.get(row.run, 0) + 1
        turns[row] = (seen[row.run], chance.random())
    for row in sorted(first, key=lambda row: turns[row])[:count]:
        place = max(min(len(second), half // 2), chance.randrange(len(second) + 1))
        second.insert(place, Showing(row.item, row.run, again=True))
    return first + second


def _apart(rows: list[Showing], questions: Sequence[str]) -> list[Showing]:
    """Swaps neighbours with the same question for rows a little further on, where that leaves no new neighbours."""

    def clash(i: int) -> bool:
        return any(
            0 <= j < len(rows) and questions[rows[i].item] == questions[rows[j].item] for j in (i - 1, i + 1)
        )  # fmt: skip

    for i in range(1, len(rows)):
        if not clash(i):
            continue
        for j in [*range(i + 2, min(len(rows), i + _LOOK_AHEAD)), *range(max(0, i - _LOOK_AHEAD), i - 2)]:
            before = clash(j)
            rows[i], rows[j] = rows[j], rows[i]
            if not clash(i) and (before or not clash(j)):
                break
            rows[i], rows[j] = rows[j], rows[i]
    return rows
