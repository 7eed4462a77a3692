"""Freezing strategies, one file each, and the plan of what trains when."""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_train.freezing.base import FreezingStrategy, Phase
from jaso_train.freezing.plan import FreezePlan

FREEZING: Registry[FreezingStrategy] = Registry("freeze", __name__)

__all__ = ["FREEZING", "FreezePlan", "FreezingStrategy", "Phase"]
