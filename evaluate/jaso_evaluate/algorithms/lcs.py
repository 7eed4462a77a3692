"""Longest common subsequence (LCS), bit-parallel on arbitrary-precision integers.

Crochemore et al. (2001) and Hyyrö (2004): bit j of a row's integer is 0 where the length grows from column j to j + 1.
A Python integer is as long as a text, so that one operation covers a whole row of the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

Tokens = Sequence[Hashable]

_BLOCK_ROWS = 512
"""Rows of the table held in memory at once."""


def lcs_length(first: Tokens, second: Tokens) -> int:
    """Return the number of tokens in the longest common subsequence."""
    if first == second:
        return len(first)
    # second "abcd", first "bd": row 0b1111 → 0b1101 → 0b0101; the length is the number of zero bits, 2.
    row = all_ones = (1 << len(second)) - 1
    bitmasks = _position_bitmasks(second)
    for token in first:
        if mask := bitmasks.get(token):
            common = row & mask
            row = (row + common | row - common) & all_ones
    return len(second) - row.bit_count()


def union_lcs_hits(reference: Sequence[Tokens], candidate: Sequence[Tokens]) -> int:
    """Count the reference's tokens in the union of LCSs with the candidate.

    ROUGE-Lsum (Lin 2004, section 3.2), sentence by sentence. A token counts at most as often as both texts have it. Of
    several longest subsequences the same one is taken as in rouge_score.
    """
    spare = Counter(token for sentence in candidate for token in sentence)
    spare &= Counter(token for sentence in reference for token in sentence)
    distinct = list(dict.fromkeys(map(tuple, candidate)))
    tables = [(sentence, _position_bitmasks(sentence)) for sentence in distinct]
    hits = 0
    for sentence in reference:
        union = set[int]()
        for other, bitmasks in tables:
            union.update(_lcs_indices(sentence, other, bitmasks))
        for index in union:
            if spare[sentence[index]] > 0:
                spare[sentence[index]] -= 1
                hits += 1
    return hits


def _lcs_indices(first: Tokens, second: Tokens, bitmasks: dict[Hashable, int]) -> list[int]:
    """Return the indices in `first` of one longest common subsequence (backtracking).

    The table is read from its last cell: diagonally from equal tokens, up where that loses nothing, else left. A step
    left goes straight to the next position of the row's token, because the row above stays shorter until there.
    """
    # Tokens that `second` lacks do not change the table; their rows are skipped.
    candidates = [index for index, token in enumerate(first) if token in bitmasks]
    masks = [bitmasks[first[index]] for index in candidates]
    all_ones = (1 << len(second)) - 1
    indices: list[int] = []
    columns, length = all_ones, -1  # bitmask of the columns up to the current cell, LCS length in that cell
    for start, rows in _rows_backwards(masks, all_ones):
        if length < 0:
            length = len(second) - rows[-1].bit_count()
        for i in range(len(rows) - 2, -1, -1):
            if not length:
                return indices
            mask = masks[start + i] & columns
            if mask > columns >> 1 or (columns ^ rows[i] & columns).bit_count() < length:
                indices.append(candidates[start + i])
                columns, length = (1 << mask.bit_length() - 1) - 1, length - 1
    return indices


def _rows_backwards(masks: Sequence[int], all_ones: int) -> Iterator[tuple[int, list[int]]]:
    """Yield blocks of the table, last block first: (start, rows).

    `start` is the number of the row above the block; `rows` are that row and the block's. Only the rows between blocks
    are stored and each block is computed again: a table of 100,000 × 100,000 would take more than a gigabyte.
    """
    above = [all_ones]
    rows = [all_ones]
    for start in range(0, len(masks), _BLOCK_ROWS):
        rows = _rows(above[-1], masks[start : start + _BLOCK_ROWS], all_ones)
        above.append(rows[-1])
    for block in range(len(above) - 2, -1, -1):
        start = block * _BLOCK_ROWS
        yield start, rows
        if block:
            rows = _rows(above[block - 1], masks[start - _BLOCK_ROWS : start], all_ones)


def _rows(row: int, masks: Sequence[int], all_ones: int) -> list[int]:
    """Return `row` and the rows that follow it."""
    rows = [row]
    for mask in masks:
        common = row & mask
        row = (row + common | row - common) & all_ones
        rows.append(row)
    return rows


def _position_bitmasks(tokens: Tokens) -> dict[Hashable, int]:
    """Map each token to the bitmask of its positions."""
    # "abca" → {"a": 0b1001, "b": 0b0010, "c": 0b0100}
    positions: dict[Hashable, list[int]] = {}
    for position, token in enumerate(tokens):
        positions.setdefault(token, []).append(position)
    return {token: _bitmask(indices) for token, indices in positions.items()}


def _bitmask(positions: Sequence[int]) -> int:
    """Return an integer with these bits set, in linear time."""
    if len(positions) < 8:
        return sum(1 << position for position in positions)
    raw = bytearray(positions[-1] // 8 + 1)
    for position in positions:
        raw[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(raw, "little")
