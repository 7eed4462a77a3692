"""What is in the place of a masked name is never written with `masks=False`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from generation_support import candidates

from jaso_core.generation.mask_tokens import mask_token_ids
from jaso_core.masking.tokens import ALL

MASK = re.compile("|".join(map(re.escape, ALL)) + "|[○◯△]|XXX")
PIECES = [*ALL, "[", "]", "회사", "이름", "○", "○○", "OO", "XXX", "저는", " 에서", "일했습니다.", " ", "look", "O", "["]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Words, masks as one token, and the pieces that masks can be spelt with."""
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    names = ["<s>", "</s>", "<pad>", "<unk>", *dict.fromkeys(PIECES)]
    raw = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<unk>"))
    raw.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token="</s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2, eos_token_id=1, bos_token_id=1
    )
    return AutoModelForCausalLM.from_config(config).eval()


def test_words_and_single_letters_may_come(tokenizer: Any) -> None:
    allowed = set(range(len(tokenizer))) - set(mask_token_ids(tokenizer))
    texts = {tokenizer.decode([i]) for i in allowed}
    assert {"저는", "일했습니다.", "look", "O", "회사", "]"} <= texts
    assert not any(text.startswith(("[", "○")) for text in texts)


def test_none_in_a_thousand_texts(model: Any, tokenizer: Any) -> None:
    options = {"do_sample": True, "max_new_tokens": 12, "batch_size": 250, "num_return_sequences": 1000}
    for masks, expected in ((True, True), (False, False)):
        (texts,) = candidates(model, tokenizer, [[4, 20]], masks=masks, **options).values()
        written = [tokenizer.decode(text.ids) for text in texts]
        assert len(written) == 1000
        assert any(MASK.search(text) for text in written) is expected


def test_beams_obey_too(model: Any, tokenizer: Any) -> None:
    (texts,) = candidates(model, tokenizer, [[4, 20]], masks=False, num_beams=4, max_new_tokens=12).values()
    assert not MASK.search(tokenizer.decode(texts[0].ids))
