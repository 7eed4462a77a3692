"""Contents of a study's report.json."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from jaso_evaluate.comparison.schema import BestSystems, Comparison, Needed
from jaso_evaluate.schema import Bounds


class MeasureFacts(TypedDict):
    """Unit, direction and signature of a measure."""

    unit: str
    higher_is_better: bool | None
    signature: str


class Measure(TypedDict):
    """A column of the report; `facts` is None where no cell has the measure."""

    name: str
    facts: MeasureFacts | None


class Value(TypedDict):
    """A cell by a measure; the whole is in the comparison."""

    value: float | None
    ci95: Bounds | None
    standing: NotRequired[str]
    by_seed: NotRequired[list[float | None]]


class Cost(TypedDict):
    """Mean costs of a cell over its seeds; `memory`: bytes, the maximum.

    `validation`: [step, bits per character] of the first seed.
    """

    steps: int
    tokens: float
    examples: int
    train_seconds: float
    tokens_per_second: float
    memory: int
    evaluate_seconds: float
    parameters: int | None
    trainable: int | None
    validation: list[list[float]]


class CellResult(TypedDict):
    """A cell: its levels by factor, costs and values.

    `family`: the index of its family.
    """

    label: str
    levels: dict[str, str]
    seeds: list[int]
    cost: Cost
    family: int
    values: dict[str, Value]


class Family(TypedDict):
    """Cells whose references are the same texts; one that is alone has no comparison."""

    members: list[str]
    comparison: Comparison | None
    folder: str | None


class ClaimResult(TypedDict):
    """A claim and its test.

    `note` says why there is none, else the keys from `unit` on are there.
    """

    better: str
    than: str
    measure: str
    because: str
    expected: bool | None
    difference: float | None
    ci95: Bounds | None
    p: float | None
    p_holm: float | None
    verdict: str
    note: NotRequired[str]
    unit: NotRequired[str]
    higher_is_better: NotRequired[bool | None]
    n: NotRequired[int]
    groups: NotRequired[int]
    values: NotRequired[list[float | None]]
    detectable: NotRequired[dict[str, float | None] | None]
    needed: NotRequired[dict[str, Needed | None] | None]
    notes: NotRequired[list[str]]


class Corpus(TypedDict, total=False):
    """The corpus of the first cell; empty where nothing is known.

    `request`: how much was made.
    """

    source: str | None
    request: dict[str, int]
    examples: dict[str, int]
    licences: list[str]


class FormerTable(TypedDict):
    """A table of prior work; see `plan.spec.PriorTable`."""

    title: str
    source: str
    columns: list[str]
    measures: list[str | None]
    rows: dict[str, list[float | None]]
    units: str


class StudyResults(TypedDict):
    """report.json: everything that the report shows.

    `given`: overrides of the command line. `inputs`: scored folders by cell. `absent`: cells that are not complete.
    """

    name: str
    title: str
    asks: str
    primary: str
    measures: list[Measure]
    factors: list[str]
    curve: bool
    size: str
    seeds: list[int]
    given: list[str]
    corpus: Corpus
    model: dict[str, Any]  # a model's options are its own
    cells: list[CellResult]
    absent: list[str]
    families: list[Family]
    best: BestSystems | None
    claims: list[ClaimResult]
    former: list[FormerTable]
    commands: list[str]
    versions: dict[str, str]
    inputs: dict[str, list[str]]
