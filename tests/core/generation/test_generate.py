"""Generation: what a text may depend on, how it ends, and what may not stand in it."""

from __future__ import annotations

from typing import Any

import pytest
from generation_support import CONTEXTS, END, PAD, UNK, USR, VOCABULARY, candidates, make_model, make_tokenizer, texts
from support import one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.errors import RequestError
from jaso_core.generation.generate import banned_ids


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


@pytest.fixture(scope="module")
def model() -> Any:
    return make_model("gpt2")


def by_hand(
    model: Any, tokenizer: Any, context: list[int], steps: int, stops: tuple[int, ...] = (END,)
) -> tuple[list[int], str]:
    """Greedy, one token at a time, without cache, batch or padding."""
    import torch

    ids: list[int] = []
    for _ in range(steps):
        with torch.no_grad():
            logits = model(torch.tensor([context + ids])).logits[0, -1]
        logits[banned_ids(tokenizer, stops)] = -float("inf")
        token = int(logits.argmax())
        if token in stops:
            return ids, "end"
        ids.append(token)
    return ids, "length"


def test_greedy_is_what_a_plain_loop_gives_in_any_batch(model: Any, tokenizer: Any) -> None:
    wanted = {i: by_hand(model, tokenizer, context, 20) for i, context in enumerate(CONTEXTS)}
    for size in (1, 4, 16):
        assert texts(model, tokenizer, CONTEXTS, max_new_tokens=20, batch_size=size) == wanted


@pytest.mark.parametrize("penalty", [1.0, 1.7])
def test_a_sample_depends_on_its_key_alone(model: Any, tokenizer: Any, penalty: float) -> None:
    options = {"max_new_tokens": 12, "do_sample": True, "temperature": 1.3, "repetition_penalty": penalty, "seed": 5}
    keys = [f"k{i}" for i in range(len(CONTEXTS))]
    once = texts(model, tokenizer, CONTEXTS, batch_size=4, keys=keys, **options)
    assert texts(model, tokenizer, CONTEXTS, batch_size=1, keys=keys, **options) == once
    turned = texts(model, tokenizer, CONTEXTS[::-1], batch_size=3, keys=keys[::-1], **options)
    assert {len(CONTEXTS) - 1 - i: text for i, text in turned.items()} == once
    other = texts(model, tokenizer, CONTEXTS, batch_size=4, keys=keys, **{**options, "seed": 6})
    assert other != once


def test_samples_follow_the_model(model: Any, tokenizer: Any) -> None:
    """First tokens of 3,000 samples against the softmax, by a chi-squared test."""
    import numpy as np
    import torch
    from scipy.stats import chisquare

    n = 3000
    drawn = texts(model, tokenizer, [[8, 9, 10]] * n, max_new_tokens=1, do_sample=True, batch_size=1000)
    with torch.no_grad():
        logits = model(torch.tensor([[8, 9, 10]])).logits[0, -1].double()
    logits[banned_ids(tokenizer)] = -float("inf")
    p = torch.softmax(logits, 0).numpy()
    counts = np.bincount([ids[0] if ids else END for ids, _ in drawn.values()], minlength=VOCABULARY)
    frequent = n * p > 5
    observed = np.append(counts[frequent], counts[~frequent].sum())
    expected = n * np.append(p[frequent], p[~frequent].sum())
    assert chisquare(observed, expected).pvalue > 0.001


def test_markers_never_come_out(model: Any, tokenizer: Any) -> None:
    banned = set(banned_ids(tokenizer))
    assert {USR, PAD, UNK, 0, 4, 6, 7} <= banned
    assert END not in banned
    drawn = texts(model, tokenizer, CONTEXTS * 20, max_new_tokens=10, do_sample=True, temperature=5.0)
    assert not banned & {i for ids, _ in drawn.values() for i in ids}


