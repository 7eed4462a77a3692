"""Requests from several threads to one model: equal to one by one, streamed, cancelled, closed."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import pytest
import torch
from generation_support import CONTEXTS, END, make_model, make_tokenizer
from support import one_thread  # noqa: F401 - a fixture, for all tests here

from jaso_core.errors import RequestError
from jaso_core.generation.generate import Generated, GenerationOptions, generate
from jaso_core.generation.session import GenerationRequest, GenerationSession, SessionClosedError
from jaso_core.generation.torch_engine import decodable_layers
from jaso_core.modeling.encode import encode_text

GREEDY = GenerationOptions(max_new_tokens=20)
SAMPLED = GenerationOptions(max_new_tokens=14, do_sample=True, top_p=0.95, seed=5)
TWO = GenerationOptions(max_new_tokens=9, do_sample=True, temperature=1.3, num_return_sequences=2)
BEAMS = GenerationOptions(max_new_tokens=8, num_beams=3)
LONG = GenerationOptions(max_new_tokens=14, min_new_tokens=12)
ALL = (GREEDY, SAMPLED, TWO, BEAMS)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return make_tokenizer()


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def model(request: pytest.FixtureRequest) -> Any:
    return make_model(request.param)


class Slow:
    """A model that waits before each forward pass until it is let go on, or goes on for good."""

    def __init__(self, model: Any) -> None:
        self.steps = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.handle = model.register_forward_pre_hook(self._wait)

    def _wait(self, *_: Any) -> None:
        self.entered.release()
        assert self.steps.acquire(timeout=30)

    def go_on(self) -> None:
        self.handle.remove()
        self.steps.release(1000)


def alone(model: Any, tokenizer: Any, context: list[int], options: GenerationOptions, key: str) -> list[Generated]:
    [(_, texts)] = generate(model, tokenizer, [context], options, limit=64, keys=[key])
    return texts


def bodies(texts: list[Generated]) -> list[tuple[list[int], str, int]]:
    return [(text.ids, text.stop, text.candidate) for text in texts]


def test_texts_from_eight_threads_equal_those_one_by_one(model: Any, tokenizer: Any) -> None:
    jobs = [(CONTEXTS[i % len(CONTEXTS)], ALL[i % len(ALL)], str(i)) for i in range(48)]
    expected = [bodies(alone(model, tokenizer, *job)) for job in jobs]
    with GenerationSession(model, tokenizer, limit=64, batch_size=5) as session, ThreadPoolExecutor(8) as threads:
        requests = threads.map(lambda job: session.submit(*job), jobs)
        texts = [bodies([request.result(60) for request in group]) for group in requests]
    assert texts == expected


def test_streamed_tokens_are_those_of_the_text(model: Any, tokenizer: Any) -> None:
    with GenerationSession(model, tokenizer, limit=64) as session:
        for options in ALL:
            for request in session.submit(CONTEXTS[2], options):
                streamed = list(request)
                text = request.result()
                assert END not in streamed
                assert streamed == (text.ids if options.num_beams == 1 else [])
                assert list(request) == [], "tokens come once"


def test_a_model_for_which_our_loop_is_not_made_streams_too(tokenizer: Any) -> None:
    from transformers import AutoModelForCausalLM, MistralConfig

    torch.manual_seed(3)
    config = MistralConfig(
        vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, sliding_window=6, initializer_range=0.5, eos_token_id=END, bos_token_id=END,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config).eval()
    assert decodable_layers(model) == 0
    with GenerationSession(model, tokenizer, limit=64) as session:
        requests = [session.submit(c, SAMPLED, str(i))[0] for i, c in enumerate(CONTEXTS)]
        streamed = [list(request) for request in requests]
        assert streamed == [request.result().ids for request in requests]
    assert streamed == [alone(model, tokenizer, c, SAMPLED, str(i))[0].ids for i, c in enumerate(CONTEXTS)]


def test_a_longer_prompt_that_comes_later_finds_its_columns(model: Any, tokenizer: Any) -> None:
    short, long = [9, 10], [8 + (i * 5) % 31 for i in range(50)]
    slow = Slow(model)
    with GenerationSession(model, tokenizer, limit=64) as session:
        (first,) = session.submit(short, LONG)
        slow.steps.release(3)
        tokens = iter(first)
        head = [next(tokens), next(tokens)]
        (second,) = session.submit(long, SAMPLED, "b")
        slow.go_on()
        assert head + list(tokens) == alone(model, tokenizer, short, LONG, "0")[0].ids
        assert second.result(30).ids == alone(model, tokenizer, long, SAMPLED, "b")[0].ids


def test_a_cancelled_request_ends_and_frees_its_row(tokenizer: Any) -> None:
    model = make_model("gpt2")
    slow = Slow(model)
    with GenerationSession(model, tokenizer, limit=64, batch_size=1) as session:
        (first,) = session.submit(CONTEXTS[1], GREEDY)
        (second,) = session.submit(CONTEXTS[2], GREEDY)
        (third,) = session.submit(CONTEXTS[3], GREEDY)
        assert slow.entered.acquire(timeout=30)  # the first has the only row, the others wait
        first.cancel()
        second.cancel()
        slow.go_on()
        assert third.result(30).ids == alone(model, tokenizer, CONTEXTS[3], GREEDY, "0")[0].ids
    for request in (first, second):
        assert request.is_done
        with pytest.raises(CancelledError):
            request.result()
        with pytest.raises(CancelledError):
            list(request)


def test_a_workers_error_reaches_its_callers_and_the_session_goes_on(tokenizer: Any) -> None:
    model = make_model("gpt2")

    def fail(*_: Any) -> None:
        raise ArithmeticError("a fault of the model")

    with GenerationSession(model, tokenizer, limit=64) as session:
        handle = model.register_forward_pre_hook(fail)
        requests = [session.submit(context, SAMPLED)[0] for context in CONTEXTS[:3]]
        for request in requests:
            with pytest.raises(ArithmeticError, match="a fault of the model"):
                request.result(30)
            with pytest.raises(ArithmeticError, match="a fault of the model"):
                list(request)
        handle.remove()
        (request,) = session.submit(CONTEXTS[0], GREEDY)
        assert request.result(30).ids == alone(model, tokenizer, CONTEXTS[0], GREEDY, "0")[0].ids


def test_closing_ends_what_runs_and_what_waits(tokenizer: Any) -> None:
    model = make_model("gpt2")
    slow = Slow(model)
    session = GenerationSession(model, tokenizer, limit=64, batch_size=1)
    requests: list[GenerationRequest] = [session.submit(context, GREEDY)[0] for context in CONTEXTS[:3]]
    assert slow.entered.acquire(timeout=30)
    closing = threading.Thread(target=session.close)
    closing.start()
    while not session._is_closed:
        pass
    slow.go_on()
    closing.join(30)
    assert not closing.is_alive()
    for request in requests:
        with pytest.raises(SessionClosedError):
            request.result()
    with pytest.raises(SessionClosedError):
        session.submit(CONTEXTS[0], GREEDY)
    session.close()
    assert session._worker is not None
    assert not session._worker.is_alive()


def test_a_request_without_room_is_refused_at_once(tokenizer: Any) -> None:
    with GenerationSession(make_model("gpt2"), tokenizer, limit=8) as session:
        with pytest.raises(RequestError, match="a prompt has 9 tokens, the model was trained on 8 with the answer"):
            session.submit([8] * 9, GREEDY)
        with pytest.raises(TimeoutError):
            GenerationRequest(None, None).result(0.01)  # type: ignore[arg-type]


def test_specials_in_a_users_text_stay_text_while_threads_encode_and_markers_are_read(tokenizer: Any) -> None:
    """The flag that says so was set on the shared tokenizer: another thread could read `</s>` as the end in between."""
    plain, spelt = "나라", "나</s>라<usr>"
    expected = {text: encode_text(text, tokenizer) for text in (plain, spelt)}
    assert END not in expected[spelt]

    def encode(i: int) -> bool:
        text = (plain, spelt)[i % 2]
        marked = tokenizer(f"{plain}</s>", add_special_tokens=False)["input_ids"]
        return encode_text(text, tokenizer) == expected[text] and marked[-1] == END

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(encode, range(4000)))


def test_tokens_added_later_are_known(tokenizer: Any) -> None:
    own = make_tokenizer()
    before = encode_text("뷁", own)
    own.add_tokens(["뷁"])
    assert encode_text("뷁", own) != before
