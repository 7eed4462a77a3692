"""Invented organisations and all spellings of their names."""

from __future__ import annotations

import unicodedata
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


def draw_brand(rng: Random) -> Organisation:
    """Draw an invented company whose name holds no trade: 흰여우재, not 흰여우재식품."""
    name = rng.choice([stem for stem, _ in load("names")["stems"] if len(stem) >= 3])
    return Organisation(name, rng.choice([name, name, *_legal_forms(name)]), (name, name, *_legal_forms(name)))


def draw_odd_field(rng: Random, displayed_name: str) -> str:
    """Draw what a person may have typed into a company column for the company."""
    note = rng.choice(["영업", "마케팅", "인턴", "신입", "개발", "품질관리"])
    return rng.choice(
        [
            unicodedata.normalize("NFD", displayed_name),
            f"{displayed_name[:1]}\u200b{displayed_name[1:]}",
            f"{displayed_name} | {note}",
            f"{displayed_name}_{note}",
            f"{displayed_name} / {note}",
            f"{displayed_name} 2023 하반기",
            f"[{displayed_name}]",
            f"{displayed_name} 외 2곳",
            f"{displayed_name}™",
            f"{displayed_name} 서울지사",
            rng.choice(["비공개", "대기업", "해당없음", "null"]),
        ]
    )
