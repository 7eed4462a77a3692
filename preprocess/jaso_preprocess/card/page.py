"""card.html: one file without scripts or network, made from stats.json and a few facts."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jaso_core.config import flatten
from jaso_core.licences import NONE, Verdict, combine_licences
from jaso_preprocess.card import tables
from jaso_preprocess.card.number_format import number, plain, without_folders
from jaso_preprocess.card.sections import sections
from jaso_preprocess.card.tables import Stats, part

UNTITLED = "A Korean corpus"


def page(stats: Stats, about: Mapping[str, Any]) -> str:
    """The page. Equal stats and facts give equal bytes."""
    return environment(html=True).get_template("card.html.j2").render(
        title=plain(about.get("title") or UNTITLED),
        figures=tables.figures(stats),
        sharing=sharing(stats),
        sections=sections(stats, about),
        lines=origin(about),
        config=options(about),
        versions={plain(name): plain(version) for name, version in (about.get("versions") or {}).items()},
        masked=tables.masked(stats),
    ).encode("utf-8", "replace").decode("utf-8")  # fmt: skip


@functools.cache
def environment(*, html: bool) -> Environment:
    """Templates of this package; in HTML whatever is not marked safe is escaped."""
    made = Environment(
        loader=PackageLoader("jaso_preprocess.card", "."), autoescape=html, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.globals["number"] = number
    return made


def sharing(stats: Stats) -> Verdict | None:
    """What the licences say together; None where stats.json has none."""
    licences = part(stats, "licences")
    return combine_licences(None if name == NONE else str(name) for name in licences) if licences else None


def origin(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, fact) of how the corpus was made; of paths only the names."""
    lines = []
    if about.get("command"):
        lines.append(("command", without_folders(about["command"])))
    if about.get("inputs"):
        lines.append(("inputs", ", ".join(without_folders(name) for name in about["inputs"])))
    if about.get("seed") is not None:
        lines.append(("seed", plain(about["seed"])))
    if about.get("made"):
        lines.append(("made", plain(about["made"])))
    return lines


def options(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(key, value) of the configuration, flat; of paths only the names."""
    config = about.get("config") or {}
    flat = flatten({key: value for key, value in config.items() if key not in ("input", "out", "inputs", "seed")})
    return [(plain(key), _value(value)) for key, value in flat.items() if plain(key)]


def _value(value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return without_folders(shown)
