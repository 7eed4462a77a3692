"""Named-entity masking with a trained model: persons, companies, places.

Off by default; the user provides the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaso_core.config import REQUIRED
from jaso_core.masking.ner.entities import LabelMeaning, label_meanings, name_edits
from jaso_core.masking.ner.tagger import load_tagger, locate_model, needs_download, read_labels
from jaso_core.masking.tokens import edits_to_fixpoint
from jaso_core.text.edits import Edit
from jaso_preprocess.steps import STEPS, EditStep


@dataclass(frozen=True)
class MaskEntitiesOptions:
    """Options of the mask_entities step.

    `model`: a folder, or a name in the local hub cache, at `revision`. `persons`, `companies`, `places`: which of its
    labels (without B- and I-) are masked; null: PS, PER, PERSON / OG, ORG, ORGANIZATION / LC, LOC, LOCATION, GPE; []:
    none. `threshold`: minimum probability of a name, the mean over its pieces, 0 to 1. `max_length`: tokens of a
    window; longer texts are read in windows that overlap by a quarter.
    """

    model: str = REQUIRED
    revision: str | None = None
    persons: list[str] | None = None
    companies: list[str] | None = None
    places: list[str] | None = None
    threshold: float = 0.5
    batch_size: int = 8
    device: str = "cpu"
    max_length: int = 512

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}; above 0, at most 1")
        if self.batch_size < 1:
            raise ValueError(f"batch_size is {self.batch_size}; at least 1")
        if self.max_length < 16:
            raise ValueError(f"max_length is {self.max_length}; at least 16")
        if self.persons == self.companies == self.places == []:
            raise ValueError("persons, companies and places are all []: nothing is to be masked")


@STEPS.register("mask_entities", MaskEntitiesOptions)
class MaskEntities(EditStep):
    """Names that a token-classification model finds become [이름], [회사], [지명].

    A Hugging Face model; none comes with jaso and none is the default. A model on this machine is checked at once; one
    that HF_HUB_OFFLINE=0 allows to be fetched, with the first text.
    """

    masks = True

    def __init__(self, options: MaskEntitiesOptions) -> None:
        self.options = options
        self._ready: tuple[str, list[LabelMeaning]] | None = None
        if not needs_download(options.model):
            self._ready = self._load_labels()

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return edits_to_fixpoint(text, self._find_names) if any(character.isalpha() for character in text) else []

    def _load_labels(self) -> tuple[str, list[LabelMeaning]]:
        options = self.options
        folder = locate_model(options.model, options.revision)
        labels_by_kind = {"persons": options.persons, "companies": options.companies, "places": options.places}
        return str(folder.resolve()), label_meanings(read_labels(folder), labels_by_kind)

    def _find_names(self, text: str) -> list[Edit]:
        self._ready = folder, label_meanings = self._ready or self._load_labels()
        options = self.options
        pieces = load_tagger(folder, options.device).predict(
            text, label_meanings, options.max_length, options.batch_size
        )
        return name_edits(text, pieces, options.threshold)
