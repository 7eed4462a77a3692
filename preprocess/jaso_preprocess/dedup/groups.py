"""Groups: documents that must stay together when the corpus is split, and which of several copies stays.

Documents are indices here, texts are 64-bit keys, and everything is done by sorting: a million documents cost some
hundred megabytes, whatever they hold.
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

# A sentence of so many characters (blanks not counted) that occurs in two letters was copied; shorter ones
# ("감사합니다.") are common property.
MIN_CHARACTERS = 20
MIN_SHARED = 2
# A sentence that this many documents hold is a phrase of the site, and links nothing. So is a short answer to one
# question ("없음"); a whole long item is a copy however many have it.
MAX_HOLDERS = 20
_PAIRS = 1 << 22  # pairs counted at a time


class Groups:
    """Union-find over documents 0 … n-1; 8 bytes a document, a million links a second. A root is its group's first."""

    def __init__(self, n: int) -> None:
        self._parent = array("q", range(n))

    def root(self, document: int) -> int:
        """The first document of its group."""
        parent = self._parent
        while parent[document] != document:
            parent[document] = document = parent[parent[document]]
        return document

    def join(self, links: Iterable[Link]) -> None:
        """Makes one group of each pair's two."""
        for one, other in links:
            first, second = self.root(one), self.root(other)
            if first != second:
                self._parent[max(first, second)] = min(first, second)

    def roots(self) -> Owners:
        """int64[n]: each document's root."""
        return np.fromiter(map(self.root, range(len(self._parent))), np.int64, len(self._parent))


@dataclass(frozen=True, slots=True)
class DocumentKeys:
    """What of a document may link it to others: long sentences, whole items, items with a short answer."""

    sentences: Keys
    items: Keys
    short_items: Keys


def document_keys(items: Iterable[Item], sentences: Iterable[str]) -> DocumentKeys:
    """The keys of a document's items that have an answer, and of the sentences of its answers."""
    whole: dict[bool, list[str]] = {True: [], False: []}
    for item in items:
        if item.answer and (answer := _bare(item.answer)):
            whole[len(answer) >= MIN_CHARACTERS].append(f"{_bare(item.question or '')}\n{answer}")
    return DocumentKeys(sentence_keys(sentences), _keys(whole[True]), _keys(whole[False]))


def sentence_keys(texts: Iterable[str]) -> Keys:
    """Keys of the sentences that are long enough, each once; blanks do not count."""
    return _keys(bare for text in texts if len(bare := _bare(text)) >= MIN_CHARACTERS)


class Holdings:
    """Which document holds which keys, 16 bytes a key, gathered document by document."""

    def __init__(self) -> None:
        self._keys = {kind: array("Q") for kind in DocumentKeys.__slots__}
        self._owners = {kind: array("q") for kind in DocumentKeys.__slots__}

    def add(self, document: int, keys: DocumentKeys) -> None:
        """Documents may come in any order."""
        for kind in DocumentKeys.__slots__:
            held: Keys = getattr(keys, kind)
            self._keys[kind].frombytes(held.tobytes())
            self._owners[kind].extend(repeat(document, len(held)))

    def of(self, kind: str) -> tuple[Keys, Owners]:
        """The keys of a field of DocumentKeys, and beside each its document's index."""
        return np.array(self._keys[kind], np.uint64), np.array(self._owners[kind], np.int64)


def group_documents(n: int, holdings: Holdings, pairs: Iterable[Link] = ()) -> Owners:
    """int64[n]: the first document of each document's group. `pairs`: further links, such as near-duplicates."""
    groups = Groups(n)
    groups.join(shared_links(*holdings.of("sentences")))
    groups.join(shared_links(*holdings.of("items"), min_shared=1, max_holders=None))
    groups.join(shared_links(*holdings.of("short_items"), min_shared=1))
    groups.join(pairs)
    return groups.roots()


