"""Personal data (PII) masking: numbers, addresses and accounts of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jaso_core.masking.pii.mask import KINDS, mask_pii
from jaso_core.text.edits import Edit
from jaso_preprocess.steps import STEPS, EditStep


@dataclass(frozen=True)
class MaskPiiOptions:
    """Options of the mask_pii step.

    `keep`: kinds that are not masked, such as pii_url.
    """

    keep: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.keep) - set(KINDS))
        if unknown:
            raise ValueError(f"keep: unknown kind {unknown[0]}; known: {', '.join(KINDS)}")


@STEPS.register("mask_pii", MaskPiiOptions)
class MaskPii(EditStep):
    """Masks registration numbers, phones, e-mails, links, addresses, cards, accounts."""

    masks = True

    def __init__(self, options: MaskPiiOptions) -> None:
        self.kinds = frozenset(KINDS) - set(options.keep)

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return mask_pii(text, self.kinds)
