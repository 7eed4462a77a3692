"""Whether a text stays in its field: whether its words are those of the occupation that it is for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaso_core.io.files import sha256_json
from jaso_core.records import Prediction
from jaso_core.text.subsample import drawn
from jaso_evaluate.korean.tokenizers import content_morphemes, to_nfc, token_signature
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature

_TOKENIZER = "kiwi"


@dataclass(frozen=True)
class FieldOptions:
    """`least`: training answers of an occupation, for it to be told from the others. `most_texts`: training answers
    that are read; of more, a draw."""

    least: int = 10
    most_texts: int = 3000

    def __post_init__(self) -> None:
        if self.least < 1:
            raise ValueError(f"least is {self.least}, give 1 or more")
        if self.most_texts < self.least:
            raise ValueError(f"most_texts is {self.most_texts}, give least ({self.least}) or more")


@METRICS.register("field", FieldOptions)
class Field(Metric):
    """The share of texts whose words point to the occupation of their applicant, among all occupations.

    The judge is a multinomial naive Bayes classifier with add-one smoothing (McCallum & Nigam 1998) on the content
    morphemes of the training answers; every occupation is taken for equally likely, so that guessing gives 100 / number
    of occupations. A text without a known word is not in its field. Texts whose occupation is unknown, or has too few
    training answers, have no value. The same of the references says how well the judge judges.
    """

    def __init__(self, options: FieldOptions) -> None:
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        judge = self._judge()
        if judge is None:
            cure = "give train=<folder of `jaso preprocess`>"
            raise NotMeasurable(f"there are no training answers of two occupations or more; {cure}")
        asked = [prediction.meta.get("occupation") for prediction in predictions]
        known = [name if isinstance(name, str) and name in judge.names else None for name in asked]
        if not any(known):
            raise NotMeasurable("no text has an occupation (meta.occupation) that is in the training answers")
        how = signature(
            judge="naive-bayes", tok=token_signature(_TOKENIZER), fields=str(len(judge.names)), train=judge.digest,
        )  # fmt: skip
        texts = to_nfc(prediction.prediction for prediction in predictions)
        references = to_nfc(prediction.reference for prediction in predictions)
        return [
            Measure("field_match", "% of texts", how, True, _hits(judge, texts, known), "ratio:100"),
            Measure(
                "field_match_reference", "% of texts", how, True, _hits(judge, references, known), "ratio:100",
                baseline_of="field_match",
            ),
        ]  # fmt: skip

    def _judge(self) -> _Judge | None:
        labelled = self.training.labelled if self.training else ()
        by_name: dict[str, list[str]] = {}
        for text, name in drawn(labelled, self._options.most_texts, seed=0):
            by_name.setdefault(name, []).append(text)
        enough = {name: texts for name, texts in sorted(by_name.items()) if len(texts) >= self._options.least}
        return _Judge(enough) if len(enough) > 1 else None


def _hits(
    judge: _Judge, texts: Sequence[str], names: Sequence[str | None]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    tokens = content_morphemes(texts)
    return mean_of(
        [
            None if name is None else float(judge.of(tokens[text]) == name)
            for text, name in zip(texts, names, strict=True)
        ]
    )


class _Judge:
    """Naive Bayes over words, by occupation. `digest` is of the texts that it has learned from."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self.names = list(texts)
        self.digest = sha256_json({name: list(some) for name, some in texts.items()})[:12]
        tokens = content_morphemes(to_nfc(text for some in texts.values() for text in some))
        counts = [Counter(t for text in to_nfc(some) for t in tokens[text]) for some in texts.values()]
        self._places = {word: place for place, word in enumerate(dict.fromkeys(w for c in counts for w in c))}
        table = np.ones((len(counts), len(self._places)))
        for row, count in zip(table, counts, strict=True):
            row[[self._places[word] for word in count]] += list(count.values())
        self._logs = np.log(table / table.sum(axis=1, keepdims=True))

    def of(self, tokens: Sequence[str]) -> str | None:
        """The likeliest occupation; None for a text without a known word."""
        known = [self._places[token] for token in tokens if token in self._places]
        return self.names[int(self._logs[:, known].sum(axis=1).argmax())] if known else None
