"""Metrics, one file each. A metric turns predictions into sufficient statistics; scoring is the same for all."""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_evaluate.metrics.base import Measure, Metric, NotMeasurable, Training, mean_of, ratio_of

METRICS: Registry[Metric] = Registry("metrics", __name__)

__all__ = ["METRICS", "Measure", "Metric", "NotMeasurable", "Training", "mean_of", "ratio_of"]
