"""Texts as the last states of a causal model: equal to the model's own, whatever the batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from generation_support import make_model, make_tokenizer
from tokenizers import pre_tokenizers

from jaso_core.embeddings.causal_lm import last_hidden_states
from jaso_core.errors import RequestError

TEXTS = ["가각갂", "각", "갃간갅갆갇갈", "", "  ", "가각" * 50]


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_states_are_those_of_the_last_token(kind: str, tmp_path: Path) -> None:
    model, tokenizer = make_model(kind), make_tokenizer()
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    states = last_hidden_states(tmp_path, TEXTS, max_length=None, batch_size=3, device="cpu")
    assert states.empty.tolist() == [False] * 3 + [True, True, False]
    assert states.truncated.tolist() == [False] * 5 + [True]
    assert states.limit == 64
    for i, text in enumerate(TEXTS):
        if ids := tokenizer(text.strip())["input_ids"][:64]:
            with torch.inference_mode():
                alone = model(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0, -1]
            assert states.states[i] == pytest.approx(alone.numpy(), abs=1e-4)
        else:
            assert not np.any(states.states[i])
    with pytest.raises(RequestError, match=r"retrieval\.max_length is 65; .* takes 64 tokens at most"):
        last_hidden_states(tmp_path, [], max_length=65, batch_size=None, device="cpu", where="retrieval")