def shared_links(
    keys: Keys, owners: Owners, min_shared: int = MIN_SHARED, max_holders: int | None = MAX_HOLDERS
) -> Iterator[Link]:
    """Pairs of documents that share `min_shared` keys or more, a key with more holders than `max_holders` aside.

    With min_shared=1 each holder is linked with the next one only: the groups are the same. More than that needs all
    pairs of a key's holders, and so an end to them: ValueError without `max_holders`.
    """
    if min_shared > 1 and max_holders is None:
        raise ValueError("min_shared above 1 needs max_holders: the pairs grow with its square")
    keys, owners, holders = _by_key(keys, owners)
    if max_holders is not None:
        few = holders <= max_holders
        keys, owners, holders = keys[few], owners[few], holders[few]
    if min_shared == 1:
        same = np.flatnonzero(keys[1:] == keys[:-1])
        yield from zip(owners[same].tolist(), owners[same + 1].tolist(), strict=True)
        return
    passes = int(holders.sum()) // 2 // _PAIRS + 1
    for turn in range(passes):
        codes, shared = np.unique(_codes(keys, owners, passes, turn), return_counts=True)
        codes = codes[shared >= min_shared]
        lefts, rights = codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)
        yield from zip(lefts.tolist(), rights.tolist(), strict=True)


def group_names(roots: Owners, ids: Sequence[str]) -> list[str]:
    """Each document's group; a group is named by its first document."""
    return [ids[root] for root in roots.tolist()]


def clusters(n: int, links: Iterable[Link]) -> list[list[int]]:
    """The connected documents of 0 … n-1, those with two members or more, each in ascending order."""
    groups = Groups(n)
    groups.join(links)
    roots = groups.roots()
    found: dict[int, list[int]] = {}
    for document in np.flatnonzero(roots != np.arange(n)).tolist():
        found.setdefault(int(roots[document]), [int(roots[document])]).append(document)
    return [found[root] for root in sorted(found)]


def quality(document: Document) -> Quality:
    """What makes the better copy: items with an answer, then characters of the answers, then known facts."""
    answers = [item.answer for item in document.items if item.answer]
    facts = (document.company, document.role, document.meta.get("occupation"))
    return len(answers), sum(map(len, answers)), sum(fact is not None for fact in facts)


def best_of(cluster: Sequence[int], quality: Callable[[int], tuple[int, ...]]) -> dict[int, int]:
    """{document that goes: the one that stays}. Of equally good ones the first stays."""
    best = min(cluster, key=lambda document: (*(-value for value in quality(document)), document))
    return {document: best for document in cluster if document != best}


def groups(sentences: Mapping[str, Iterable[str]], items: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """{document id: group} of texts held in memory; both map document ids to texts, `items` question and answer."""
    ids, holdings, none = list(sentences), Holdings(), np.empty(0, np.uint64)
    for place, one in enumerate(ids):
        whole = _keys(map(_bare, items.get(one, ())))
        holdings.add(place, DocumentKeys(sentence_keys(sentences[one]), whole, none))
    return dict(zip(ids, group_names(group_documents(len(ids), holdings), ids), strict=True))


def _bare(text: str) -> str:
    return "".join(text.split())


def _keys(texts: Iterable[str]) -> Keys:
    """64 bits of each text: among ten million sentences two fall together by chance once in 370,000 corpora."""
    digests = (hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in set(texts))
    return np.unique(np.frombuffer(b"".join(digests), "<u8")).astype(np.uint64)


def _by_key(keys: Keys, owners: Owners) -> tuple[Keys, Owners, Owners]:
    """Sorted by key, then owner, each pair once; beside each row the number of its key's holders."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    new = np.concatenate(([True], (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])))[: len(keys)]
    keys, owners = keys[new], owners[new]
    _, counts = np.unique(keys, return_counts=True)
    return keys, owners, np.repeat(counts, counts)


def _codes(keys: Keys, owners: Owners, passes: int, turn: int) -> Keys:
    """Every pair of holders of one key as one number, once a key; of this turn those whose first document is its."""
    found = [np.empty(0, np.uint64)]
    mine = owners % passes == turn
    for offset in range(1, len(keys)):
        same = keys[offset:] == keys[:-offset]
        if not same.any():
            break
        same &= mine[:-offset]
        left, right = owners[:-offset][same].astype(np.uint64), owners[offset:][same].astype(np.uint64)
        found.append(left << np.uint64(32) | right)
    return np.concatenate(found)
