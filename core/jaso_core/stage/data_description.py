"""Description of a data set for cards: the user's words, else its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from jaso_core.stage.manifest import Manifest
from jaso_core.stage.schema import About

CAREER_KINDS = frozenset({"letter", "interview", "posting", "message"})
"""Kinds of documents that are career writing whatever their source is."""

_TEXTS = ("title", "description", "kind")


@dataclass(frozen=True)
class CardOptions:
    """What cards say of the data; `kind`: in words, what texts they are."""

    title: str | None = None
    description: str | None = None
    kind: str | None = None

    def given(self) -> dict[str, str]:
        """Return what is set."""
        texts = {"title": self.title, "description": self.description, "kind": self.kind}
        return {name: " ".join(text.split()) for name, text in texts.items() if text is not None and text.strip()}


@dataclass(frozen=True)
class DataDescription:
    """What a card says of its data; `is_career`: letters, interviews and the like."""

    about: About
    is_career: bool

    @property
    def subject(self) -> str:
        """What the texts are, to go on with after "of" or "on"."""
        if "kind" in self.about:
            return self.about["kind"]
        if self.is_career:
            return "Korean career writing"
        origins = self.about.get("origins") or []
        return f"questions and answers from {', '.join(origins)}" if origins else "questions and answers"

    def title(self, sources: Sequence[str]) -> str:
        """Return the title: the user's, else the subject with the sources."""
        if "title" in self.about:
            return self.about["title"]
        if self.is_career:
            return f"{self.subject[0].upper()}{self.subject[1:]} ({', '.join(sources)})"
        return f"{self.subject[0].upper()}{self.subject[1:]}"


CAREER = DataDescription({}, is_career=True)
"""Of a folder without counts of kinds: what jaso is made for."""


def describe(stats: Mapping[str, Any]) -> DataDescription:
    """Return the description of a preprocess folder from its stats.json."""
    kinds = set(stats.get("kind") or {})
    about = cast(About, stats.get("about") or {})
    return DataDescription(about, kinds <= CAREER_KINDS)


def about_of_crawls(manifests: Sequence[Manifest]) -> About:
    """Return what the crawls of a corpus say of it.

    A title or a kind only where they agree on one.

    The synthetic corpus and sites have no file of the user's, and so no `origins`.
    """
    cards = [manifest.request.get("card") or {} for manifest in manifests]
    texts = {name: list(dict.fromkeys(card[name] for card in cards if name in card)) for name in _TEXTS}
    about: dict[str, Any] = {name: " ".join(texts[name]) for name in _TEXTS if texts[name]}
    for name in ("title", "kind"):
        if len(texts[name]) > 1:
            del about[name]
    origins = [name for manifest in manifests for name in _origins(manifest)]
    return cast(About, {**about, **({"origins": list(dict.fromkeys(origins))} if origins else {})})


def _origins(manifest: Manifest) -> list[str]:
    path = manifest.request.get("path")
    if not isinstance(path, str):
        return []
    return [path if "revision" in manifest.counts else Path(path).name]  # a hub's name is owner/name
