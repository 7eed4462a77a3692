"""Longest common subsequences, many cells of the table in one operation on a long whole number.

Bit-parallel as in Crochemore et al. (2001) and Hyyrö (2004): bit j of a row's number is 0 where the length grows from
column j to j + 1. Python's whole numbers are as long as a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

Tokens = Sequence[Hashable]

_BLOCK = 512
"""Rows of a table that are held at once."""


def lcs_length(first: Tokens, second: Tokens) -> int:
    """How many tokens the longest common subsequence has."""
    if first == second:
        return len(first)
    row = every = (1 << len(second)) - 1
    places = _places(second)
    for token in first:
        if hit := places.get(token):
            common = row & hit
            row = (row + common | row - common) & every
    return len(second) - row.bit_count()


def union_lcs_hits(reference: Sequence[Tokens], candidate: Sequence[Tokens]) -> int:
    """Tokens of the reference's sentences that are in the union of their common subsequences with the candidate's
    sentences (ROUGE-Lsum, Lin 2004, section 3.2). A token counts at most as often as both texts have it.

    Of several longest subsequences the one is taken that rouge_score takes.
    """
    spare = Counter(token for sentence in candidate for token in sentence)
    spare &= Counter(token for sentence in reference for token in sentence)
    different = list(dict.fromkeys(map(tuple, candidate)))
    tables = [(sentence, _places(sentence)) for sentence in different]
    hits = 0
    for sentence in reference:
        union = set[int]()
        for other, places in tables:
            union.update(_indices(sentence, other, places))
        for place in union:
            if spare[sentence[place]] > 0:
                spare[sentence[place]] -= 1
                hits += 1
    return hits


def _indices(first: Tokens, second: Tokens, places: dict[Hashable, int]) -> list[int]:
    """Places in `first` of one longest common subsequence.

    The table is read from its last cell: diagonally from equal tokens, up where that loses nothing, else left. Left
    goes on to the next place of the row's token, for the row above stays the shorter one.
    """
    # Tokens that `second` lacks change nothing in the table, so that their rows are left out.
    kept = [place for place, token in enumerate(first) if token in places]
    hits = [places[first[place]] for place in kept]
    every = (1 << len(second)) - 1
    found: list[int] = []
    columns, length = every, -1  # the columns up to the cell, and the length in it
    for start, rows in _rows_backwards(hits, every):
        if length < 0:
            length = len(second) - rows[-1].bit_count()
        for i in range(len(rows) - 2, -1, -1):
            if not length:
                return found
            hit = hits[start + i] & columns
            if hit > columns >> 1 or (columns ^ rows[i] & columns).bit_count() < length:
                found.append(kept[start + i])
                columns, length = (1 << hit.bit_length() - 1) - 1, length - 1
    return found


def _rows_backwards(hits: Sequence[int], every: int) -> Iterator[tuple[int, list[int]]]:
    """Blocks of the table from the last to the first: the number of the row above it, that row and the block's.

    Of a long text only the rows between blocks are kept, and each block is made again: a table of 100,000 × 100,000
    would take more than a gigabyte.
    """
    above = [every]
    rows = [every]
    for start in range(0, len(hits), _BLOCK):
        rows = _rows(above[-1], hits[start : start + _BLOCK], every)
        above.append(rows[-1])
    for block in range(len(above) - 2, -1, -1):
        start = block * _BLOCK
        yield start, rows
        if block:
            rows = _rows(above[block - 1], hits[start - _BLOCK : start], every)


def _rows(row: int, hits: Sequence[int], every: int) -> list[int]:
    """`row` and those that follow it."""
    rows = [row]
    for hit in hits:
        common = row & hit
        row = (row + common | row - common) & every
        rows.append(row)
    return rows


def _places(tokens: Tokens) -> dict[Hashable, int]:
    """Token → a number whose bits are set where it stands."""
    where: dict[Hashable, list[int]] = {}
    for place, token in enumerate(tokens):
        where.setdefault(token, []).append(place)
    return {token: _bits(found) for token, found in where.items()}


def _bits(places: Sequence[int]) -> int:
    """A number with these bits, in time that grows with its length and not with its square."""
    if len(places) < 8:
        return sum(1 << place for place in places)
    raw = bytearray(places[-1] // 8 + 1)
    for place in places:
        raw[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(raw, "little")
