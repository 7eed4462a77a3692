"""Unigram: sums over all divisions of a word, the best division, and a vocabulary as good as an independent one."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest
from scipy.special import digamma

from jaso_synthetic.corpus import generate
from jaso_train.tokenizers import TokenizerOptions, tokenizer_report, train_tokenizer
from jaso_train.tokenizers.lattice import Edges, Lattice
from jaso_train.tokenizers.substrings import frequent_substrings
from jaso_train.tokenizers.unigram import _digamma, learn_unigram
from jaso_train.tokenizers.word_counts import Words


def words(counted: dict[str, int]) -> Words:
    alphabet = sorted({symbol for word in counted for symbol in word})
    return Words(sorted(counted), np.array([counted[word] for word in sorted(counted)]), alphabet)


def test_frequent_substrings_by_hand() -> None:
    # aba 3, abb 2: a 3·2 + 2 = 8, b 3 + 2·2 = 7, ab 5, ba 3, bb 2, aba 3, abb 2.
    given = words({"aba": 3, "abb": 2})
    found = frequent_substrings(given, 3, 16)
    strings = {
        "".join("ab"[symbol] for symbol in found.text[begin : begin + length]): int(frequency)
        for begin, length, frequency in zip(found.begin, found.length, found.frequency, strict=True)
    }
    assert strings == {"a": 8, "b": 7, "ab": 5, "ba": 3, "aba": 3}


@pytest.mark.parametrize("longest", [1, 2, 5, 16])
def test_frequent_substrings_and_where_they_stand(longest: int) -> None:
    chance = random.Random(longest)
    counted = {"".join(chance.choices("abc", k=chance.randint(1, 9))): chance.randint(1, 4) for _ in range(30)}
    given = words(counted)
    found = frequent_substrings(given, 4, longest)
    wanted: Counter[str] = Counter()
    for word, count in counted.items():
        for start in range(len(word)):
            for stop in range(start + 1, min(len(word), start + longest) + 1):
                wanted[word[start:stop]] += count
    expected = {piece: count for piece, count in wanted.items() if count >= 4 or len(piece) == 1}
    strings = [
        "".join(given.alphabet[symbol] for symbol in found.text[begin : begin + length])
        for begin, length in zip(found.begin, found.length, strict=True)
    ]
    assert dict(zip(strings, found.frequency.tolist(), strict=True)) == expected
    lengths = np.array([len(word) for word in given.words])
    edges = found.edges(found.text, lengths, np.arange(len(strings), dtype=np.int32))
    text = "".join(word + "|" for word in given.words)  # a node is the place before its symbol
    seen: Counter[str] = Counter()
    for begin, end, piece in zip(edges.begin, edges.end, edges.piece, strict=True):
        assert text[begin:end] == strings[piece]
        seen[strings[piece]] += counted[text[:begin].rpartition("|")[2] + text[begin:].partition("|")[0]]
    assert seen == expected


def test_expectation_and_best_division_by_hand() -> None:
    # The word ab, seen 10 times, can be a·b (0.5 · 0.2 = 0.1) or ab (0.3): 1/4 and 3/4. The word b, 4 times, is b.
    lengths = np.array([2, 1])
    edges = Edges(*(np.array(column, dtype=np.int32) for column in ([0, 1, 0, 3], [1, 2, 2, 4], [0, 1, 2, 1])))
    lattice = Lattice.of(lengths, edges)
    logs = np.log([0.5, 0.2, 0.3])
    assert lattice.expected(logs, np.array([10, 4])) == pytest.approx([2.5, 6.5, 7.5])
    of, pieces = lattice.best(logs)
    assert sorted(zip(of.tolist(), pieces.tolist(), strict=True)) == [(0, 2), (1, 1)]
    of, pieces = lattice.best(np.log([0.5, 0.4, 0.1]))
    assert sorted(zip(of.tolist(), pieces.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 1)]


def test_digamma_is_scipys() -> None:
    values = np.array([0.5, 1.0, 2.5, 9.9, 10.0, 1e6])
    assert _digamma(values) == pytest.approx(digamma(values), rel=1e-11)


def test_a_vocabulary_of_few_words_is_these_words() -> None:
    pieces = learn_unigram(words({"wind": 50, "rain": 40, "snow": 30}), 12, 2, in_bytes=False)
    symbols = sorted(set("windrainsnow"))
    assert [piece for piece, _ in pieces] == [*symbols, "wind", "rain", "snow"]
    # Each word is all but surely one piece: its probability is its share of the 120 words.
    assert math.exp(pieces[-3][1]) == pytest.approx(50 / 120, rel=0.1)


def test_the_least_frequency_holds() -> None:
    counted = {"wind": 50, "rain": 4, "snow": 3}
    found = {piece for piece, _ in learn_unigram(words(counted), 40, 4, in_bytes=False)}
    assert {"wind", "rain"} <= found
    assert not any(piece in "snow" for piece in found if len(piece) > 1)


@pytest.mark.parametrize("units", ["bytes", "characters"])
def test_it_divides_as_well_as_an_independent_trainer(units: str) -> None:
    """Hugging Face's UnigramTrainer on the same words; fewer tokens an eojeol are better at one vocabulary size."""
    from tokenizers import Tokenizer, models, trainers

    from jaso_train.tokenizers.pre_tokenization import full_pre_tokenizer
    from jaso_train.tokenizers.word_counts import count_words

    texts = [item.answer for letter in generate(60, 0, seed=3).letters for item in letter.items]
    size = 1500
    ours = train_tokenizer(texts, TokenizerOptions("unigram", size, 2, units), 512)
    alphabet = count_words(texts, units, None).alphabet
    theirs = Tokenizer(models.Unigram())
    theirs.pre_tokenizer = full_pre_tokenizer(units, alphabet)
    trainer = trainers.UnigramTrainer(
        vocab_size=size - 108,
        initial_alphabet=alphabet,
        special_tokens=["<unk>"],
        unk_token="<unk>",
        show_progress=False,
    )
    theirs.train_from_iterator(texts, trainer)
    assert len(ours) == size
    tokens = sum(len(theirs.encode(text).ids) for text in texts)
    assert tokenizer_report(ours, texts)["tokens"] <= tokens * 1.01
