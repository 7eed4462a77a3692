"""Tokenizers trained here: what goes in comes out, nothing hangs on the order of the texts, mistakes are told."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import Jaso
from transformers import PreTrainedTokenizerFast

from jaso_core.config import config_folder, to_settings
from jaso_core.errors import RequestError
from jaso_core.modeling.encode import encode_offsets, encode_text
from jaso_synthetic.corpus import generate
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer
from jaso_train.tokenizers.pre_tokenization import LONGEST, full_pre_tokenizer, unicode_to_byte
from jaso_train.tokenizers.special_tokens import SPECIAL_TOKENS
from jaso_train.tokenizers.word_counts import count_words

NAMES = ["bpe", "wordpiece", "unigram"]
UNITS = ["bytes", "characters"]
ALL = list(itertools.product(NAMES, UNITS))
TEXTS = [
    text for letter in generate(40, 0, seed=5).letters for item in letter.items for text in (item.question, item.answer)
]
SIZE = {"bytes": 700, "characters": 1200}


def trained(name: str, units: str, texts: list[str] = TEXTS, **more: int):  # type: ignore[no-untyped-def]
    return train_tokenizer(
        iter(texts), TokenizerOptions(name, more.pop("vocabulary", SIZE[units]), 2, units, **more), 512
    )


@pytest.fixture(scope="module")
def tokenizers():  # type: ignore[no-untyped-def]
    return {(name, units): trained(name, units) for name, units in ALL}


@pytest.mark.parametrize(("name", "units"), ALL)
def test_special_tokens_come_first_and_the_size_is_what_was_asked(tokenizers, name: str, units: str) -> None:  # type: ignore[no-untyped-def]
    tokenizer = tokenizers[name, units]
    assert tokenizer.convert_ids_to_tokens(list(range(109))) == list(SPECIAL_TOKENS)
    assert len(tokenizer) == SIZE[units]
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id) == (1, 3, 5)


@pytest.mark.slow
@given(st.text(max_size=60))
@example("  두 칸  앞뒤 \n\n 줄\t바꿈\r\n ")
@example("▁밑줄▁")
@example("가" * 200 + "🙂" * 40)
@example("</s><usr><unk><unused0>")
@settings(max_examples=150, deadline=None)
def test_bytes_return_any_text(tokenizers, text: str) -> None:  # type: ignore[no-untyped-def]
    for name in NAMES:
        ids = encode_text(text, tokenizers[name, "bytes"])
        assert tokenizers[name, "bytes"].decode(ids) == text
        assert min(ids, default=109) >= 109


KNOWN = sorted(set("".join(TEXTS)) | {"\n"})


@pytest.mark.slow
@given(st.text(alphabet=st.sampled_from(KNOWN), max_size=60))
@example("  두 칸  앞뒤 ")
@example(" \n \n\n ")
@example("가" * 200)
@settings(max_examples=150, deadline=None)
def test_known_characters_come_back(tokenizers, text: str) -> None:  # type: ignore[no-untyped-def]
    text = "".join(character for character in text if character in KNOWN)
    for name in NAMES:
        ids = encode_text(text, tokenizers[name, "characters"])
        assert 5 not in ids
        assert tokenizers[name, "characters"].decode(ids) == text


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_character_is_one_unknown_token_whatever_is_around_it(tokenizers, name: str) -> None:  # type: ignore[no-untyped-def]
    tokenizer = tokenizers[name, "characters"]
    ids = encode_text("경험ꥠꥠ을", tokenizer)
    assert ids.count(5) == 2
    assert tokenizer.decode(ids) == "경험<unk><unk>을"


@pytest.mark.parametrize(("name", "units"), ALL)
def test_special_tokens_in_plain_text_are_text(tokenizers, name: str, units: str) -> None:  # type: ignore[no-untyped-def]
    texts = ["</s> <usr>글</s>", "<unused0>", "<s>"] * 30
    tokenizer = trained(name, units, [*texts, *TEXTS])
    for text in texts:
        ids = encode_text(text, tokenizer)
        assert min(ids) >= 109
        assert tokenizer.decode(ids) == text


@pytest.mark.parametrize(("name", "units"), ALL)
def test_the_order_of_the_texts_leaves_no_trace(tokenizers, name: str, units: str) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(TEXTS)
    random.Random(1).shuffle(shuffled)
    again = trained(name, units, shuffled)
    assert again.backend_tokenizer.to_str() == tokenizers[name, units].backend_tokenizer.to_str()


@pytest.mark.parametrize(("name", "units"), ALL)
def test_it_is_the_same_after_saving(tokenizers, name: str, units: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    tokenizers[name, units].save_pretrained(tmp_path)
    back = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    for text in [*TEXTS[:20], "  앞 </s> 뒤\n"]:
        assert encode_text(text, back) == encode_text(text, tokenizers[name, units])
    assert back.decode(encode_text("하나 , 둘 .", back)) == "하나 , 둘 ."


def test_offsets_are_those_of_the_text(tokenizers) -> None:  # type: ignore[no-untyped-def]
    text = "저는  경험을\n" + "가" * 150
    for tokenizer in tokenizers.values():
        spans = encode_offsets(text, tokenizer)
        assert spans[-1][1] == len(text)
        assert {place for start, end in spans for place in range(start, end)} == set(range(len(text)))


@pytest.mark.slow
@given(st.lists(st.text(alphabet="가나다라 <>\n\r▁a1.^-]\\[&~|", max_size=300), min_size=1, max_size=5))
@settings(max_examples=80, deadline=None)
def test_words_are_counted_as_the_tokenizer_divides_them(texts: list[str]) -> None:
    for units, limit in (("bytes", None), ("characters", None), ("characters", 4)):
        words = count_words(texts, units, limit)
        divide = full_pre_tokenizer(units, words.alphabet).pre_tokenize_str
        divided = Counter(word for text in texts for word, _ in divide(text))
        known = {word: count for word, count in divided.items() if set(word) <= set(words.alphabet)}
        assert dict(zip(words.words, words.counts.tolist(), strict=True)) == known
        assert sum(divided.values()) - sum(known.values()) == words.unknown
        assert max(map(len, words.words), default=0) <= LONGEST


def test_the_alphabet_keeps_the_most_frequent_characters() -> None:
    # Of the characters with two occurrences the lesser code point stays: 나 before 다. A space is known without counting.
    words = count_words(["가가가 다다 나나", "라"], "characters", 2)
    assert words.alphabet == sorted(["▁", "가", "나"])
    assert words.unknown == 3
    assert words.words == sorted(["가가가", "▁", "▁나나"])


def test_bytes_are_spelt_as_tokenizers_spells_them() -> None:
    from tokenizers.pre_tokenizers import ByteLevel

    assert set(unicode_to_byte()) == set(ByteLevel.alphabet())
    spelt = "".join(word for word, _ in ByteLevel(add_prefix_space=False).pre_tokenize_str("가 \x00\xad\n€"))
    assert bytes(unicode_to_byte()[sign] for sign in spelt) == "가 \x00\xad\n€".encode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "bpee"}, "tokenizer 'bpee' is unknown; did you mean 'bpe'"),
        ({"units": "byte"}, "config key 'tokenizer.units': 'byte'; did you mean 'bytes'"),
        ({"vocabulary": 365}, "'tokenizer.vocabulary': 365 is too small; give more than 365"),
        ({"vocabulary": 1110, "units": "characters", "alphabet": 1000}, "1110 is too small; give more than 1110"),
        ({"min_frequency": 0}, "'tokenizer.min_frequency': 0; give 1 or more"),
        ({"alphabet": 100}, "'tokenizer.alphabet': 100, but the alphabet of bytes is always whole"),
        ({"alphabet": 0, "units": "characters"}, "'tokenizer.alphabet': 0; give 1 or more"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        TokenizerOptions(**options)  # type: ignore[arg-type]


def test_a_vocabulary_without_room_for_the_characters_is_refused() -> None:
    with pytest.raises(RequestError, match=r"150 is too small for 109 special tokens and the \d+ characters"):
        trained("bpe", "characters", vocabulary=150)


@pytest.mark.parametrize("name", NAMES)
def test_too_few_texts_are_refused_with_what_they_give(name: str) -> None:
    few = ["서버를 만들고 싶습니다."] * 3
    with pytest.raises(
        RequestError, match=r"too few for a tokenizer of 4000 tokens: they give \d+; give more documents"
    ):
        trained(name, "bytes", few, vocabulary=4000)
    with pytest.raises(RequestError, match="too few for a tokenizer: they hold no word"):
        trained(name, "bytes", ["", ""])
    with pytest.raises(RequestError, match="too few for a tokenizer of 700 tokens: they give 365; give more documents"):
        trained(name, "bytes", ["가"])


def test_a_smaller_vocabulary_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tokenizer = trained("bpe", "characters", TEXTS[:30], vocabulary=4000, alphabet=200)
    said = capsys.readouterr().err
    assert f"tokenizer: {len(tokenizer):,} tokens instead of 4,000: no more occur 2 times" in said
    assert "characters of the training texts are outside of its alphabet (<unk>)" in said


def test_pretrained_has_to_come_from_the_model() -> None:
    with pytest.raises(RequestError, match="this model brings none"):
        train_tokenizer(TEXTS, TokenizerOptions("pretrained"), 512)


@pytest.mark.parametrize("name", [*NAMES, "pretrained"])
def test_a_yaml_gives_all_options(name: str) -> None:
    body = yaml.safe_load((config_folder() / "tokenizer" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert to_settings(body, TokenizerOptions).name == name
    assert name == "pretrained" or set(body) == {field.name for field in dataclasses.fields(TokenizerOptions)}


@pytest.mark.parametrize("name", ["wordpiece"])
def test_one_line_of_yaml_takes_it(jaso: Jaso, corpus: Path, tmp_path: Path, name: str) -> None:
    ran = jaso(
        "train", f"input={corpus}", f"out={tmp_path / 'out'}", f"tokenizer={name}", "tokenizer.vocabulary=1500",
        "tokenizer.units=characters", "model.hidden_size=16", "model.heads=2", "model.layers=1", "trainer.max_steps=1",
        "trainer.batch_size=2", "trainer.validation_limit=2", "trainer.max_length=512",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    body = json.loads((tmp_path / "out" / "model" / "tokenizer.json").read_text(encoding="utf-8"))
    assert body["model"]["type"].lower() == name
    assert len(body["model"]["vocab"]) == 1500
