"""What one would write instead of `jaso score`: sacrebleu and rouge_score, each with its own bootstrap.

    python benchmarks/evaluate_scoring_plain.py predictions.jsonl RESAMPLES bleu|chrf|rouge …

Prints {measure: value} as one line of JSON; the names are jaso's. Needs nothing of jaso.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONTENT = ("N", "V", "M", "XR", "SL", "SN")


class Morphemes:
    """A tokenizer for rouge_score: Kiwi's content morphemes, else all."""

    def __init__(self) -> None:
        from kiwipiepy import Kiwi

        self.kiwi = Kiwi()

    def tokenize(self, text: str) -> list[str]:
        found = self.kiwi.tokenize(text)
        content = [f"{token.form}/{token.tag}" for token in found if token.tag.startswith(CONTENT)]
        return content or [f"{token.form}/{token.tag}" for token in found]


class Characters:
    """A tokenizer for rouge_score: characters but blanks."""

    def tokenize(self, text: str) -> list[str]:
        return [c for c in text if not c.isspace()]


def main(arguments: Sequence[str]) -> None:
    """Prints the values."""
    file, resamples, metrics = Path(arguments[0]), int(arguments[1]), arguments[2:]
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    mine, theirs = [row["prediction"] for row in rows], [row["reference"] for row in rows]
    values: dict[str, float] = {}
    if "bleu" in metrics:
        values |= _bleu(mine, theirs, resamples)
    if "chrf" in metrics:
        from sacrebleu.metrics.chrf import CHRF

        values["chrf"] = CHRF().corpus_score(mine, [theirs], n_bootstrap=resamples).score
    if "rouge" in metrics:
        values |= _rouge(mine, theirs, resamples)
    print(json.dumps(values))  # noqa: T201


def _bleu(mine: list[str], theirs: list[str], resamples: int) -> dict[str, float]:
    from sacrebleu.metrics.bleu import BLEU

    return {
        f"bleu_{name.replace('-', '_')}": BLEU(tokenize=name).corpus_score(mine, [theirs], n_bootstrap=resamples).score
        for name in ("char", "ko-mecab")
    }


def _rouge(mine: list[str], theirs: list[str], resamples: int) -> dict[str, float]:
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.scoring import BootstrapAggregator

    kinds = ["rouge1", "rouge2", "rougeL"]
    tokenizers: dict[str, Any] = {"kiwi": Morphemes(), "character": Characters()}
    values = {}
    for name, tokenizer in tokenizers.items():
        scorer, aggregator = RougeScorer(kinds, tokenizer=tokenizer), BootstrapAggregator(n_samples=resamples)
        sums = dict.fromkeys(kinds, 0.0)
        for a, b in zip(mine, theirs, strict=True):
            scores = scorer.score(b, a)
            aggregator.add_scores(scores)
            for kind in kinds:
                sums[kind] += scores[kind].fmeasure
        aggregator.aggregate()  # intervals; its middle is a percentile, not the mean
        values |= {f"{kind}_{name}": 100 * sums[kind] / len(mine) for kind in kinds}
    return values


if __name__ == "__main__":
    main(sys.argv[1:])
