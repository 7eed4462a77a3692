"""jaso's metrics for code that works with Hugging Face `evaluate`. No other module imports that package.

    evaluate.load(str(MODULES / "rouge_ko"), tokenizers=["kiwi"])

loads one by its path, without a network; options are given there. `MODULES` is the folder of all that are shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import datasets  # type: ignore[import-untyped, unused-ignore]
from omegaconf import OmegaConf

import evaluate
from jaso_core.config import config_folder
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS

MODULES = Path(__file__).parent / "modules"
"""<name>/<name>.py for each metric that compares texts with references; they need jaso to be installed."""

_OWN = {
    "config_name", "keep_in_memory", "cache_dir", "num_process", "process_id", "experiment_id", "hash",
    "max_concurrent_cache_files", "timeout",
}  # fmt: skip


class JasoMetric(evaluate.Metric):  # type: ignore[misc, unused-ignore]
    """Texts against one reference each. `compute` gives {measure: value}, None for a measure without a value.

    Options not given are those of configs/metrics/<metric>.yaml, so that values equal those of `jaso score`.
    """

    metric: ClassVar[str]

    def __init__(self, **given: Any) -> None:
        """Keywords are evaluate's own, or options of the metric. RequestError for one that is neither."""
        options = {key: value for key, value in given.items() if key not in _OWN}
        node = {**_shipped(self.metric), **options, "name": self.metric}
        self._measuring = METRICS.build(node, f"metrics.{self.metric}")
        super().__init__(**{key: value for key, value in given.items() if key in _OWN})

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=METRICS.get(self.metric).doc,
            citation="",
            inputs_description="predictions and references: lists of texts, one reference for each prediction",
            features=datasets.Features({"predictions": text, "references": text}),
        )

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, float | None]:
        if not predictions:
            raise ValueError("predictions are empty, there is nothing to score")
        pairs = enumerate(zip(predictions, references, strict=True))
        records = [Prediction(str(i), prediction, reference) for i, (prediction, reference) in pairs]
        return {measure.name: measure.value() for measure in self._measuring.measure(records)}


def hub_metric(node: Mapping[str, Any]) -> JasoMetric:
    """The `evaluate.Metric` of any registered metric, shipped as a module or not: {"name": …, option: value, …}."""
    name = str(node.get("name"))
    METRICS.get(name)
    made: type[JasoMetric] = type(f"Jaso{name.title()}", (JasoMetric,), {"metric": name})
    return made(**{key: value for key, value in node.items() if key != "name"})


def _shipped(metric: str) -> dict[str, Any]:
    """The options in the metric's YAML; none for a metric of an extension folder."""
    file = config_folder() / "metrics" / f"{metric}.yaml"
    if not file.is_file():
        return {}
    body: Any = OmegaConf.to_container(OmegaConf.load(file))
    return dict(body[metric])
