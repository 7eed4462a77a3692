"""Score predictions: each measure with its value, interval and signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso.configuration import compose
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction

if TYPE_CHECKING:
    import pandas as pd

    from jaso_evaluate.comparison.inputs import ScoredRun
    from jaso_evaluate.schema import SkippedMetric


@dataclass(frozen=True)
class Score:
    """One measure over all texts.

    `value` is None where no text has one; `ci95`: the 95 % bootstrap interval over groups, None for a single group;
    `signature`: tokenizer, versions and options, without which a value is not comparable; `n`: texts that have a value.
    """

    name: str
    value: float | None
    ci95: tuple[float | None, float | None] | None
    unit: str
    signature: str
    higher_is_better: bool | None
    n: int

    def __str__(self) -> str:
        from jaso_core.report.number_format import digits, number, span

        bounds = None if self.ci95 is None or None in self.ci95 else [float(bound or 0) for bound in self.ci95]
        decimals = digits(bounds, self.unit)
        return f"{number(self.value, decimals)} {span(bounds, decimals)} {self.unit}"


class Scores(Mapping[str, Score]):
    """Scores by the name of the measure.

    `n`: how many texts. `skipped`: metrics that could not be taken, and why.
    """

    def __init__(self, run: ScoredRun, n: int, skipped: Sequence[SkippedMetric] = ()) -> None:
        self.run, self.n = run, n
        self.skipped = {entry["metric"]: entry["reason"] for entry in skipped}
        self._scores = {name: _score(name, entry) for name, entry in run.metrics.items()}

    def __getitem__(self, name: str) -> Score:
        if name not in self._scores:
            raise KeyError(f"no measure '{name}'; {did_you_mean(name, list(self._scores))}")
        return self._scores[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores)

    def __len__(self) -> int:
        return len(self._scores)

    def __repr__(self) -> str:
        lines = [f"{name:<32} {score}" for name, score in self._scores.items()]
        return "\n".join([f"Scores of {self.n:,} texts", *lines])

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(str(score))}</td><td>{score.n:,}</td>"
            f"<td><code>{escape(score.signature)}</code></td></tr>"
            for name, score in self._scores.items()
        )
        head = "<tr><th>measure</th><th>value, 95 % interval, unit</th><th>texts</th><th>signature</th></tr>"
        return f"<table>{head}{rows}</table>"

    def to_pandas(self) -> pd.DataFrame:
        """One row a measure."""
        import pandas as pd

        return pd.DataFrame([asdict(score) for score in self._scores.values()]).set_index("name")

    def by_text(self) -> pd.DataFrame:
        """The scores of single texts: one row a text, one column a measure."""
        import pandas as pd

        return pd.DataFrame({name: line["scores"] for name, line in self.run.lines.items()}).T


def score(
    predictions: Sequence[Prediction | Mapping[str, Any]] | str | Path,
    metrics: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    *,
    groups: str = "group",
    train: str | Path | None = None,
    resamples: int = 1000,
    seed: int = 0,
    workers: int = 1,
) -> Scores:
    """Score predictions against their references, as `jaso score` does.

    `predictions`: records, dictionaries with id, prediction and reference, or a JSONL file of them. `metrics`: names,
    or their options by name (default: those of `jaso score`). `groups`: the key of a prediction's meta whose equal
    values are drawn together in the bootstrap; texts without it are groups of their own. `train`: what the model was
    trained on, for memorisation and leaks. RequestError for a record or metric that cannot be.
    """
    from jaso_evaluate.comparison.inputs import ScoredRun
    from jaso_evaluate.scoring.scorer import read_predictions
    from jaso_evaluate.scoring.scorer import score as score_all
    from jaso_evaluate.scoring.training_data import read_training

    if isinstance(predictions, str | Path):
        records = read_predictions(Path(predictions))
    else:
        records = [_record(item, index) for index, item in enumerate(predictions)]
    if not records:
        raise RequestError("jaso.score: no predictions", "give at least one")
    if groups != "group":
        records = [replace(p, meta={**p.meta, "group": p.meta.get(groups)}) for p in records]
    node = compose("score", {} if metrics is None else {"metrics": list(metrics)})["metrics"]
    if isinstance(metrics, Mapping):
        node = {name: {**defaults, **metrics[name]} for name, defaults in node.items()}
    training = read_training(Path(train)) if train is not None else None
    scored = score_all(records, node, resamples, seed, training, workers)
    run = ScoredRun(
        "scores",
        scored.scores["metrics"],
        scored.extras["reductions"],
        {row["id"]: row for row in scored.per_example},
        frozenset(scored.extras["baselines"]),
        of_the_whole=frozenset(scored.extras["of_the_whole"]),
    )
    return Scores(run, len(records), scored.extras["skipped"])


def load_scores(folder: str | Path) -> Scores:
    """Load the scores of a folder that `jaso evaluate` or `jaso score` wrote.

    RequestError when it has none.
    """
    from jaso_evaluate.comparison.inputs import read_run
    from jaso_evaluate.scoring.scored_folder import read_run_file

    folder = Path(folder)
    run = read_run(folder, folder.name)
    skipped = read_run_file(folder)["scoring"].get("skipped", [])
    return Scores(run, len(run.lines), skipped)


def _record(item: Prediction | Mapping[str, Any], index: int) -> Prediction:
    return item if isinstance(item, Prediction) else Prediction.from_json(dict(item), f"predictions[{index}]")


def _score(name: str, entry: Mapping[str, Any]) -> Score:
    bounds = entry["ci95"]
    return Score(
        name,
        entry["value"],
        None if bounds is None else (bounds[0], bounds[1]),
        entry["unit"],
        entry["signature"],
        entry["higher_is_better"],
        entry["n"],
    )
