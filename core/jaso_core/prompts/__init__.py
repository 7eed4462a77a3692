"""Prompt formats, one file each. The same object renders a prompt for training and for generation.

Each field has a marker of its own: see `fields.MARKERS`.
"""

from __future__ import annotations

from jaso_core.prompts.base import END, Piece, PromptFormat
from jaso_core.prompts.fields import MARKERS, FieldsPrompt
from jaso_core.registry import Registry

PROMPTS: Registry[PromptFormat] = Registry("prompt", __name__)

__all__ = ["END", "MARKERS", "PROMPTS", "FieldsPrompt", "Piece", "PromptFormat"]
