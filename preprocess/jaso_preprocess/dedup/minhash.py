"""MinHash near-duplicate detection with banding (LSH) and exact Jaccard.

A text is the set of its shingles: runs of SHINGLE_SIZE characters, blanks and case aside, as 64-bit hashes. The
similarity of two texts is the exact Jaccard index of these sets; MinHash only finds the pairs worth comparing.
Signatures are datasketch's (affine32) to the bit, computed here from its permutations: 0.1 ms for 1,000 characters
instead of 0.17. Its index is a dict of every document in every band, so the banding is done here, by sorting one band
after the other.

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

SHINGLE_SIZE = 4
PERMUTATIONS = 128
# 32 bands of 4 find 87 % of the pairs at 0.5, 98.8 % at 0.6, all but one in twenty million at 0.8.
BAND_ROWS = 4
LINK_THRESHOLD = 0.5
"""From this Jaccard index on two documents are a pair: they belong in one group."""
COPY_THRESHOLD = 0.6
"""From this Jaccard index on one of them adds too little: the better copy stays."""
FEW_SHINGLES = 50
"""Texts of fewer shingles may differ by one word and mean another thing ..."""
LINK_THRESHOLD_FEW = 0.8
"""... so that they are a pair only from this Jaccard index on."""
# Buckets of more documents than this are boilerplate, or many copies: only neighbours are compared, not all pairs.
SMALL_BUCKET = 16
# A pair at LINK_THRESHOLD agrees in 64 ± 5.7 of 128 positions; from three deviations below on it is compared exactly.
_MIN_AGREEING = 47
_EMPTY = np.uint32(0xFFFFFFFF)
_CHUNK = 1024  # characters shingled at a time: the permutations stay in the cache, and 50 MB do not become 25 GB
_PAIR_BATCH = 1 << 14  # pairs compared at a time
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def comparable(items: Iterable[Item]) -> str:
    """Return the text of a document that is compared.

    Its answers, and its questions too when the answers have fewer than FEW_SHINGLES shingles.
    """
    item_list = list(items)
    answers = "\n".join(item.answer for item in item_list if item.answer)
    if len(_normalize(answers)) - SHINGLE_SIZE + 1 >= FEW_SHINGLES:
        return answers
    return "\n".join(text for item in item_list for text in (item.question, item.answer) if text)


def similarity(first: str, second: str) -> float:
    """Return the exact Jaccard index of two texts' shingles; 0 for blank texts."""
    return _jaccard(_shingle_set(first), _shingle_set(second))


def signature(text: str) -> Signatures:
    """Return the MinHash signature of a text, uint32[128].

    The same on every machine, and datasketch's own to the bit; all 0xFFFFFFFF for a blank text.
    """
    factors, summands = _permutations()
    lowest = np.full(PERMUTATIONS, _EMPTY)
    for piece in _shingles(text):
        values = _fmix32((piece >> np.uint64(32)).astype(np.uint32))
        permuted = np.multiply(values[:, None], factors, out=_scratch_buffer()[: len(values)])
        permuted += summands
        np.minimum(lowest, permuted.min(axis=0), out=lowest)
    return lowest


def signatures(texts: Iterable[str]) -> Signatures:
    """Return the signatures of texts, uint32[n, 128]: 512 bytes a document."""
    rows = [signature(text) for text in texts]
    return np.stack(rows) if rows else np.empty((0, PERMUTATIONS), np.uint32)


def candidates(signatures: Signatures) -> Iterator[Indices]:
    """Yield candidate pairs that may reach LINK_THRESHOLD.

    In blocks int64[m, 2], lower index first; a pair may come more than once. Equal signatures give one pair each with
    the first of them; of the different ones those pairs that share a band and agree in enough positions. Work and
    memory grow with n even where all documents are alike.
    """
    filled = np.flatnonzero((signatures != _EMPTY).any(axis=1))
    row_hashes = _row_hashes(signatures)[filled]
    # Documents A, B, A → leader [0, 1, 0]: the third is a copy of the first, pair (0, 2).
    _, first, inverse = np.unique(row_hashes, return_index=True, return_inverse=True)
    leader = filled[first][inverse]
    copies = leader != filled
    yield np.column_stack((leader[copies], filled[copies]))
    # Banding (LSH): a pair that shares all rows of a band is in one bucket of that band.
    distinct = np.sort(filled[first])
    for start in range(0, signatures.shape[1], BAND_ROWS):
        for left, right in _bucket_pairs(_row_hashes(signatures[distinct, start : start + BAND_ROWS])):
            yield from _filter_agreeing(signatures, distinct[left], distinct[right])


