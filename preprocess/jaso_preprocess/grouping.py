"""Groups: documents that must stay together when the corpus is split."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

# A sentence of so many characters (blanks not counted) that occurs in two letters was copied; shorter ones
# ("감사합니다.") are common property.
MIN_CHARACTERS = 20
MIN_SHARED = 2
# A sentence that this many documents hold is a phrase of the site, and links nothing.
MAX_HOLDERS = 20


def groups(sentences: Mapping[str, Iterable[str]], items: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """{document id: group}. Documents that share two long sentences or a whole item are one group.

    Both map document ids to texts; `items` holds each question with its answer. A group is named by its first
    document; the order of the documents decides nothing else.
    """
    parent = {document: document for document in sentences}

    def root(document: str) -> str:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)), key=order.__getitem__)
        parent[second] = first

    order = {document: place for place, document in enumerate(sentences)}
    for (one, other), shared in _shared(sentences).items():
        if shared >= MIN_SHARED:
            join(one, other)
    first_holder: dict[str, str] = {}
    for document, texts in items.items():
        for text in texts:
            join(first_holder.setdefault("".join(text.split()), document), document)
    return {document: root(document) for document in sentences}


def _shared(sentences: Mapping[str, Iterable[str]]) -> Counter[tuple[str, str]]:
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for document, texts in sentences.items():
        for text in sorted({"".join(text.split()) for text in texts}):
            if len(text) >= MIN_CHARACTERS:
                holders[text].append(document)
    pairs: Counter[tuple[str, str]] = Counter()
    for documents in holders.values():
        if len(documents) <= MAX_HOLDERS:
            pairs.update(combinations(documents, 2))
    return pairs
