"""Models, one file each."""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_train.models.base import Built, ModelFamily

MODELS: Registry[ModelFamily] = Registry("model", __name__)

__all__ = ["MODELS", "Built", "ModelFamily"]
