"""The n-gram model against numbers worked out by hand, against nltk, and as a probability distribution."""

from __future__ import annotations

import math
import random
import time

import pytest

from jaso_evaluate.predict.ngram_lm import CharacterNgram

ALPHABET = 11172 + 95 + 2


def test_by_hand() -> None:
    """Bigrams of "aab", "ab" with ^ as start and $ as end.

    Unigrams: a 3, b 2, $ 2 (7 tokens, 3 types). After ^: a 2 (2, 1). After a: a 1, b 2 (3, 2). After b: $ 2 (2, 1).
    """
    model = CharacterNgram(["aab", "ab"], order=2)
    assert model.alphabet_size == ALPHABET
    floor = 3 / 10 / ALPHABET
    a, b, end = 3 / 10 + floor, 2 / 10 + floor, 2 / 10 + floor
    assert model.probability("a", "", from_start=True) == pytest.approx((2 + a) / 3, rel=1e-12)
    assert model.probability("b", "a") == pytest.approx((2 + 2 * b) / 5, rel=1e-12)
    assert model.probability("a", "b") == pytest.approx(a / 3, rel=1e-12)
    assert model.probability(None, "b") == pytest.approx((2 + end) / 3, rel=1e-12)
    assert model.probability("가", "a") == pytest.approx(2 / 5 * floor, rel=1e-12)
    assert model.probability("☃", "z") == pytest.approx(floor, rel=1e-12)
    whole = -math.log2((2 + a) / 3) - math.log2((2 + 2 * b) / 5) - math.log2((2 + end) / 3)
    without_end = whole + math.log2((2 + end) / 3)
    assert model.bits(["ab", "ab"], ends=[True, False]) == pytest.approx([whole, without_end])
    assert model.bits(["ab"]) == pytest.approx([whole])


TRAINING = ["저는 고객을 먼저 생각합니다.", "저는 팀과 함께 일합니다.", "고객과 팀을 함께 생각했습니다."]


@pytest.mark.parametrize("history", ["", "저", "저는 고", "뷁", "합니다.", "☃"])
@pytest.mark.parametrize("from_start", [True, False])
def test_probabilities_sum_to_one(history: str, from_start: bool) -> None:
    model = CharacterNgram(TRAINING)
    seen = sorted(set("".join(TRAINING)))
    unseen = sorted(set(model.characters()) - set(seen))
    p = [model.probability(symbol, history, from_start=from_start) for symbol in [*seen, None]]
    never = {model.probability(symbol, history, from_start=from_start) for symbol in [*unseen[::500], "\N{SNOWMAN}"]}
    assert len(never) == 1  # all that was never seen has the same probability, the unknown symbol too
    assert sum(p) + (len(unseen) + 1) * never.pop() == pytest.approx(1, abs=1e-12)


def test_agrees_with_nltk() -> None:
    """nltk ends its recursion at unigram frequencies; with our unigrams put there, all orders above must agree."""
    from nltk.lm import WittenBellInterpolated
    from nltk.util import everygrams

    order = 4
    ours = CharacterNgram(TRAINING, order=order)
    theirs = WittenBellInterpolated(order)
    padded = [["^"] * (order - 1) + list(text) + ["$"] for text in TRAINING]
    # Only n-grams whose last symbol is predicted count.
    grams = [[g for g in everygrams(text, max_len=order) if g[-1] != "^"] for text in padded]
    theirs.fit(grams, vocabulary_text=[c for text in padded for c in text])
    theirs.estimator.unigram_score = lambda word: ours.probability(None if word == "$" else word, "")
    for text in [*TRAINING, "저는 새로운 팀을 생각합니다.", "고객님, 감사합니다!"]:
        padded_text = ["^"] * (order - 1) + list(text) + ["$"]
        bits = 0.0
        for i in range(order - 1, len(padded_text)):
            bits -= math.log2(theirs.unmasked_score(padded_text[i], tuple(padded_text[i - order + 1 : i])))
        assert ours.bits([text])[0] == pytest.approx(bits, rel=1e-9)


def test_texts_do_not_touch_each_other() -> None:
    model = CharacterNgram(TRAINING)
    together = model.bits([*TRAINING, "", "다른 글"])
    alone = [model.bits([text])[0] for text in [*TRAINING, "", "다른 글"]]
    assert together == pytest.approx(alone)
    assert model.bits([]).shape == (0,)


def test_no_training_text_leaves_the_uniform_distribution() -> None:
    for texts in ([], [""]):
        model = CharacterNgram(texts)
        assert model.bits(["가나"])[0] == pytest.approx(3 * math.log2(ALPHABET), rel=0.2)


@pytest.mark.slow
def test_large_texts_in_seconds() -> None:
    draw = random.Random(1)
    syllables = [chr(0xAC00 + i) for i in range(0, 11172, 9)]
    words = ["".join(draw.choices(syllables, k=3)) for _ in range(3000)]
    texts = [" ".join(draw.choices(words, k=250)) for _ in range(2300)]
    started = time.monotonic()
    bits = CharacterNgram(texts[:2000]).bits(texts[2000:])
    assert time.monotonic() - started < 15
    assert bits.sum() / sum(map(len, texts[2000:])) < math.log2(3000) / 4 + 1
