"""jaso's metrics for Hugging Face `evaluate`.

    evaluate.load(str(MODULES / "rouge_ko"), tokenizers=["kiwi"])

loads one by its path, without a network, with its options. `MODULES` is the folder of all shipped metrics. No other
module imports the package `evaluate`.
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

_EVALUATE_KEYWORDS = {
    "config_name", "keep_in_memory", "cache_dir", "num_process", "process_id", "experiment_id", "hash",
    "max_concurrent_cache_files", "timeout",
}  # fmt: skip


class JasoMetric(evaluate.Metric):  # type: ignore[misc, unused-ignore]
    """Compare texts with one reference each; `compute` returns {measure: value}.

    None for a measure without a value. Options not given are those of configs/metrics/<metric>.yaml, so that values
    equal those of `jaso score`.
    """

    metric: ClassVar[str]

    def __init__(self, **keywords: Any) -> None:
        """Split the keywords into evaluate's own and the metric's options.

        RequestError for one that is neither.
        """
        options = {key: value for key, value in keywords.items() if key not in _EVALUATE_KEYWORDS}
        node = {**_default_options(self.metric), **options, "name": self.metric}
        self._metric = METRICS.build(node, f"metrics.{self.metric}")
        super().__init__(**{key: value for key, value in keywords.items() if key in _EVALUATE_KEYWORDS})

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
        return {measure.name: measure.value() for measure in self._metric.measure(records)}


def hub_metric(node: Mapping[str, Any]) -> JasoMetric:
    """Build the `evaluate.Metric` of any registered metric, shipped or not.

    `node`: {"name": …, option: value, …}.
    """
    name = str(node.get("name"))
    METRICS.get(name)
    metric_class: type[JasoMetric] = type(f"Jaso{name.title()}", (JasoMetric,), {"metric": name})
    return metric_class(**{key: value for key, value in node.items() if key != "name"})


def _default_options(metric: str) -> dict[str, Any]:
    """Read the options in the metric's YAML; none for a metric of an extension folder."""
    file = config_folder() / "metrics" / f"{metric}.yaml"
    if not file.is_file():
        return {}
    body: Any = OmegaConf.to_container(OmegaConf.load(file))
    return dict(body[metric])
