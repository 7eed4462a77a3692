"""Sentences about degenerate texts, for the screen and the page."""

from __future__ import annotations

from jaso_evaluate.schema import DegenerationFacts

CURES = (
    "where they loop, a draw instead of the likeliest token: generate=sampling",
    "where they are the same, more steps: the loss is least before prompts are told apart (trainer.max_steps=…)",
    "a pretrained model: model=kogpt2 model.path=<folder>, or any model=<folder or hub name>",
)
"""What to do about it, a line each."""


def degeneration_sentence(facts: DegenerationFacts) -> str | None:
    """Return what is wrong with the texts in one sentence; None where nothing is."""
    if not facts["is_degenerate"]:
        return None
    shares = (
        (facts["equal"], facts["equal_references"], "are the same as another's"),
        (facts["looping"], facts["looping_references"], "go round in a loop"),
    )
    parts = [
        f"{_percent(share)} of {facts['n']:,} texts {what} (references: {_percent(of_references)})"
        for share, of_references, what in shares
        if share > of_references
    ]
    return f"{' and '.join(parts)}: overlap measures do not mean quality here"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
