"""Near-duplicates: found, measured exactly, and never among texts that only share a template."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from step_contract import TEXTS

from jaso_core.records import Item
from jaso_preprocess.dedup.minhash import (
    COPY_THRESHOLD,
    LINK_THRESHOLD,
    _shingles,
    candidates,
    comparable,
    near_pairs,
    signature,
    signatures,
    similarity,
)

SYLLABLES = [chr(0xAC00 + 28 * place) for place in range(399)]


def letters(seed: int, count: int, length: int = 300) -> list[str]:
    pen = random.Random(seed)
    return ["".join(pen.choices(SYLLABLES, k=length)) for _ in range(count)]


def edited(text: str, share: float) -> str:
    """Another ending for the last `share` of the text."""
    kept = round(len(text) * (1 - share))
    return text[:kept] + "".join(reversed(text[kept:]))


def found(texts: list[str]) -> dict[tuple[int, int], float]:
    return {(left, right): score for left, right, score in near_pairs(signatures(texts), texts.__getitem__)}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("가나다라마바", "가나다라마바", 1.0),  # 가나다라 나다라마 다라마바
        ("가나다라마바", "가나다라마사", 2 / 4),
        ("가나다라마바", "나다라마바사", 2 / 4),
        ("가나다라마바", "아자차카타파", 0.0),
        ("가나 다라\n마바", "가나다라마바", 1.0),
        ("Team Work 경험", "team work 경험", 1.0),
        ("각", "\u1100\u1161\u11a8", 1.0),  # the same syllable in pieces
        ("가나", "가나", 1.0),
        ("가나", "가다", 0.0),
        ("", "", 0.0),
        (" \n", "\t", 0.0),
    ],
)
def test_similarity_is_the_share_of_common_runs_of_four(one: str, other: str, expected: float) -> None:
    assert similarity(one, other) == pytest.approx(expected)
    assert similarity(other, one) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "가나", "가나다라마바사", *letters(7, 3, 1000), *letters(8, 1, 3000)])
def test_a_signature_is_datasketchs(text: str) -> None:
    sketch = MinHash(128, seed=1, hashfunc=int, scheme="affine32")
    for piece in _shingles(text):
        sketch.update_batch((piece >> np.uint64(32)).tolist())
    assert signature(text).tolist() == sketch.hashvalues.tolist()


def test_copies_are_found_and_scored_and_others_are_not() -> None:
    originals = letters(1, 200)
    copies = [edited(text, 0.1) for text in originals]
    scores = found(originals + copies)
    assert sorted(scores) == [(place, place + 200) for place in range(200)]
    assert all(score == similarity(originals[left], copies[left]) > 0.8 for (left, _), score in scores.items())


def test_pairs_below_the_link_are_not_returned() -> None:
    originals = letters(2, 200)
    scores = found(originals + [edited(text, 0.4) for text in originals])  # 177 of 417 runs in common
    assert similarity(originals[0], edited(originals[0], 0.4)) < LINK_THRESHOLD
    assert scores == {}
    assert len(found(originals + [edited(text, 0.2) for text in originals])) >= 198  # 237 of 357 in common


def test_short_texts_need_to_be_closer() -> None:
    long = "저는 매일 아침 서버 기록을 살피며 작은 오류부터 하나씩 고쳐 나가는 개발자입니다. 동료와 함께 배우며 오래 일하고 싶습니다. "
    assert len(found([long, long.replace("동료와 함께", "선배와 같이")])) == 1
    short = ["어제 형이 전화를 안 받았어요", "어제 형이 전화를 안 받았을까"]
    assert LINK_THRESHOLD < similarity(*short) < 0.8  # 7 of 11
    assert found(short) == {}
    assert found([short[0], "어제 형이 전화를 안받았어요"]) == {(0, 1): 1.0}


def test_short_documents_are_compared_with_their_questions() -> None:
    assert comparable([Item("취미는?", "독서"), Item("특기는?", None)]) == "취미는?\n독서\n특기는?"
    answer = "가나다라마바사아자차" * 6
    assert comparable([Item("질문", answer), Item("질문", None)]) == answer
    asked = [comparable([Item(question, "없음")]) for question in ("취미는?", "특기는?", "취미는?")]
    assert found(asked) == {(0, 2): 1.0}


def test_many_equal_documents_make_one_pair_each() -> None:
    texts = ["같은 글입니다."] * 3000 + [" ", "", "\n"] * 100
    reads: list[int] = []

    def text_of(place: int) -> str:
        reads.append(place)
        return texts[place]

    pairs = near_pairs(signatures(texts), text_of)
    assert pairs == [(0, place, 1.0) for place in range(1, 3000)]
    assert reads == sorted(reads)


def test_a_flood_of_one_template_makes_no_square_of_pairs() -> None:
    template = "".join(letters(3, 1, 900))
    texts = [f"{template} {number} 번째 지원자" for number in range(400)]
    rows = signatures(texts)
    pairs = np.unique(np.concatenate(list(candidates(rows))), axis=0)
    assert len(pairs) < 400 * 30 < 400 * 399 / 2
    linked = {place for left, right, _ in near_pairs(rows, texts.__getitem__) for place in (left, right)}
    assert linked == set(range(400))


def test_an_answer_of_millions_of_characters_is_like_itself() -> None:
    text = "".join(letters(4, 1, 20_000))
    assert similarity(text, text + "끝") > 0.999
    assert np.count_nonzero(signature(text) == signature(text + "끝")) >= 126


def test_signatures_are_the_same_in_every_process() -> None:
    code = "from jaso_preprocess.dedup.minhash import signature; print(signature('가나다라마바').tolist())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str(signature("가나다라마바").tolist())
    # A library that gives other numbers makes every shard that is already done unusable.
    assert signature("가나다라마바")[:4].tolist() == [2813551808, 583698937, 1631112037, 2079922858]
    assert signature("가나다라마바").dtype == np.uint32
    assert signature("가나다라마바").shape == (128,)
    assert signatures([]).shape == (0, 128)
    assert near_pairs(signatures([]), [].__getitem__) == []


def test_the_estimate_follows_the_exact_index() -> None:
    originals = letters(5, 60)
    for share in (0.1, 0.2, 0.3):
        others = [edited(text, share) for text in originals]
        exact = np.mean([similarity(one, other) for one, other in zip(originals, others, strict=True)])
        agree = np.mean(signatures(originals) == signatures(others))
        assert agree == pytest.approx(exact, abs=0.02)


def test_planted_near_duplicates_are_found_in_the_sample() -> None:
    corpus = pytest.importorskip("jaso_synthetic.corpus").generate(250, 0, 11)
    texts = [
        comparable([Item(item.clean_question, item.clean_answer) for item in letter.items]) for letter in corpus.letters
    ]
    place = {letter.id: index for index, letter in enumerate(corpus.letters)}
    planted = {
        (place[letter.near_duplicate_of], place[letter.id]) for letter in corpus.letters if letter.near_duplicate_of
    }
    scores = found(texts)
    assert planted
    assert planted <= set(scores)
    sources = {copy: source for source, copy in planted}
    strangers = {pair for pair in scores if sources.get(pair[0], pair[0]) != sources.get(pair[1], pair[1])}
    assert strangers == set()
    assert all(score >= COPY_THRESHOLD for score in scores.values())


@pytest.mark.slow
@given(st.lists(TEXTS | st.text(max_size=20), max_size=6))
@settings(derandomize=True, database=None, deadline=None, max_examples=150)
def test_any_texts_can_be_compared(texts: list[str]) -> None:
    pairs = near_pairs(signatures(texts), texts.__getitem__)
    assert pairs == sorted(pairs)
    for left, right, score in pairs:
        assert left < right
        assert LINK_THRESHOLD <= score <= 1
        assert score == similarity(texts[left], texts[right])
    linked = {place for pair in pairs for place in pair[:2]}
    for place, text in enumerate(texts):
        if "".join(text.split()) and text in texts[:place]:
            assert place in linked, "an exact copy of any size is found"
