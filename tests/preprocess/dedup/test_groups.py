"""UnionFind: what was copied stays together, what is common property does not tie everything to everything."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_core.records import Document, Item
from jaso_preprocess.dedup.groups import (
    KeyIndex,
    UnionFind,
    clusters,
    document_keys,
    group_documents,
    group_names,
    map_to_best,
    quality,
    sentence_keys,
    shared_links,
)

SENTENCES = [
    "저는 서버의 응답 시간을 절반으로 줄인 경험이 있습니다.",
    "매일 아침 기록을 살피며 작은 오류부터 고쳐 나갔습니다.",
]


def grouped(documents: list[tuple[list[Item], list[str]]], pairs: list[tuple[int, int]] | None = None) -> list[int]:
    key_index = KeyIndex()
    for place, (items, sentences) in enumerate(documents):
        key_index.add(place, document_keys(items, sentences))
    return group_documents(len(documents), key_index, pairs or []).tolist()


def links(keys: list[int], owners: list[int], **options: int | None) -> list[tuple[int, int]]:
    return sorted(shared_links(np.array(keys, np.uint64), np.array(owners, np.int64), **options))


def test_copied_letters_are_one_group() -> None:
    documents = [
        ([], [*SENTENCES, "첫 편지입니다."]),
        ([Item("다른 질문", "짧은 답.")], ["다른 글입니다."]),
        ([], [SENTENCES[1], SENTENCES[0].replace(" ", "  ")]),
        ([], [SENTENCES[0], "하나만 같은 글은 우연일 수 있습니다."]),
        ([Item("질문", "짧은 답.")], ["짧은 답."]),
        ([Item("질문", "짧은  답.")], ["짧은 답."]),
    ]
    assert grouped(documents) == [0, 1, 0, 3, 4, 4]


def test_links_of_all_kinds_meet_in_one_group() -> None:
    item = Item("지원 동기", "고객이 다시 찾는 서비스를 만들고자 지원했습니다. 정말입니다.")
    documents = [
        ([], SENTENCES),
        ([item], []),
        ([], SENTENCES),
        ([item], SENTENCES),
        ([], []),
        ([], ["아무도 쓰지 않은 문장이라서 홀로 남는 긴 문장입니다."]),
    ]
    assert grouped(documents) == [0, 0, 0, 0, 4, 5]
    assert grouped(documents, pairs=[(4, 5), (5, 1)]) == [0, 0, 0, 0, 0, 0]
    assert group_names(np.array([0, 0, 2]), ["x", "y", "z"]) == ["x", "x", "z"]


def test_a_phrase_of_the_site_links_nothing_and_a_common_item_does() -> None:
    phrase = [([], SENTENCES)] * 21
    assert grouped(phrase) == list(range(21))
    assert grouped(phrase[:20]) == [0] * 20
    item = Item("성장 과정", SENTENCES[0])
    assert grouped([([item], [])] * 50) == [0] * 50
    none = Item("취미", "없음")
    assert grouped([([none], [])] * 20) == [0] * 20
    assert grouped([([none], [])] * 21) == list(range(21)), "an everyday answer that everyone gives"


def test_only_long_sentences_count_and_blanks_do_not() -> None:
    nineteen, twenty = "가" * 19 + "  ", "가 " * 20
    assert len(sentence_keys([nineteen, twenty, twenty.replace(" ", "")])) == 1
    assert sentence_keys([]).dtype == np.uint64
    assert len(sentence_keys(["\ud800\x00" * 20])) == 1


def test_links_need_enough_shared_keys_each_counted_once() -> None:
    keys, owners = [5, 6, 7, 5, 6, 5, 5, 9], [0, 0, 0, 1, 1, 2, 2, 3]
    assert links(keys, owners) == [(0, 1)]
    assert links(keys, owners, min_shared=1) == [(0, 1), (0, 1), (1, 2)]
    assert links(keys, owners, max_holders=2) == []
    assert links([], []) == []
    with pytest.raises(ValueError, match="max_holders"):
        links(keys, owners, max_holders=None)


def test_one_sentence_in_every_document_costs_nothing() -> None:
    count = 200_000
    keys = np.concatenate((np.zeros(2 * count, np.uint64), np.ones(count, np.uint64)))
    owners = np.tile(np.arange(count), 3)
    assert list(shared_links(keys, owners)) == []
    linked = list(shared_links(keys, owners, min_shared=1, max_holders=None))
    assert len(linked) <= 2 * count
    joined = UnionFind(count)
    joined.union(linked)
    assert not joined.roots().any()


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=60), st.integers(1, 3), st.integers(1, 5))
@settings(derandomize=True, database=None, deadline=None, max_examples=200)
def test_links_are_those_of_counting_one_by_one(rows: list[tuple[int, int]], least: int, most: int) -> None:
    holders = {key: {owner for held, owner in rows if held == key} for key, _ in rows}
    shared = {
        (one, other): sum({one, other} <= held and len(held) <= most for held in holders.values())
        for one in range(10)
        for other in range(one + 1, 10)
    }
    expected = UnionFind(10)
    expected.union(pair for pair, count in shared.items() if count >= least)
    got = links([key for key, _ in rows], [owner for _, owner in rows], min_shared=least, max_holders=most)
    joined = UnionFind(10)
    joined.union(got)
    assert joined.roots().tolist() == expected.roots().tolist()
    if least > 1:
        assert got == sorted(pair for pair, count in shared.items() if count >= least)


def test_a_long_chain_in_any_order_is_one_group() -> None:
    chain = [(place, place + 1) for place in range(50_000)]
    random.Random(0).shuffle(chain)
    joined = UnionFind(50_001)
    joined.union(chain)
    assert not joined.roots().any()


def test_clusters_are_the_connected_documents() -> None:
    assert clusters(8, [(5, 2), (2, 7), (0, 1)]) == [[0, 1], [2, 5, 7]]
    assert clusters(3, []) == []


def test_the_better_copy_stays() -> None:
    def document(answers: list[str | None], **known: str) -> Document:
        return Document("d", "s", "letter", tuple(Item("질문", answer) for answer in answers), **known)

    documents = [
        document(["가나다라마바사아", None]),
        document(["가나다", "라마"]),
        document(["가나다", "라마바"]),
        document(["가나다", "라마바"], company="(주)가상전자"),
        document(["가나바", "다라마"], company="(주)가상전자"),
    ]
    assert quality(documents[3]) == (2, 6, 1)
    assert map_to_best([0, 1, 2, 3, 4], lambda place: quality(documents[place])) == {0: 3, 1: 3, 2: 3, 4: 3}
    assert map_to_best([0, 1], lambda place: (0,)) == {1: 0}
