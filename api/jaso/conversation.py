"""Conversation with a chat model: turns, system text, a context that may be full."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from jaso.model import Model
from jaso_core.errors import RequestError
from jaso_core.generation.options import GenerationOptions
from jaso_core.modeling.encode import encode_pieces
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.records import Example, Turn

_ROOM = 4
"""An answer has at least this part of the model's length: older turns leave for it."""


class Conversation:
    """Turns of a user and a chat model.

        talk = jaso.Conversation(model, system="짧게 답한다.")
        print(talk.reply("지원 동기를 말씀해 주세요."))

    `turns`: what was said, oldest first, without the system text. `dropped`: how many turns the last question pushed
    out of the model's length. `stop`: what ended the last answer: "end", "length", or None where it was stopped.
    """

    def __init__(self, model: Model, *, system: str | None = None, **fields: Any) -> None:
        """Begin a conversation.

        `system`: in place of the prompt format's. `fields`: those that the format reads besides the question, such as
        the occupation. RequestError for a model without a chat prompt, and for a missing field.
        """
        prompt = model.checkpoint.prompt
        if not isinstance(prompt, ChatPrompt):
            raise RequestError(
                f"prompt format '{prompt.name}' takes no conversation",
                "talk to the model by `jaso generate`, or train it with prompt=chat",
            )
        for name in prompt.reads:
            if name != "question" and not (fields.get(name) or "").strip():
                raise RequestError(f"prompt format '{prompt.name}' reads {name}", f"give {name}=…")
        self.model, self.prompt, self.system = model, prompt, system
        self.turns: list[Turn] = []
        self.dropped = 0
        self.stop: str | None = None
        self._example = Example("chat", "chat", "chat", "test", None, None, **fields)

    def reply(self, text: str, **keywords: Any) -> str:
        """Return the model's answer; keywords as of `Model.generate`."""
        return "".join(self.stream(text, **keywords))

    def stream(self, text: str, *, seed: int = 1, preset: str = "greedy", **keywords: Any) -> Generator[str]:
        """Yield the answer piece by piece; keywords as of `Model.generate`.

        Closing the iterator, or an exception such as KeyboardInterrupt, stops it; what was written by then is a turn.
        RequestError where the question alone is longer than the model takes.
        """
        return self.stream_by(text, self.model.options(preset, {"masks": False, **keywords, "seed": seed}))

    def stream_by(self, text: str, options: GenerationOptions) -> Generator[str]:
        """Yield the answer piece by piece, as `stream` does, by complete options."""
        self.turns.append(Turn("user", text))
        pieces: list[str] = []
        self.stop = None
        try:
            (stream,) = self.model.stream_context(self._fit(options.max_new_tokens), options)
            try:
                for piece in stream:
                    pieces.append(piece)
                    yield piece
                self.stop = stream.stop
            finally:
                stream.close()
        finally:
            # A question without an answer would make two of the user's turns follow each other.
            self.turns[-1:] = [self.turns[-1], Turn("assistant", "".join(pieces))] if pieces or self.stop else []

    @property
    def system_text(self) -> str | None:
        """The system text: the conversation's own, else the prompt format's."""
        return self.prompt.options.system if self.system is None else self.system

    def clear(self) -> None:
        """Forget all turns."""
        self.turns.clear()

    def _fit(self, new_tokens: int) -> list[int]:
        """Return the context's token ids; the oldest turns leave where it is too long."""
        limit = self.model.checkpoint.max_length
        room = min(new_tokens, max(1, limit // _ROOM))
        self.dropped = 0
        while len(context := self._encode()) > limit - room:
            if len(self.turns) == 1:
                raise RequestError(
                    f"the question has {len(context):,} tokens with all that is before it, the model takes {limit:,} "
                    "with the answer",
                    "shorten it, or the system text",
                )
            del self.turns[:2]
            self.dropped += 2
        return context

    def _encode(self) -> list[int]:
        example = self._example
        turns = self.turns if self.system is None else [Turn("system", self.system), *self.turns]
        pieces = self.prompt.context_of(self.prompt.with_system(tuple(turns), example))
        return encode_pieces(pieces, self.prompt, self.model.checkpoint.tokenizer)
