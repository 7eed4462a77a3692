"""card.html: one file without scripts or network, from stats.json and facts."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

from jaso_core.config import flatten
from jaso_core.licences import NONE, Verdict, combine_licences
from jaso_core.report.page import page_environment, render_page
from jaso_preprocess.card import tables
from jaso_preprocess.card.number_format import number, sanitize, without_folders
from jaso_preprocess.card.sections import sections
from jaso_preprocess.card.tables import Stats, get_mapping

UNTITLED = "A Korean corpus"


def page(stats: Stats, about: Mapping[str, Any]) -> str:
    """Render the HTML page; equal stats and facts give equal bytes."""
    return render_page(
        environment(html=True),
        "card.html.j2",
        title=sanitize(about.get("title") or UNTITLED),
        figures=tables.figures(stats),
        sharing=sharing(stats),
        sections=sections(stats, about),
        lines=origin(about),
        config=options(about),
        versions={sanitize(name): sanitize(version) for name, version in (about.get("versions") or {}).items()},
        masked=tables.masked(stats),
    )


@functools.cache
def environment(*, html: bool) -> Environment:
    """Return the Jinja environment of this package; HTML is autoescaped."""
    env = page_environment("jaso_preprocess.card", html=html)
    env.globals["number"] = number
    return env


def sharing(stats: Stats) -> Verdict | None:
    """Return the combined verdict of the licences; None where stats.json has none."""
    licences = get_mapping(stats, "licences")
    return combine_licences(None if name == NONE else str(name) for name in licences) if licences else None


def origin(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (label, fact) pairs of how the corpus was made; paths as names only."""
    lines = []
    if about.get("command"):
        lines.append(("command", without_folders(about["command"])))
    if about.get("inputs"):
        lines.append(("inputs", ", ".join(without_folders(name) for name in about["inputs"])))
    if about.get("seed") is not None:
        lines.append(("seed", sanitize(about["seed"])))
    if about.get("made"):
        lines.append(("made", sanitize(about["made"])))
    return lines


def options(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the flattened configuration as (key, value); paths as names only."""
    config = about.get("config") or {}
    flat = flatten({key: value for key, value in config.items() if key not in ("input", "out", "inputs", "seed")})
    return [(sanitize(key), _value(value)) for key, value in flat.items() if sanitize(key)]


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return without_folders(text)
