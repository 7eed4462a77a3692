"""Near-duplicates: which documents say the same thing in almost the same words.

A text is the set of its shingles: runs of SHINGLE characters, blanks and case aside, as 64-bit hashes. What two texts
are to each other is the exact Jaccard index of these sets; MinHash only finds the pairs worth comparing. Signatures are
datasketch's (affine32) to the bit, computed here from its permutations: 0.1 ms for 1,000 characters instead of 0.17.
Its index is a dict of every document in every band, so the banding is done here, by sorting one band after the other.

Four characters, not five: an interview of 200 characters with other hesitations and one other sentence mostly stays
above 0.5, while two letters of one template stay below 0.3; three would bring three times as many candidates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from jaso_core.records import Item

Signatures = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

SHINGLE = 4
PERMUTATIONS = 128
# 32 bands of 4 find 87 % of the pairs at 0.5, 98.8 % at 0.6, all but one in twenty million at 0.8.
ROWS = 4
LINK = 0.5
"""From here on two documents are a pair: they belong in one group."""
COPY = 0.6
"""From here on one of them adds too little: the better copy stays."""
FEW = 50
"""Texts of fewer shingles differ by one word and mean another thing ..."""
LINK_FEW = 0.8
"""... so that they are a pair only from here on."""
# Buckets of more documents than this are boilerplate, or a flood of copies: neighbours are compared, not everyone.
SMALL_BUCKET = 16
# A pair at LINK agrees in 64 of 128 places, give or take 5.7; three times that below is left to the exact comparison.
_AGREEING = 47
_BLANK = np.uint32(0xFFFFFFFF)
_PIECE = 1024  # characters shingled at a time: the permutations stay in the cache, and 50 MB do not become 25 GB
_PAIRS = 1 << 14  # pairs compared at a time
_ODD = np.uint64(0x9E3779B97F4A7C15)


def comparable(items: Iterable[Item]) -> str:
    """What of a document is compared: its answers, and when that is under FEW shingles its questions with them."""
    held = list(items)
    answers = "\n".join(item.answer for item in held if item.answer)
    if len(_bare(answers)) - SHINGLE + 1 >= FEW:
        return answers
    return "\n".join(text for item in held for text in (item.question, item.answer) if text)


def similarity(one: str, other: str) -> float:
    """The exact Jaccard index of two texts' shingles, 0 to 1; blank texts are like nothing."""
    return _jaccard(_shingle_set(one), _shingle_set(other))


def signature(text: str) -> Signatures:
    """uint32[128], the same on every machine, and datasketch's own to the bit; of a blank text all 0xFFFFFFFF."""
    factors, summands = _permutations()
    lowest = np.full(PERMUTATIONS, _BLANK)
    for piece in _shingles(text):
        values = _scrambled_32((piece >> np.uint64(32)).astype(np.uint32))
        permuted = np.multiply(values[:, None], factors, out=_room()[: len(values)])
        permuted += summands
        np.minimum(lowest, permuted.min(axis=0), out=lowest)
    return lowest


def signatures(texts: Iterable[str]) -> Signatures:
    """One row a text: uint32[n, 128], 512 bytes a document."""
    rows = [signature(text) for text in texts]
    return np.stack(rows) if rows else np.empty((0, PERMUTATIONS), np.uint32)


def candidates(signatures: Signatures) -> Iterator[Indices]:
    """Pairs that may reach LINK, in blocks int64[m, 2], lower index first; a pair may come more than once.

    Equal signatures give one pair each with their first; of the different ones those pairs that share a band and
    agree in enough places. Work and memory grow with n even where all documents are alike.
    """
    filled = np.flatnonzero((signatures != _BLANK).any(axis=1))
    whole = _mixed(signatures)[filled]
    _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
    leader = filled[first][kind]
    copies = leader != filled
    yield np.column_stack((leader[copies], filled[copies]))
    distinct = np.sort(filled[first])
    for start in range(0, signatures.shape[1], ROWS):
        for left, right in _neighbours(_mixed(signatures[distinct, start : start + ROWS])):
            yield from _agreeing(signatures, distinct[left], distinct[right])


