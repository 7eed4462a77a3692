"""Model families, one file each."""

from __future__ import annotations

from jaso_core.moved_modules import former_names
from jaso_core.registry import Registry
from jaso_train.models.base import ModelBundle, ModelFamily

__getattr__ = former_names(__name__)

MODELS: Registry[ModelFamily] = Registry("model", __name__)

__all__ = ["MODELS", "ModelBundle", "ModelFamily"]
