"""Consistency of the speech level (합쇼체, 해요체, 해라체 …) within a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jaso_core.records import Prediction
from jaso_core.registry import NoOptions
from jaso_evaluate.korean.sentences import analyse_sentences
from jaso_evaluate.korean.speech_levels import LEVELS, speech_level
from jaso_evaluate.korean.tokenizers import sentence_signature
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of, ratio_of
from jaso_evaluate.metrics.base import signature


@METRICS.register("register")
class Register(Metric):
    """Consistency of the speech level, mixed texts, and the share of each level.

    The level of a sentence is that of its last final ending, as Kiwi finds it: 합쇼체, 해요체, 해라체, 해체,
    하오·하게체, 명사형 (-음, -ㄹ 것). Quoted speech, titles, nouns and questions to oneself (-을까) have none.

    Consistency: sentences in their text's most common level, in % of those that have one. A text without any has no
    value; a text with one such sentence is consistent.
    """

    by_text = True

    def __init__(self, options: NoOptions) -> None:
        del options

    def measure(self, predictions: Sequence[Prediction]) -> list[Measure]:
        sentences = analyse_sentences(p.prediction for p in predictions)
        by_text = {text: Counter(speech_level(s.morphemes) for s in analysed) for text, analysed in sentences.items()}
        levels = [by_text[p.prediction] for p in predictions]
        counts = [Counter({level: n for level, n in count.items() if level is not None}) for count in levels]
        how = signature(level="last-final-ending", of="sentences-with-a-level", sents=sentence_signature())
        majority = [(max(count.values()), count.total()) if count else None for count in counts]
        measures = [
            Measure("register_consistency", "% of sentences", how, True, ratio_of(majority), "ratio:100"),
            Measure(
                "register_mixed",
                "% of texts",
                how,
                False,
                mean_of([float(len(count) > 1) if count else None for count in counts]),
                "ratio:100",
            ),
        ]
        for level in LEVELS:
            shares = ratio_of([(count[level], count.total()) if count else None for count in counts])
            measures.append(Measure(f"register_{level}", "% of sentences", how, None, shares, "ratio:100"))
        return measures