def near_pairs(
    signatures: Signatures, text_of: Callable[[int], str], link: float = LINK
) -> list[tuple[int, int, float]]:
    """(document, later document, exact Jaccard index) of the pairs found at or above `link`, in order.

    `text_of` gives the text of a document by its index, such as `comparable` does; it is asked in ascending order,
    again and again, for at most 2 × 4096 documents whose shingles are held at a time. Pairs with a text of under FEW
    shingles must reach LINK_FEW. Of many equal documents each is paired with the first alone.
    """
    codes = _gathered(candidates(signatures))
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(codes), 4096):
        some = codes[start : start + 4096]
        lefts, rights = (some >> np.uint64(32)).tolist(), (some & np.uint64(0xFFFFFFFF)).tolist()
        sets = {index: _shingle_set(text_of(index)) for index in sorted({*lefts, *rights})}
        for left, right in zip(lefts, rights, strict=True):
            score = _jaccard(sets[left], sets[right])
            if score >= _needed(sets[left], sets[right], link):
                found.append((left, right, score))
    return found


def _gathered(blocks: Iterable[Indices]) -> Hashes:
    """Each pair once, as one number, in order; merged only when what waits has doubled, not block by block."""
    codes, waiting, count = np.empty(0, np.uint64), [np.empty(0, np.uint64)], 0
    for block in blocks:
        pairs = block.astype(np.uint64)
        waiting.append(pairs[:, 0] << np.uint64(32) | pairs[:, 1])
        count += len(pairs)
        if count > max(len(codes), 1 << 20):
            codes, waiting, count = np.unique(np.concatenate([codes, *waiting])), [], 0
    return np.unique(np.concatenate([codes, *waiting]))


def _needed(one: Hashes, other: Hashes, link: float) -> float:
    return max(link, LINK_FEW) if min(len(one), len(other)) < FEW else link


def _bare(text: str) -> str:
    """Without white space and case; NFC, so that a text from a Mac is the same text."""
    return "".join(unicodedata.normalize("NFC", text.casefold()).split())


def _shingles(text: str) -> Iterator[Hashes]:
    """The hashes of a text's shingles, piece by piece; a text shorter than a shingle is one, a blank one none."""
    bare = _bare(text)
    size = min(SHINGLE, len(bare))
    for start in range(0, len(bare) - size + 1 if size else 0, _PIECE):
        piece = bare[start : start + _PIECE + size - 1].encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(piece, "<u4").astype(np.uint64)
        count = len(codes) - size + 1
        hashes = np.zeros(count, np.uint64)
        for offset in range(size):
            hashes = (hashes + codes[offset : offset + count]) * _ODD
        yield _scrambled(hashes)


def _shingle_set(text: str) -> Hashes:
    pieces = [np.unique(piece) for piece in _shingles(text)]
    return np.unique(np.concatenate(pieces)) if pieces else np.empty(0, np.uint64)


def _jaccard(one: Hashes, other: Hashes) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def _scrambled(values: Hashes) -> Hashes:
    """Murmur's last step: every bit of the sum moves every bit of the hash."""
    values = (values ^ values >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ values >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ values >> np.uint64(33)


def _mixed(rows: Signatures) -> Hashes:
    """One number a row. Rows that fall together by chance (1 in 10¹³ pairs of a million) cost a comparison."""
    mixed = np.zeros(len(rows), np.uint64)
    for column in rows.T:
        mixed = _scrambled((mixed + column) * _ODD)
    return mixed


def _neighbours(keys: Hashes) -> Iterator[tuple[Indices, Indices]]:
    """Pairs with equal keys: all of a small bucket, each with the next one of a large bucket."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    size = np.repeat(np.diff(edges), np.diff(edges)) if len(keys) else edges
    for offset in range(1, SMALL_BUCKET):
        same = np.flatnonzero(ordered[offset:] == ordered[:-offset])
        if offset > 1:
            same = same[size[same] <= SMALL_BUCKET]
        if not len(same):
            return
        yield order[same], order[same + offset]


def _agreeing(signatures: Signatures, left: Indices, right: Indices) -> Iterator[Indices]:
    for start in range(0, len(left), _PAIRS):
        some = slice(start, start + _PAIRS)
        agree = np.count_nonzero(signatures[left[some]] == signatures[right[some]], axis=1) >= _AGREEING
        yield np.column_stack((left[some][agree], right[some][agree]))


@cache
def _permutations() -> tuple[Signatures, Signatures]:
    """Factors and summands of datasketch's permutations, uint32[128] each."""
    from datasketch import MinHash

    factors, summands = MinHash(PERMUTATIONS, seed=1, hashfunc=int, scheme="affine32").permutations
    return factors, summands


@cache
def _room() -> Signatures:
    """Used again for each piece: to ask for half a megabyte anew takes longer than to fill it."""
    return np.empty((_PIECE, PERMUTATIONS), np.uint32)


def _scrambled_32(values: Signatures) -> Signatures:
    """Murmur3's last step for 32 bits, which datasketch begins with."""
    values = (values ^ values >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    values = (values ^ values >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return values ^ values >> np.uint32(16)
