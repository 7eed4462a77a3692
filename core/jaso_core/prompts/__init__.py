"""Prompt formats, one file each. The same object renders a prompt for training and for generation."""

from __future__ import annotations

from jaso_core.prompts.base import Piece, PromptFormat
from jaso_core.registry import Registry

PROMPTS: Registry[PromptFormat] = Registry("prompt", __name__)

__all__ = ["PROMPTS", "Piece", "PromptFormat"]
