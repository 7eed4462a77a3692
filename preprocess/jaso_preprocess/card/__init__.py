"""Corpus card: card.html for people and README.md for the Hugging Face Hub.

Both are made from stats.json and a few facts. `stats` is what `output.statistics` writes; a missing part leaves out its
section. `about` says where the corpus comes from: title, inputs, config, seed, versions, command, made, topic_labels,
each optional as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jaso_core.io.files import atomic_text
from jaso_preprocess.card.page import page
from jaso_preprocess.card.readme import readme

__all__ = ["page", "readme", "write_card"]


def write_card(stats: Mapping[str, Any], about: Mapping[str, Any], add: Callable[[str], Path]) -> None:
    """Write card.html and README.md.

    `add` declares a file of the folder and returns the path to write to.
    """
    for name, text in (("card.html", page(stats, about)), ("README.md", readme(stats, about))):
        with atomic_text(add(name)) as stream:
            stream.write(text)
