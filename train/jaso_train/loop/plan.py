"""Training plan: size, start, steps and text of a training, said before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaso_core.console import say
from jaso_train.loop.trainer import TaskTrainer, steps_of
from jaso_train.models import ModelBundle

FLUENT_TOKENS = 100_000_000
"""Different tokens below which a model from random weights writes no fluent Korean; GPT-2's smallest saw billions."""

CURES = (
    "model=kogpt2 model.path=<folder with skt/kogpt2-base-v2>",
    "model=<folder or hub name of a Korean causal model> freeze=lora",
)
"""What gives fluent text on little data: pretrained weights."""


@dataclass(frozen=True)
class TrainingPlan:
    """A training as it is planned, for the screen and the manifest.

    `tokens`: of the training examples, each counted once. `passes`: how often each is seen.
    """

    model: str
    parameters: int
    is_pretrained: bool
    steps: int
    tokens: int
    passes: float

    @property
    def tokens_per_parameter(self) -> float:
        """Different training tokens over parameters; from random weights some 20 are best.

        Hoffmann et al. (2022), "Training Compute-Optimal Large Language Models".
        """
        return self.tokens / self.parameters

    @property
    def is_toy(self) -> bool:
        """Whether the model cannot write fluently afterwards, whatever its loss."""
        return not self.is_pretrained and self.tokens < FLUENT_TOKENS

    def to_json(self) -> dict[str, object]:
        """Return the plan for the manifest's counts."""
        return {
            "model": self.model,
            "parameters": self.parameters,
            "is_pretrained": self.is_pretrained,
            "steps": self.steps,
            "tokens": self.tokens,
            "passes": round(self.passes, 3),
            "tokens_per_parameter": round(self.tokens_per_parameter, 4),
            "is_toy": self.is_toy,
        }

    def announce(self) -> None:
        """Print the plan in a line; and for a toy a warning with what would help."""
        weights = "pretrained" if self.is_pretrained else "random"
        say(
            f"train: {self.model}, {self.parameters:,} parameters from {weights} weights; {self.steps:,} steps, "
            f"{self.passes:.1f} times over {self.tokens:,} tokens ({self.tokens_per_parameter:.2g} a parameter)"
        )
        if self.is_toy:
            say(
                f"train: warning: {self.tokens:,} tokens from random weights give a toy, which shows that everything "
                "works; for fluent text begin with pretrained weights:"
            )
            for cure in CURES:
                say(f"train:   {cure}")


def plan_training(trainer: TaskTrainer, bundle: ModelBundle, counts: Mapping[str, int]) -> TrainingPlan:
    """Return what the training will do; `counts`: of the training examples."""
    rows = max(1, counts.get("rows", counts.get("examples", 1)))
    steps = trainer.args.max_steps
    if steps <= 0:
        steps = steps_of(rows, trainer.step_size, trainer.args.num_train_epochs)
    return TrainingPlan(
        model=str(bundle.model.config.model_type),
        parameters=sum(parameter.numel() for parameter in bundle.model.parameters()),
        is_pretrained=bundle.base is not None,
        steps=steps,
        tokens=counts.get("tokens", 0),
        passes=steps * trainer.step_size / rows,
    )
