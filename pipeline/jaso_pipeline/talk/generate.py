"""`jaso generate`: texts of a model, on the terminal or for a table of questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaso.configuration import compose
from jaso.loading import open_model
from jaso.model import Model
from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.generation.options import GenerationOptions
from jaso_core.stage.runner import Outcome
from jaso_pipeline.talk.answer_table import answer_table
from jaso_pipeline.talk.conversation import answer_questions
from jaso_pipeline.talk.fields import FIELDS

TOY = 50_000_000
"""Parameters; a smaller model from random weights has not learnt to write."""


@dataclass(frozen=True)
class GenerateSettings:
    """Settings of `jaso generate`.

    `model_dir`, `revision`: as `find_model` finds it. `prompt`: the format of a model that has none. `question` and the
    other fields: of the text; what the format reads and is not here is asked for. `n`: texts of each question. `masks`:
    see GenerationOptions. `input`: a table of questions, for which the texts are written to the folder `out`.
    """

    model_dir: str = REQUIRED
    revision: str | None = None
    prompt: dict[str, Any] | None = None
    question: str | None = None
    occupation: str | None = None
    experience: str | None = None
    role: str | None = None
    company: str | None = None
    summary: str | None = None
    generate: GenerationOptions = field(default_factory=GenerationOptions)
    n: int = 1
    masks: bool = False
    input: str | None = None
    out: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"n is {self.n}, give 1 or more")

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the text that are given."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


def settings(config: Mapping[str, Any], *, strict: bool = True) -> GenerateSettings:
    """Check the configuration. Several texts are drawn unless beams are chosen."""
    checked = to_settings(config if strict else pick(config, GenerateSettings), GenerateSettings)
    if (checked.input is None) != (checked.out is None):
        missing = "out" if checked.out is None else "input"
        raise RequestError(
            f"config key '{missing}': input= and out= go together", "give both, or neither to talk to the model"
        )
    options = checked.generate
    if checked.n > 1 and not options.do_sample and options.num_beams < checked.n:
        say(f"generate: {checked.n} texts are drawn (generate=sampling)")
        sampling = {**compose("evaluate", {"generate": "sampling"})["generate"], "seed": options.seed}
        options = to_settings({**sampling, "max_new_tokens": options.max_new_tokens}, GenerationOptions, "generate")
    options = replace(options, num_return_sequences=max(checked.n, options.num_return_sequences), masks=checked.masks)
    return replace(checked, generate=options)


def run(settings: GenerateSettings) -> Outcome:
    """Write the texts of a table, or talk until the questions end."""
    if settings.input is not None and settings.out is not None:
        return answer_table(
            settings.model_dir, settings.revision, settings.prompt, settings.generate, settings.fields,
            Path(settings.input), Path(settings.out),
        )  # fmt: skip
    model, notes = open_model(settings.model_dir, settings.prompt, settings.revision)
    for note in (*notes, *toy_note(model)):
        say(f"generate: {note}")
    with model:
        answer_questions(model, settings.fields, settings.generate)
    return Outcome.MADE


def toy_note(model: Model) -> tuple[str, ...]:
    """Return a line for a small model that began with random weights."""
    if not model.is_from_random_weights or model.parameters >= TOY:
        return ()
    count = model.parameters
    size = f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count:,}"
    return (f"a toy: {size} parameters from random weights, to see that everything works",)
