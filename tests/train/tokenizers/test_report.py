"""What the report counts, by hand."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models
from train_support import write_tokenizer
from transformers import PreTrainedTokenizerFast

from jaso_train.models.kogpt2 import load_kogpt2_tokenizer
from jaso_train.tokenizers import (
    TokenizerOptions,
    tokenizer_report,
    train_tokenizer,
    vocabulary_overlap,
)
from jaso_train.tokenizers.pre_tokenization import decoder, full_pre_tokenizer
from jaso_train.tokenizers.report import readable
from jaso_train.tokenizers.special_tokens import NAMED, SPECIAL_TOKENS


def with_tokens(*tokens: str) -> PreTrainedTokenizerFast:
    """A greedy tokenizer of characters with exactly these tokens."""
    ids = {token: i for i, token in enumerate([*SPECIAL_TOKENS, *tokens])}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="<unk>", continuing_subword_prefix=""))
    tokenizer.pre_tokenizer = full_pre_tokenizer("characters", {sign for token in tokens for sign in token})
    tokenizer.decoder = decoder("characters")
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **NAMED)


def test_counts_by_hand() -> None:
    tokenizer = with_tokens("▁", "가", "나", "가나", "▁나", "다라", "다", "라")
    # "가나 나" → 가나 ▁나; "가x 가" → 가 <unk> ▁ 가: 6 tokens, 4 eojeol, 8 characters; the second does not come back.
    report = tokenizer_report(tokenizer, iter(["가나 나", "가x 가"]))
    assert report == {
        "texts": 2, "characters": 8, "eojeol": 4, "tokens": 6, "fertility": 1.5, "characters_per_token": 8 / 6,
        "unknown": {"tokens": 1, "share": 1 / 6}, "not_returned": 1,
        "vocabulary": {"size": 8, "used": 4, "used_share": 0.5},
        "frequent": [
            {"token": "가", "count": 2}, {"token": "<unk>", "count": 1}, {"token": "▁", "count": 1},
            {"token": "가나", "count": 1}, {"token": "▁나", "count": 1},
        ],
    }  # fmt: skip
    assert json.loads(json.dumps(report)) == report


def test_no_text_has_no_ratio() -> None:
    report = tokenizer_report(with_tokens("▁", "가"), [])
    assert (report["fertility"], report["characters_per_token"], report["unknown"]["share"]) == (None, None, None)


def test_the_sign_of_a_space_does_not_come_back() -> None:
    report = tokenizer_report(with_tokens("▁", "가"), ["가 가", "가▁가"])
    assert report["not_returned"] == 1


def test_overlap_by_hand() -> None:
    one, other = with_tokens("▁", "가", "나", "가나"), with_tokens("▁", "가", "나", "다", "나다", "다다")
    assert vocabulary_overlap(one, other) == {"shared": 3, "only_first": 1, "only_second": 3, "jaccard": 3 / 7}
    assert vocabulary_overlap(one, one)["jaccard"] == 1


def test_bytes_are_shown_as_text_where_they_are_text() -> None:
    texts = ["서버 서버 서버를 서버를 만들고 만들고"] * 4
    tokenizer = train_tokenizer(texts, TokenizerOptions("bpe", 380), 64)
    assert isinstance(tokenizer.backend_tokenizer.decoder, decoders.ByteLevel)
    shown = {readable(tokenizer, token) for token in tokenizer.get_vocab()}
    assert {"▁서버", "\\xec", "▁"} <= shown
    assert "</s>" in shown


def test_a_space_is_the_same_in_either_spelling(tmp_path: Path) -> None:
    """Byte-level tokens that are whole text are found again in KoGPT2's vocabulary."""
    write_tokenizer(tmp_path)
    kogpt2 = load_kogpt2_tokenizer(tmp_path, 1024)
    ours = train_tokenizer(["가 나 가 나"] * 9, TokenizerOptions("bpe", 372), 64)
    # "가" and "나" are three bytes each, "▁나" and "▁가" four: 256 bytes, of which ASCII stands in both as far as
    # KoGPT2's shape here has it.
    overlap = vocabulary_overlap(ours, kogpt2)
    shared = {readable(ours, token) for token in ours.get_vocab()} & set(kogpt2.get_vocab()) - set(SPECIAL_TOKENS)
    assert {"가", "▁나", "▁가"} <= shared
    assert overlap["shared"] == len(shared)
