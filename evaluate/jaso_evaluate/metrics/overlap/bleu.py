"""BLEU as sacrebleu computes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from jaso_core.compat.sacrebleu import one_reference_signature
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.ngram_overlap import SharedNgrams, shared_character_ngrams, shared_token_ngrams
from jaso_evaluate.korean.tokenizers import (
    all_morphemes,
    check_names,
    mecab_morphemes,
    nfc_pairs,
    token_signature,
    words,
)
from jaso_evaluate.metrics import METRICS, Measure, Metric

# What works on Korean without a download: "13a" and "intl" split Korean at blanks only, "flores200" needs the network.
_TOKENIZE = {"ko-mecab": mecab_morphemes, "kiwi-all": all_morphemes, "none": words}
_TOKENIZERS = ("char", *_TOKENIZE)
_ORDER = 4


@dataclass(frozen=True)
class BleuOptions:
    """Options of the BLEU metric.

    `tokenizers`: each gives its own measure, because BLEU of one text varies from 7 to 50 with the tokenizer. "char",
    "ko-mecab" (mecab-ko's surface forms), "kiwi-all" (form/tag of all of Kiwi's morphemes), "none" (어절).
    """

    tokenizers: list[str] = field(default_factory=lambda: ["char", "ko-mecab"])


@METRICS.register("bleu", BleuOptions)
class Bleu(Metric):
    """Corpus BLEU (0–100) as sacrebleu computes it, on characters and morphemes.

    Papineni et al. (2002), on mecab-ko's morphemes. Smoothing "exp" as in sacrebleu's default. Single texts get
    sacrebleu's sentence BLEU (effective order). An empty prediction has 0.
    """

    by_text = True

    def __init__(self, options: BleuOptions) -> None:
        check_names(options.tokenizers, _TOKENIZERS, "metrics.bleu.tokenizers")
        self._tokenizers = options.tokenizers

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts, references = nfc_pairs(predictions)
        return [_measure(name, texts, references) for name in self._tokenizers]


def _measure(tokenizer: str, texts: list[str], references: list[str]) -> Measure:
    shared = _shared_ngrams(tokenizer, texts, references)
    lengths = np.stack([shared.first, shared.second], axis=1)
    return Measure(
        name=f"bleu_{tokenizer.replace('-', '_')}",
        unit="BLEU (0–100)",
        signature=_signature(tokenizer),
        higher_is_better=True,
        stats=np.concatenate([lengths, shared.matches, shared.totals(shared.first)], axis=1).astype(float),
        reduction="bleu",
        each="bleu:effective",
    )


def _shared_ngrams(tokenizer: str, texts: list[str], references: list[str]) -> SharedNgrams:
    if tokenizer == "char":
        return shared_character_ngrams(
            ["".join(t.split()) for t in texts], ["".join(t.split()) for t in references], _ORDER
        )
    tokens = _TOKENIZE[tokenizer]([*texts, *references])
    return shared_token_ngrams([tokens[t] for t in texts], [tokens[t] for t in references], _ORDER)


def _signature(tokenizer: str) -> str:
    own = tokenizer == "kiwi-all"  # unknown to sacrebleu, which gets the tokens separated by blanks
    scorer = BLEU(tokenize="none" if own else tokenizer)
    return f"{one_reference_signature(scorer, token_signature(tokenizer) if own else None)}|norm:nfc"
