"""Turns of a chat, typed on a terminal or read from a pipe; commands."""

from __future__ import annotations

from collections.abc import Iterator

from jaso.conversation import Conversation
from jaso_core.console import Lines, result, say, write_piece
from jaso_core.errors import ExitCode, RequestError, did_you_mean
from jaso_core.generation.options import GenerationOptions
from jaso_pipeline.talk.terminal import INTERRUPTED, ask, is_interactive

COMMANDS = {
    "/clear": "forget the turns",
    "/system": "show the system text; with a text after it: set it",
    "/help": "this list",
    "/exit": "end, as Ctrl-D does",
}


class ChatTerminal:
    """Asks for turns and writes the answers as they come."""

    def __init__(self, conversation: Conversation, options: GenerationOptions) -> None:
        self._conversation, self._options = conversation, options

    def talk(self) -> None:
        """Talk until the input ends.

        SystemExit with a shell's code when Ctrl-C ends it, and after turns of a pipe that could not be answered.
        """
        if is_interactive():
            say("chat: Ctrl-C stops an answer, Ctrl-D ends; /help lists commands")
        failed = False
        for line in _typed_lines():
            if line.startswith("/") and not line.startswith("//"):
                failed |= not self._obey(line)
                continue
            try:
                self._answer(line.removeprefix("/"))
            except RequestError as error:
                say(f"error: {error}")
                failed = True
        if failed and not is_interactive():
            raise SystemExit(int(ExitCode.BAD_REQUEST))

    def _answer(self, text: str) -> None:
        conversation = self._conversation
        stream = conversation.stream_by(text, self._options)
        has_begun = False
        try:
            for piece in stream:
                if not has_begun:
                    self._say_dropped()
                    has_begun = True
                write_piece(piece)
        except KeyboardInterrupt:
            stream.close()
            result("")
            if not is_interactive():
                raise SystemExit(INTERRUPTED) from None
            return
        result("")
        if conversation.stop == "length":
            limit = self._options.max_new_tokens
            say(f"chat: cut at {limit} tokens or the model's length (generate.max_new_tokens=… writes more)")

    def _say_dropped(self) -> None:
        if self._conversation.dropped:
            say(f"chat: the context is full: the oldest {self._conversation.dropped} turns are left out")

    def _obey(self, line: str) -> bool:
        """Carry out a command; False for an unknown one."""
        command, _, rest = line.partition(" ")
        conversation = self._conversation
        if command == "/clear":
            conversation.clear()
            say("chat: the turns are forgotten")
        elif command == "/system":
            if rest.strip():
                conversation.system = rest.strip()
            say(f"chat: system text: {conversation.system_text or 'none'}")
        elif command == "/help":
            say(Lines("\n".join(f"{name:<8} {what}" for name, what in COMMANDS.items())))
        else:
            cure = did_you_mean(command, list(COMMANDS))
            say(f"error: {command} is no command; {cure}; a text that begins with / is written //")
            return False
        return True


def _typed_lines() -> Iterator[str]:
    while (line := ask("you")) is not None:
        if line == "/exit":
            return
        yield line
