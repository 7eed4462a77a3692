"""Train, validation and test splits: whole groups, by a hash of the group's name.

So a group stays in its split when data is added.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Document, Split

Stratum = tuple[str | None, ...]
Votes = Mapping[Split, int]
# Shared: a million groups need no separate empty counters.
_NO_VOTES: Votes = Counter()
_OWN_FIELDS = ("source", "kind", "company", "role", "season")
_META_FIELDS = ("occupation", "experience")
_SPLIT_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "훈련", "학습"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "검증"), "validation"),
    **dict.fromkeys(("test", "eval", "evaluation", "평가", "시험"), "test"),
}


@dataclass(frozen=True)
class SplitOptions:
    """Proportions of the groups (0 to 1); the rest is for training.

    `by`: the fields of a stratum: occupation, experience, source, kind, company, role, season, or meta.<key>.

    `exact`: meet the proportions in every stratum to the nearest groups, instead of by chance.

    `keep`: a folder that `jaso preprocess` wrote; its documents stay in the splits they have there.

    `honour`: documents stay in the split that their source declares (meta.split).
    """

    validation: float = 0.1
    test: float = 0.1
    by: list[str] = field(default_factory=lambda: ["occupation", "experience", "source"])
    exact: bool = False
    keep: str | None = None
    honour: bool = False

    def __post_init__(self) -> None:
        if min(self.validation, self.test) < 0 or self.validation + self.test >= 1:
            raise ValueError("validation and test must be at least 0 and leave something for training")
        known_fields = (*_META_FIELDS, *_OWN_FIELDS)
        for name in self.by:
            if name not in known_fields and not name.startswith("meta."):
                raise ValueError(
                    f"by: '{name}' is unknown; {did_you_mean(name, list(known_fields))}, or write meta.{name}"
                )


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What decides a group's split. The stratum is that of its first document.

    `declared`: documents by the split that their source declares; `former`: documents by the split of a former run.
    """

    name: str
    stratum: Stratum = ()
    declared: Votes = field(default_factory=lambda: _NO_VOTES)
    former: Votes = field(default_factory=lambda: _NO_VOTES)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The split of every group, with counts.

    `splits`: {group: split}. `table`: {stratum: groups by split}.

    `repaired`: groups whose documents named several splits; `moved`: documents of theirs that left the one they named.

    `halved`: groups declared as validation that became the test split which the source lacks.

    `lifted`: groups moved to a held-out split that was empty in their stratum.
    """

    splits: dict[str, Split]
    table: dict[Stratum, Counter[Split]]
    repaired: int
    moved: int
    halved: int
    lifted: int


def split_of(group: str, seed: int, options: SplitOptions) -> Split:
    """Return the split of a group by hash; depends on its name and the seed alone."""
    return _split_at(_hash_point(group, seed), options)


def stratum_of(document: Document, by: Sequence[str]) -> Stratum:
    """Return the values of the fields; None for a missing one."""
    values = (
        getattr(document, name) if name in _OWN_FIELDS else document.meta.get(name.removeprefix("meta.")) for name in by
    )
    return tuple(None if value is None else str(value) for value in values)


def declared_split(document: Document) -> Split | None:
    """Parse meta.split: "training", "dev", "평가" …

    None where it is missing; RequestError for an unknown word.
    """
    value = document.meta.get("split")
    if value is None or not str(value).strip():
        return None
    if (split := _SPLIT_WORDS.get(str(value).strip().casefold())) is None:
        raise RequestError(
            f"document '{document.id}': meta.split '{value}' is no split",
            f"use one of {', '.join(_SPLIT_WORDS)}, or none",
        )
    return split


def collect_groups(documents: Iterable[tuple[str, Stratum, Split | None, Split | None]]) -> list[GroupFacts]:
    """Collect groups from each document's (group, stratum, declared, former).

    In the order of their first documents.
    """
    strata: dict[str, Stratum] = {}
    same: dict[Stratum, Stratum] = {}
    declared: defaultdict[str, Counter[Split]] = defaultdict(Counter)
    former: defaultdict[str, Counter[Split]] = defaultdict(Counter)
    for group, stratum, source_split, former_split in documents:
        strata.setdefault(group, same.setdefault(stratum, stratum))
        if source_split is not None:
            declared[group][source_split] += 1
        if former_split is not None:
            former[group][former_split] += 1
    return [
        GroupFacts(name, strata[name], declared.get(name, _NO_VOTES), former.get(name, _NO_VOTES)) for name in strata
    ]


def assign(groups: Sequence[GroupFacts], options: SplitOptions, seed: int) -> Assignment:
    """Assign a split to every group: former run, else declared split, else hash.

    `former` and `declared` count wherever they are set: leave them out where `keep` and `honour` are off.

    Where the documents of a group name several splits, none stays in training when one is held out: a text that was
    meant for evaluation must not be learned from, and a training text lost costs less. Of validation and test the group
    goes to the one named more often, to test when they are even.

    Where nothing at all is declared as test, the source has two splits and we need three: the proportion test /
    (validation + test) of the declared validation groups, by hash, is the test split; training stays as it is.

    By hash, no group moves when others are added, but for the lifted ones: a stratum large enough for one group in
    validation (test) that got none gives it the training group with the lowest hash. When later one of its groups gets
    there by its own hash, the lifted one goes back: at most one group a stratum and split moves so; `keep` stops it.
    Exact splits are all interdependent: without `keep` many groups move when data is added.
    """
    fixed = {facts.name: split for facts in groups if (split := _fixed_split(facts)) is not None}
    voted = [(facts.former or facts.declared, fixed[facts.name]) for facts in groups if facts.name in fixed]
    moved = [sum(votes.values()) - votes.get(split, 0) for votes, split in voted]
    points = {facts.name: _hash_point(facts.name, seed) for facts in groups}
    halved = _validation_to_test(groups, fixed, points, options)
    fixed.update(dict.fromkeys(halved, "test"))
    strata: defaultdict[Stratum, list[str]] = defaultdict(list)
    for facts in sorted(groups, key=lambda facts: (points[facts.name], facts.name)):
        strata[facts.stratum].append(facts.name)
    splits, lifted = (
        (_assign_exactly(strata, fixed, options), 0)
        if options.exact
        else _assign_by_hash(strata, fixed, points, options)
    )
    return Assignment(
        splits={facts.name: splits[facts.name] for facts in groups},
        table={stratum: Counter(splits[name] for name in names) for stratum, names in sorted(strata.items(), key=repr)},
        repaired=sum(count > 0 for count in moved),
        moved=sum(moved),
        halved=len(halved),
        lifted=lifted,
    )


def _hash_point(name: str, seed: int) -> float:
    """Hash a name and the seed to a point in [0, 1)."""
    digest = hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _split_at(point: float, options: SplitOptions) -> Split:
    # test=0.1, validation=0.1: [0, 0.1) is test, [0.1, 0.2) validation. Test comes first, so that another `validation`
    # moves no group into or out of it.
    if point < options.test:
        return "test"
    return "validation" if point < options.test + options.validation else "train"


def _fixed_split(facts: GroupFacts) -> Split | None:
    for votes in (facts.former, facts.declared):
        # {train: 1, test: 1} → test; {train: 5, validation: 1} → validation
        test, validation = votes.get("test", 0), votes.get("validation", 0)
        if test or validation:
            return "test" if test >= validation else "validation"
    return "train" if facts.former or facts.declared else None


def _validation_to_test(
    groups: Sequence[GroupFacts], fixed: Mapping[str, Split], points: Mapping[str, float], options: SplitOptions
) -> list[str]:
    if not options.test or any(facts.declared.get("test") for facts in groups):
        return []
    # validation=0.1, test=0.1 → half of the declared validation groups
    share = options.test / (options.validation + options.test)
    return [
        facts.name
        for facts in groups
        if fixed.get(facts.name) == "validation" and not facts.former and points[facts.name] < share
    ]


def _assign_by_hash(
    strata: Mapping[Stratum, list[str]], fixed: Mapping[str, Split], points: Mapping[str, float], options: SplitOptions
) -> tuple[dict[str, Split], int]:
    """Return the splits, and how many groups were lifted.

    The names of a stratum are in the order of their hash points.
    """
    splits = {name: fixed.get(name) or _split_at(points[name], options) for names in strata.values() for name in names}
    shares: tuple[tuple[Split, float], ...] = (("test", options.test), ("validation", options.validation))
    lifted = 0
    for names in strata.values():
        for split, share in shares:
            # test=0.1: a stratum of 10 groups or more gets a test group, if one is free
            if share and len(names) >= math.ceil(1 / share) and all(splits[name] != split for name in names):
                free = next((name for name in names if name not in fixed and splits[name] == "train"), None)
                if free is not None:
                    splits[free] = split
                    lifted += 1
    return splits, lifted


def _assign_exactly(
    strata: Mapping[Stratum, list[str]], fixed: Mapping[str, Split], options: SplitOptions
) -> dict[str, Split]:
    """Assign splits that meet the proportions in every stratum.

    Groups are counted, not examples: one cluster of copies would fill a test split, and measure one thing often.
    """
    held_out = options.validation + options.test
    # Strata of 5, 5 and 10 groups, 0.1 each → held out 1, 1, 2, of them test 1, 0, 1. Apportioned apart, test and
    # validation would both come from the first stratum and none from the second.
    held_out_counts = _apportion({stratum: len(names) * held_out for stratum, names in strata.items()})
    tests = _apportion(
        {stratum: count * options.test / held_out if count else 0 for stratum, count in held_out_counts.items()}
    )
    splits = dict(fixed)
    for stratum, names in strata.items():
        fixed_counts = Counter(fixed[name] for name in names if name in fixed)
        test = max(0, tests[stratum] - fixed_counts["test"])
        validation = max(0, held_out_counts[stratum] - tests[stratum] - fixed_counts["validation"])
        for rank, name in enumerate(name for name in names if name not in fixed):
            # The names are sorted by hash point: the lowest become test, the next ones validation.
            splits[name] = "test" if rank < test else "validation" if rank < test + validation else "train"
    return splits


def _apportion(shares: Mapping[Stratum, float]) -> dict[Stratum, int]:
    """Round numbers to integers by the largest remainder method.

    Each is rounded down or up, all together to the rounded sum. Rounding each alone would leave a corpus of many small
    strata without any test.
    """
    # 10 · (0.7 + 0.1) is 7.999999999999999 in floats and must not become 7.
    counts = {stratum: math.floor(share + 1e-9) for stratum, share in shares.items()}
    # 0.6, 0.6, 0.8 → floors 0, 0, 0, sum 2 → 1, 0, 1
    missing = max(0, round(sum(shares.values())) - sum(counts.values()))
    by_need = sorted(shares, key=lambda stratum: (counts[stratum] - shares[stratum], repr(stratum)))
    return counts | {stratum: counts[stratum] + 1 for stratum in by_need[:missing]}
