"""Document groups that must stay in one split, and which of several copies stays.

Documents are indices here, texts are 64-bit keys, and everything is done by sorting: a million documents cost some
hundred megabytes, whatever their length.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt

from jaso_core.records import Document, Item

Keys = npt.NDArray[np.uint64]
Owners = npt.NDArray[np.int64]
Link = tuple[int, int]
Quality = tuple[int, int, int]

# A sentence of at least so many characters (without blanks) that occurs in two letters was copied; shorter ones
# ("감사합니다.") are common phrases.
MIN_CHARACTERS = 20
MIN_SHARED = 2
# A sentence in more documents than this is a phrase of the site and links nothing, and so is a short answer to one
# question ("없음"); a whole long item is a copy however many have it.
MAX_HOLDERS = 20
_PAIRS_PER_PASS = 1 << 22  # pairs counted at a time


class UnionFind:
    """Union-find (disjoint sets) over documents 0 … n-1; the root is the lowest index.

    8 bytes a document, a million links a second.
    """

    def __init__(self, n: int) -> None:
        self._parent = array("q", range(n))

    def find(self, document: int) -> int:
        """Return the root of a document: the first document of its group."""
        parent = self._parent
        while parent[document] != document:
            parent[document] = document = parent[parent[document]]
        return document

    def union(self, links: Iterable[Link]) -> None:
        """Merge the groups of each pair of documents."""
        for left, right in links:
            left_root, right_root = self.find(left), self.find(right)
            if left_root != right_root:
                self._parent[max(left_root, right_root)] = min(left_root, right_root)

    def roots(self) -> Owners:
        """Return int64[n]: the root of each document."""
        return np.fromiter(map(self.find, range(len(self._parent))), np.int64, len(self._parent))


@dataclass(frozen=True, slots=True)
class DocumentKeys:
    """Keys that may link a document to others.

    Of long sentences, of whole items, and of items with a short answer.
    """

    sentences: Keys
    items: Keys
    short_items: Keys


def document_keys(items: Iterable[Item], sentences: Iterable[str]) -> DocumentKeys:
    """Compute the keys of a document's items with an answer, and of their sentences."""
    whole: dict[bool, list[str]] = {True: [], False: []}
    for item in items:
        if item.answer and (answer := _without_blanks(item.answer)):
            whole[len(answer) >= MIN_CHARACTERS].append(f"{_without_blanks(item.question or '')}\n{answer}")
    return DocumentKeys(sentence_keys(sentences), _keys(whole[True]), _keys(whole[False]))


def sentence_keys(texts: Iterable[str]) -> Keys:
    """Return the keys of the sentences that are long enough, each once.

    White space does not count.
    """
    return _keys(bare for text in texts if len(bare := _without_blanks(text)) >= MIN_CHARACTERS)


class KeyIndex:
    """Index from keys to the documents that hold them; 16 bytes a key."""

    def __init__(self) -> None:
        self._keys = {kind: array("Q") for kind in DocumentKeys.__slots__}
        self._owners = {kind: array("q") for kind in DocumentKeys.__slots__}

    def add(self, document: int, keys: DocumentKeys) -> None:
        """Add the keys of a document; documents may come in any order."""
        for kind in DocumentKeys.__slots__:
            values: Keys = getattr(keys, kind)
            self._keys[kind].frombytes(values.tobytes())
            self._owners[kind].extend(repeat(document, len(values)))

    def of(self, kind: str) -> tuple[Keys, Owners]:
        """Return the keys of a field of DocumentKeys, with the owner's index of each."""
        return np.array(self._keys[kind], np.uint64), np.array(self._owners[kind], np.int64)


def group_documents(n: int, key_index: KeyIndex, pairs: Iterable[Link] = ()) -> Owners:
    """Group documents that share keys; return int64[n], each group's first document.

    `pairs`: further links, such as near-duplicates.
    """
    groups = UnionFind(n)
    groups.union(shared_links(*key_index.of("sentences")))
    groups.union(shared_links(*key_index.of("items"), min_shared=1, max_holders=None))
    groups.union(shared_links(*key_index.of("short_items"), min_shared=1))
    groups.union(pairs)
    return groups.roots()