def test_a_text_ends_at_any_of_the_stops_and_only_there(model: Any, tokenizer: Any) -> None:
    sys_, unused = 4, 7
    assert set(banned_ids(tokenizer)) - set(banned_ids(tokenizer, [END, sys_])) == {sys_}
    assert END in banned_ids(tokenizer, [unused])
    contexts = [[8 + i % 30, 9 + i % 7] for i in range(60)]
    wanted = {i: by_hand(model, tokenizer, context, 20, (sys_, unused)) for i, context in enumerate(contexts)}
    found = texts(model, tokenizer, contexts, max_new_tokens=20, stops=[sys_, unused])
    assert found == wanted
    assert {stop for _, stop in found.values()} == {"end", "length"}
    assert texts(model, tokenizer, contexts, max_new_tokens=20, stops=[END]) == texts(
        model, tokenizer, contexts, max_new_tokens=20
    )


def test_a_checkpoints_own_defaults_have_no_say(model: Any, tokenizer: Any) -> None:
    from transformers import GenerationConfig

    wanted = texts(model, tokenizer, CONTEXTS, max_new_tokens=8)
    kept = model.generation_config
    model.generation_config = GenerationConfig(do_sample=True, max_length=3, num_beams=3, no_repeat_ngram_size=1)
    try:
        assert texts(model, tokenizer, CONTEXTS, max_new_tokens=8) == wanted
        assert model.generation_config.num_beams == 3
    finally:
        model.generation_config = kept


def test_a_text_never_leaves_the_trained_length(model: Any, tokenizer: Any) -> None:
    contexts = [[9] * 10, [9] * 14, [9] * 3]
    found = texts(model, tokenizer, contexts, max_new_tokens=8, limit=16)
    for i, context in enumerate(contexts):
        room = min(8, 16 - len(context))
        assert found[i] == by_hand(model, tokenizer, context, room)
    with pytest.raises(RequestError, match=r"16 tokens.*max_length"):
        texts(model, tokenizer, [[9] * 16], limit=16)


def test_finished_contexts_are_left_out_and_the_others_stay_as_they_were(model: Any, tokenizer: Any) -> None:
    options = {"max_new_tokens": 6, "do_sample": True, "batch_size": 4}
    whole = texts(model, tokenizer, CONTEXTS, **options)
    rest = texts(model, tokenizer, CONTEXTS, done={0, 2, 7}, **options)
    assert sorted(rest) == [1, 3, 4, 5, 6, 8]
    assert all(whole[i] == text for i, text in rest.items())
    assert texts(model, tokenizer, CONTEXTS, done=range(9), **options) == {}


def test_candidates_have_seeds_of_their_own(model: Any, tokenizer: Any) -> None:
    options = {"max_new_tokens": 8, "min_new_tokens": 4, "do_sample": True, "batch_size": 4, "seed": 11}
    one = texts(model, tokenizer, CONTEXTS, **options)
    three = candidates(model, tokenizer, CONTEXTS, num_return_sequences=3, **options)
    assert {i: (found[0].ids, found[0].stop) for i, found in three.items()} == one
    assert all([text.candidate for text in found] == [0, 1, 2] for found in three.values())
    assert all(len({tuple(text.ids) for text in found}) == 3 for found in three.values())
    again = candidates(model, tokenizer, CONTEXTS, num_return_sequences=3, **{**options, "batch_size": 7})
    assert again == three


def test_beams_and_no_contexts(model: Any, tokenizer: Any) -> None:
    beams = texts(model, tokenizer, CONTEXTS, max_new_tokens=6, num_beams=3, batch_size=4)
    assert beams == texts(model, tokenizer, CONTEXTS, max_new_tokens=6, num_beams=3, batch_size=1)
    assert texts(model, tokenizer, []) == {}


def test_a_tokenizer_without_padding(model: Any, tokenizer: Any) -> None:
    import copy

    bare = copy.deepcopy(tokenizer)
    bare.pad_token = bare.eos_token
    options = {"max_new_tokens": 10, "repetition_penalty": 3.0}
    alone = texts(model, bare, CONTEXTS, batch_size=1, **options)
    assert texts(model, bare, CONTEXTS, batch_size=9, **options) == alone
