"""Names of persons, companies and places out of what a token-classification model says; pure, the model is elsewhere.

A tagger gives, for each piece of a text, its place and how likely each kind of name is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jaso_core.errors import RequestError
from jaso_core.masking import tokens
from jaso_core.masking.morphology import tokens as words
from jaso_core.masking.organisations.context import PARTICLES
from jaso_core.masking.organisations.legal_forms import BEFORE, BEHIND
from jaso_core.text.edits import Edit

# The option, the labels that models use for it, and what an edit of it is.
KNOWN = {
    "persons": ("PS", "PER", "PERSON"),
    "companies": ("OG", "ORG", "ORGANIZATION"),
    "places": ("LC", "LOC", "LOCATION", "GPE"),
}
_TOKENS = {"persons": tokens.PERSON, "companies": tokens.COMPANY, "places": tokens.PLACE}
_EDIT_KINDS = {"persons": "person", "companies": "other_company", "places": "place"}
# B-PS, or PS-B as some Korean models have it.
_LABEL = re.compile(r"(?:(?P<before>[BIESLUM])-)?(?P<name>.+?)(?:-(?P<after>[BIESLUM]))?")


class Meaning(NamedTuple):
    """What a label says: a kind of name, or none; and whether a name begins there."""

    kind: str | None
    begins: bool


class Piece(NamedTuple):
    """text[start:end] as the model sees it: the likeliest kind there, if any, how likely, and whether it begins."""

    start: int
    end: int
    kind: str | None
    score: float
    begins: bool


@dataclass
class _Name:
    start: int
    end: int
    kind: str
    scores: list[float]


def meanings(labels: Sequence[str], wanted: Mapping[str, Sequence[str] | None]) -> list[Meaning]:
    """What each label of a model means. `wanted` by option: the model's labels, or None for the well-known ones.

    RequestError when an option names a label that the model has not, or nothing well-known is there.
    """
    parted = [_parted(label) for label in labels]
    names = {name for name, _ in parted}
    kinds: dict[str, str] = {}
    for option, given in wanted.items():
        chosen = [name for name in KNOWN[option] if name in names] if given is None else [_parted(n)[0] for n in given]
        if given is None and not chosen:
            raise RequestError(
                f"{option}: no label of the model is one of {', '.join(KNOWN[option])}",
                f"set {option}=[…] to some of its labels, or [] to leave them; it has {', '.join(sorted(labels))}",
            )
        for name in chosen:
            if name not in names:
                raise RequestError(f"{option}: the model has no label {name}", f"it has {', '.join(sorted(labels))}")
            if kinds.setdefault(name, option) != option:
                raise RequestError(f"label {name} is meant for {kinds[name]} and for {option}", "take one of them")
    return [Meaning(kinds.get(name), begins) for name, begins in parted]


def _parted(label: str) -> tuple[str, bool]:
    """A label's name without B- or I-, and whether it is that of a beginning."""
    found = _LABEL.fullmatch(label)
    place = found and (found["before"] or found["after"])
    return (found["name"] if found else label).upper(), place in ("B", "S", "U")


def name_edits(text: str, pieces: Iterable[Piece], threshold: float) -> list[Edit]:
    """The names as edits, in order. Nothing inside a token of an earlier masking is read."""
    shielded = tokens.shielded(text)
    edits: list[Edit] = []
    for name in _joined(shielded, pieces):
        if sum(name.scores) < threshold * len(name.scores):
            continue
        start, end = _trimmed(shielded, name)
        if start < end and (not edits or start >= edits[-1].end):
            edits.append(Edit(start, end, _TOKENS[name.kind], _EDIT_KINDS[name.kind]))
    return edits


# Between two pieces of one word: nothing, or what no eye and some tokenizers do not see.
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]*")
_BLANK = re.compile(r"[ \t\u00a0]{1,2}")


def _joined(text: str, pieces: Iterable[Piece]) -> Iterator[_Name]:
    """Pieces of one kind that belong together. Within a word a new beginning is none: models often say B twice."""
    name: _Name | None = None
    for piece in pieces:
        if piece.kind is None or tokens.BARRIER in text[piece.start : piece.end]:
            continue
        if name and name.kind == piece.kind and _touches(text[name.end : piece.start], piece):
            name.end = max(name.end, piece.end)
            name.scores.append(piece.score)
            continue
        if name:
            yield name
        name = _Name(piece.start, piece.end, piece.kind, [piece.score])
    if name:
        yield name


def _touches(between: str, piece: Piece) -> bool:
    return bool(_UNSEEN.fullmatch(between) or (not piece.begins and _BLANK.fullmatch(between)))


_OUTSIDE = " \t\r\n\u00a0.,;:!?~…·'\"“”‘’`<>《》「」『』-–—"
# 박상은 may be 박상 and a particle: a whole name of the usual form is believed to be one.
_FULL_NAME = re.compile("[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하][가-힣]{2}")
_PARTICLE = re.compile(rf"(?:{PARTICLES}){{1,3}}")
_LEGAL_BEFORE = re.compile(rf"{BEFORE}$")
_LEGAL_BEHIND = re.compile(BEHIND)
_REACH = 12


def _trimmed(text: str, name: _Name) -> tuple[int, int]:
    """Where the name itself stands: without signs and particles around it, with a company's legal form."""
    start, end = name.start, name.end
    while start < end and text[end - 1] in _OUTSIDE:
        end -= 1
    while start < end and text[start] in _OUTSIDE:
        start += 1
    if start > 0 and text[start - 1] == tokens.BARRIER and _PARTICLE.fullmatch(text, start, end):
        return start, start  # [회사]에서: what is left of a word of which the name is masked
    if name.kind != "persons" or not _FULL_NAME.fullmatch(text, start, end) or "가" <= text[end : end + 1] <= "힣":
        end = _without_particle(text, start, end)
    if not any(character.isalpha() for character in text[start:end]):
        return start, start
    if name.kind == "companies":
        before = _LEGAL_BEFORE.search(text, max(0, start - _REACH), start)
        behind = _LEGAL_BEHIND.match(text, end)
        start, end = before.start() if before else start, behind.end() if behind else end
    return start, end


_WORD = re.compile(r"[^\s\ue000]{1,40}")
_AFTER_CONSONANT, _AFTER_VOWEL = "이은을과으", "가는를와"


def _without_particle(text: str, start: int, end: int) -> int:
    """The end of the name where Kiwi finds particles, or 이다, from there to beyond the span's end."""
    begin = max(start, *(text.rfind(blank, start, end) + 1 for blank in " \t\u00a0"))
    word = _WORD.match(text, begin)
    if word is None:
        return end
    cut = end
    for token in reversed(words(word.group())):
        place = begin + token.start
        if place >= end:
            continue
        if not token.tag.startswith(("J", "E", "VCP")):
            break
        if token.tag.startswith("J") and not _agrees(text[place - 1 : place], token.form[0]):
            break
        cut = place
    return len(text[:cut].rstrip()) if start < cut else end


def _agrees(before: str, particle: str) -> bool:
    """이, 은, 을 follow a consonant, 가, 는, 를 a vowel: 가은 is a name."""
    if not "가" <= before <= "힣":
        return True
    consonant = (ord(before) - 0xAC00) % 28 > 0
    return not (particle in _AFTER_CONSONANT and not consonant) and not (particle in _AFTER_VOWEL and consonant)
