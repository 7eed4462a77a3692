"""OpenAI-compatible endpoint of a judge: chat completions, each kept in a cache."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from jaso_core.console import progress, say
from jaso_core.errors import RequestError, WorkError, first_line
from jaso_core.modeling.weights import cache_folder

if TYPE_CHECKING:
    from openai import OpenAI

URL, KEY = "OPENAI_BASE_URL", "OPENAI_API_KEY"
"""Environment variables with the endpoint and its key, as OpenAI's own client reads them."""

CHARACTERS_PER_TOKEN = 1.5
"""Of Korean text, roughly; for the cost that is told before."""

Messages = Sequence[dict[str, str]]


@dataclass(frozen=True)
class EndpointOptions:
    """Options of the endpoint.

    `model`: its name there. `timeout`: seconds for an answer. `retries`: after refusals for haste (429), server errors
    and broken connections, ever longer apart, or as long as Retry-After says. `concurrency`: questions at a time.
    `price_in`, `price_out`: for a million tokens, None where it is not known.
    """

    model: str
    timeout: float = 60.0
    retries: int = 5
    concurrency: int = 4
    answer_tokens: int = 300
    price_in: float | None = None
    price_out: float | None = None


class Endpoint:
    """Asks a model, each question once.

    Answers are kept by content, so that a run that broke off goes on.
    """

    def __init__(self, options: EndpointOptions) -> None:
        """RequestError without the endpoint's address, its key, or its client."""
        if find_spec("openai") is None:
            raise RequestError("metric judge: openai is not installed", "pip install 'jaso[judge]'")
        for name in (URL, KEY):
            if not os.environ.get(name):
                raise RequestError(
                    f"metric judge: environment variable {name} is not set",
                    f"export {URL}=<address of an OpenAI-compatible endpoint> {KEY}=<its key>",
                )
        self.options = options

    def ask(self, questions: Sequence[Messages]) -> list[str]:
        """Return an answer for each question, "" where the model refused.

        WorkError when the endpoint cannot be reached; what was answered by then is kept. RequestError for a key or a
        model that it does not take.
        """
        with closing(_Cache()) as cache:
            keys = [self._key(question) for question in questions]
            answers = {key: text for key in keys if (text := cache.get(key)) is not None}
            missing = {key: question for key, question in zip(keys, questions, strict=True) if key not in answers}
            if missing:
                self._announce(list(missing.values()), len(questions) - len(missing))
                for key, text in self._fetch(missing):
                    cache.put(key, text)
                    answers[key] = text
        return [answers[key] for key in keys]

    def _key(self, question: Messages) -> str:
        content = [os.environ[URL], self.options.model, self.options.answer_tokens, list(question)]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

    def _announce(self, questions: Sequence[Messages], cached: int) -> None:
        options = self.options
        sent = sum(len(message["content"]) for question in questions for message in question) / CHARACTERS_PER_TOKEN
        received = len(questions) * options.answer_tokens
        cost = ""
        if options.price_in is not None and options.price_out is not None:
            cost = f", at most {(sent * options.price_in + received * options.price_out) / 1e6:,.2f} at its price"
        say(
            f"judge: {len(questions):,} questions to {options.model}, about {sent:,.0f} tokens and at most "
            f"{received:,} back{cost}; {cached:,} answers are there already"
        )

    def _fetch(self, missing: dict[str, Messages]) -> Iterator[tuple[str, str]]:
        with self._client() as client, ThreadPoolExecutor(self.options.concurrency) as pool:
            futures = {pool.submit(self._complete, client, question): key for key, question in missing.items()}
            try:
                for future in progress(as_completed(futures), len(futures), "judge", "answers"):
                    yield futures[future], future.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    @contextmanager
    def _client(self) -> Iterator[OpenAI]:
        from openai import OpenAI

        options = self.options
        with OpenAI(timeout=options.timeout, max_retries=options.retries) as client:
            yield client

    def _complete(self, client: OpenAI, question: Messages) -> str:
        import openai

        options, messages = self.options, list(question)
        try:
            completion: Any = client.chat.completions.create(
                model=options.model,
                messages=messages,  # type: ignore[arg-type]
                max_completion_tokens=options.answer_tokens,
                temperature=0.0,
                seed=0,
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise RequestError(f"metric judge: the endpoint does not take the key in {KEY}", "set it") from error
        except (openai.NotFoundError, openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise RequestError(
                f"metric judge: the endpoint refuses the request for model '{options.model}' ({_reason(error)})",
                f"set metrics.judge.model, or {URL}",
            ) from error
        except openai.OpenAIError as error:
            raise WorkError(
                f"metric judge: no answer from {os.environ[URL]} ({_reason(error)})",
                "run the same command again: answers that are there are kept",
            ) from error
        return str(completion.choices[0].message.content or "") if completion.choices else ""


def _reason(error: Exception) -> str:
    return first_line(error)[:120]


class _Cache:
    """Answers by the hash of the question, in $JASO_CACHE/judge.sqlite."""

    def __init__(self) -> None:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(folder / "judge.sqlite", check_same_thread=False, timeout=60)
        with self._database:
            self._database.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT NOT NULL)")

    def get(self, key: str) -> str | None:
        row = self._database.execute("SELECT text FROM answers WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, key: str, text: str) -> None:
        with self._lock, self._database:
            self._database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, text))

    def close(self) -> None:
        self._database.close()
