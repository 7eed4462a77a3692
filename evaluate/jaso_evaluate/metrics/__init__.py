"""Metrics, one per file: predictions → sufficient statistics.

Scoring is the same for all of them.
"""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_evaluate.metrics.base import Measure, Metric, NotMeasurable, Training, mean_of, ratio_of

METRICS: Registry[Metric] = Registry("metrics", __name__)

__all__ = ["METRICS", "Measure", "Metric", "NotMeasurable", "Training", "mean_of", "ratio_of"]
