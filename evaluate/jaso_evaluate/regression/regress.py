"""`jaso regress`: compare a run with a blessed baseline; exit 1 on a regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import atomic_text, write_json
from jaso_core.language.markup import translate_markdown
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.metrics import METRICS
from jaso_evaluate.regression.baseline import REASONS, RunRecord, read_baseline, read_run, verify
from jaso_evaluate.regression.changed_texts import changed_texts, most_changed
from jaso_evaluate.regression.lineage import first_change, is_retrained
from jaso_evaluate.regression.report import markdown, summary
from jaso_evaluate.regression.tolerances import Limit, read_tolerances, unused_keys
from jaso_evaluate.regression.verdicts import GateRules, common_texts, judge
from jaso_evaluate.score import check_resamples
from jaso_evaluate.scoring import environment

_MODES = ("auto", "tight", "paired")
_MAX_IDS = 10


@dataclass(frozen=True)
class RegressSettings:
    """Settings of `jaso regress`.

    `run`: a folder that `jaso evaluate` or `jaso score` wrote. `baseline`: one that `jaso bless` wrote.

    `mode`: tight (any loss is real), paired (a loss must be more than chance), auto (tight where both runs are of one
    environment). `tolerances`: by measure, see regression/tolerances.py. `level`: of the paired tests, all together.
    """

    out: str = REQUIRED
    run: str = REQUIRED
    baseline: str = REQUIRED
    mode: str = "auto"
    tolerances: dict[str, Any] = field(default_factory=dict)
    level: float = 0.01
    resamples: int = 20_000
    shown: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        check_resamples(self.resamples)
        if not 0 < self.level < 1:
            raise ValueError(f"level is {self.level}, give more than 0 and less than 1")
        if self.shown < 0:
            raise ValueError(f"shown is {self.shown}, give 0 or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> RegressSettings:
    """Validate the configuration, the tolerances included."""
    checked = to_settings(config if strict else pick(config, RegressSettings), RegressSettings)
    if checked.mode not in _MODES:
        raise RequestError(f"config key 'mode': '{checked.mode}'", f"give one of {', '.join(_MODES)}")
    read_tolerances(checked.tolerances)
    return checked


def run(settings: RegressSettings) -> Outcome:
    """Compare and write settings.out.

    WorkError, after the report is written, when the run does not pass.
    """
    out, baseline = Path(settings.out), Path(settings.baseline)
    if not verify(baseline):
        raise RequestError(f"{baseline}: no baseline there", "make one: jaso bless run=<dir> out=<dir> reason=…")
    # The lines of reasons hold the digests of all else that is blessed.
    inputs = {"run": Path(settings.run), "baseline": baseline / REASONS}
    request = {key: value for key, value in request_of(settings).items() if key not in inputs}
    METRICS.names()  # metrics from extension folders bring their reductions along
    # Before the folder is touched: a wrong request leaves what an earlier comparison wrote.
    result = compare_runs(read_baseline(baseline), read_run(Path(settings.run)), settings)
    outcome = run_stage("regress", out, request, inputs, lambda stage: _work(settings, stage, result))
    if not result["passed"]:
        raise WorkError(result["summary"], f"see {out / 'regress.md'}; if this is as it should be, `jaso bless` it")
    say(f"regress: {result['summary']}")
    return outcome


def _work(settings: RegressSettings, stage: StageRun, result: Mapping[str, Any]) -> None:
    stage.seeds["bootstrap"] = settings.seed
    stage.counts.update({"measures": len(result["measures"]), "failed": sum(m["fails"] for m in result["measures"])})
    write_json(stage.add("regress.json"), result)
    with atomic_text(stage.add("regress.md")) as stream:
        stream.write(translate_markdown(markdown(result)))


def compare_runs(old: RunRecord, new: RunRecord, settings: RegressSettings) -> dict[str, Any]:
    """Return the content of regress.json: a run (`new`) against a baseline (`old`)."""
    ids = common_texts(old, new)
    environment_differences = environment.differences(old.environment, new.environment)
    limit: Limit = "tight"
    if settings.mode == "paired" or (settings.mode == "auto" and environment_differences):
        limit = "retrained" if is_retrained(old.steps, new.steps) else "floor"
    tolerances = read_tolerances(settings.tolerances)
    rules = GateRules(tolerances, limit, settings.level, settings.resamples, settings.seed)
    judgements = judge(old, new, rules)
    examples = _examples(old, new, ids)
    result = {
        "passed": not (any(j.fails for j in judgements) or examples["changed"]),
        "limit": limit,
        "level": settings.level,
        "environment": environment_differences,
        "examples": examples,
        "measures": [j.to_json() for j in judgements],
        "first_change": first_change(old.steps, new.steps),
        "steps": [step["name"] for step in new.steps],
        "texts_changed": len(changed_texts(old, new, ids)),
        "texts": most_changed(old, new, ids, judgements, settings.shown),
        "notes": [
            *(f"metric left out of the run: {skip}" for skip in new.skipped),
            *(
                f"tolerances.{key} is of no measure"
                for key in unused_keys(dict.fromkeys(j.name for j in judgements), tolerances)
                if key not in METRICS.names()  # of a metric that there is, and that these runs have not
            ),
        ],
    }
    return {"summary": summary(result), **result}


def _examples(old: RunRecord, new: RunRecord, ids: list[str]) -> dict[str, Any]:
    """Count the examples of each side, and list those that are not in both."""
    gone = [i for i in old.lines if i not in new.lines]
    added = [i for i in new.lines if i not in old.lines]
    common = set(ids)
    other_reference = [i for i in old.lines if i in new.lines and i not in common]
    return {
        "baseline": len(old.lines),
        "run": len(new.lines),
        "common": len(ids),
        "changed": bool(gone or added or other_reference),
        "gone": {"count": len(gone), "first": gone[:_MAX_IDS]},
        "new": {"count": len(added), "first": added[:_MAX_IDS]},
        "other_reference": {"count": len(other_reference), "first": other_reference[:_MAX_IDS]},
    }
