"""stats.json: what the corpus is, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from jaso_core.records import SPLITS, Example, Sentence
from jaso_preprocess.cleaning import Account

QUANTILES = {"min": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "max": 1.0}


def statistics(
    read: int, kept: int, examples: Sequence[Example], sentences: Sequence[Sentence], account: Account
) -> dict[str, Any]:
    """Counts of documents, items and examples; lengths in code points; what was changed and dropped, and why."""
    return {
        "documents": {"read": read, "kept": kept},
        "items": {"kept": len(examples), "dropped": len(account.dropped)},
        "examples": {split: sum(example.split == split for example in examples) for split in SPLITS},
        "groups": len({example.group for example in examples}),
        "sentences": len(sentences),
        "dropped": dict(sorted(account.reasons.items())),
        "changed": dict(account.changed),
        "characters": {
            "question": spread([len(example.question or "") for example in examples]),
            "answer": spread([len(example.answer or "") for example in examples]),
            "sentence": spread([len(sentence.text) for sentence in sentences]),
        },
        "occupation": _counts(example.occupation for example in examples),
        "experience": _counts(example.experience for example in examples),
        "source": _counts(example.source for example in examples),
    }


def spread(lengths: Sequence[int]) -> dict[str, float]:
    """Sum, mean and quantiles; empty for no lengths."""
    if not lengths:
        return {}
    values = np.asarray(lengths)
    quantiles = {name: float(np.quantile(values, place)) for name, place in QUANTILES.items()}
    return {"total": float(values.sum()), "mean": round(float(values.mean()), 2), **quantiles}


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(value or "(none)" for value in values).items()))
