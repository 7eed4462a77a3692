"""Contents of comparison.json."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jaso_evaluate.schema import Bounds, DegenerationFacts


class Needed(TypedDict):
    """Sample size that a power asks for."""

    groups: int
    examples: int


class Cell(TypedDict):
    """A system by a measure.

    `by_seed` and `seed_sd`: of a system with several seeds. `difference` … `needed`: from the first system, where there
    is an interval; those after `difference_ci95` only where it can be tested.
    """

    run: str
    value: float | None
    ci95: Bounds | None
    standing: NotRequired[str]
    by_seed: NotRequired[list[float | None]]
    seed_sd: NotRequired[float | None]
    difference: NotRequired[float | None]
    difference_ci95: NotRequired[Bounds | None]
    p: NotRequired[float | None]
    p_holm: NotRequired[float | None]
    d_z: NotRequired[float | None]
    share_better: NotRequired[float | None]
    detectable: NotRequired[dict[str, float | None]]
    needed: NotRequired[dict[str, Needed | None]]


class Pair(TypedDict):
    """A test of two systems by a measure; `difference` is second minus first."""

    first: str
    second: str
    difference: float | None
    p: float | None
    p_holm: NotRequired[float | None]


class MeasureRow(TypedDict):
    """A measure: a cell for each system, and the pairs where they can be tested."""

    name: str
    unit: str
    signature: str
    higher_is_better: bool | None
    n: int
    cells: list[Cell]
    pairs: list[Pair]


class PairedTest(TypedDict):
    """A planned test of two systems by a measure; `difference` is second minus first.

    `values`: of both. `p_holm`: after the correction for all planned tests. `detectable`, `needed`: by power.
    """

    unit: str
    higher_is_better: bool | None
    n: int
    groups: int
    values: list[float | None]
    difference: float | None
    ci95: Bounds | None
    p: float | None
    p_holm: float | None
    detectable: dict[str, float | None] | None
    needed: dict[str, Needed | None] | None


class BestSystems(TypedDict):
    """Confidence set of the best system by a measure.

    `shares`: of the resamples in which each system is best. `set`: the fewest systems that hold 95 % of them.
    """

    shares: dict[str, float]
    set: list[str]


class RankAgreement(TypedDict):
    """Kendall's tau-b of the systems' order by two measures."""

    first: str
    second: str
    tau: float | None


class TokenizerMeasure(TypedDict):
    """A measure of a family, and who wins by it; `told_apart`: by the tests."""

    name: str
    tokenizer: str
    winners: list[str]
    told_apart: bool


class TokenizerFamily(TypedDict):
    """Measures that differ in their tokenizer alone."""

    family: str
    measures: list[TokenizerMeasure]
    winner_changes: bool
    tau: list[RankAgreement]


class SystemText(TypedDict):
    """What a system wrote for an example."""

    run: str
    score: float | None
    text: str | None


class DisputedText(TypedDict):
    """An example that the systems' scores differ on."""

    id: str
    spread: float
    occupation: str | None
    prompt: str | None
    reference: str | None
    predictions: list[SystemText]


class DisputedTexts(TypedDict):
    """The examples that the systems' scores differ on most, by the measure `by`."""

    by: str | None
    texts: list[DisputedText]


class Win(TypedDict):
    """A primary measure in which one system is better than another.

    After Holm's correction. `difference`: winner minus loser. `ci95`: None where the pair has no interval.
    """

    measure: str
    unit: str
    winner: str
    loser: str
    difference: float
    ci95: Bounds | None
    p_holm: float


class PairVerdict(TypedDict):
    """Verdict on two systems.

    `better` is None where neither is better, or each in some measure.
    """

    first: str
    second: str
    better: str | None
    wins: list[Win]


class DegenerateSystem(TypedDict):
    """A system whose texts are equal or loop."""

    run: str
    degeneration: DegenerationFacts


class Verdict(TypedDict):
    """Verdict of a comparison.

    `best`: the system that is better than every other. `measures`: the primary ones that were tested; `lacking`: the
    others. `hints`: differences too weak for the verdict, with p between 1 and 5 % after the correction.
    """

    best: str | None
    measures: list[str]
    lacking: list[str]
    pairs: list[PairVerdict]
    hints: NotRequired[list[Win]]
    degenerate: list[DegenerateSystem]


class Comparison(TypedDict):
    """comparison.json; `jaso compare` adds `tokenizers`, `texts` and `verdict`."""

    n: int
    groups: int
    test: str
    tests: int
    resamples: int
    seed: int
    runs: list[str]
    seeds: dict[str, list[str]]
    notes: list[str]
    measures: list[MeasureRow]
    tokenizers: NotRequired[list[TokenizerFamily]]
    texts: NotRequired[DisputedTexts]
    verdict: NotRequired[Verdict]
