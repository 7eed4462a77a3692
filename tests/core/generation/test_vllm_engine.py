"""The vLLM engine, against a stand-in with exactly the part of vLLM's interface that is used: LLM, SamplingParams,
prompts as TokensPrompt, RequestOutput and CompletionOutput, as vLLM's reference describes them."""

from __future__ import annotations

import importlib.machinery
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

import pytest
from generation_support import CONTEXTS, END, candidates, make_model, make_tokenizer

from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions, banned_ids, require_engine


class TokensPrompt(TypedDict):
    """As in vllm.inputs."""

    prompt_token_ids: list[int]


@dataclass
class SamplingParams:
    """As in vllm.sampling_params; what is not listed here would be refused, as there."""

    n: int = 1
    repetition_penalty: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    max_tokens: int | None = 16
    min_tokens: int = 0
    detokenize: bool = True
    logit_bias: dict[int, float] | None = None


@dataclass
class CompletionOutput:
    """As in vllm.outputs."""

    index: int
    token_ids: list[int]
    finish_reason: str | None
    stop_reason: int | str | None


@dataclass
class RequestOutput:
    """As in vllm.outputs."""

    prompt_token_ids: list[int]
    outputs: list[CompletionOutput]


class Calls:
    """What the engine asked for."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.asked: list[tuple[list[int], SamplingParams]] = []
        self.portions: list[int] = []


def stand_in(calls: Calls, *, with_stop: bool) -> ModuleType:
    class LLM:
        def __init__(
            self,
            model: str,
            *,
            skip_tokenizer_init: bool = False,
            trust_remote_code: bool = True,
            seed: int = 0,
            generation_config: str = "auto",
            max_model_len: int | None = None,
            max_num_seqs: int | None = None,
        ) -> None:
            calls.made = {"model": model, "config": generation_config, "length": max_model_len, "rows": max_num_seqs}
            assert skip_tokenizer_init
            assert not trust_remote_code

        def generate(
            self, prompts: list[TokensPrompt], sampling_params: list[SamplingParams], *, use_tqdm: bool = True
        ) -> list[RequestOutput]:
            calls.portions.append(len(prompts))
            return [self._one(p["prompt_token_ids"], s) for p, s in zip(prompts, sampling_params, strict=True)]

        def _one(self, prompt: list[int], params: SamplingParams) -> RequestOutput:
            calls.asked.append((prompt, params))
            if len(prompt) % 2:  # these end, the others fill their room
                ids, reason = [20, 21] + [END] * with_stop, "stop"
            else:
                ids, reason = [22] * (params.max_tokens or 0), "length"
            return RequestOutput(prompt, [CompletionOutput(0, ids, reason, END if reason == "stop" else None)])

    module = ModuleType("vllm")
    module.__spec__ = importlib.machinery.ModuleSpec("vllm", None)
    vars(module).update(LLM=LLM, SamplingParams=SamplingParams)
    return module


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that says it has one; the stand-in does not touch it."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("with_stop", [True, False])
def test_what_vllm_is_asked_for_and_what_comes_back(monkeypatch: pytest.MonkeyPatch, with_stop: bool) -> None:
    calls, tokenizer = Calls(), make_tokenizer()
    monkeypatch.setitem(sys.modules, "vllm", stand_in(calls, with_stop=with_stop))
    options = {"engine": "vllm", "do_sample": True, "temperature": 0.7, "top_p": 0.9, "num_return_sequences": 2}
    found = candidates(
        make_model("gpt2"), tokenizer, CONTEXTS, max_new_tokens=8, limit=16, folder=Path("there/model"), **options
    )
    assert calls.made == {"model": "there/model", "config": "vllm", "length": 16, "rows": 16}
    assert set(found) == set(range(len(CONTEXTS)))
    for i, context in enumerate(CONTEXTS):
        room = min(8, 16 - len(context))
        wanted = ([20, 21], "end") if len(context) % 2 else ([22] * room, "length")
        assert [(text.ids, text.stop, text.candidate) for text in found[i]] == [(*wanted, 0), (*wanted, 1)]
    prompts = [prompt for prompt, _ in calls.asked]
    assert sorted(prompts) == sorted(CONTEXTS * 2)
    params = [one for _, one in calls.asked]
    assert len({one.seed for one in params}) == len(params)
    for one in params:
        assert (one.n, one.temperature, one.top_p, one.top_k, one.ignore_eos) == (1, 0.7, 0.9, -1, True)
        assert one.stop_token_ids == [END]
        assert one.logit_bias == dict.fromkeys(banned_ids(tokenizer), -100.0)


@pytest.mark.usefixtures("gpu")
def test_greedy_and_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setitem(sys.modules, "vllm", stand_in(calls, with_stop=True))
    options = {"engine": "vllm", "max_new_tokens": 4, "batch_size": 1, "min_new_tokens": 2, "repetition_penalty": 1.2}
    found = candidates(make_model("gpt2"), make_tokenizer(), [[9, 9]] * 40, folder=Path("there"), **options)
    assert len(found) == 40
    assert calls.portions == [32, 8]
    assert {(p.temperature, p.seed, p.min_tokens, p.repetition_penalty) for _, p in calls.asked} == {
        (0.0, None, 2, 1.2)
    }


def test_without_vllm_or_without_a_gpu_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    options = GenerationOptions(engine="vllm")
    monkeypatch.delitem(sys.modules, "vllm", raising=False)
    monkeypatch.setattr("jaso_core.generation.vllm_engine.find_spec", lambda name: None)
    with pytest.raises(RequestError, match="vllm is not installed; install vllm, or use engine=transformers"):
        require_engine(options)
    monkeypatch.setattr("jaso_core.generation.vllm_engine.find_spec", lambda name: object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RequestError, match="no GPU is visible; run it on a GPU, or use engine=transformers"):
        require_engine(options)
