"""Text as pieces with a raw and a clean form; assembly yields the offsets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from jaso_synthetic.records import Planted
from jaso_synthetic.text.hangul import resolve_particles

# Placeholders in drafts: private-use characters, replaced when planting.
COMPANY, EMPLOYER, PHONE, EMAIL, RRN = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
PERSONAL = "\ue005"  # of the kind that the sentence is about
_SPLIT = re.compile("([\ue000-\ue005])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; plain (raw and clean are equal) when ``kind`` is None."""

    raw: str
    clean: str
    kind: str | None = None
    value: str | None = None
    spoken: str | None = None  # how it is read aloud, where that differs from raw

    @property
    def is_plain(self) -> bool:
        """True when nothing is planted here."""
        return self.kind is None


def plain(text: str) -> Piece:
    """Return a piece with nothing planted."""
    return Piece(text, text)


@dataclass(slots=True)
class Sentence:
    """One sentence (or one inserted line), and its separator from the next."""

    pieces: list[Piece]
    sep: str = " "
    is_text: bool = True  # False: an inserted heading, counter or comment


@dataclass(slots=True)
class AssembledText:
    """Raw and clean text of a field, planted defects, and each sentence's raw span."""

    raw: str
    clean: str
    planted: tuple[Planted, ...]
    spans: list[tuple[int, int]] = field(default_factory=list)


def to_sentence(text: str, namer: Callable[[str], Piece]) -> Sentence:
    """Replace the placeholders of a drafted sentence by pieces; resolve particles."""
    pieces: list[Piece] = []
    before = ""
    for part in _SPLIT.split(text):
        if not part:
            continue
        if _SPLIT.fullmatch(part):
            piece = namer(part)
            before = piece.spoken or piece.raw
        else:
            piece = plain(resolve_particles(part, before))
            before = piece.raw
        pieces.append(piece)
    return Sentence(pieces)


def assemble(sentences: Sequence[Sentence], field_name: str) -> AssembledText:
    """Join sentences; the separator of the last one is left out."""
    assembled = AssembledText("", "", ())
    raw: list[str] = []
    clean: list[str] = []
    planted: list[Planted] = []
    position = 0
    for i, sentence in enumerate(sentences):
        start = position
        # "저는 " + ㈜가상전자 + "를 좋아합니다." → raw span (0, 16), planted "㈜가상전자" at 3:8, clean "[회사]"
        for piece in sentence.pieces:
            if piece.kind:
                end = position + len(piece.raw)
                planted.append(Planted(piece.kind, field_name, position, end, piece.raw, piece.clean, piece.value))
            raw.append(piece.raw)
            clean.append(piece.clean)
            position += len(piece.raw)
        assembled.spans.append((start, position))
        if i + 1 < len(sentences):
            raw.append(sentence.sep)
            clean.append(sentence.sep)
            position += len(sentence.sep)
    assembled.raw, assembled.clean, assembled.planted = "".join(raw), "".join(clean), tuple(planted)
    return assembled


def replace_one(
    sentences: Iterable[Sentence],
    pattern: re.Pattern[str],
    rng: Random,
    make: Callable[[re.Match[str]], Sequence[Piece]],
) -> bool:
    """Replace one random match in plain text by pieces. False when nothing matches."""
    matches = [
        (sentence, i, match)
        for sentence in sentences
        if sentence.is_text
        for i, piece in enumerate(sentence.pieces)
        if piece.is_plain
        for match in pattern.finditer(piece.raw)
    ]
    if not matches:
        return False
    sentence, i, match = rng.choice(matches)
    whole = sentence.pieces[i].raw
    # split the plain piece around the match; empty remainders are dropped
    parts = [plain(whole[: match.start()]), *make(match), plain(whole[match.end() :])]
    sentence.pieces[i : i + 1] = [p for p in parts if p.kind or p.raw]
    return True
