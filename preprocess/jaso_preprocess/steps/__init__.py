"""Cleaning steps, one file each, applied in the order of the `clean` choices."""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_preprocess.steps.base import Drop, EditStep, Part, PartStep, Step, TextStep

STEPS: Registry[Step] = Registry("clean", __name__)

__all__ = ["STEPS", "Drop", "EditStep", "Part", "PartStep", "Step", "TextStep"]
