"""Training, validation and test: whole groups, by the hash of a group's name, so that it stays where it is."""

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
# Shared: a million groups need no empty counters of their own.
_NONE: Votes = Counter()
_OWN_FIELDS = ("source", "kind", "company", "role", "season")
_META_FIELDS = ("occupation", "experience")
_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "훈련", "학습"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "검증"), "validation"),
    **dict.fromkeys(("test", "eval", "evaluation", "평가", "시험"), "test"),
}


@dataclass(frozen=True)
class SplitOptions:
    """Shares of the groups (0 to 1); the rest is for training.

    `by`: what a stratum is: occupation, experience, source, kind, company, role, season, or meta.<key>.
    `exact`: meet the shares in every stratum to the nearest groups, instead of by chance.
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
        known = (*_META_FIELDS, *_OWN_FIELDS)
        for name in self.by:
            if name not in known and not name.startswith("meta."):
                raise ValueError(f"by: '{name}' is unknown; {did_you_mean(name, list(known))}, or write meta.{name}")


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What decides a group's split. The stratum is that of its first document.

    `declared`: documents by the split that their source says; `former`: documents by the split of a former run.
    """

    name: str
    stratum: Stratum = ()
    declared: Votes = field(default_factory=lambda: _NONE)
    former: Votes = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`splits`: {group: split}. `table`: {stratum: groups by split}.

    `repaired`: groups whose documents named several splits; `moved`: documents of theirs that left the one they named.
    `halved`: groups declared as validation that became the test split which the source lacks.
    `lifted`: groups given to a held-out split that was empty in their stratum.
    """

    splits: dict[str, Split]
    table: dict[Stratum, Counter[Split]]
    repaired: int
    moved: int
    halved: int
    lifted: int


def split_of(group: str, seed: int, options: SplitOptions) -> Split:
    """The split of a group by chance; depends on the group's name and the seed alone."""
    return _by_place(_place(group, seed), options)


def stratum_of(document: Document, by: Sequence[str]) -> Stratum:
    """The values of the fields; None where there is none."""
    values = (
        getattr(document, name) if name in _OWN_FIELDS else document.meta.get(name.removeprefix("meta.")) for name in by
    )
    return tuple(None if value is None else str(value) for value in values)


def declared_split(document: Document) -> Split | None:
    """What meta.split means: "training", "dev", "평가" … RequestError for a word that means nothing here."""
    said = document.meta.get("split")
    if said is None or not str(said).strip():
        return None
    if (split := _WORDS.get(str(said).strip().casefold())) is None:
        raise RequestError(
            f"document '{document.id}': meta.split '{said}' is no split", f"use one of {', '.join(_WORDS)}, or none"
        )
    return split


def collect(documents: Iterable[tuple[str, Stratum, Split | None, Split | None]]) -> list[GroupFacts]:
    """Groups in the order of their first documents, from each document's (group, stratum, declared, former)."""
    strata: dict[str, Stratum] = {}
    same: dict[Stratum, Stratum] = {}
    declared: defaultdict[str, Counter[Split]] = defaultdict(Counter)
    former: defaultdict[str, Counter[Split]] = defaultdict(Counter)
    for group, stratum, said, was in documents:
        strata.setdefault(group, same.setdefault(stratum, stratum))
        if said is not None:
            declared[group][said] += 1
        if was is not None:
            former[group][was] += 1
    return [GroupFacts(name, strata[name], declared.get(name, _NONE), former.get(name, _NONE)) for name in strata]


