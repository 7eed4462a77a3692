"""Bind a chat prompt to a tokenizer's chat template, and check the two."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError
from jaso_core.prompts import END, PromptFormat
from jaso_core.prompts.chat import ChatPrompt
from jaso_core.prompts.chat_template import ChatTemplate
from jaso_core.records import Turn

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_SYSTEM = Turn("system", "친절하게 답하는 도우미입니다.")
_QUESTION = Turn("user", "지원 동기를 말씀해 주세요.")
_ANSWER = "서버를 오래 다루어 왔습니다."
_CURE = "mend chat_template.jinja, or give another by prompt.template=<file>"


def bind_prompt(prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast) -> tuple[PromptFormat, tuple[str, ...]]:
    """Return the format as the tokenizer renders it, and notes for the user.

    Formats that need no template are returned as they are. RequestError: no template, one without a generation prompt,
    one that begins a text twice. The tokenizer gets the template, so that it is saved with the model.
    """
    if not isinstance(prompt, ChatPrompt):
        return prompt, ()
    template = _template_of(prompt, tokenizer)
    has_system_role = _has_system_role(template)
    unbound = prompt.bound(template, None, has_system_role=has_system_role)
    _check_generation_prompt(template)
    turn_end = _find_turn_end(unbound)
    tokenizer.chat_template = template.text
    bound = prompt.bound(template, turn_end, has_system_role=has_system_role)
    return bound, tuple(_notes(bound, template, tokenizer))


def generation_prompt(prompt: PromptFormat) -> str | None:
    """Return what a bound chat prompt writes before each answer, else None."""
    if not isinstance(prompt, ChatPrompt) or prompt.chat_template is None:
        return None
    without = prompt.chat_template.render([_QUESTION], generation_prompt=False)
    return prompt.chat_template.render([_QUESTION], generation_prompt=True).removeprefix(without)


def _template_of(prompt: ChatPrompt, tokenizer: PreTrainedTokenizerFast) -> ChatTemplate:
    # A dictionary of templates by name: transformers takes "default" for conversations without tools.
    own: Any = tokenizer.chat_template
    text = prompt.options.template or (own.get("default") if isinstance(own, dict) else own)
    if not text:
        raise RequestError(
            f"prompt={prompt.name}: the model's tokenizer has no chat template",
            "take a chat model, prompt=question_answer, or give a template: prompt.template=<file>|turns",
        )
    special_tokens = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
    control = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    options = prompt.options
    return ChatTemplate(text, special_tokens, control, date.fromisoformat(options.date), options.enable_thinking)


def _has_system_role(template: ChatTemplate) -> bool:
    try:
        rendered = template.render([_SYSTEM, _QUESTION], generation_prompt=True)
    except RequestError:
        template.render([_QUESTION], generation_prompt=True)  # raises where the system text is not to blame
        return False
    return _SYSTEM.content in rendered


def _check_generation_prompt(template: ChatTemplate) -> None:
    with_prompt, without = (template.render([_QUESTION], generation_prompt=asked) for asked in (True, False))
    if with_prompt == without:
        raise RequestError(
            "the chat template has no generation prompt: a model would go on with the question",
            f"add {{% if add_generation_prompt %}} to its end: {_CURE}",
        )
    start = template.special_tokens.get("bos_token")
    if start and without.startswith(start * 2):
        raise RequestError(f"the chat template begins a text with {start} twice", _CURE)


def _find_turn_end(prompt: ChatPrompt) -> str | None:
    """Return the first control token after an answer; None where there is none."""
    pieces = prompt.answer_pieces([_QUESTION, Turn("assistant", _ANSWER)])
    position = next((index for index, piece in enumerate(pieces) if _ANSWER in piece.text), None)
    if position is None:
        raise RequestError("the chat template does not write the assistant's answer as it is", _CURE)
    return next((piece.text for piece in pieces[position + 1 :] if piece.marker), None)


def _notes(prompt: ChatPrompt, template: ChatTemplate, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    notes = []
    vocabulary = tokenizer.get_vocab()
    missing = [token for token in prompt.new_tokens if token != END and token not in vocabulary]
    if missing:
        notes.append(f"the vocabulary has no {', '.join(missing)}: the chat template writes them in letters")
    if prompt.options.system and not prompt.has_system_role:
        notes.append("the chat template has no system role: the system text is put before the first question")
    if prompt.turn_end is None:
        notes.append("the chat template ends no answer: the end-of-text token is learned after the last one")
    before = generation_prompt(prompt) or ""
    if "<think>" in before:
        notes.append("the generation prompt holds an empty thinking block (prompt.enable_thinking=false)")
    start = template.special_tokens.get("bos_token")
    rendered = template.render([_QUESTION], generation_prompt=True)
    adds = tokenizer.backend_tokenizer.encode(_ANSWER, add_special_tokens=True).tokens[:1]
    if start and rendered.startswith(start) and adds == [start]:
        notes.append(
            f"double {start}: the chat template and the tokenizer both write it; jaso writes one, elsewhere call the "
            "tokenizer with add_special_tokens=False"
        )
    return notes
