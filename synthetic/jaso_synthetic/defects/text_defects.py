"""Defects inside sentences: hanja, Unicode forms, white space, masked names.

Also repeated characters and missing full stops. Each function changes the sentences in place and returns False when the
text offers no position for the defect.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from random import Random

from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.pieces import Piece, Sentence, plain, replace_one

_AFTER = r"(?=[을를이가은는의에과와도로,. ]|으로|부터|까지|하|했|한 |할 |해 )"


@cache
def _hanja_pattern(group: str) -> re.Pattern[str]:
    words = sorted(load("hanja")[group], key=len, reverse=True)
    return re.compile(r"(?<![가-힣])(" + "|".join(words) + ")" + _AFTER)


def plant_hanja(body: Sequence[Sentence], rng: Random) -> bool:
    """Replace a Hangul word by hanja: 發展 for 발전.

    A word that shows the initial-sound rule (두음법칙) is preferred where there is one.
    """
    tables = load("hanja")

    def make(group: str, word: str) -> list[Piece]:
        spelled = tables[group][word]
        if rng.random() < 0.25:
            spelled = "".join(tables["compat"].get(c, c) for c in spelled)
        if rng.random() < 0.15:  # 발전(發展): the clean text keeps the reading only
            return [plain(word), Piece(f"({spelled})", "", "hanja", word)]
        return [Piece(spelled, word, "hanja", word)]

    groups = ["initial", "common"] if rng.random() < 0.7 else ["common", "initial"]
    return any(
        replace_one(body, _hanja_pattern(group), rng, lambda m, g=group: make(g, m.group(1)))  # type: ignore[misc]
        for group in groups
    )


_WORD = re.compile(r"(?<![가-힣])[가-힣]{2,5}(?![가-힣])")
_ASCII = re.compile(r"[A-Za-z]{2,}|[0-9]+%?")
_SPACE = re.compile(r"(?<=[가-힣,]) (?=[가-힣])")
_INSIDE = re.compile(r"(?<=[가-힣])(?=[가-힣])")


def _to_full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


def plant_unicode_forms(body: Sequence[Sentence], rng: Random) -> bool:
    """Plant one to three odd Unicode forms: NFD, full-width, NBSP, zero-width."""
    style = rng.choice(["nfd", "wide", "nbsp", "zero", "ideographic"])

    def plant_one() -> bool:
        if style == "nfd":
            return replace_one(
                body, _WORD, rng, lambda m: [Piece(unicodedata.normalize("NFD", m.group()), m.group(), "unicode")]
            )
        if style == "wide":
            return replace_one(body, _ASCII, rng, lambda m: [Piece(_to_full_width(m.group()), m.group(), "unicode")])
        if style == "zero":
            mark = rng.choice("\u200b\ufeff\u200d")
            return replace_one(body, _INSIDE, rng, lambda m: [Piece(mark, "", "unicode")])
        space = "\u00a0" if style == "nbsp" else "\u3000"
        return replace_one(body, _SPACE, rng, lambda m: [Piece(space, " ", "unicode")])

    return sum(plant_one() for _ in range(rng.randint(1, 3))) > 0


def plant_whitespace(body: Sequence[Sentence], rng: Random) -> bool:
    """Plant double spaces, a tab, or trailing white space at the answer's end."""
    if rng.random() < 0.2:
        body[-1].pieces.append(Piece(rng.choice([" ", "  ", "\n"]), "", "whitespace"))
        return True
    run = rng.choice(["  ", "  ", "   ", "\t", " \t"])

    def plant_one() -> bool:
        return replace_one(body, _SPACE, rng, lambda m: [Piece(run, " ", "whitespace")])

    return sum(plant_one() for _ in range(rng.randint(1, 2))) > 0


_STOP = re.compile(r"\.$")


