"""Bits per character: perplexity in a unit independent of the tokenizer."""

from __future__ import annotations

from collections.abc import Sequence

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, ratio_of
from jaso_evaluate.metrics.base import signature

NAME = "bits_per_character"

# Key of a prediction's meta → (measure, what the signature says of the model).
_MODELS = {
    "bits": (NAME, "trained"),
    "untrained_bits": (f"{NAME}_untrained", "untrained"),
    "ngram_bits": (f"{NAME}_ngram5", "witten-bell-interpolated-5-gram"),
}


@METRICS.register("bits_per_character")
class BitsPerCharacter(Metric):
    """Bits per character of the reference: trained, untrained and 5-gram model.

    −log2 p(reference | prompt) over the reference's code points. Reads `bits`, `untrained_bits`, `ngram_bits` and
    `characters` of a prediction's meta, which `jaso evaluate` writes.

    The end of the text is paid for but is no character. Of a reference longer than the model's length, the part that
    fits is scored, by all three models alike.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        measures = [self._measure(key, predictions) for key in _MODELS if any(_pair(p, key) for p in predictions)]
        if not measures:
            raise NotMeasurable("no prediction has 'bits' and 'characters' in its meta; `jaso evaluate` writes them")
        return measures

    def _measure(self, key: str, predictions: Sequence[Prediction]) -> Measure:
        name, model = _MODELS[key]
        return Measure(
            name=name,
            unit="bits/character",
            signature=signature(of="reference", model=model, end="counted", char="code-point"),
            higher_is_better=False,
            stats=ratio_of([_pair(p, key) for p in predictions]),
            reduction="ratio",
            baseline_of=None if name == NAME else NAME,
        )


def _pair(prediction: Prediction, key: str) -> tuple[float, float] | None:
    bits, characters = prediction.meta.get(key), prediction.meta.get("characters")
    if isinstance(bits, int | float) and isinstance(characters, int | float) and characters > 0:
        return float(bits), float(characters)
    return None
