"""Chat template: renders a conversation by Jinja, as transformers does."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError, first_line
from jaso_core.prompts.base import END, Piece
from jaso_core.records import Turn

TURNS_NAME = "turns"
TURNS = (
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}<usr>{{ message['content'] }}"
    "{% elif message['role'] == 'assistant' %}<sys>{{ message['content'] }}{{ eos_token }}"
    "{% else %}{{ message['content'] }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<sys>{% endif %}"
)
"""A template with the markers of models that are trained here; `prompt.template=turns`."""

TURNS_MARKERS = ("<usr>", "<sys>")

_NOW = re.compile(r"""strftime_now\(\s*(['"])(.*?)\1\s*\)""")

_TYPED = 0xF0000
"""First of the private characters that stand for control tokens which somebody typed."""


@dataclass(frozen=True)
class ChatTemplate:
    """A chat template with all that decides what it renders.

    `special_tokens`: bos_token, eos_token … as the template reads them. `control_tokens`: the vocabulary's special
    tokens. `date`: what a template that writes today's date writes. `enable_thinking`: read by templates of models that
    think.
    """

    text: str
    special_tokens: Mapping[str, str]
    control_tokens: Collection[str]
    date: date
    enable_thinking: bool = False

    def render(self, turns: Sequence[Turn], *, generation_prompt: bool) -> str:
        """Render the turns.

        Control tokens that are typed in a turn come out as private characters: `pieces` turns them back into text.
        RequestError where the template refuses the turns, or cannot be read.
        """
        from jinja2.exceptions import TemplateError
        from transformers.utils.chat_template_utils import render_jinja_template

        messages = [{"role": turn.role, "content": self._hide_control_tokens(turn.content)} for turn in turns]
        options: dict[str, Any] = {**self.special_tokens, "enable_thinking": self.enable_thinking}
        try:
            rendered = render_jinja_template(
                [messages], chat_template=self._dated, add_generation_prompt=generation_prompt, **options
            )[0]
        except TemplateError as error:
            raise _refusal(error, turns) from None
        # Strangers' templates run in a sandbox, whose limits are ArithmeticErrors, as for too long a range.
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            what = f"the chat template fails: {type(error).__name__}: {first_line(error)}"
            raise RequestError(what, "mend chat_template.jinja, or give another by prompt.template=<file>") from None
        return str(rendered[0])

    def pieces(self, rendered: str) -> tuple[Piece, ...]:
        """Split what `render` gave into control tokens and text between them."""
        # "<|im_start|>user\n질문<|im_end|>\n" → "<|im_start|>", "user\n질문", "<|im_end|>", "\n"
        parts = self._pattern.split(rendered) if self.control_tokens else [rendered]
        return tuple(
            Piece(part if index % 2 else self._shown(part), bool(index % 2)) for index, part in enumerate(parts) if part
        )

    def is_typed(self, text: str) -> bool:
        """Return whether a text holds a control token."""
        return bool(self.control_tokens) and self._pattern.search(text) is not None

    def _hide_control_tokens(self, text: str) -> str:
        if not self.is_typed(text):
            return text
        return self._pattern.sub(lambda match: chr(_TYPED + self._ordered.index(match[0])), text)

    def _shown(self, text: str) -> str:
        return re.sub(
            f"[{chr(_TYPED)}-{chr(_TYPED + len(self._ordered) - 1)}]" if self._ordered else "(?!)",
            lambda match: self._ordered[ord(match[0]) - _TYPED],
            text,
        )

    @cached_property
    def _dated(self) -> str:
        """The template with a fixed date for today's, which Llama 3 writes.

        The same bytes must come out tomorrow.
        """
        return _NOW.sub(lambda match: repr(self.date.strftime(match[2])), self.text)

    @cached_property
    def _ordered(self) -> list[str]:
        # The longest first: "<|im_end|>" before "<|im_end".
        return sorted(self.control_tokens, key=lambda token: (-len(token), token))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(f"({'|'.join(map(re.escape, self._ordered))})")


def _refusal(error: Exception, turns: Sequence[Turn]) -> RequestError:
    line = getattr(error, "lineno", None)
    if line is not None:
        return RequestError(
            f"the chat template is no Jinja: line {line}: {first_line(error)}",
            "mend chat_template.jinja, or give another by prompt.template=<file>",
        )
    roles = ", ".join(turn.role for turn in turns)
    return RequestError(
        f"the chat template refuses turns of {roles or 'nobody'} ({first_line(error)})",
        "let user and assistant take turns, the user first, or give another template by prompt.template=<file>",
    )


def pieces_by_turns(turns: Sequence[Turn]) -> list[Piece]:
    """Return the pieces that `TURNS` renders, without a generation prompt."""
    pieces: list[Piece] = []
    markers = {"user": TURNS_MARKERS[0], "assistant": TURNS_MARKERS[1]}
    for turn in turns:
        pieces += [Piece(markers[turn.role], True)] if turn.role in markers else []
        pieces += [Piece(turn.content), *([Piece(END, True)] if turn.role == "assistant" else [])]
    return pieces


def read_template(template: str) -> str:
    """Return the text of a template: `turns`, Jinja, or a file."""
    if template == TURNS_NAME:
        return TURNS
    if "{%" in template or "{{" in template:
        return template
    file = Path(template).expanduser()
    if not file.is_file():
        raise RequestError(f"config key 'prompt.template': no such file: {template}", "give a Jinja file, or turns")
    return read_template_file(file)


def read_template_file(file: Path) -> str:
    """Return the text of a Jinja file. RequestError where it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RequestError(f"{file}: is not UTF-8", "save the template as UTF-8") from None
