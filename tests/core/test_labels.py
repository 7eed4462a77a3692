"""Only what is to be learned is learned, and a prompt is the same for training and for generation."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from jaso_core.errors import RequestError
from jaso_core.labels import IGNORED, encode_context, encode_example, encode_text
from jaso_core.prompts import PROMPTS, Piece
from jaso_core.records import Example
from jaso_train.tokenizers_trained import TokenizerOptions, train_bpe

EXAMPLE = Example("a#0", "a", "a", "train", "지원 동기는?", "서버를 만들고 싶습니다.", occupation="ICT")
TEXTS = ["지원 동기는?", "서버를 만들고 싶습니다.", "정보통신"] * 5


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_bpe(TEXTS, TokenizerOptions(vocabulary=500), context=128)


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
    assert tokenizer.decode(learned[:-1]) == EXAMPLE.answer


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
