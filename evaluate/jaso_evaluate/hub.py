"""jaso's metrics for code that works with Hugging Face `evaluate`. No other module imports that package.

bleu = hub_metric({"name": "bleu"})
bleu.compute(predictions=["…"], references=["…"])  # {"bleu_char": …, "bleu_ko_mecab": …}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import datasets  # type: ignore[import-untyped, unused-ignore]

import evaluate
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS


def hub_metric(node: Mapping[str, Any]) -> evaluate.Metric:
    """An `evaluate.Metric` of the metric that a config node asks for: {"name": …, option: value, …}."""
    metric = METRICS.build(node, f"metrics.{node.get('name')}")
    doc = METRICS.get(str(node["name"])).doc

    class JasoMetric(evaluate.Metric):  # type: ignore[misc, unused-ignore]
        """Texts against references; the result has a value for each measure."""

        def _info(self) -> evaluate.MetricInfo:
            features = datasets.Features(
                {"predictions": datasets.Value("string"), "references": datasets.Value("string")}
            )
            return evaluate.MetricInfo(description=doc, citation="", inputs_description="", features=features)

        def _compute(self, predictions: list[str], references: list[str]) -> dict[str, float | None]:
            pairs = enumerate(zip(predictions, references, strict=True))
            records = [Prediction(str(i), prediction, reference) for i, (prediction, reference) in pairs]
            return {measure.name: measure.value() for measure in metric.measure(records)}

    return JasoMetric()
