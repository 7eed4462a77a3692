"""Invented organisations and all spellings of their names."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from jaso_synthetic.text.lexicon import load


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented company: plain name, displayed name, and all spellings in text."""

    canonical: str
    displayed_name: str
    spellings: tuple[str, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """All spellings, including the displayed and the plain name, without repeats."""
        return tuple(dict.fromkeys((self.canonical, self.displayed_name, *self.spellings)))


def _legal_forms(name: str) -> list[str]:
    return [f"(주){name}", f"㈜{name}", f"주식회사 {name}", f"{name}(주)"]


def _draw_private(rng: Random, occupation: str) -> Organisation:
    lists = load("names")
    stem, roman = rng.choice(lists["stems"])
    suffix, english = rng.choice(lists["suffixes"][occupation])
    name = stem + suffix
    spellings = [name, name, *_legal_forms(name), f"{roman} {english}"]
    if rng.random() < 0.25:
        group = rng.choice(lists["groups"])
        canonical = group + name
        spellings = [canonical, canonical, *_legal_forms(canonical), name, f"{group} {english}"]
    else:
        canonical = name
    displayed = rng.choice([canonical, *_legal_forms(canonical)])
    return Organisation(canonical, displayed, tuple(spellings))


def _draw_public(rng: Random) -> Organisation:
    lists = load("names")
    stem, roman = rng.choice(lists["stems"])
    field, field_letter = rng.choice(lists["public"]["fields"])
    kind, kind_letter = rng.choice(lists["public"]["kinds"])
    name = f"한국{stem}{field}{kind}"
    short = f"K{roman[0]}{field_letter}{kind_letter}"
    return Organisation(name, name, (name, name, short, f"{stem}{field}{kind}", f"{name}({short})"))


def draw_organisation(rng: Random, occupation: str) -> Organisation:
    """Draw an invented organisation that fits the occupation."""
    public_share = 0.9 if occupation == "PS" else 0.08
    if rng.random() < public_share:
        return _draw_public(rng)
    return _draw_private(rng, occupation if occupation != "PS" else "BM")