def shared_links(
    keys: Keys, owners: Owners, min_shared: int = MIN_SHARED, max_holders: int | None = MAX_HOLDERS
) -> Iterator[Link]:
    """Yield pairs of documents that share `min_shared` keys or more.

    A key with more than `max_holders` holders is ignored. With min_shared=1 each holder is linked with the next one
    only: the groups are the same. More than that needs all pairs of a key's holders, and so a limit: ValueError without
    `max_holders`.
    """
    if min_shared > 1 and max_holders is None:
        raise ValueError("min_shared above 1 needs max_holders: the pairs grow with its square")
    keys, owners, holders = _sort_by_key(keys, owners)
    if max_holders is not None:
        is_rare = holders <= max_holders
        keys, owners, holders = keys[is_rare], owners[is_rare], holders[is_rare]
    # key 7 in documents 0, 1, 2 and key 9 in 0, 2: min_shared=1 → (0, 1), (1, 2), (0, 2); min_shared=2 → (0, 2)
    if min_shared == 1:
        same = np.flatnonzero(keys[1:] == keys[:-1])
        yield from zip(owners[same].tolist(), owners[same + 1].tolist(), strict=True)
        return
    # Several passes bound the memory: each counts the pairs whose first document is in it.
    passes = int(holders.sum()) // 2 // _PAIRS_PER_PASS + 1
    for pass_index in range(passes):
        codes, shared = np.unique(_pair_codes(keys, owners, passes, pass_index), return_counts=True)
        codes = codes[shared >= min_shared]
        lefts, rights = codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)
        yield from zip(lefts.tolist(), rights.tolist(), strict=True)


def group_names(roots: Owners, ids: Sequence[str]) -> list[str]:
    """Return each document's group name: the id of the group's first document."""
    return [ids[root] for root in roots.tolist()]


def clusters(n: int, links: Iterable[Link]) -> list[list[int]]:
    """Return the connected components with two members or more, in ascending order."""
    groups = UnionFind(n)
    groups.union(links)
    roots = groups.roots()
    members: dict[int, list[int]] = {}
    # 6 documents, links (1, 4), (4, 2), (0, 5) → [[0, 5], [1, 2, 4]]
    for document in np.flatnonzero(roots != np.arange(n)).tolist():
        members.setdefault(int(roots[document]), [int(roots[document])]).append(document)
    return [members[root] for root in sorted(members)]


def quality(document: Document) -> Quality:
    """Return the sort key of the better copy.

    Items with an answer, then characters of the answers, then known facts.
    """
    answers = [item.answer for item in document.items if item.answer]
    facts = (document.company, document.role, document.meta.get("occupation"))
    return len(answers), sum(map(len, answers)), sum(fact is not None for fact in facts)


def map_to_best(cluster: Sequence[int], quality: Callable[[int], tuple[int, ...]]) -> dict[int, int]:
    """Return {document that goes: the one that stays}.

    Of equally good ones the first stays.
    """
    best = min(cluster, key=lambda document: (*(-value for value in quality(document)), document))
    return {document: best for document in cluster if document != best}


def group_texts(sentences: Mapping[str, Iterable[str]], items: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return {document id: group} of texts in memory.

    Both arguments map document ids to texts: `sentences`, and `items` (question and answer).
    """
    ids, key_index, none = list(sentences), KeyIndex(), np.empty(0, np.uint64)
    for index, document_id in enumerate(ids):
        whole = _keys(map(_without_blanks, items.get(document_id, ())))
        key_index.add(index, DocumentKeys(sentence_keys(sentences[document_id]), whole, none))
    return dict(zip(ids, group_names(group_documents(len(ids), key_index), ids), strict=True))


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _keys(texts: Iterable[str]) -> Keys:
    """Hash each text to 64 bits.

    Among ten million sentences two collide by chance once in 370,000 corpora.
    """
    digests = (hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in set(texts))
    return np.unique(np.frombuffer(b"".join(digests), "<u8")).astype(np.uint64)


def _sort_by_key(keys: Keys, owners: Owners) -> tuple[Keys, Owners, Owners]:
    """Sort by key, then owner, each pair once.

    The third array is the number of holders of each row's key.
    """
    # owners of key 7: 0, 1, 2; of key 9: 0, 2 → keys [7, 7, 7, 9, 9], owners [0, 1, 2, 0, 2], holders [3, 3, 3, 2, 2]
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    is_new = np.concatenate(([True], (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])))[: len(keys)]
    keys, owners = keys[is_new], owners[is_new]
    _, counts = np.unique(keys, return_counts=True)
    return keys, owners, np.repeat(counts, counts)


def _pair_codes(keys: Keys, owners: Owners, passes: int, pass_index: int) -> Keys:
    """Encode every pair of holders of one key as one number, once a key.

    Only pairs whose first document is in this pass.
    """
    blocks = [np.empty(0, np.uint64)]
    in_this_pass = owners % passes == pass_index
    # Equal keys are adjacent: offset 1 pairs each holder with the next, offset 2 with the one after it.
    for offset in range(1, len(keys)):
        same = keys[offset:] == keys[:-offset]
        if not same.any():
            break
        same &= in_this_pass[:-offset]
        left, right = owners[:-offset][same].astype(np.uint64), owners[offset:][same].astype(np.uint64)
        blocks.append(left << np.uint64(32) | right)
    return np.concatenate(blocks)
