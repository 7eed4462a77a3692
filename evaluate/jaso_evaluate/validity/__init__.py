"""Metric validity (`jaso validity`): correlation of metrics with human scores."""

from __future__ import annotations

from jaso_core.moved_modules import former_names

__getattr__ = former_names(__name__)
