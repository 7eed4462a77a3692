"""Field match: whether a text uses the words of its occupation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaso_core.io.files import sha256_json
from jaso_core.records import Prediction
from jaso_core.text.subsample import subsample
from jaso_evaluate.korean.tokenizers import content_morphemes, to_nfc, token_signature
from jaso_evaluate.metrics import METRICS, Measure, Metric, NotMeasurable, mean_of
from jaso_evaluate.metrics.base import signature

_TOKENIZER = "kiwi"


@dataclass(frozen=True)
class FieldOptions:
    """Options of the field metric.

    `least`: training answers that an occupation needs to be a class. `most_texts`: training answers that are read; of
    more, a sample.
    """

    least: int = 10
    most_texts: int = 3000

    def __post_init__(self) -> None:
        if self.least < 1:
            raise ValueError(f"least is {self.least}, give 1 or more")
        if self.most_texts < self.least:
            raise ValueError(f"most_texts is {self.most_texts}, give least ({self.least}) or more")


@METRICS.register("field", FieldOptions)
class Field(Metric):
    """Texts whose words point to their applicant's occupation, in % of texts.

    The judge is a multinomial naive Bayes classifier with add-one smoothing (McCallum & Nigam 1998) on the content
    morphemes of the training answers; all occupations have the same prior, so that guessing gives 100 / number of
    occupations. A text without a known word is not in its field. Texts whose occupation is unknown, or has too few
    training answers, have no value. The same of the references shows how accurate the judge is.
    """

    def __init__(self, options: FieldOptions) -> None:
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        classifier = self._classifier()
        if classifier is None:
            cure = "give train=<folder of `jaso preprocess`>"
            raise NotMeasurable(f"there are no training answers of two occupations or more; {cure}")
        occupations = [prediction.meta.get("occupation") for prediction in predictions]
        targets = [name if isinstance(name, str) and name in classifier.names else None for name in occupations]
        if not any(targets):
            raise NotMeasurable("no text has an occupation (meta.occupation) that is in the training answers")
        how = signature(
            judge="naive-bayes", tok=token_signature(_TOKENIZER), fields=str(len(classifier.names)),
            train=classifier.digest,
        )  # fmt: skip
        texts = to_nfc(prediction.prediction for prediction in predictions)
        references = to_nfc(prediction.reference for prediction in predictions)
        return [
            Measure("field_match", "% of texts", how, True, _hits(classifier, texts, targets), "ratio:100"),
            Measure(
                "field_match_reference", "% of texts", how, True, _hits(classifier, references, targets), "ratio:100",
                baseline_of="field_match",
            ),
        ]  # fmt: skip

    def _classifier(self) -> _NaiveBayes | None:
        labelled = self.training.labelled if self.training else ()
        by_name: dict[str, list[str]] = {}
        for text, name in subsample(labelled, self._options.most_texts, seed=0):
            by_name.setdefault(name, []).append(text)
        texts_by_name = {name: texts for name, texts in sorted(by_name.items()) if len(texts) >= self._options.least}
        return _NaiveBayes(texts_by_name) if len(texts_by_name) > 1 else None


def _hits(
    classifier: _NaiveBayes, texts: Sequence[str], names: Sequence[str | None]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    tokens = content_morphemes(texts)
    return mean_of(
        [
            None if name is None else float(classifier.predict(tokens[text]) == name)
            for text, name in zip(texts, names, strict=True)
        ]
    )


class _NaiveBayes:
    """Naive Bayes over words, by occupation; `digest` is of its training texts."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self.names = list(texts)
        self.digest = sha256_json({name: list(answers) for name, answers in texts.items()})[:12]
        tokens = content_morphemes(to_nfc(text for answers in texts.values() for text in answers))
        counts = [Counter(t for text in to_nfc(answers) for t in tokens[text]) for answers in texts.values()]
        self._columns = {word: column for column, word in enumerate(dict.fromkeys(w for c in counts for w in c))}
        table = np.ones((len(counts), len(self._columns)))
        for row, count in zip(table, counts, strict=True):
            row[[self._columns[word] for word in count]] += list(count.values())
        self._log_probabilities = np.log(table / table.sum(axis=1, keepdims=True))

    def predict(self, tokens: Sequence[str]) -> str | None:
        """Return the likeliest occupation; None for a text without a known word."""
        columns = [self._columns[token] for token in tokens if token in self._columns]
        return self.names[int(self._log_probabilities[:, columns].sum(axis=1).argmax())] if columns else None