def near_pairs(
    signatures: Signatures, text_of: Callable[[int], str], link: float = LINK_THRESHOLD
) -> list[tuple[int, int, float]]:
    """Find near-duplicates: (document, later document, exact Jaccard index), sorted.

    The pairs at or above `link`. `text_of` returns the text of a document by its index, such as `comparable` does; it
    is called in ascending order, repeatedly, for at most 2 × 4096 documents whose shingles are held at a time. Pairs
    with a text of under FEW_SHINGLES shingles must reach LINK_THRESHOLD_FEW. Of many equal documents each is paired
    with the first alone.
    """
    codes = _unique_pairs(candidates(signatures))
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(codes), 4096):
        batch = codes[start : start + 4096]
        lefts, rights = (batch >> np.uint64(32)).tolist(), (batch & np.uint64(0xFFFFFFFF)).tolist()
        sets = {index: _shingle_set(text_of(index)) for index in sorted({*lefts, *rights})}
        for left, right in zip(lefts, rights, strict=True):
            score = _jaccard(sets[left], sets[right])
            if score >= _threshold(sets[left], sets[right], link):
                pairs.append((left, right, score))
    return pairs


def _unique_pairs(blocks: Iterable[Indices]) -> Hashes:
    """Collect each pair once, as one sorted number.

    Merged only when the pending ones have doubled the total, not block by block.
    """
    codes, waiting, count = np.empty(0, np.uint64), [np.empty(0, np.uint64)], 0
    for block in blocks:
        pairs = block.astype(np.uint64)
        # Documents 3 and 7 → 3 · 2³² + 7
        waiting.append(pairs[:, 0] << np.uint64(32) | pairs[:, 1])
        count += len(pairs)
        if count > max(len(codes), 1 << 20):
            codes, waiting, count = np.unique(np.concatenate([codes, *waiting])), [], 0
    return np.unique(np.concatenate([codes, *waiting]))


def _threshold(first: Hashes, second: Hashes, link: float) -> float:
    return max(link, LINK_THRESHOLD_FEW) if min(len(first), len(second)) < FEW_SHINGLES else link


def _normalize(text: str) -> str:
    """Remove white space and case; NFC, so that a text from a Mac is the same text."""
    return "".join(unicodedata.normalize("NFC", text.casefold()).split())


def _shingles(text: str) -> Iterator[Hashes]:
    """Yield the shingle hashes of a text in chunks.

    A text shorter than a shingle has one, a blank text none.
    """
    # "가나다라마" → 가나다라, 나다라마: 2 shingles of 4 characters
    bare = _normalize(text)
    size = min(SHINGLE_SIZE, len(bare))
    for start in range(0, len(bare) - size + 1 if size else 0, _CHUNK):
        piece = bare[start : start + _CHUNK + size - 1].encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(piece, "<u4").astype(np.uint64)
        count = len(codes) - size + 1
        hashes = np.zeros(count, np.uint64)
        for offset in range(size):
            hashes = (hashes + codes[offset : offset + count]) * _MULTIPLIER
        yield _fmix64(hashes)


def _shingle_set(text: str) -> Hashes:
    pieces = [np.unique(piece) for piece in _shingles(text)]
    return np.unique(np.concatenate(pieces)) if pieces else np.empty(0, np.uint64)


def _jaccard(first: Hashes, second: Hashes) -> float:
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def _fmix64(values: Hashes) -> Hashes:
    """Apply Murmur3's 64-bit finalizer: every input bit affects every output bit."""
    values = (values ^ values >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ values >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ values >> np.uint64(33)


def _row_hashes(rows: Signatures) -> Hashes:
    """Hash each row to one number.

    Rows that collide by chance (1 in 10¹³ pairs of a million) cost a comparison.
    """
    mixed = np.zeros(len(rows), np.uint64)
    for column in rows.T:
        mixed = _fmix64((mixed + column) * _MULTIPLIER)
    return mixed


def _bucket_pairs(keys: Hashes) -> Iterator[tuple[Indices, Indices]]:
    """Yield pairs with equal keys.

    All pairs of a small bucket; in a large bucket each member with the next one.
    """
    # keys [5, 8, 5, 5] → offset 1: (0, 2), (2, 3); offset 2: (0, 3)
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


def _filter_agreeing(signatures: Signatures, left: Indices, right: Indices) -> Iterator[Indices]:
    for start in range(0, len(left), _PAIR_BATCH):
        batch = slice(start, start + _PAIR_BATCH)
        agree = np.count_nonzero(signatures[left[batch]] == signatures[right[batch]], axis=1) >= _MIN_AGREEING
        yield np.column_stack((left[batch][agree], right[batch][agree]))


@cache
def _permutations() -> tuple[Signatures, Signatures]:
    """Return factors and summands of datasketch's permutations, uint32[128] each."""
    from datasketch import MinHash

    factors, summands = MinHash(PERMUTATIONS, seed=1, hashfunc=int, scheme="affine32").permutations
    return factors, summands


@cache
def _scratch_buffer() -> Signatures:
    """Return a buffer that is reused for each chunk.

    Allocating half a megabyte again takes longer than filling it.
    """
    return np.empty((_CHUNK, PERMUTATIONS), np.uint32)


def _fmix32(values: Signatures) -> Signatures:
    """Apply Murmur3's 32-bit finalizer, the first step of datasketch."""
    values = (values ^ values >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    values = (values ^ values >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return values ^ values >> np.uint32(16)
