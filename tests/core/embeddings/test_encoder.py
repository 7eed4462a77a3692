"""Embeddings that train and evaluate share: batches, padding, and messages that name the caller's option."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from encoder_support import save_bert

from jaso_core.embeddings.batches import batch_by_length, pad_rows, resolve_device
from jaso_core.embeddings.encoder import load_encoder
from jaso_core.errors import RequestError

TEXTS = ["저는 고객의 목소리를", "먼저", "듣는 사람"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8}
    return save_bert(tmp_path_factory.mktemp("bert"), TEXTS, **sizes)


def test_batches_are_of_similar_length_and_limited() -> None:
    assert list(batch_by_length([3, 9, 3, 8], 2)) == [[1, 3], [0, 2]]
    assert list(batch_by_length([10, 4096, 4096], None)) == [[1, 2], [0]]
    assert list(batch_by_length([], None)) == []


def test_rows_are_padded_at_the_right() -> None:
    ids, mask = pad_rows([[5, 6, 7], [8]], 1, "cpu")
    assert ids.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_states_have_unit_length_whatever_the_batch(bert: Path) -> None:
    encoder = load_encoder(bert, 2, None, "cpu")
    rows = [text.ids for text in encoder.encode(TEXTS)]
    alone = [encoder.hidden_states([row])[0] for row in rows]
    for state, expected, row in zip(encoder.hidden_states(rows), alone, rows, strict=True):
        assert state.shape[0] == len(row)
        torch.testing.assert_close(state, expected)
        torch.testing.assert_close(state.norm(dim=-1), torch.ones(len(row)))


def test_a_loaded_encoder_is_kept(bert: Path) -> None:
    assert load_encoder(bert, 2, None, "cpu") is load_encoder(bert, 2, None, "cpu")


def test_messages_name_the_callers_option(bert: Path) -> None:
    with pytest.raises(RequestError, match=r"retrieval\.encoder\.layer is 99"):
        load_encoder(bert, 99, None, "cpu", "retrieval.encoder")
    with pytest.raises(RequestError, match=r"retrieval\.encoder\.max_length is 4000"):
        load_encoder(bert, 2, 4000, "cpu", "retrieval.encoder")
    with pytest.raises(RequestError, match=r"^retrieval: device 'gpu' cannot be had here"):
        load_encoder(bert, 2, None, "gpu", "retrieval.encoder")
    with pytest.raises(RequestError, match=r"^metrics: device 'gpu' cannot be had here"):
        resolve_device("gpu", "metrics")
