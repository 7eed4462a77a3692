"""stats.json: statistics of the corpus, counted while it is written.

No text is held in memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jaso_core.records import SPLITS, Document, Example
from jaso_preprocess.questions.topics import topic_of

QUANTILES = {"min": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "max": 1.0}
BINS = 30

Lengths = defaultdict[str, Counter[int]]


def _lengths() -> Lengths:
    return defaultdict(Counter)


@dataclass
class Tally:
    """Counts over the examples of a corpus: by length and by value."""

    documents: int = 0
    sentences: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    characters: Lengths = field(default_factory=_lengths)
    bytes: Lengths = field(default_factory=_lengths)
    form_bytes: Lengths = field(default_factory=_lengths)
    words: Lengths = field(default_factory=_lengths)
    morphemes: Lengths = field(default_factory=_lengths)
    sentences_per_answer: Counter[int] = field(default_factory=Counter)
    values: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    topics: Counter[str] = field(default_factory=Counter)

    def add_document(self, document: Document) -> None:
        """Add a document of which at least one item stays."""
        self.documents += 1
        self.values["kind"][document.kind] += 1

    def add_example(self, example: Example, morphemes: int | None, sentences: list[str]) -> None:
        """Add an example with its sentences.

        `morphemes` of the answer where the splitter counted them.
        """
        self.splits[example.split] += 1
        self.sentences += len(sentences)
        self.sentences_per_answer[len(sentences)] += 1
        for name, text in (("question", example.question or ""), ("answer", example.answer or "")):
            self._add_text(name, text)
        if morphemes is not None:
            self.morphemes["answer"][morphemes] += 1
        for text in sentences:
            self.characters["sentence"][len(text)] += 1
        for name in ("occupation", "experience", "source"):
            self.values[name][getattr(example, name) or "(none)"] += 1
        self.topics[topic_of(example.question or "") or "(other)"] += 1

    def _add_text(self, name: str, text: str) -> None:
        self.characters[name][len(text)] += 1
        self.bytes[name][len(text.encode())] += 1
        self.form_bytes[name][2 * len(text) - len(text.encode("ascii", "ignore"))] += 1
        self.words[name][len(text.split())] += 1

    def facts(self) -> dict[str, Any]:
        """Return the part of stats.json about the corpus's content."""
        return {
            "examples": {split: self.splits[split] for split in SPLITS},
            "sentences": self.sentences,
            **{
                name: {of: length_summary(counts) for of, counts in getattr(self, name).items()}
                for name in ("characters", "bytes", "form_bytes", "words", "morphemes")
            },
            "histograms": {
                "answer_characters": histogram(self.characters["answer"]),
                "sentence_characters": histogram(self.characters["sentence"]),
                "sentences_per_answer": histogram(self.sentences_per_answer),
            },
            **{
                name: dict(sorted(self.values[name].items())) for name in ("occupation", "experience", "source", "kind")
            },
            "question_types": dict(sorted(self.topics.items())),
        }


def length_summary(lengths: Mapping[int, int]) -> dict[str, float]:
    """Return sum, mean and quantiles (linear between neighbours) of lengths.

    Lengths are given as {length: count}; empty for none.
    """
    if not lengths:
        return {}
    values = np.array(sorted(lengths))
    # {10: 1, 20: 2, 40: 1} → cumulative [1, 3, 4]; the median has rank 1.5 → 20, the 90th percentile rank 2.7 → 34
    cumulative = np.cumsum([lengths[int(value)] for value in values])
    count, total = int(cumulative[-1]), float(sum(length * n for length, n in lengths.items()))

    def at(rank: float) -> float:
        low, high = (values[np.searchsorted(cumulative, int(edge), side="right")] for edge in (rank, np.ceil(rank)))
        return float(low + (high - low) * (rank - int(rank)))

    quantiles = {name: at(share * (count - 1)) for name, share in QUANTILES.items()}
    return {"total": total, "mean": round(total / count, 2), **quantiles}


def histogram(lengths: Mapping[int, int]) -> dict[str, list[float]]:
    """Bin lengths into bins of equal width.

    The last bin reaches from the 99th percentile to the maximum.
    """
    if not lengths:
        return {"edges": [], "counts": []}
    values, counts = np.array(sorted(lengths)), np.array([lengths[key] for key in sorted(lengths)])
    top = float(values[np.searchsorted(np.cumsum(counts), 0.99 * counts.sum())]) + 1
    step = max(1.0, float(np.ceil(top / BINS)))
    edges = np.arange(0.0, top + step, step)
    if values[-1] >= edges[-1]:
        edges = np.append(edges, float(values[-1]) + 1)
    bin_counts, _ = np.histogram(values, edges, weights=counts)
    return {"edges": edges.tolist(), "counts": [int(count) for count in bin_counts]}
