"""Verdicts of the regression gate: each measure against the baseline's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jaso_core.errors import RequestError
from jaso_evaluate.metrics.bits_per_character import NAME as BITS
from jaso_evaluate.regression.baseline import RunRecord
from jaso_evaluate.regression.tolerances import Limit, Tolerance, tolerance_for
from jaso_evaluate.scoring.text_rows import round_score
from jaso_evaluate.statistics.reductions import reduction
from jaso_evaluate.statistics.summary import Bootstrap, Difference, difference, holm

Floats = NDArray[np.float64]

_ROUNDING = 1e-9
"""Tolerance of rounding.

Scores are rounded to 6 decimals; two neighbours are 1e-6 apart, give or take a float's last bit.
"""

_FAILING = frozenset({"worse", "out of bounds", "missing", "not comparable", "no value"})


@dataclass(frozen=True)
class Judgement:
    """Verdict on one measure, with the numbers behind it.

    `change` = run − baseline, with its 95 % interval and p over `n` common texts; `allowed`: the loss that passes.

    `verdict`: equal, within (what is allowed), better, worse, changed (a measure without a direction), out of bounds,
    missing, new, not comparable, no value.
    """

    name: str
    verdict: str
    unit: str = ""
    higher_is_better: bool | None = None
    baseline: float | None = None
    run: float | None = None
    change: float | None = None
    ci95: tuple[float, float] | None = None
    p: float | None = None
    p_holm: float | None = None
    allowed: float | None = None
    n: int = 0
    note: str = ""

    @property
    def fails(self) -> bool:
        """Whether this closes the gate."""
        return self.verdict in _FAILING

    def to_json(self) -> dict[str, object]:
        """Convert for regress.json; numbers to 6 decimals."""
        body = asdict(self)
        for key in ("change", "p", "p_holm", "allowed"):
            body[key] = round_score(body[key])
        body["ci95"] = None if self.ci95 is None else [round_score(bound) for bound in self.ci95]
        return {**body, "fails": self.fails}


@dataclass(frozen=True)
class GateRules:
    """Rules of the verdicts. `limit`: which of a tolerance's limits holds.

    Beyond `tight` any loss is real; beyond the others a loss fails only where the paired test, at `level` for all
    measures together, finds it significant.
    """

    tolerances: Mapping[str, Tolerance]
    limit: Limit
    level: float
    resamples: int
    seed: int


@dataclass(frozen=True)
class _PairedStats:
    """Statistics [n, k] of the common texts, zeros where one side has no value.

    `valid`: mask of the texts with a value on both sides.
    """

    old: Floats
    new: Floats
    valid: NDArray[np.bool_]
    spec: str
    note: str


def common_texts(old: RunRecord, new: RunRecord) -> list[str]:
    """Return the ids that both have, with the same reference."""
    return [i for i in old.lines if i in new.lines and new.lines[i]["reference"] == old.lines[i]["reference"]]


def judge(old: RunRecord, new: RunRecord, rules: GateRules) -> list[Judgement]:
    """Return a judgement for each measure that either side has.

    RequestError when there are too few resamples to judge.
    """
    ids = common_texts(old, new)
    names = list(dict.fromkeys([*old.metrics, *new.metrics]))
    outcomes = {name: _incomparable(name, old, new) or _paired_stats(name, old, new, ids) for name in names}
    pairs = {name: pair for name, pair in outcomes.items() if isinstance(pair, _PairedStats) and pair.valid.any()}
    tests = paired_differences(pairs, [str(new.lines[i]["group"]) for i in ids], rules)
    same_texts = len(ids) == len(old.lines) == len(new.lines)
    judgements = [
        outcome
        if isinstance(outcome, Judgement)
        else _compare_values(name, outcome, old, new, tests.get(name), same_texts)
        for name, outcome in outcomes.items()
    ]
    return _add_verdicts(judgements, new.reference_measures, rules)


def paired_differences(
    pairs: Mapping[str, _PairedStats], groups: Sequence[str], rules: GateRules
) -> dict[str, Difference]:
    """Run − baseline of each measure, by a paired bootstrap of whole groups.

    Empty when there is only one group.
    """
    bootstrap = Bootstrap(groups, rules.resamples, rules.seed)
    if not pairs or bootstrap.groups < 2:
        return {}
    # One set of resamples for all measures, both sides: old and new are paired.
    draws = bootstrap.sums(np.concatenate([side for pair in pairs.values() for side in (pair.old, pair.new)], axis=1))
    differences = {}
    # Columns of `draws`: old and new of the first measure, old and new of the second, …
    start = 0
    for name, pair in pairs.items():
        width = pair.old.shape[1]
        reduce = reduction(pair.spec)
        old, new = draws[:, start : start + width], draws[:, start + width : start + 2 * width]
        start += 2 * width
        value = float(reduce(pair.new.sum(axis=0)) - reduce(pair.old.sum(axis=0)))
        left_out = bootstrap.jackknife(pair.new, reduce) - bootstrap.jackknife(pair.old, reduce)
        differences[name] = difference(value, reduce(new) - reduce(old), left_out)
    return differences


def _incomparable(name: str, old: RunRecord, new: RunRecord) -> Judgement | None:
    """Judge a measure that one side lacks or that was measured in another way."""
    if name not in new.metrics:
        # Measures are named after their metric; of `length` and `length_fit`, both left out, the longer name is meant.
        reasons = [skip for skip in new.skipped if name.startswith(skip.split(":")[0])]
        reason = max(reasons, key=lambda skip: len(skip.split(":")[0]), default="")
        return Judgement(name, "missing", note=reason, baseline=old.metrics[name]["value"])
    if name not in old.metrics:
        return Judgement(name, "new", run=new.metrics[name]["value"])
    for key in ("signature", "unit", "higher_is_better"):
        before, after = old.metrics[name][key], new.metrics[name][key]
        if before != after:
            return Judgement(name, "not comparable", note=f"{key}: {before} → {after}")
    if old.reductions[name] != new.reductions[name]:
        return Judgement(name, "not comparable", note=f"reduction: {old.reductions[name]} → {new.reductions[name]}")
    return None


def _paired_stats(name: str, old: RunRecord, new: RunRecord, ids: Sequence[str]) -> _PairedStats | Judgement:
    """Pair the statistics of the common texts.

    Bits must be of the same characters on both sides: a shorter limit cuts a reference earlier.
    """
    rows = [(old.lines[i]["stats"][name], new.lines[i]["stats"][name]) for i in ids]
    widths = {len(stats) for row in rows for stats in row if stats is not None}
    if len(widths) > 1:
        return Judgement(name, "not comparable", note="other statistics under the same signature")
    # Statistics of bits are [bits, characters].
    valid = [a is not None and b is not None and (not name.startswith(BITS) or a[1] == b[1]) for a, b in rows]
    width = max(widths, default=1)
    empty = [0.0] * width
    sides = [[row[side] if ok else empty for row, ok in zip(rows, valid, strict=True)] for side in (0, 1)]
    one_sided = sum(
        (a is None) != (b is None) or (a is not None and not ok) for (a, b), ok in zip(rows, valid, strict=True)
    )
    note = f"{one_sided:,} texts have no value, or one of other characters, on one side" if one_sided else ""
    stats = [np.array(side, dtype=float).reshape(len(rows), width) for side in sides]
    return _PairedStats(stats[0], stats[1], np.array(valid, dtype=bool), old.reductions[name], note)


def _compare_values(
    name: str, pair: _PairedStats, old: RunRecord, new: RunRecord, test: Difference | None, same_texts: bool
) -> Judgement:
    """Return a judgement with both values, its `verdict` still open.

    On equal sets of texts the values are those of scores.json, so that a change in how sums become scores is seen;
    else they are of the common texts.
    """
    # One-sided texts are in the values of scores.json, but not in the pairs.
    if (same_texts and not pair.note) or not pair.valid.any():
        values = [record.metrics[name]["value"] for record in (old, new)]
    else:
        reduce = reduction(pair.spec)
        values = [
            round_score(float(reduce(side.sum(axis=0)))) if pair.valid.any() else None for side in (pair.old, pair.new)
        ]
    entry = new.metrics[name]
    before, after = values
    return Judgement(
        name,
        "",
        unit=entry["unit"],
        higher_is_better=entry["higher_is_better"],
        baseline=before,
        run=after,
        change=None if before is None or after is None else after - before,
        ci95=test.ci95 if test else None,
        p=test.p if test else None,
        n=int(pair.valid.sum()),
        note=pair.note,
    )


def _add_verdicts(
    judgements: Sequence[Judgement], reference_measures: frozenset[str], rules: GateRules
) -> list[Judgement]:
    judged = [j for j in judgements if not j.verdict and _is_judged(j, reference_measures, rules)]
    tested = [j for j in judged if j.p is not None]
    adjusted = dict(zip((j.name for j in tested), holm([j.p for j in tested if j.p is not None]), strict=True))
    # The smallest p of a bootstrap is 2 / (resamples + 1); after Holm's correction it must still be below the level.
    # 1,000 resamples, 30 measures → 2 / 1001 · 30 = 0.06: no loss could be significant at 0.05.
    min_p = 2 / (rules.resamples + 1) * len(tested)
    if rules.limit != "tight" and min_p > rules.level:
        raise RequestError(
            f"config key 'resamples': {rules.resamples:,} are too few to find a loss in any of {len(tested)} measures",
            f"give resamples={int(2 * len(tested) / rules.level) + 1} or more",
        )
    names = {j.name for j in judged}
    return [
        j if j.verdict else _verdict(replace(j, p_holm=adjusted.get(j.name)), j.name in names, rules)
        for j in judgements
    ]


def _is_judged(judgement: Judgement, reference_measures: frozenset[str], rules: GateRules) -> bool:
    """Whether the measure judges the run.

    Not where it only describes, or is of another model.
    """
    bounded = tolerance_for(judgement.name, rules.tolerances).bounded
    return bounded or (judgement.higher_is_better is not None and judgement.name not in reference_measures)


def _verdict(j: Judgement, judged: bool, rules: GateRules) -> Judgement:
    change = j.change
    if j.baseline is None or change is None:
        # A value that the baseline has and the run lacks is a loss; a value of the run alone is new.
        lost = judged and j.baseline is not None
        return replace(j, verdict="no value" if lost else "equal" if j.run is None else "new")
    # floor 2 %, baseline 30 → a loss of 0.6 passes.
    allowed = tolerance_for(j.name, rules.tolerances).allowed(j.baseline, rules.limit)
    j = replace(j, allowed=allowed if judged else None)
    if abs(change) < _ROUNDING:
        return replace(j, verdict="equal")
    if not judged:
        return replace(j, verdict="changed")
    # With `tight` the environment is the same, and chance explains no difference.
    chance = rules.limit != "tight" and j.p_holm is not None and j.p_holm > rules.level
    if abs(change) <= allowed + _ROUNDING or chance:
        return replace(j, verdict="within")
    if j.higher_is_better is None:
        return replace(j, verdict="out of bounds")
    return replace(j, verdict="better" if (change > 0) == j.higher_is_better else "worse")
