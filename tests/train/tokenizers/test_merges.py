"""BPE and WordPiece: the right pair at each step, whatever the order of the texts."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from jaso_train.tokenizers.merges import by_frequency, by_likelihood, learn_merges
from jaso_train.tokenizers.word_counts import Words

SCORES = {"bpe": by_frequency, "wordpiece": by_likelihood}


def words(counted: dict[str, int]) -> Words:
    alphabet = sorted({symbol for word in counted for symbol in word})
    return Words(sorted(counted), np.array([counted[word] for word in sorted(counted)]), alphabet)


def merged(counted: dict[str, int], name: str, wanted: int, min_frequency: int = 1) -> list[str]:
    tokens, merges = learn_merges(words(counted), wanted, min_frequency, SCORES[name], neighbours=name == "wordpiece")
    assert len(tokens) == len(set(tokens))
    assert all(left + right in tokens for left, right in merges)
    return [f"{left}+{right}" for left, right in merges]


HUGS = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}
# Symbols: h 15, u 36, g 20, p 17, n 16, b 4, s 5. Pairs: hu 15, ug 20, pu 17, un 16, bu 4, gs 5.


def test_bpe_by_hand() -> None:
    # ug 20 is the most frequent. Then h·ug 15, p·ug 5, pu 12, un 16, bu 4, ug·s 5: un. Then h·ug 15, p·un 12, b·un 4,
    # ug·s 5, p·ug 5: hug. Then p·un 12. Then hug·s 5 ties with p·ug 5: "hug" is before "p".
    assert merged(HUGS, "bpe", 12) == ["u+g", "u+n", "h+ug", "p+un", "hug+s"]


def test_wordpiece_by_hand() -> None:
    # gs 5 / (20·5) = 1/20 is above ug 20 / (36·20) = 1/36, hu 15 / (15·36), pu 17 / (17·36), un 16 / (36·16) and
    # bu 4 / (4·36), which are all 1/36 too.
    # With gs (5) a token, g stands 15 times: ug 15 / (36·15), u·gs 5 / (36·5), hu, pu, un, bu are all 1/36: the most
    # frequent of them is pu 17.
    # With pu (17) a token, u stands 19 times: hu 15 / (15·19) = 1/19, bu 1/19, ug 10 / (19·15), u·gs 5 / (19·5) = 1/19,
    # un 4 / (19·16), pu·g 5 / (17·15), pu·n 12 / (17·16) = 1/22.7. Of those with 1/19 hu is the most frequent.
    # With hu (15), u stands 4 times: bu 4 / (4·4) = 1/4 is above u·n 4 / (4·16) and hu·gs 5 / (15·5) = 1/15.
    assert merged(HUGS, "wordpiece", 11) == ["g+s", "p+u", "h+u", "b+u"]


def test_a_pair_below_the_least_frequency_is_never_merged() -> None:
    # g·s is out. ug, hu, pu and un are all 1/36: ug 20 is the most frequent. Then un 16 / (16·16) is above
    # h·ug 15 / (15·20) and pu 12 is too rare.
    assert merged(HUGS, "wordpiece", 99, min_frequency=15) == ["u+g", "u+n", "h+ug"]
    assert merged(HUGS, "wordpiece", 99, min_frequency=16) == ["u+g", "u+n"]


def test_a_run_of_one_symbol_is_merged_from_its_left() -> None:
    # aaaaa: aa four times overlapping, two merges; aa·aa 1 and aa·a 1 then tie, "a" before "aa" as the right one.
    assert merged({"aaaaa": 1}, "bpe", 4) == ["a+a", "aa+a", "aa+aaa"]


def naive(counted: dict[str, int], name: str, wanted: int, min_frequency: int) -> list[str]:
    """Everything counted anew before each merge, with exact fractions."""
    divided = {word: list(word) for word in counted}
    tokens = {symbol for word in counted for symbol in word}
    merges: list[str] = []
    while len(tokens) < wanted:
        single: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in divided.items():
            for part in parts:
                single[part] += counted[word]
            for pair in pairwise(parts):
                pairs[pair] += counted[word]
        ranked = []
        for (left, right), count in pairs.items():
            if count >= min_frequency:
                score = Fraction(count) if name == "bpe" else Fraction(count, single[left] * single[right])
                ranked.append((-score, -count, left, right))
        if not ranked:
            break
        _, _, left, right = min(ranked)
        tokens.add(left + right)
        if f"{left}+{right}" not in merges:
            merges.append(f"{left}+{right}")
        for word, parts in divided.items():
            done: list[str] = []
            place = 0
            while place < len(parts):
                width = 2 if parts[place : place + 2] == [left, right] else 1
                done.append("".join(parts[place : place + width]))
                place += width
            divided[word] = done
    return merges


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow) if seed > 3 else seed for seed in range(12)]
)
def test_it_equals_a_naive_trainer(name: str, seed: int) -> None:
    chance = random.Random(seed)
    letters = "ab" if seed < 3 else "abcdefg가나다"
    counted = {
        "".join(chance.choices(letters, k=chance.randint(1, 9))): chance.randint(1, 6 if seed % 2 else 40)
        for _ in range(chance.randint(2, 60))
    }
    min_frequency = chance.choice([1, 2, 5])
    assert merged(counted, name, 90, min_frequency) == naive(counted, name, 90, min_frequency)


@pytest.mark.parametrize("name", SCORES)
def test_it_equals_a_naive_trainer_where_the_heap_is_made_anew(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import jaso_train.tokenizers.merges as merging

    monkeypatch.setattr(merging, "_AT_ONCE", 3)
    monkeypatch.setattr(merging, "_FULL", 8)
    chance = random.Random(99)
    counted = {"".join(chance.choices("abcdefg", k=chance.randint(1, 8))): chance.randint(1, 9) for _ in range(80)}
    assert merged(counted, name, 120) == naive(counted, name, 120, 1)


def test_bpe_equals_an_independent_trainer_where_nothing_ties() -> None:
    """Hugging Face's BpeTrainer; frequencies are powers of two, so that different pairs never occur equally often."""
    from tokenizers import Tokenizer, models, trainers

    counted = {"abcd": 1, "bcd": 2, "cdab": 4, "dabc": 8, "acbd": 16, "bdca": 32, "ccad": 64, "dbac": 128}
    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=12, show_progress=False)
    tokenizer.train_from_iterator([word for word, count in counted.items() for _ in range(count)], trainer)
    assert sorted(tokenizer.get_vocab()) == sorted(
        learn_merges(words(counted), 12, 1, by_frequency, neighbours=False)[0]
    )
