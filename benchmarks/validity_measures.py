"""Which measure agrees with people, and which sees a changed meaning?

    python benchmarks/validity_measures.py [--sts klue-sts-v1.1_dev.json] [--pairs 200] [--seed 1]

Two tables as Markdown. With --sts: Pearson's r with people's scores of sentence pairs, with a 95 % bootstrap interval.
Then synthetic answers, each as a paraphrase (same meaning, other words) and with one planted change of meaning (a
negation, another number, the opposite, another person): how often the measure gives the paraphrase more, ties as half.
50 % is chance, and below it the measure prefers the changed meaning. Last the AUC of fluency against planted damage.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from meaning_changes import CHANGES, DAMAGES, make_pairs
from numpy.typing import NDArray

from jaso_core.console import result
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS
from jaso_evaluate.metrics.style.fluency import morpheme_scores

MEASURES = ("bleu", "chrf", "eed", "rouge", "use_similarity", "use+e5")
SHOWN = ("bleu_kiwi", "chrf", "eed", "rouge1_kiwi_character", "rougeL_kiwi_character", "use_similarity")
RESAMPLES = 2000

Floats = NDArray[np.float64]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sts", type=Path)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measures", default=",".join(MEASURES))
    asked = parser.parse_args()
    measures = asked.measures.split(",")
    if asked.sts is not None:
        people_table(asked.sts, measures, asked.seed)
    change_table(asked.pairs, measures, asked.seed)
    fluency_table(asked.pairs, asked.seed)


def people_table(file: Path, measures: Sequence[str], seed: int) -> None:
    """Print each measure's correlation with people."""
    pairs = json.loads(file.read_text(encoding="utf-8"))
    people = np.array([pair["labels"]["real-label"] for pair in pairs])
    scores = score([pair["sentence1"] for pair in pairs], [pair["sentence2"] for pair in pairs], measures)
    result(f"{file.name}, {len(pairs)} pairs")
    result("| measure | Pearson's r | 95 % |")
    result("|---|---:|---|")
    draws = np.random.default_rng(seed).integers(0, len(pairs), (RESAMPLES, len(pairs)))
    for name, values in scores.items():
        low, high = np.quantile([np.corrcoef(values[i], people[i])[0, 1] for i in draws], [0.025, 0.975])
        result(f"| {name} | {np.corrcoef(values, people)[0, 1]:.3f} | [{low:.3f}, {high:.3f}] |")


def change_table(count: int, measures: Sequence[str], seed: int) -> None:
    """Print how often each measure prefers the paraphrase to the changed meaning."""
    pairs = make_pairs(count, seed)
    originals = [pair.original for pair in pairs]
    paraphrases = score([pair.paraphrase for pair in pairs], originals, measures)
    changed = score([pair.changed for pair in pairs], originals, measures)
    result(f"{count} synthetic answers")
    result(f"| measure | all | 95 % | {' | '.join(CHANGES)} |")
    result(f"|---|---:|---|{'---:|' * len(CHANGES)}")
    kinds = np.array([pair.change for pair in pairs])
    draws = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))
    for name in paraphrases:
        wins = (paraphrases[name] > changed[name]) + (paraphrases[name] == changed[name]) / 2
        low, high = np.quantile(wins[draws].mean(axis=1), [0.025, 0.975])
        by_kind = " | ".join(f"{100 * wins[kinds == kind].mean():.0f}" for kind in CHANGES)
        result(f"| {name} | {100 * wins.mean():.0f} % | [{100 * low:.0f}, {100 * high:.0f}] | {by_kind} |")


def fluency_table(count: int, seed: int) -> None:
    """Print the AUC of fluency: an undamaged text against one with planted damage."""
    originals = [pair.original for pair in make_pairs(count, seed)]
    whole = fluency(originals)
    result("| damage | AUC of fluency |")
    result("|---|---:|")
    for name, damage in DAMAGES.items():
        spoilt = fluency([damage(text, seed + number) for number, text in enumerate(originals)])
        wins = (whole[:, None] > spoilt) + (whole[:, None] == spoilt) / 2
        result(f"| {name} | {wins.mean():.3f} |")


def fluency(texts: Sequence[str]) -> Floats:
    """Return the log score a morpheme of each text."""
    return np.array([total / count for total, count in filter(None, morpheme_scores(texts))])


def score(texts: Sequence[str], references: Sequence[str], measures: Sequence[str]) -> dict[str, Floats]:
    """Return the score of each text, by measure."""
    predictions = [Prediction(str(i), *pair) for i, pair in enumerate(zip(texts, references, strict=True))]
    scores: dict[str, Floats] = {}
    for name in measures:
        options = {"name": "use_similarity", "embedder": name} if "+" in name else {"name": name}
        for measure in METRICS.build(options, "metrics").measure(predictions):
            if measure.name in SHOWN:
                label = f"use_similarity ({name})" if "+" in name else measure.name
                direction = -1 if measure.higher_is_better is False else 1
                scores[label] = direction * np.array([value or 0.0 for value in measure.per_example()])
    return scores


if __name__ == "__main__":
    main()
