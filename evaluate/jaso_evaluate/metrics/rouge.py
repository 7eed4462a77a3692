"""ROUGE by rouge_score with Korean tokens. Its own tokenizer keeps [a-z0-9] only and gives equal Korean texts 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

# Nouns, verbs and adjectives, modifiers, roots, foreign words, numbers: endings and particles inflate the overlap.
_CONTENT = ("N", "V", "M", "XR", "SL", "SN")
_TYPES = ("rouge1", "rouge2", "rougeL")

Tokens = Mapping[str, list[str]]


@dataclass(frozen=True)
class RougeOptions:
    """`tokenizers`: "kiwi" (content morphemes) and "character"; each gives ROUGE-1, -2 and -L of its own."""

    tokenizers: list[str] = field(default_factory=lambda: ["kiwi", "character"])


@METRICS.register("rouge", RougeOptions)
class Rouge(Metric):
    """Mean ROUGE-1, -2 and -L F-scores (0–100) on Kiwi's content morphemes and on characters.

    A text without content morphemes ("네.") is taken as all its morphemes.
    """

    def __init__(self, options: RougeOptions) -> None:
        for name in options.tokenizers:
            if name not in TOKENIZERS:
                raise RequestError(f"metrics.rouge.tokenizers: '{name}'", did_you_mean(name, sorted(TOKENIZERS)))
        self._tokenizers = options.tokenizers

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        return [measure for name in self._tokenizers for measure in _measures(name, predictions)]


@cache
def _kiwi() -> Kiwi:
    """Takes a second or two to load."""
    from kiwipiepy import Kiwi

    return Kiwi()


def content_morphemes(texts: Iterable[str]) -> Tokens:
    """form/tag of Kiwi's content morphemes, by text."""
    unique = list(dict.fromkeys(texts))
    found: dict[str, list[str]] = {}
    for text, morphemes in zip(unique, _kiwi().tokenize(unique), strict=True):
        content = [f"{m.form}/{m.tag}" for m in morphemes if m.tag.startswith(_CONTENT)]
        found[text] = content or [f"{m.form}/{m.tag}" for m in morphemes]
    return found


def characters(texts: Iterable[str]) -> Tokens:
    """All characters but blanks, by text."""
    return {text: [c for c in text if not c.isspace()] for text in texts}


TOKENIZERS: dict[str, Callable[[Iterable[str]], Tokens]] = {"kiwi": content_morphemes, "character": characters}


class _Prepared:
    """Tokens made beforehand: Kiwi is many times faster on a list of texts than text by text."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def tokenize(self, text: str) -> list[str]:
        return self._tokens[text]


def _measures(tokenizer: str, predictions: Sequence[Prediction]) -> list[Measure]:
    from rouge_score.rouge_scorer import RougeScorer  # brings nltk and scipy: a second, only when it is used

    tokens = TOKENIZERS[tokenizer](text for p in predictions for text in (p.prediction, p.reference))
    scorer = RougeScorer(list(_TYPES), tokenizer=_Prepared(tokens))
    scores = [scorer.score(p.reference, p.prediction) for p in predictions]
    return [
        Measure(
            name=f"{kind}_{tokenizer}",
            unit="F1 (0–100)",
            signature=_signature(kind, tokenizer),
            higher_is_better=True,
            stats=mean_of([score[kind].fmeasure for score in scores]),
            reduction="ratio:100",
        )
        for kind in _TYPES
    ]


def _signature(kind: str, tokenizer: str) -> str:
    tokens = "character"
    if tokenizer == "kiwi":
        model = version("kiwipiepy_model")
        tokens = f"kiwi-{version('kiwipiepy')}/model-{model}/content:{'+'.join(f'{tag}*' for tag in _CONTENT)}"
    return f"{kind}|f:1|stem:no|tok:{tokens}|rouge_score:{version('rouge-score')}"
