"""Replace placeholders of a draft: company names, mask runs, personal data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.organisations import Organisation
from jaso_synthetic.text.personal_data import odd_email, odd_phone, odd_resident_number
from jaso_synthetic.text.pieces import COMPANY, EMAIL, EMPLOYER, PHONE, Piece, plain

COMPANY_TOKEN = "[회사]"
PLAIN, NAMED, MASKED = "plain", "named", "masked"


@dataclass(slots=True)
class Namer:
    """Turn placeholders into pieces for one item. ``*_mode``: plain, named or masked."""

    rng: Random
    target: Organisation
    employer: Organisation
    generic: str  # what the former employer is called when it is not named
    company_mode: str
    employer_mode: str
    mask: str

    def __call__(self, placeholder: str) -> Piece:
        """Return the piece for one placeholder character."""
        if placeholder == COMPANY:
            return self._organisation(self.target, self.company_mode, "귀사", "company_name")
        if placeholder == EMPLOYER:
            return self._organisation(self.employer, self.employer_mode, self.generic, "other_company")
        if placeholder == PHONE:
            number = phone(self.rng)
            return Piece(_in_odd_form(number, odd_phone), "[전화번호]", "pii_phone", spoken=number)
        if placeholder == EMAIL:
            return Piece(_in_odd_form(email(self.rng), odd_email), "[이메일]", "pii_email")
        number = resident_number(self.rng)
        return Piece(_in_odd_form(number, odd_resident_number), "[주민등록번호]", "pii_rrn", spoken=number)

    def _organisation(self, org: Organisation, mode: str, generic: str, kind: str) -> Piece:
        if mode == PLAIN:
            return plain(generic)
        if mode == MASKED:
            return Piece(self.mask, COMPANY_TOKEN, "mask_run", "company", spoken=org.canonical)
        return Piece(self.rng.choice(org.spellings), COMPANY_TOKEN, kind, org.canonical)


def _in_odd_form(usual: str, odd: Callable[[str, Random], str]) -> str:
    """Return personal data as drawn, or, one time in three, in an odd form.

    A generator of its own, so that the rest of the text does not depend on the form.
    """
    rng = Random(f"form {usual}")
    return odd(usual, rng) if rng.random() < 0.35 else usual


def phone(rng: Random) -> str:
    """Draw a number of the unused block 010-0000, in one of the usual formats."""
    last = f"{rng.randrange(10_000):04d}"
    return rng.choice([f"010-0000-{last}", f"010-0000-{last}", f"0100000{last}", f"010.0000.{last}"])


def email(rng: Random) -> str:
    """Draw an address at a reserved domain."""
    lists = load("names")
    return f"{rng.choice(lists['mails'])}@{rng.choice(lists['domains'])}"


def resident_number(rng: Random) -> str:
    """Draw an impossible resident number: its date is 30 or 31 February."""
    year, day = rng.randint(80, 99), rng.choice((30, 31))
    return f"{year}02{day}-{rng.choice('12')}{rng.randrange(1_000_000):06d}"


def _mode(rng: Random, named: float, masked: float) -> str:
    draw = rng.random()
    return NAMED if draw < named else MASKED if draw < named + masked else PLAIN


def draw_namer(
    rng: Random, target: Organisation, employer: Organisation, experience: str, *, named_employer: bool = False
) -> Namer:
    """Draw how one item names its organisations.

    `named_employer`: the former employer is always named.
    """
    lists = load("names")
    generic = Random(employer.canonical).choice(lists["generic_employer"][experience])
    mask = rng.choice(lists["masks"])
    company, former = _mode(rng, 0.30, 0.06), _mode(rng, 0.28, 0.08)
    return Namer(rng, target, employer, generic, company, NAMED if named_employer else former, mask)
