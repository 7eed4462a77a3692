"""Only what is to be learned is learned, and a prompt is the same for training and for generation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from jaso_core.errors import RequestError
from jaso_core.modeling.encode import (
    IGNORED,
    PromptTooLongError,
    encode_context,
    encode_example,
    encode_text,
    encode_windows,
    marker_id,
    stop_ids,
)
from jaso_core.prompts import PROMPTS, Piece
from jaso_core.records import Example
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

EXAMPLE = Example(
    "a#0", "a", "a", "train", "지원 동기는?", "저는 서버를 만들고 싶습니다.", "서버 개발", "ICT", "NEW", "백엔드 개발자",
    "(주)가상전자", "test",
)  # fmt: skip
TEXTS = ["지원 동기는?", "저는 서버를 만들고 싶습니다.", "정보통신"] * 5


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(TEXTS, TokenizerOptions(vocabulary=500), context=128)


def test_pieces_of_the_two_formats() -> None:
    plain = PROMPTS.build({"name": "question_answer"}, "prompt")
    assert plain.context(EXAMPLE) == (Piece("<usr>", True), Piece("지원 동기는?"), Piece("<sys>", True))
    job = PROMPTS.build({"name": "occupation_question_answer"}, "prompt")
    assert job.shown(EXAMPLE) == "<unused1>정보통신<usr>지원 동기는?<sys>"


@pytest.mark.parametrize("name", PROMPTS.names())
def test_training_begins_with_exactly_what_generation_is_given(name: str, tokenizer: PreTrainedTokenizerFast) -> None:
    prompt = PROMPTS.build({"name": name}, "prompt")
    encoded = encode_example(EXAMPLE, prompt, tokenizer, 128)
    context = encode_context(EXAMPLE, prompt, tokenizer)
    assert encoded.input_ids[: len(context)] == context
    assert encoded.labels[: len(context)] == [IGNORED] * len(context)
    learned = encoded.labels[len(context) :]
    assert learned == encoded.input_ids[len(context) :]
    assert learned[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(learned[:-1]) == prompt.target(EXAMPLE)


def test_what_does_not_fit_is_counted_and_has_no_end(tokenizer: PreTrainedTokenizerFast) -> None:
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    whole = encode_example(EXAMPLE, prompt, tokenizer, 128)
    cut = encode_example(EXAMPLE, prompt, tokenizer, len(whole.input_ids) - 2)
    assert cut.truncated == 2
    assert cut.input_ids == whole.input_ids[:-2]
    assert tokenizer.eos_token_id not in cut.labels


def test_a_typed_marker_is_text(tokenizer: PreTrainedTokenizerFast) -> None:
    ids = encode_text("끝</s><usr>", tokenizer)
    assert tokenizer.eos_token_id not in ids
    assert tokenizer.decode(ids) == "끝</s><usr>"


def test_a_prompt_with_a_hole_is_refused() -> None:
    prompt = PROMPTS.build({"name": "occupation_question_answer"}, "prompt")
    bare = Example("a#0", "a", "a", "train", "질문", "답")
    assert not prompt.complete(bare)
    with pytest.raises(RequestError, match="example 'a#0': has no occupation, which prompt format"):
        prompt.context(bare)


def test_a_prompt_that_fills_the_limit_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    with pytest.raises(RequestError, match=r"example 'a#0': its prompt has \d+ tokens, the limit is 3"):
        encode_example(EXAMPLE, prompt, tokenizer, 3)


@given(max_length=st.integers(2, 40), overlap=st.integers(0, 40), words=st.integers(1, 30))
def test_windows_learn_each_token_once_and_repeat_the_context(
    max_length: int, overlap: int, words: int, tokenizer: PreTrainedTokenizerFast
) -> None:
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    example = Example("a#0", "a", "a", "train", "동기", " ".join(["서버를", "만들고", "싶습니다."] * words))
    context = encode_context(example, prompt, tokenizer)
    target = [*encode_text(example.answer or "", tokenizer), tokenizer.eos_token_id]
    if len(context) >= max_length:
        with pytest.raises(PromptTooLongError):
            encode_windows(example, prompt, tokenizer, max_length, overlap)
        return
    windows = encode_windows(example, prompt, tokenizer, max_length, overlap)
    assert [label for window in windows for label in window.labels if label != IGNORED] == target
    shown = min(overlap, (max_length - len(context)) // 2)
    learned = 0
    for number, window in enumerate(windows):
        assert len(window.input_ids) == len(window.labels) <= max_length
        assert window.truncated == 0
        seen = shown if number else 0
        assert window.input_ids[: len(context)] == context
        assert window.labels[: len(context) + seen] == [IGNORED] * (len(context) + seen)
        assert window.input_ids[len(context) :][:seen] == target[learned - seen : learned]
        new = window.labels[len(context) + seen :]
        assert new == window.input_ids[len(context) + seen :]
        assert new
        learned += len(new)


def test_windows_by_hand(tokenizer: PreTrainedTokenizerFast) -> None:
    """A context of 3 tokens, a target of 7, room for 4 of which 2 are shown again: 4 + 2 + 1 learned."""
    prompt = PROMPTS.build({"name": "question_answer"}, "prompt")
    example = Example("a#0", "a", "a", "train", "q", "abcdef")
    a, b, c, d, e, f = encode_text("abcdef", tokenizer)
    head, no, end = encode_context(example, prompt, tokenizer), [IGNORED] * 3, tokenizer.eos_token_id
    windows = [(one.input_ids, one.labels) for one in encode_windows(example, prompt, tokenizer, 7, 2)]
    assert windows == [
        ([*head, a, b, c, d], [*no, a, b, c, d]),
        ([*head, c, d, e, f], [*no, IGNORED, IGNORED, e, f]),
        ([*head, e, f, end], [*no, IGNORED, IGNORED, end]),
    ]
    whole = encode_example(example, prompt, tokenizer, 10)
    assert encode_windows(example, prompt, tokenizer, 10, 2) == [whole]


def test_the_end_marker_is_the_models_own_whatever_it_is_called() -> None:
    raw = Tokenizer(models.WordLevel({"가": 0, "<|end|>": 1, "<usr>": 2, "?": 3}, unk_token="?"))
    other = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|end|>", unk_token="?")
    assert marker_id(Piece("</s>", True), other) == 1
    assert marker_id(Piece("<usr>", True), other) == 2
    assert stop_ids(PROMPTS.build({"name": "sentence_blocks"}, "prompt"), other) == [1]
    with pytest.raises(RequestError, match="no token '<sys>'"):
        marker_id(Piece("<sys>", True), other)


def test_encoding_leaves_the_tokenizer_as_it_was(tokenizer: PreTrainedTokenizerFast) -> None:
    for before in (False, True):
        tokenizer.backend_tokenizer.encode_special_tokens = before
        encode_text("끝</s>", tokenizer)
        assert tokenizer.backend_tokenizer.encode_special_tokens is before
    tokenizer.backend_tokenizer.encode_special_tokens = False
