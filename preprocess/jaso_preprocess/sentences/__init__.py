"""Sentence splitters, one file each."""

from __future__ import annotations

from jaso_core.registry import Registry
from jaso_preprocess.sentences.base import Splitter

SPLITTERS: Registry[Splitter] = Registry("sentences", __name__)

__all__ = ["SPLITTERS", "Splitter"]
