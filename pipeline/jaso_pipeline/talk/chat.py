"""`jaso chat`: talk to a chat model on the terminal, turn by turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jaso.conversation import Conversation
from jaso.loading import open_model
from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.generation.options import GenerationOptions
from jaso_core.model_sources import find_model
from jaso_core.modeling.pretrained_checkpoint import is_trained_by_jaso
from jaso_core.stage.runner import Outcome
from jaso_pipeline.talk.chat_terminal import ChatTerminal
from jaso_pipeline.talk.conversation import for_session
from jaso_pipeline.talk.generate import toy_note

_FIELDS = ("occupation", "experience", "role", "company")


@dataclass(frozen=True)
class ChatSettings:
    """Settings of `jaso chat`.

    `model_dir`, `revision`: as `find_model` finds it. `prompt`: the format of a model that has none, by default chat.
    `system`: in place of the format's system text. `occupation` and the others: for a format that reads them. `masks`:
    see GenerationOptions.
    """

    model_dir: str = REQUIRED
    revision: str | None = None
    prompt: dict[str, Any] | None = None
    system: str | None = None
    occupation: str | None = None
    experience: str | None = None
    role: str | None = None
    company: str | None = None
    generate: GenerationOptions = field(default_factory=GenerationOptions)
    masks: bool = False
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ChatSettings:
    """Check the configuration."""
    return to_settings(config if strict else pick(config, ChatSettings), ChatSettings)


def run(settings: ChatSettings) -> Outcome:
    """Talk until the input ends. RequestError for a model without a chat template."""
    folder = find_model(settings.model_dir, settings.revision)
    prompt = settings.prompt or (None if is_trained_by_jaso(folder) else {"name": "chat"})
    model, notes = open_model(folder, prompt, None)
    for note in (*notes, *toy_note(model)):
        say(f"chat: {note}")
    fields = {name: value for name in _FIELDS if (value := getattr(settings, name)) is not None}
    options = for_session(replace(settings.generate, masks=settings.masks, num_return_sequences=1))
    with model:
        ChatTerminal(Conversation(model, system=settings.system, **fields), options).talk()
    return Outcome.MADE
