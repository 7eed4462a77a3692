"""Personas: occupation, level, major, years and the matching word lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from jaso_synthetic.records import OCCUPATIONS
from jaso_synthetic.text.grammar import Writer
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.pieces import COMPANY, EMAIL, EMPLOYER, PERSONAL, PHONE, RRN

_LETTER_WEIGHTS = {"BM": 16, "SM": 16, "PS": 11, "RND": 13, "ICT": 20, "ARD": 11, "MM": 13}


@dataclass(frozen=True, slots=True)
class Persona:
    """An invented writer.

    ``words`` maps task, tool, obj, ... to the lists of the writer's field.
    """

    occupation: str
    experience: str
    role: str
    major: str
    years: int
    words: Mapping[str, Sequence[str]]
    fixed: Mapping[str, str]


@cache
def tracks(occupation: str) -> tuple[dict[str, Sequence[str]], ...]:
    """Return the word lists per field of an occupation, keyed by slot name.

    Slot names are singular: task, tool, ...

    Raises:
        FileNotFoundError: no such occupation.
    """
    content = load(f"occupation_{occupation.lower()}")
    return tuple({key.removesuffix("s"): words for key, words in t.items()} for t in content["tracks"])


def draw_persona(rng: Random, occupation: str | None = None, experience: str | None = None) -> Persona:
    """Draw a persona; occupation and experience may be fixed."""
    weights = [_LETTER_WEIGHTS[code] for code in OCCUPATIONS]
    occupation = occupation or rng.choices(OCCUPATIONS, weights)[0]
    experience = experience or ("EXPERIENCED" if rng.random() < 0.3 else "NEW")
    words = rng.choice(tracks(occupation))
    years = rng.randint(2, 9)
    role, major = rng.choice(words["role"]), rng.choice(words["major"])
    fixed = {
        "role": role,
        "major": major,
        "years": str(years),
        "nth": str(rng.randint(2, years)),
        "company": COMPANY,
        "employer": EMPLOYER,
        "phone": PHONE,
        "email": EMAIL,
        "rrn": RRN,
        "personal": PERSONAL,
    }
    return Persona(occupation, experience, role, major, years, words, fixed)


def make_writer(persona: Persona, grammar: Mapping[str, Sequence[str]], rng: Random) -> Writer:
    """Create the grammar writer of one item for this persona."""
    return Writer(rng, grammar, persona.words, persona.fixed, persona.experience)
