"""Our own loop beside transformers' generate, on models with learned and with rotary places."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from generation_support import CONTEXTS, END, candidates, make_model, make_tokenizer, texts
from support import one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.generation.generate import banned_ids


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def model(request: pytest.FixtureRequest) -> Any:
    return make_model(request.param)


SYS, UNUSED = 4, 7
MANY = [[8 + (i * 11 + j * (1 + i % 3)) % 32 for j in range(1 + (i * 7) % 13)] for i in range(18)]


def by_transformers(model: Any, tokenizer: Any, context: list[int], stops: list[int], **options: Any) -> Any:
    """What transformers writes for one prompt alone: (ids before the stop token, what ended it)."""
    import torch
    from transformers import GenerationConfig

    config = GenerationConfig(
        eos_token_id=stops, pad_token_id=3, suppress_tokens=banned_ids(tokenizer, stops), do_sample=False, **options
    )
    ids = torch.tensor([context])
    with torch.no_grad():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    new = out[0, len(context) :].tolist()
    return (new[:-1], "end") if new[-1] in stops else (new, "length")


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"repetition_penalty": 1.8, "min_new_tokens": 9}, marks=pytest.mark.slow),
        pytest.param({"no_repeat_ngram_size": 1}, marks=pytest.mark.slow),
        {"repetition_penalty": 0.6, "no_repeat_ngram_size": 3, "min_new_tokens": 5},
    ],
)
def test_greedy_is_transformers_greedy_token_for_token(model: Any, tokenizer: Any, options: dict[str, Any]) -> None:
    stops = [END, SYS, UNUSED, 12, 21]
    wanted = {i: by_transformers(model, tokenizer, c, stops, max_new_tokens=20, **options) for i, c in enumerate(MANY)}
    assert len({len(ids) for ids, _ in wanted.values()}) > 2  # they end at different times, so that rows come and go
    for size in (1, 2, 7):
        assert texts(model, tokenizer, MANY, max_new_tokens=20, batch_size=size, stops=stops, **options) == wanted


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"temperature": 1.4}, marks=pytest.mark.slow),
        pytest.param({"top_k": 5}, marks=pytest.mark.slow),
        pytest.param({"top_p": 0.8, "temperature": 2.0}, marks=pytest.mark.slow),
        {"min_p": 0.1, "typical_p": 0.9, "repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "min_new_tokens": 3},
    ],
)
def test_a_sample_depends_on_its_own_seed_alone(model: Any, tokenizer: Any, options: dict[str, Any]) -> None:
    keys = [f"k{i}" for i in range(len(MANY))]
    options = {"max_new_tokens": 16, "do_sample": True, "seed": 5, "stops": [END, 12, 21], **options}
    alone = texts(model, tokenizer, MANY, batch_size=1, keys=keys, **options)
    assert len(set(map(str, alone.values()))) > 12
    for size in (2, 7):
        assert texts(model, tokenizer, MANY, batch_size=size, keys=keys, **options) == alone
    order = [(i * 7) % len(MANY) for i in range(len(MANY))]
    turned = texts(model, tokenizer, [MANY[i] for i in order], batch_size=7, keys=[keys[i] for i in order], **options)
    assert {order[place]: text for place, text in turned.items()} == alone
    assert texts(model, tokenizer, MANY, batch_size=7, keys=keys, **{**options, "seed": 6}) != alone


def test_long_texts_move_and_widen_the_buffers(tokenizer: Any) -> None:
    """More steps than columns: the cache is moved to the left where old columns are free, and widened where not."""
    import torch
    from transformers import AutoModelForCausalLM, GPT2Config

    torch.manual_seed(1)
    size: dict[str, Any] = {"vocab_size": 40, "n_embd": 16, "n_layer": 2, "n_head": 2, "initializer_range": 0.5}
    size |= {"bos_token_id": END, "eos_token_id": END}
    model = AutoModelForCausalLM.from_config(GPT2Config(n_positions=400, **size)).eval()
    contexts = [*MANY[:9], [9] * 100]
    options = {"max_new_tokens": 150, "stops": [END, 12, 13], "limit": 400}
    alone = texts(model, tokenizer, contexts, batch_size=1, **options)
    assert {stop for _, stop in alone.values()} == {"end", "length"}
    assert texts(model, tokenizer, contexts, batch_size=3, **options) == alone


@pytest.mark.parametrize("options", [{}, {"do_sample": True, "top_p": 0.9, "repetition_penalty": 1.2}])
def test_a_model_that_our_loop_cannot_take_writes_the_same(
    model: Any, tokenizer: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wanted = texts(model, tokenizer, CONTEXTS, max_new_tokens=10, **options)
    kind = type(model)
    prepare = kind.prepare_inputs_for_generation

    @functools.wraps(prepare)
    def own(*args: Any, **more: Any) -> Any:
        return prepare(*args, **more)

    monkeypatch.setattr(kind, "prepare_inputs_for_generation", own)
    for size in (4, 9):  # the second time it is not said again
        assert texts(model, tokenizer, CONTEXTS, max_new_tokens=10, batch_size=size, **options) == wanted
    said = capsys.readouterr().err
    assert said.count("transformers' own loop") <= 1  # once in a process


def test_beams_are_transformers_beams(model: Any, tokenizer: Any) -> None:
    import torch
    from transformers import GenerationConfig

    options: dict[str, Any] = {
        "num_beams": 4, "length_penalty": 0.3, "early_stopping": True, "num_return_sequences": 3, "max_new_tokens": 9,
        "no_repeat_ngram_size": 3,
    }  # fmt: skip
    found = candidates(model, tokenizer, CONTEXTS, batch_size=4, **options)
    assert candidates(model, tokenizer, CONTEXTS, batch_size=1, **options) == found
    config = GenerationConfig(eos_token_id=[END], pad_token_id=3, suppress_tokens=banned_ids(tokenizer), **options)
    for i, context in enumerate(CONTEXTS):
        ids = torch.tensor([context])
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        wanted = [row[: row.index(END)] if END in row else row for row in out[:, len(context) :].tolist()]
        assert [text.ids for text in found[i]] == wanted
        assert [text.candidate for text in found[i]] == [0, 1, 2]


def test_a_text_comes_when_it_is_ready_and_the_rest_is_not_needed_for_it(model: Any, tokenizer: Any) -> None:
    from jaso_core.generation.generate import GenerationOptions, generate

    whole = texts(model, tokenizer, MANY, max_new_tokens=20, batch_size=4)
    running = generate(model, tokenizer, MANY, GenerationOptions(max_new_tokens=20, batch_size=4), limit=64)
    seen = [next(running) for _ in range(3)]
    running.close()
    assert all(whole[i] == (text.ids, text.stop) for i, [text] in seen)


def test_a_diverged_model_is_an_error(tokenizer: Any) -> None:
    import torch

    from jaso_core.errors import WorkError

    broken = make_model("gpt2")
    with torch.no_grad():
        broken.transformer.ln_f.weight[0] = float("nan")
    with pytest.raises(WorkError, match="gives no number; it diverged"):
        texts(broken, tokenizer, CONTEXTS, max_new_tokens=3)
