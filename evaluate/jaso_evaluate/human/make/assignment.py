"""Balanced assignment of texts to raters, and their order on the sheets.

Neither a rater's severity nor a position on the sheet favours a run.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaso_core.errors import RequestError

_LOOK_AHEAD = 60


@dataclass(frozen=True)
class Assignment:
    """One row of a rater's sheet: item and run by number.

    `is_repeat`: the same text is further up on this sheet too.
    """

    item: int
    run: int
    is_repeat: bool = False


def sample_items(groups: Mapping[str, str], count: int | None, seed: int) -> list[str]:
    """Sample ids round-robin over groups: `count` of them, or all where it is None.

    A group gives its second only when each group has given its first. `groups`: {id: group}.
    """
    rng = random.Random(f"{seed}:items")
    by_group: dict[str, list[str]] = {}
    for i, group in groups.items():
        by_group.setdefault(group, []).append(i)
    queues = list(by_group.values())
    rng.shuffle(queues)
    for queue in queues:
        rng.shuffle(queue)
    # Groups A: a1, a2, a3 and B: b1, in the order B, A → b1, a1, a2, a3: by position in the group, then by group
    ranked = sorted((position, number, i) for number, queue in enumerate(queues) for position, i in enumerate(queue))
    sampled = [i for _, _, i in ranked]
    return sampled if count is None else sampled[:count]


def assign_items(
    items: int, runs: int, raters: int, per_rater: int | None, duplicates: int, seed: str
) -> list[list[int]]:
    """Return the items of each rater. All runs of an item go to the same raters.

    So severity cancels out between runs. Each item gets equally many raters, each rater one item more than another at
    most, and pairs of raters share items about equally often. RequestError when `per_rater` is too few to read
    everything once.
    """
    if per_rater is None or per_rater >= items * runs + duplicates:
        return [list(range(items)) for _ in range(raters)]
    # 2 runs, per_rater 6 → 3 items per rater; 3 raters share 4 items → min(3, 3 * 3 // 4) = 2 raters per item
    items_per_rater = max(0, per_rater - duplicates) // runs
    raters_per_item = min(raters, raters * items_per_rater // items)
    if raters_per_item == 0:
        cure = (
            f"raise per_rater or raters, or lower items to {raters * items_per_rater}"
            if items_per_rater
            else "raise per_rater"
        )
        what = f"per_rater={per_rater} is {items_per_rater} items of {runs} runs for each of {raters} raters"
        raise RequestError(f"{what}: not enough to read {items} items once", cure)
    if items * raters_per_item < raters:
        cure = f"give raters={items * raters_per_item} at most, or more items"
        raise RequestError(f"{raters} raters, but {items} items leave some of them nothing to read", cure)
    rng = random.Random(f"{seed}:deal")
    load = [0] * raters
    shared_items = [[0] * raters for _ in range(raters)]
    items_of_rater: list[list[int]] = [[] for _ in range(raters)]
    for item in rng.sample(range(items), items):
        chosen: list[int] = []
        while len(chosen) < raters_per_item:
            free = [r for r in range(raters) if r not in chosen]
            rng.shuffle(free)
            # The least loaded rater, then the one with fewest items in common with those chosen; ties are shuffled.
            rater = min(free, key=lambda r: (load[r], sum(shared_items[r][c] for c in chosen)))
            for other in chosen:
                shared_items[rater][other] += 1
                shared_items[other][rater] += 1
            chosen.append(rater)
        for rater in chosen:
            load[rater] += 1
            items_of_rater[rater].append(item)
    return items_of_rater


def order_rows(items: Sequence[int], runs: int, rater: int, questions: Sequence[str], seed: str) -> list[Assignment]:
    """Order a rater's rows: each pass shows every item once, as in a Latin square.

    The run rotates from pass to pass, so each run is about equally often in each part of the sheet, and an item comes
    back after more than half a pass. `questions` [all items]: answers to the same one are moved apart where that is
    possible.
    """
    rng = random.Random(f"{seed}:order:{rater}")
    shuffled = rng.sample(list(items), len(items))
    offset = rng.randrange(runs)
    position = {item: index for index, item in enumerate(shuffled)}
    # 3 items, 2 runs → (item, run): (1, 0) (0, 1) (2, 0), then (1, 1) (0, 0) (2, 1).
    # An item stays in its half of each pass, so it comes back after more than half a pass.
    half = len(shuffled) // 2
    rows: list[Assignment] = []
    for pass_number in range(runs):
        early = rng.sample(shuffled[:half], half)
        late = rng.sample(shuffled[half:], len(shuffled) - half)
        rows += [Assignment(item, (position[item] + pass_number + offset) % runs) for item in early + late]
    return _separate_questions(rows, questions)


def add_repeats(rows: Sequence[Assignment], count: int, rater: int, seed: str) -> list[Assignment]:
    """Repeat `count` texts of the first half in the second, spread over the runs."""
    if count == 0:
        return list(rows)
    half = (len(rows) + 1) // 2
    if count > half:
        raise RequestError(f"duplicates={count} of {len(rows)} texts a rater", f"give duplicates={half} at most")
    rng = random.Random(f"{seed}:repeat:{rater}")
    first, second = list(rows[:half]), list(rows[half:])
    # The first text of every run comes before the second of any: the repeats are spread over the runs.
    count_of_run: dict[int, int] = {}
    priority: dict[Assignment, tuple[int, float]] = {}
    for row in rng.sample(first, half):
        count_of_run[row.run] = count_of_run.get(row.run, 0) + 1
        priority[row] = (count_of_run[row.run], rng.random())
    for row in sorted(first, key=lambda row: priority[row])[:count]:
        index = max(min(len(second), half // 2), rng.randrange(len(second) + 1))
        second.insert(index, Assignment(row.item, row.run, is_repeat=True))
    return first + second


def _separate_questions(rows: list[Assignment], questions: Sequence[str]) -> list[Assignment]:
    """Swap neighbours with the same question for rows a little further on.

    Only where that leaves no new neighbours with the same question.
    """

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