def assign(groups: Sequence[GroupFacts], options: SplitOptions, seed: int) -> Assignment:
    """A split for every group: what a former run gave, else what the source declares, else by hash.

    `former` and `declared` are heeded wherever they are given: leave them out where `keep` and `honour` are off.

    Where the documents of a group name several splits, none stays in training when one is held out: a text that was
    meant for measuring must not be learned from, and a training text lost costs less. Of validation and test the
    group goes to the one named more often, to test when they are even.

    Where nothing at all is declared as test, the source has two splits and we need three: the share
    test / (validation + test) of the declared validation groups, by hash, is the test split; training stays as it is.

    By hash, no group moves when others come, but for the lifted ones: a stratum large enough for one group in
    validation (test) that got none gives it the training group with the lowest hash. When later one of its groups
    falls there of itself, the lifted one goes back: at most one group a stratum and split moves so; `keep` stops it.
    Exact splits all hang together: without `keep` many groups move when data is added.
    """
    fixed = {facts.name: split for facts in groups if (split := _named(facts)) is not None}
    voted = [(facts.former or facts.declared, fixed[facts.name]) for facts in groups if facts.name in fixed]
    moved = [sum(votes.values()) - votes.get(split, 0) for votes, split in voted]
    places = {facts.name: _place(facts.name, seed) for facts in groups}
    halved = _halved(groups, fixed, places, options)
    fixed.update(dict.fromkeys(halved, "test"))
    strata: defaultdict[Stratum, list[str]] = defaultdict(list)
    for facts in sorted(groups, key=lambda facts: (places[facts.name], facts.name)):
        strata[facts.stratum].append(facts.name)
    splits, lifted = (
        (_exactly(strata, fixed, options), 0) if options.exact else _by_chance(strata, fixed, places, options)
    )
    return Assignment(
        splits={facts.name: splits[facts.name] for facts in groups},
        table={stratum: Counter(splits[name] for name in names) for stratum, names in sorted(strata.items(), key=repr)},
        repaired=sum(count > 0 for count in moved),
        moved=sum(moved),
        halved=len(halved),
        lifted=lifted,
    )


def _place(name: str, seed: int) -> float:
    """A point in [0, 1) that the name and the seed alone decide."""
    digest = hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _by_place(place: float, options: SplitOptions) -> Split:
    if place < options.test:
        return "test"
    return "validation" if place < options.test + options.validation else "train"


def _named(facts: GroupFacts) -> Split | None:
    for votes in (facts.former, facts.declared):
        test, validation = votes.get("test", 0), votes.get("validation", 0)
        if test or validation:
            return "test" if test >= validation else "validation"
    return "train" if facts.former or facts.declared else None


def _halved(
    groups: Sequence[GroupFacts], fixed: Mapping[str, Split], places: Mapping[str, float], options: SplitOptions
) -> list[str]:
    if not options.test or any(facts.declared.get("test") for facts in groups):
        return []
    share = options.test / (options.validation + options.test)
    return [
        facts.name
        for facts in groups
        if fixed.get(facts.name) == "validation" and not facts.former and places[facts.name] < share
    ]


def _by_chance(
    strata: Mapping[Stratum, list[str]], fixed: Mapping[str, Split], places: Mapping[str, float], options: SplitOptions
) -> tuple[dict[str, Split], int]:
    """The splits, and how many groups were lifted. The names of a stratum are in the order of their places."""
    splits = {name: fixed.get(name) or _by_place(places[name], options) for names in strata.values() for name in names}
    shares: tuple[tuple[Split, float], ...] = (("test", options.test), ("validation", options.validation))
    lifted = 0
    for names in strata.values():
        for split, share in shares:
            if share and len(names) >= math.ceil(1 / share) and all(splits[name] != split for name in names):
                free = next((name for name in names if name not in fixed and splits[name] == "train"), None)
                if free is not None:
                    splits[free] = split
                    lifted += 1
    return splits, lifted


def _exactly(
    strata: Mapping[Stratum, list[str]], fixed: Mapping[str, Split], options: SplitOptions
) -> dict[str, Split]:
    """Groups are counted, not examples: one cluster of copies would fill a test split, and measure one thing often."""
    held_out = options.validation + options.test
    held = _apportioned({stratum: len(names) * held_out for stratum, names in strata.items()})
    tests = _apportioned({stratum: count * options.test / held_out if count else 0 for stratum, count in held.items()})
    splits = dict(fixed)
    for stratum, names in strata.items():
        there = Counter(fixed[name] for name in names if name in fixed)
        test = max(0, tests[stratum] - there["test"])
        validation = max(0, held[stratum] - tests[stratum] - there["validation"])
        for rank, name in enumerate(name for name in names if name not in fixed):
            splits[name] = "test" if rank < test else "validation" if rank < test + validation else "train"
    return splits


def _apportioned(shares: Mapping[Stratum, float]) -> dict[Stratum, int]:
    """Whole numbers by largest remainder: each its share rounded down or up, all together the sum, rounded.

    Rounding each by itself would leave a corpus of many small strata without any test.
    """
    counts = {stratum: math.floor(share + 1e-9) for stratum, share in shares.items()}
    missing = max(0, round(sum(shares.values())) - sum(counts.values()))
    by_need = sorted(shares, key=lambda stratum: (counts[stratum] - shares[stratum], repr(stratum)))
    return counts | {stratum: counts[stratum] + 1 for stratum in by_need[:missing]}
