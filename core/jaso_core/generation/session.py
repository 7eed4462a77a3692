"""Generation session: one model serves requests from several threads.

Tokens arrive one by one, as they are chosen.

    with GenerationSession(model, tokenizer, limit=1024) as session:
        (request,) = session.submit(context, options)
        for token in request: ...

One worker thread owns the model. What waits is taken into the running batch at its next step (continuous batching),
also where options differ. A text equals the one that `generate` gives for the same context, options and key, but for
what rounding decides: neither the other requests nor their order matter.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_core.generation.generate import Generated, Rules, Task, finished, rules_of, tasks_of
from jaso_core.generation.options import GenerationOptions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from jaso_core.generation.decode_loop import DecodeBatch


class SessionClosedError(RuntimeError):
    """The session was closed before the text was there, or a request came afterwards."""


class GenerationRequest:
    """Request for one text that is being generated.

    Iterate over it for its token ids as they come, without the stop token.
    """

    def __init__(self, task: Task, rules: Rules) -> None:
        self.task, self.rules = task, rules
        self.is_cancelled = False
        self._has_stopped = False
        self._tokens: SimpleQueue[int | None] = SimpleQueue()
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._text: Generated | None = None
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[int]:
        """Yield token ids as they come.

        Raises what the worker raised; CancelledError once it is cancelled.
        """
        while (token := self._tokens.get()) is not None:
            yield token
        self._tokens.put(None)  # a second iteration ends at once
        if self._error is not None:
            raise self._error

    def result(self, timeout: float | None = None) -> Generated:
        """Wait for the whole text.

        TimeoutError after `timeout` seconds; else raises as iteration does.
        """
        if not self._done.wait(timeout):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        assert self._text is not None
        return self._text

    def cancel(self) -> None:
        """Give the text up; its row is free at the next step."""
        # The caller gets CancelledError at once; by the flag the worker knows whose row to take out.
        self.is_cancelled = True
        self._fail(CancelledError())

    @property
    def is_done(self) -> bool:
        """Whether the text is there, has failed or is cancelled."""
        return self._done.is_set()

    def _add(self, token: int) -> None:
        # transformers goes on with a row that has ended until the last of its batch has
        self._has_stopped = self._has_stopped or token in self.rules.stops
        with self._lock:  # a cancel in between would leave the token behind the end mark
            if not (self._has_stopped or self._done.is_set()):
                self._tokens.put(token)

    def _finish(self, ids: list[int]) -> None:
        with self._lock:
            if not self._done.is_set():
                self._text = finished(self.task, ids, self.rules.stops)
                self._end()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            if not self._done.is_set():
                self._error = error
                self._end()

    def _end(self) -> None:
        self._done.set()
        self._tokens.put(None)


class GenerationSession:
    """Continuous batching over one model; safe to use from several threads.

    `limit`: the greatest number of tokens of a context and its text together. `stops`: token ids at which a text ends
    (default: the end-of-text token). `batch_size`: texts that are generated at once. Closing ends what runs.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        *,
        limit: int,
        stops: Sequence[int] | None = None,
        batch_size: int = 16,
    ) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._limit, self._stops, self._batch_size = limit, stops, batch_size
        self._rules: dict[GenerationOptions, Rules] = {}
        self._numbers = count()
        self._waiting: deque[GenerationRequest] = deque()
        self._running: dict[tuple[int, int], GenerationRequest] = {}
        self._condition = threading.Condition()
        self._is_closed = False
        self._worker: threading.Thread | None = None

    def submit(self, context: Sequence[int], options: GenerationOptions, key: str = "0") -> list[GenerationRequest]:
        """Submit requests for the `num_return_sequences` texts of one context.

        `key` and `options.seed` seed their sampling.

        RequestError where the context leaves no room for a text. SessionClosedError once the session is closed.
        """
        if options.engine != "transformers":
            raise RequestError(f"engine '{options.engine}' has no session", "use generate.engine=transformers")
        with self._condition:
            if self._is_closed:
                raise SessionClosedError("the generation session is closed")
            rules = self._rules_for(options)
            tasks = tasks_of(next(self._numbers), list(context), key, options, self._limit)
            requests = [GenerationRequest(task, rules) for task in tasks]
            self._waiting.extend(requests)
            # Not in __init__: a session without requests needs no thread.
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="jaso-generation", daemon=True)
                self._worker.start()
            self._condition.notify_all()
        return requests

    def close(self) -> None:
        """End what runs and waits, and the worker. Safe to call twice."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
        # Outside of the lock, which the worker needs in order to end. A thread cannot join itself.
        if self._worker is not None and self._worker is not threading.current_thread():
            self._worker.join()

    def __enter__(self) -> GenerationSession:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _rules_for(self, options: GenerationOptions) -> Rules:
        """Return rules, shared by options that differ in seed, number or length alone.

        The rows of shared rules are chosen together.
        """
        # Seeds 1 and 7 with 50 and 200 new tokens → one Rules: where they differ, the tasks say it.
        common = replace(
            options, seed=1, num_return_sequences=1, max_new_tokens=max(1, options.min_new_tokens), batch_size=1
        )
        # transformers takes the number of texts of a beam search from the options.
        if options.num_beams > 1:
            common = options
        if common not in self._rules:
            self._rules[common] = rules_of(self._tokenizer, common, self._stops, self._limit)
        return self._rules[common]

    def _work(self) -> None:
        """The worker thread: one step after the other while anything runs or waits."""
        from jaso_core.generation.torch_engine import decodable_layers

        layers, batch = decodable_layers(self._model), None
        while True:
            # The lock is held only while requests are taken: `submit` never waits for a forward pass.
            with self._condition:
                while not (self._waiting or self._running or self._is_closed):
                    self._condition.wait()
                if self._is_closed:
                    break
                by_loop, by_transformers = self._take(layers)
            # An error reaches every caller whose text was in the batch, and the session goes on.
            try:
                if by_transformers:
                    self._run_by_transformers(by_transformers)
            except BaseException as error:
                _fail(by_transformers, error)
            try:
                batch = self._step(batch, layers, by_loop)
            except BaseException as error:
                # Its rows and cache may be half written: the next request gets a new batch.
                batch = None
                _fail([*by_loop, *self._running.values()], error)
                self._running.clear()
        with self._condition:
            _fail([*self._waiting, *self._running.values()], SessionClosedError("the generation session was closed"))
            self._waiting.clear()
            self._running.clear()

    def _take(self, layers: int) -> tuple[list[GenerationRequest], list[GenerationRequest]]:
        """Take the requests to admit now: for our decode loop, and for transformers.

        Those for transformers are beams, or of a model of another kind.
        """
        by_loop: list[GenerationRequest] = []
        by_transformers: list[GenerationRequest] = []
        free = self._batch_size - len(self._running)
        # Without a loop of our own (layers 0) no row is ever occupied; the limit is one batch of transformers.
        while self._waiting and (len(by_loop) < free or not layers):
            request = self._waiting.popleft()
            if request.is_cancelled:
                continue
            is_for_loop = layers and request.rules.options.num_beams == 1
            (by_loop if is_for_loop else by_transformers).append(request)
            if len(by_transformers) >= self._batch_size and not layers:
                break
        return by_loop, by_transformers

    def _step(self, batch: DecodeBatch | None, layers: int, admitted: list[GenerationRequest]) -> DecodeBatch | None:
        from jaso_core.generation.decode_loop import DecodeBatch
        from jaso_core.generation.torch_engine import takes_last_only

        if batch is None and admitted:
            longest, pad = max(len(request.task.prompt) for request in admitted), admitted[0].rules.pad
            last_only = takes_last_only(self._model)
            batch = DecodeBatch(self._model, layers, self._batch_size, longest, pad, last_only=last_only)
        if batch is None:
            return None
        # They leave before others enter: `_take` counted them as occupied, so the new ones have room.
        cancelled = [key for key, request in self._running.items() if request.is_cancelled]
        if cancelled:
            batch.drop([self._running.pop(key).task for key in cancelled])
        for rules, group in _by_rules(admitted):
            self._running.update({_key(request.task): request for request in group})
            batch.admit([request.task for request in group], rules)
        if batch.rows:
            step = batch.step()
            for task, token in step.tokens:
                self._running[_key(task)]._add(token)
            for task, ids in step.ended:
                self._running.pop(_key(task))._finish(ids)
        return batch

    def _run_by_transformers(self, requests: list[GenerationRequest]) -> None:
        """Generate whole texts by `model.generate`, batch by batch.

        Their tokens come step by step but for beams.
        """
        from jaso_core.generation.torch_engine import batches_of, by_transformers, takes_padding

        by_key = {_key(request.task): request for request in requests}
        for rules, group in _by_rules(requests):
            padded = takes_padding(self._model, rules.pad)
            # `batches_of` batches neighbours with one limit of new tokens, and of one length where none is padded.
            tasks = sorted(
                (request.task for request in group),
                key=lambda task: (task.max_new_tokens, padded or len(task.prompt), task.index),
            )
            for batch in batches_of(tasks, self._batch_size, padded=padded):
                rows = [by_key[_key(task)] for task in batch]
                texts = by_transformers(self._model, batch, rules, partial(self._push, rows))
                for task, ids in texts:
                    by_key[_key(task)]._finish(ids)

    def _push(self, rows: list[GenerationRequest], tokens: list[int]) -> None:
        # Called at each step of `model.generate`: an exception is the only way to end it early.
        if self._is_closed:
            raise SessionClosedError("the generation session was closed")
        if all(request.is_done for request in rows):
            raise CancelledError
        for request, token in zip(rows, tokens, strict=True):
            request._add(token)


def _fail(requests: Sequence[GenerationRequest], error: BaseException) -> None:
    for request in requests:
        request._fail(error)


def _key(task: Task) -> tuple[int, int]:
    return task.index, task.candidate


def _by_rules(requests: Sequence[GenerationRequest]) -> list[tuple[Rules, list[GenerationRequest]]]:
    groups: dict[int, list[GenerationRequest]] = {}
    for request in requests:
        groups.setdefault(id(request.rules), []).append(request)
    return [(group[0].rules, group) for group in groups.values()]
