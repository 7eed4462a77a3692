"""Bits of an answer against a plain computation, whatever the batch."""

from __future__ import annotations

import math
from typing import Any

import pytest
from evaluate_support import example

from jaso_core.modeling.encode import IGNORED, encode_context, encode_example, end_id
from jaso_evaluate.predict.likelihood import answer_bits, encode_target

EXAMPLES = [example(i, "test", answer=f"저는 {'정말 ' * i}꼼꼼한 사람입니다.") for i in range(7)]


def bits(model: Any, encoded: list[Any], **options: Any) -> list[float]:
    return [b for _, b in sorted(row for _, rows in answer_bits(model, encoded, **options) for row in rows)]


def test_bits_are_the_sum_over_the_answers_tokens(model: Any, tokenizer: Any, prompt: Any) -> None:
    import torch

    encoded = [encode_example(e, prompt, tokenizer, 200) for e in EXAMPLES]
    found = bits(model, encoded)
    for e, one, b in zip(EXAMPLES, encoded, found, strict=True):
        start = len(encode_context(e, prompt, tokenizer))
        with torch.no_grad():
            p = torch.log_softmax(model(torch.tensor([one.input_ids])).logits[0].double(), dim=-1)
        nats = sum(-float(p[i - 1, one.input_ids[i]]) for i in range(start, len(one.input_ids)))
        assert one.input_ids[-1] == end_id(tokenizer)  # the end is paid for
        assert b == pytest.approx(nats / math.log(2), rel=1e-5)


def test_batches_do_not_matter(model: Any, tokenizer: Any, prompt: Any) -> None:
    encoded = [encode_example(e, prompt, tokenizer, 200) for e in EXAMPLES]
    alone = bits(model, encoded, batch_size=1)
    assert bits(model, encoded, batch_size=8) == pytest.approx(alone, abs=1e-4)
    assert bits(model, encoded[::-1], batch_size=3)[::-1] == pytest.approx(alone, abs=1e-4)
    rest = dict(row for _, rows in answer_bits(model, encoded, batch_size=2, done={0}) for row in rows)
    assert len(rest) == 5
    assert list(answer_bits(model, [])) == []


def test_a_long_answer_counts_the_characters_that_were_scored(tokenizer: Any, prompt: Any) -> None:
    long = example(0, "test", answer="저는 <sys>를 압니다. 매장에서 일했습니다. " * 9)
    whole = encode_target(long, prompt, tokenizer, 5000)
    assert whole.truncated == 0
    assert whole.characters == len(long.answer or "")
    cut = encode_target(long, prompt, tokenizer, 60)
    assert cut.truncated > 0
    kept = [label for label in cut.encoded.labels if label != IGNORED]
    text = tokenizer.decode(kept, clean_up_tokenization_spaces=False)
    # A character whose bytes are cut does not count.
    assert text[: cut.characters] == (long.answer or "")[: cut.characters]
    assert cut.characters in (len(text), len(text) - 1)
    only_end = encode_target(long, prompt, tokenizer, len(whole.encoded.input_ids) - 1)
    assert only_end.truncated == 1
    assert only_end.characters == len(long.answer or "")


def test_unknown_tokens_are_counted(prompt: Any) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {name: i for i, name in enumerate(["<unk>", "</s>", "<usr>", "<sys>", "저는", "사람입니다"])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    blind = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="</s>", unk_token="<unk>")
    target = encode_target(example(0, "test", answer="저는 꼼꼼한 사람입니다"), prompt, blind, 100)
    assert target.unknown == 1  # those of the question do not count
