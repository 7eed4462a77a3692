"""Questions from command line, terminal or pipe, and their texts as they come."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaso.model import Model
from jaso.text_stream import TextStream
from jaso_core.console import result, say, write_piece
from jaso_core.errors import ExitCode, RequestError
from jaso_core.generation.options import GenerationOptions
from jaso_pipeline.talk.fields import split_fields
from jaso_pipeline.talk.terminal import INTERRUPTED, ask, is_interactive


def answer_questions(model: Model, fields: Mapping[str, str], options: GenerationOptions) -> None:
    """Write texts for the question in `fields`, else for what is typed.

    SystemExit with a shell's code when Ctrl-C ends it, and after questions of a pipe that could not be answered.
    """
    given, missing = split_fields(fields, model.prompt, model.reads)
    writer = _Writer(model, options)
    if not missing:
        if not writer.write(given):
            raise SystemExit(INTERRUPTED)
        return
    if is_interactive():
        say(f"generate: prompt format '{model.prompt}'. Ctrl-C stops a text, Ctrl-D ends.")
    else:
        _check_pipe(missing)
    failed = False
    answers: dict[str, str] = {}
    while (typed := _ask_all(missing, answers)) is not None:
        try:
            writer.write({**given, **typed})
        except RequestError as error:
            say(f"error: {error}")
            failed = True
        answers = typed
    if failed and not is_interactive():
        raise SystemExit(int(ExitCode.BAD_REQUEST))


def _check_pipe(missing: Sequence[str]) -> None:
    if len(missing) > 1:
        others = [name for name in missing if name != "question"] or list(missing[1:])
        raise RequestError(
            f"a pipe gives one field a line, and {', '.join(missing)} are missing",
            f"add {' '.join(f'{name}=…' for name in others)}, or give a table: input=<file> out=<dir>",
        )


def _ask_all(names: Sequence[str], before: Mapping[str, str]) -> dict[str, str] | None:
    """Ask for each field; None at the end of the input.

    Enter alone keeps what was typed before.
    """
    typed: dict[str, str] = {}
    for name in names:
        # Each question is a new one; occupation and experience mostly stay.
        text = ask(name, None if name == "question" else before.get(name))
        if text is None:
            return None
        typed[name] = text
    return typed


def for_session(options: GenerationOptions) -> GenerationOptions:
    """Return options with the engine that streams."""
    return replace(options, engine="transformers")


class _Writer:
    """Writes the texts of one question after the other."""

    def __init__(self, model: Model, options: GenerationOptions) -> None:
        self._model, self._options = model, for_session(options)
        if options.do_sample:
            say(f"generate: seed {options.seed}")

    def write(self, fields: Mapping[str, Any]) -> bool:
        """Write the texts piece by piece; False when Ctrl-C stopped them.

        RequestError for too long a prompt.
        """
        streams = self._model.streams(self._options, **fields)
        try:
            for number, stream in enumerate(streams, start=1):
                if len(streams) > 1 and sys.stdout.isatty():
                    write_piece(f"{number}. ")
                self._write_text(stream)
        except KeyboardInterrupt:
            result("")
            return False
        finally:
            for stream in streams:
                stream.close()
        return True

    def _write_text(self, stream: TextStream) -> None:
        for piece in stream:
            write_piece(piece)
        result("")
        if stream.stop == "length":
            say(f"generate: cut at {self._options.max_new_tokens} tokens (generate.max_new_tokens=… writes more)")
