"""conversation → the assistant's next turn, by the tokenizer's own chat template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.prompts import END, PROMPTS, Piece, PromptFormat
from jaso_core.prompts.chat_template import TURNS, TURNS_MARKERS, ChatTemplate, pieces_by_turns, read_template
from jaso_core.records import Example, Turn

LOSSES = ("all_turns", "last_turn")
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class ChatOptions:
    """How a conversation is rendered, and what of it is learned.

    `system`: text before the conversation, null for none; one in `messages` goes before it. `loss_on`: all_turns of the
    assistant, or the last_turn alone. `template`: null for the tokenizer's own; `turns` for models trained here; else
    a Jinja file, or Jinja. `markers`: special tokens of the template that the vocabulary gets where it lacks them.
    `enable_thinking`, `date`: what templates of models that think, or that write today's date, are given.
    """

    system: str | None = None
    loss_on: str = "all_turns"
    template: str | None = None
    markers: list[str] | None = None
    enable_thinking: bool = False
    date: str = "2026-01-01"

    def __post_init__(self) -> None:
        if self.loss_on not in LOSSES:
            raise RequestError(f"config key 'prompt.loss_on': '{self.loss_on}'", did_you_mean(self.loss_on, [*LOSSES]))
        try:
            date.fromisoformat(self.date)
        except ValueError:
            raise RequestError(f"config key 'prompt.date': '{self.date}'", "write it as 2026-01-31") from None
        if self.template is not None:
            object.__setattr__(self, "template", read_template(self.template))


@dataclass(frozen=True)
class ChatWithFieldsOptions(ChatOptions):
    """Options of a chat with a line of fields.

    `line`: text with fields in braces. `line_in`: system, after the system text, or user, before the first question.
    """

    line: str = "직무: {occupation}, 경력: {experience}"
    line_in: str = "system"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.line_in not in ("system", "user"):
            raise RequestError(f"config key 'prompt.line_in': '{self.line_in}'", "take system or user")
        if not _FIELD.search(self.line):
            raise RequestError("config key 'prompt.line': reads no field", "name one in braces, such as {occupation}")


@PROMPTS.register("chat", ChatOptions)
def chat(options: ChatOptions) -> ChatPrompt:
    """Conversation by the tokenizer's own chat template.

    Its turns are those of `messages`, else question and answer.
    """
    return ChatPrompt("chat", options)


@PROMPTS.register("chat_with_fields", ChatWithFieldsOptions)
def chat_with_fields(options: ChatWithFieldsOptions) -> ChatPrompt:
    """Conversation by the chat template, with a line of fields.

    The line, such as occupation and experience, is put into the system text or before the first question.
    """
    return ChatPrompt("chat_with_fields", options, options.line, options.line_in)


class ChatPrompt(PromptFormat):
    """Conversation, rendered by a chat template.

    Until `bound` has given it a tokenizer's template it renders by `TURNS`, to be shown.
    """

    def __init__(self, name: str, options: ChatOptions, line: str | None = None, line_in: str = "system") -> None:
        self.name = name
        self.options = options
        self._line, self._line_in = line, line_in
        self.reads = (*(dict.fromkeys(_FIELD.findall(line)) if line else ()), "question")
        self.chat_template: ChatTemplate | None = None
        self.turn_end: str | None = None
        self.has_system_role = True

    def bound(self, template: ChatTemplate, turn_end: str | None, *, has_system_role: bool) -> ChatPrompt:
        """Return the format with a tokenizer's template.

        `turn_end`: the token that ends an answer, None where the template writes none. `has_system_role`: else the
        system text is put into the first user turn.
        """
        prompt = ChatPrompt(self.name, self.options, self._line, self._line_in)
        prompt.chat_template = template
        prompt.turn_end = turn_end
        prompt.stops = (turn_end, END) if turn_end not in (None, END) else (END,)
        prompt.has_system_role = has_system_role
        return prompt

    def context(self, example: Example) -> tuple[Piece, ...]:
        return self.context_of(self.with_system(self.turns(example, with_answer=False), example))

    def context_of(self, turns: Sequence[Turn]) -> tuple[Piece, ...]:
        """Return the pieces of a conversation and of the generation prompt.

        Its system turn is there by now: see `start`.
        """
        if self.chat_template is None:
            return (*pieces_by_turns(turns), Piece(TURNS_MARKERS[1], True))
        return self.chat_template.pieces(self.chat_template.render(turns, generation_prompt=True))

    def start(self, example: Example, system: str | None = None) -> tuple[Turn, ...]:
        """Return the system turn that a conversation begins with, if any.

        `system`: in place of the format's.
        """
        texts = [self.options.system if system is None else system, self._filled_line(example, "system")]
        text = "\n".join(text for text in texts if text)
        return (Turn("system", text),) if text else ()

    def target(self, example: Example) -> str:
        if not example.messages:
            return self.value(example, "answer")
        return self.turns(example, with_answer=True)[-1].content

    def ending(self, example: Example) -> tuple[Piece, ...]:
        """Return the pieces of the last answer, up to the end of its turn."""
        if self.chat_template is None:
            return super().ending(example)
        return self.answer_pieces(self.with_system(self.turns(example, with_answer=True), example))

    def answer_pieces(self, turns: Sequence[Turn]) -> tuple[Piece, ...]:
        """Return the pieces of the last turn as the template writes it, with its end."""
        assert self.chat_template is not None
        _, has_end, text = self._rendered_answer(turns)
        return (*self.chat_template.pieces(text), *(() if has_end else (Piece(END, True),)))

    def turn_rows(self, example: Example) -> list[list[tuple[tuple[Piece, ...], bool]]]:
        """Return training rows of a conversation: pieces, and whether they are learned.

        One row where the template renders earlier answers as it rendered them when they were written. Otherwise (Qwen3
        leaves thinking out of them) each such answer has a row of its own. None of a conversation with one answer.
        """
        turns = self.with_system(self.turns(example, with_answer=True), example)
        answers = [index for index, turn in enumerate(turns) if turn.role == "assistant"]
        if self.options.loss_on == "last_turn" or len(answers) < 2 or self.chat_template is None:
            return []
        template = self.chat_template
        rows: list[list[tuple[tuple[Piece, ...], bool]]] = []
        whole = template.render(turns, generation_prompt=False)
        spans = []
        for index in answers:
            before, _, text = self._rendered_answer(turns[: index + 1])
            if whole.startswith(before + text):
                spans.append((len(before), len(before) + len(text)))
            else:
                rows.append([(template.pieces(before), False), (template.pieces(text), True)])
        row, end = [], 0
        for first, last in spans:
            row += [(template.pieces(whole[end:first]), False), (template.pieces(whole[first:last]), True)]
            end = last
        return [*rows, row] if row else rows

    def one_text(self, pieces: Sequence[Piece]) -> str | None:
        """Return the pieces as one text, encoded as a whole as in transformers.

        None where a control token was typed in a turn: it must be read as text.
        """
        template = self.chat_template
        if template is None or any(not piece.marker and template.is_typed(piece.text) for piece in pieces):
            return None
        return "".join(template.special_tokens["eos_token"] if piece.text == END else piece.text for piece in pieces)

    def turns(self, example: Example, *, with_answer: bool) -> tuple[Turn, ...]:
        """Return the example's turns up to its last answer."""
        if not example.messages:
            question = Turn("user", self.value(example, "question"))
            return (question, Turn("assistant", self.value(example, "answer"))) if with_answer else (question,)
        last = max((i for i, turn in enumerate(example.messages) if turn.role == "assistant"), default=None)
        if last is None:
            if with_answer:
                raise self.hole(example, "turn of the assistant")
            return example.messages
        return example.messages[: last + with_answer]

    def answers(self, example: Example) -> list[str]:
        """Return the texts of all turns of the assistant."""
        return [turn.content for turn in self.turns(example, with_answer=True) if turn.role == "assistant"]

    def markers(self) -> tuple[str, ...]:
        """Return the markers that it is shown with, and what the vocabulary gets."""
        shown = TURNS_MARKERS if self.chat_template is None else ()
        return tuple(dict.fromkeys((*shown, *self.new_tokens, END)))

    @property
    def new_tokens(self) -> tuple[str, ...]:
        """Tokens that the vocabulary gets: those of its own template it has."""
        own = TURNS_MARKERS if self.options.template == TURNS else ()
        return tuple(dict.fromkeys((*own, *(self.options.markers or ()))))

    def lacks(self, example: Example) -> tuple[str, ...]:
        if not example.messages:
            return super().lacks(example)
        missing = tuple(name for name in super().lacks(example) if name not in ("question", "answer"))
        has_answer = any(turn.role == "assistant" and turn.content.strip() for turn in example.messages)
        return missing if has_answer else (*missing, "turn of the assistant")

    def with_system(self, turns: tuple[Turn, ...], example: Example) -> tuple[Turn, ...]:
        """Put system text and fields before the turns, or into them."""
        system = turns[0].content if turns and turns[0].role == "system" else None
        rest = turns[1:] if system is not None else turns
        line = self._filled_line(example, "user")
        if line:
            rest = into_first_question(rest, f"{line}\n")
        return self.joined((*self.start(example, system), *rest))

    def joined(self, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        """Move the system text into the first question where there is no such role."""
        if self.has_system_role or not turns or turns[0].role != "system":
            return turns
        return into_first_question(turns[1:], f"{turns[0].content}\n\n")

    def _filled_line(self, example: Example, where: str) -> str | None:
        if self._line is None or self._line_in != where:
            return None
        return _FIELD.sub(lambda match: self.value(example, match[1]), self._line)

    def _rendered_answer(self, turns: Sequence[Turn]) -> tuple[str, bool, str]:
        """Return what is before the last answer, whether it has an end, and itself."""
        assert self.chat_template is not None
        before = self.chat_template.render(turns[:-1], generation_prompt=True)
        whole = self.chat_template.render(turns, generation_prompt=False)
        if not whole.startswith(before):
            raise RequestError(
                "the chat template begins an answer otherwise than its generation prompt does",
                "try the other prompt.enable_thinking=true|false, or give a template by prompt.template=<file>",
            )
        rest = whole[len(before) :]
        if self.turn_end is None or self.turn_end not in rest:
            return before, False, rest
        return before, True, rest[: rest.rfind(self.turn_end) + len(self.turn_end)]


def into_first_question(turns: tuple[Turn, ...], text: str) -> tuple[Turn, ...]:
    """Return the turns with a text before the first turn of the user."""
    for index, turn in enumerate(turns):
        if turn.role == "user":
            return (*turns[:index], replace(turn, content=text + turn.content), *turns[index + 1 :])
    return (Turn("user", text.strip()), *turns)
