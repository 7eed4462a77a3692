"""Draw personal data in the forms in which people type them; all are impossible.

Phones are of the unused block 0000, dates of birth 30 or 31 February, cards begin with 0, domains are reserved.
"""

from __future__ import annotations

from random import Random

from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.pieces import Piece

PERSONAL_KINDS = {
    "pii_frn": "[주민등록번호]",
    "pii_card": "[카드번호]",
    "pii_account": "[계좌번호]",
    "pii_business_number": "[사업자번호]",
    "pii_passport": "[여권번호]",
    "pii_license": "[면허번호]",
    "pii_student": "[학번]",
    "pii_address": "[주소]",
    "pii_url": "[링크]",
    "pii_handle": "[계정]",
}

_CIRCLED = dict(zip("0123456789", "⓪①②③④⑤⑥⑦⑧⑨", strict=True))
_KEYCAP = {digit: f"{digit}\ufe0f\u20e3" for digit in "0123456789"}
_SPOKEN = dict(zip("0123456789", "공일이삼사오육칠팔구", strict=True))
_SEPARATORS = ("·", "ㆍ", "•", "∙", "_", "~", "∼", "〜", "ー", "─", "–", " · ", " - ")


def _translate(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)


def _typed(groups: list[str], usual: str, rng: Random) -> str:
    """Join the groups of a number by one of the separators, or by the usual one."""
    return (rng.choice(_SEPARATORS) if rng.random() < 0.6 else usual).join(groups)


def odd_phone(number: str, rng: Random) -> str:
    """Return a form of 010-0000-… that a simple pattern does not know."""
    last = number[-4:]
    plain = f"010-0000-{last}"
    forms = [
        _typed(["010", "0000", last], "-", rng),
        _typed(["010", "0000", last], "_", rng),
        _typed(["010", "0000", last], "·", rng),
        f"82100000{last}",
        f"0082-10-0000-{last}",
        f"+82 10-0000-{last}",
        f"(010)0000-{last}",
        f"050-0000-{last}",
        _translate(plain, _CIRCLED),
        _translate(plain, _KEYCAP),
        _translate(plain, _SPOKEN),
    ]
    return rng.choice(forms)


def odd_email(address: str, rng: Random) -> str:
    """Return a form of an address that is no valid mail."""
    local, _, domain = address.partition("@")
    name, _, ending = domain.rpartition(".")
    forms = [f"{local}(at){domain}", f"{local} 골뱅이 {domain}", f"{local}@실례.테스트"]
    if ending != "invalid":  # a slip is told by an ending that mails have
        forms += [f"{local}@{name},{ending}", f"{local}@{name} {ending}", f"{local}@{name}(dot){ending}"]
    return rng.choice(forms)


def odd_resident_number(number: str, rng: Random) -> str:
    """Return a form of a resident number with another separator or other digits."""
    first, _, last = number.partition("-")
    forms = [_typed([first, last], " ", rng), f"{first}-{last[0]}******", _translate(number, _CIRCLED)]
    return rng.choice(forms)


def personal_data(kind: str, rng: Random) -> Piece:
    """Draw one piece of personal data of a kind of `PERSONAL_KINDS`."""
    token, draw = PERSONAL_KINDS[kind], _DRAWS[kind]
    return Piece(draw(rng), token, kind)


def _number(rng: Random, length: int) -> str:
    return f"{rng.randrange(10**length):0{length}d}"


def _foreign_resident_number(rng: Random) -> str:
    sep = rng.choice(["-", "-", "/", "·", "_", " "])
    return f"{rng.randint(80, 99)}02{rng.choice((30, 31))}{sep}{rng.choice('5678')}{_number(rng, 6)}"


def _card(rng: Random) -> str:
    return _typed(["0000", _number(rng, 4), _number(rng, 4), _number(rng, 4)], "-", rng)


def _account(rng: Random) -> str:
    return _typed(["110", "000", _number(rng, 6)], "-", rng)


def _business_number(rng: Random) -> str:
    return rng.choice(["-", "-", "·", "_"]).join(["000", "00", _number(rng, 5)])


def _passport(rng: Random) -> str:
    return f"M000{_number(rng, 5)}" if rng.random() < 0.5 else f"M000A{_number(rng, 4)}"


def _licence(rng: Random) -> str:
    return _typed([str(rng.randint(11, 28)), "00", _number(rng, 6), "00"], "-", rng).replace("~", "-")


def _student_number(rng: Random) -> str:
    return f"20{rng.randint(10, 23)}{rng.choice(['', '-'])}0{_number(rng, 4)}"


def _address(rng: Random) -> str:
    regions, roads, villages, homes = (load("names")[name] for name in ("regions", "roads", "villages", "homes"))
    number = f"{rng.randint(1, 300)}-{rng.randint(1, 30)}"
    place = rng.choice([f"{rng.choice(roads)} {rng.randint(1, 300)}", f"{rng.choice(villages)} {number}"])
    home = rng.choice(homes).format(rng.randint(101, 130), rng.randint(201, 1504))
    return f"{rng.choice(regions)} {place}{home}"


def _link(rng: Random) -> str:
    lists = load("names")
    name = rng.choice(lists["mails"])
    return rng.choice([f"https://example.com/{name}", f"www.example.org/{name}", f"http://example.net/~{name}/?p=1"])


def _handle(rng: Random) -> str:
    return f"@{rng.choice(load('names')['handles'])}{rng.randrange(100)}"


_DRAWS = {
    "pii_frn": _foreign_resident_number,
    "pii_card": _card,
    "pii_account": _account,
    "pii_business_number": _business_number,
    "pii_passport": _passport,
    "pii_license": _licence,
    "pii_student": _student_number,
    "pii_address": _address,
    "pii_url": _link,
    "pii_handle": _handle,
}
