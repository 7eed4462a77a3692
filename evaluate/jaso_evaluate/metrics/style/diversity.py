"""Diversity: how much the texts of a run differ from each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.ngrams import Floats, iterate_ngrams, self_bleu
from jaso_evaluate.korean.tokenizers import TOKENIZERS, check_names, to_nfc, token_signature
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of
from jaso_evaluate.metrics.base import signature


@dataclass(frozen=True)
class DiversityOptions:
    """Options of the diversity metric.

    `orders`: lengths of the n-grams of distinct-n. `tokenizers`: each gives its own measures.
    """

    tokenizers: list[str] = field(default_factory=lambda: ["kiwi-all", "character"])
    orders: list[int] = field(default_factory=lambda: [1, 2, 3])

    def __post_init__(self) -> None:
        if not self.orders or min(self.orders) < 1 or len(set(self.orders)) < len(self.orders):
            raise ValueError(f"orders: {self.orders}, give different numbers from 1")


@METRICS.register("diversity", DiversityOptions)
class Diversity(Metric):
    """distinct-n and self-BLEU: how diverse the texts of a run are.

    distinct-n (Li et al. 2016): different n-grams of all texts in % of all n-grams. It falls with the amount of text:
    compare runs on equally many texts of similar length only. A text's own score is the share of its n-grams, each
    weighted by 1/(its count in all texts); these add up to the corpus value exactly, and the interval holds them fixed.

    Self-BLEU (Zhu et al. 2018): mean sentence BLEU of each text with all others as references; with n `candidates` in
    the predictions' meta, also among the candidates of one prompt. High: the texts are alike.

    Texts in NFC. Texts without tokens have no value and are no reference; self-BLEU needs two texts.
    """

    def __init__(self, options: DiversityOptions) -> None:
        check_names(options.tokenizers, TOKENIZERS, "metrics.diversity.tokenizers")
        self._options = options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        texts = to_nfc(p.prediction for p in predictions)
        candidates = [_candidates(p) for p in predictions]
        return [m for name in self._options.tokenizers for m in self._measures(name, texts, candidates)]

    def _measures(self, tokenizer: str, texts: list[str], candidates: list[list[str]]) -> list[Measure]:
        flat = [text for texts_of_prompt in candidates for text in texts_of_prompt]
        by_text = TOKENIZERS[tokenizer]([*texts, *flat])
        tokens = [by_text[text] for text in texts]
        measures = [
            _distinct(n, tokenizer, ngrams.distinct_shares(len(texts)), ngrams.totals(len(texts)).astype(float))
            for n, ngrams in enumerate(iterate_ngrams(tokens, max(self._options.orders)), 1)
            if n in self._options.orders
        ]
        measures.append(_self_bleu("self_bleu", "all-other-texts", tokenizer, self_bleu(tokens)))
        if flat:
            scopes = [i for i, texts_of_prompt in enumerate(candidates) for _ in texts_of_prompt]
            scores = self_bleu([by_text[text] for text in flat], scopes)
            means = _means(scores, np.array(scopes), len(texts))
            measures.append(_self_bleu("self_bleu_candidates", "other-candidates-of-the-prompt", tokenizer, means))
        return measures


def _candidates(prediction: Prediction) -> list[str]:
    """Return the candidates' texts.

    As `jaso evaluate` writes them, {"text": …}, or as plain texts.
    """
    candidates = prediction.meta.get("candidates")
    texts = (
        [candidate.get("text") if isinstance(candidate, dict) else candidate for candidate in candidates]
        if isinstance(candidates, list)
        else []
    )
    return to_nfc(text for text in texts if isinstance(text, str))


def _distinct(n: int, tokenizer: str, distinct_shares: Floats, totals: Floats) -> Measure:
    stats = np.stack([distinct_shares, totals], axis=1)
    return Measure(
        name=f"distinct_{n}_{_suffix(tokenizer)}",
        unit="% different",
        signature=signature(
            of=f"{n}-grams", over="all-texts", tok=token_signature(tokenizer), interval="contributions-fixed"
        ),
        higher_is_better=True,
        stats=np.where(totals[:, None] > 0, stats, np.nan),
        reduction="ratio:100",
        of_the_whole=True,
    )


def _self_bleu(name: str, references: str, tokenizer: str, scores: Floats) -> Measure:
    return Measure(
        name=f"{name}_{_suffix(tokenizer)}",
        unit="BLEU (0–100)",
        signature=signature(
            refs=references, tok=token_signature(tokenizer), order=4, smooth="exp", eff="yes",
            mean="texts", interval="references-fixed",
        ),
        higher_is_better=False,
        stats=mean_of([None if np.isnan(score) else float(score) for score in scores]),
        reduction="ratio",
        of_the_whole=True,
    )  # fmt: skip


def _means(scores: Floats, scopes: np.ndarray[tuple[int], np.dtype[np.int64]], n: int) -> Floats:
    """Return the mean of each scope's scores; NaN where it has none."""
    is_present = ~np.isnan(scores)
    counts = np.bincount(scopes[is_present], minlength=n)
    sums = np.bincount(scopes[is_present], weights=scores[is_present], minlength=n)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _suffix(tokenizer: str) -> str:
    return tokenizer.replace("-", "_")
