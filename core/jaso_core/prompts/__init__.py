"""Prompt formats: a YAML in configs/prompt/ each; a Python file here where one is more than an order of fields.

The same object renders a prompt for training and for generation. Each field has a marker of its own, `fields.MARKERS`.
"""

from __future__ import annotations

from jaso_core.prompts.base import END, Piece, PromptFormat
from jaso_core.prompts.fields import MARKERS, FieldsPrompt
from jaso_core.prompts.registry import PromptRegistry

PROMPTS = PromptRegistry("prompt", __name__)

__all__ = ["END", "MARKERS", "PROMPTS", "FieldsPrompt", "Piece", "PromptFormat"]