def plant_repeats(body: Sequence[Sentence], rng: Random) -> bool:
    """Plant a run of repeated characters (!!!!!, ㅎㅎㅎㅎ); the clean text keeps two."""
    char, count = rng.choice("!!ㅎㅎㅋ~ㅠ"), rng.randint(3, 7)
    run = Piece(char * count, char * 2, "repeated_chars")
    if char == "!":
        return replace_one(body, _STOP, rng, lambda m: [run])
    return replace_one(body, _STOP, rng, lambda m: [plain(". "), run])


_TITLES = "팀장님|교수님|사수|멘토|선배|조교님|부서장님|선임"
_PERSON = re.compile(rf"(?<!동아리 )(?<!인턴 )(?<!는 )(?<![가-힣])(?=({_TITLES})(께|의|과|와|에게|이|가|을|를))")
_CLUB = re.compile(r"(?<=동아리|봉사단)(?=에서)")
_MASKS = ("OOO", "OO", "○○○", "○○", "△△△", "***", "XXX")


def mask_person(body: Sequence[Sentence], rng: Random) -> bool:
    """Mask a person's name: OOO 교수님."""
    mask = rng.choice(_MASKS)
    return replace_one(body, _PERSON, rng, lambda m: [Piece(mask, "[이름]", "mask_run", "person"), plain(" ")])


def mask_club(body: Sequence[Sentence], rng: Random) -> bool:
    """Mask a club's name: 로봇 동아리 ○○에서."""
    mask = rng.choice(_MASKS)
    return replace_one(body, _CLUB, rng, lambda m: [plain(" "), Piece(mask, "[동아리]", "mask_run", "club")])


def drop_punctuation(body: Sequence[Sentence], rng: Random) -> bool:
    """Remove all sentence-final stops; record each boundary as a zero-width span."""
    glues_some = rng.random() < 0.2
    changed = False
    texts = [sentence for sentence in body if sentence.is_text]
    for sentence in texts:
        last = sentence.pieces[-1]
        if not (last.is_plain and last.raw.endswith(".")):
            continue
        sentence.pieces[-1] = plain(last.raw[:-1])
        glue = glues_some and sentence.sep == " " and sentence is not texts[-1] and rng.random() < 0.5
        sentence.pieces.append(Piece("", ". " if glue else ".", "sentence_end"))
        if glue:
            sentence.sep = ""
        changed = True
    return changed


_NARROWEST, _WIDEST = 14, 42  # characters of a wrapped line


def plant_line_wraps(body: Sequence[Sentence], rng: Random) -> bool:
    """Break lines inside sentences, each at another width; the clean text has blanks.

    Only at blanks of plain text, so that no other defect is cut in two.
    """
    changed = False
    width = rng.randint(_NARROWEST, _WIDEST)
    column = 0
    for sentence in body:
        pieces: list[Piece] = []
        for piece in sentence.pieces:
            if not (sentence.is_text and piece.is_plain):
                pieces.append(piece)
                column += len(piece.raw)
                continue
            begin = 0
            for blank in _SPACE.finditer(piece.raw):
                if column + blank.start() - begin < width:
                    continue
                pieces += [plain(piece.raw[begin : blank.start()]), Piece("\n", " ", "line_wrap")]
                begin, column, width, changed = blank.end(), 0, rng.randint(_NARROWEST, _WIDEST), True
            pieces.append(plain(piece.raw[begin:]))
            column += len(piece.raw) - begin
        sentence.pieces = [piece for piece in pieces if piece.kind or piece.raw]
        column = 0 if "\n" in sentence.sep else column + len(sentence.sep)
    return changed


_QUOTED = re.compile(r"\"[^\"]+\"")


def mark_quotations(body: Sequence[Sentence]) -> None:
    """Record genuine quotations: they stay, and removing one is a false positive."""
    for sentence in body:
        pieces: list[Piece] = []
        for piece in sentence.pieces:
            position = 0
            for match in _QUOTED.finditer(piece.raw) if piece.is_plain else ():
                pieces += [plain(piece.raw[position : match.start()]), Piece(match.group(), match.group(), "quotation")]
                position = match.end()
            pieces.append(plain(piece.raw[position:]) if position else piece)
        sentence.pieces = [p for p in pieces if p.kind or p.raw]
