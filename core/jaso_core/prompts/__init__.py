"""Prompt formats, as YAML files or Python classes.

Each is a YAML in configs/prompt/; it is a Python file here where it is more than an order of fields.

The same object renders a prompt for training and for generation. Each field has its own marker, `fields.MARKERS`.
"""

from __future__ import annotations

from jaso_core.prompts.base import END, Piece, PromptFormat
from jaso_core.prompts.fields import MARKERS, FieldsPrompt
from jaso_core.prompts.registry import PromptRegistry

PROMPTS = PromptRegistry("prompt", __name__)

__all__ = ["END", "MARKERS", "PROMPTS", "FieldsPrompt", "Piece", "PromptFormat"]
