"""What all metrics keep to, and values worked out by hand. Comparisons with libraries: test_metrics_golden.py."""

from __future__ import annotations

import math
import random
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable, Training
from jaso_evaluate.scoring.scorer import score
from jaso_evaluate.statistics.reductions import reduction

SYLLABLES = "가나다라마바사아자차카타파하고는을를이의에 ."


def pairs(n: int, seed: int = 1) -> list[Prediction]:
    """Random texts that share much, with empty, short and equal ones among them."""
    draw = random.Random(seed)
    found = []
    for i in range(n):
        reference = "".join(draw.choices(SYLLABLES, k=draw.randint(1, 40)))
        kept = [c for c in reference if draw.random() < 0.8]
        prediction = "".join(kept) + "".join(draw.choices(SYLLABLES, k=draw.randint(0, 6)))
        found.append(Prediction(f"r{i}", prediction, reference))
    same = "저는 고객의 목소리를 먼저 듣습니다."
    return [*found, Prediction("same", same, same), Prediction("empty", "", same), Prediction("short", "네", "네")]


def measures(name: str, predictions: list[Prediction], **options: Any) -> dict[str, Measure]:
    metric = METRICS.build({"name": name, **options}, f"metrics.{name}")
    return {m.name: m for m in metric.measure(predictions)}


def test_reductions_work_on_many_sums_at_once() -> None:
    data = pairs(20)
    for name in ("bleu", "chrf"):
        measure = next(iter(measures(name, data).values()))
        stacked = np.stack([measure.stats[:5].sum(axis=0), measure.stats.sum(axis=0)])
        both = measure.reduce(np.stack([stacked, stacked[::-1]]))
        assert both.shape == (2, 2)
        assert both[0, 1] == both[1, 0] == measure.value()


def test_rouge_by_hand() -> None:
    """고객 데이터 분석: Kiwi's content morphemes are the nouns 고객, 데이터, 분석 and the like."""
    data = [
        Prediction("equal", "저는 고객을 만났습니다.", "저는 고객을 만났습니다."),
        Prediction("other", "하늘이 푸르다.", "저는 고객을 만났습니다."),
        Prediction("part", "고객 데이터", "고객 데이터 분석 보고서"),
    ]
    found = measures("rouge", data)
    assert found["rouge1_kiwi"].per_example() == pytest.approx([100, 0, 100 * 2 * 1 * 0.5 / 1.5])
    assert found["rouge2_kiwi"].per_example() == pytest.approx([100, 0, 100 * 2 * 1 * (1 / 3) / (4 / 3)])
    assert found["rougeL_kiwi"].value() == pytest.approx((100 + 200 / 3) / 3)
    # Characters without blanks: 고객데이터 (5) in 고객데이터분석보고서 (10), in order.
    assert found["rougeL_character"].per_example()[2] == pytest.approx(100 * 2 * 1 * 0.5 / 1.5)
    assert "kiwi-0." in found["rouge1_kiwi"].signature


def test_bits_per_character_by_hand() -> None:
    data = [
        Prediction("a", "", "가나다라", meta={"bits": 8.0, "ngram_bits": 12.0, "characters": 4}),
        Prediction("b", "", "가나", meta={"bits": 10.0, "ngram_bits": 6.0, "characters": 2}),
        Prediction("c", "", "가나다", meta={}),
    ]
    found = measures("bits_per_character", data)
    assert set(found) == {"bits_per_character", "bits_per_character_ngram5"}
    main = found["bits_per_character"]
    assert main.value() == 3.0
    assert main.per_example() == [2.0, 5.0, None]
    assert main.present.tolist() == [True, True, False]
    assert main.higher_is_better is False
    assert found["bits_per_character_ngram5"].baseline_of == "bits_per_character"
    with pytest.raises(NotMeasurable, match="bits"):
        measures("bits_per_character", data[2:])


def test_length_by_hand() -> None:
    data = [
        Prediction("a", "가가가가가", "가나", meta={"stop": "length"}),
        Prediction("b", "", "가나다", meta={"stop": "end"}),
        Prediction("c", "가나다라", "가나다라마", meta={}),
    ]
    found = {name: m.value() for name, m in measures("length", data).items()}
    assert found["length_characters"] == 3.0
    assert found["length_ratio"] == pytest.approx(9 / 10)
    assert found["empty"] == pytest.approx(100 / 3)
    assert found["cut_at_limit"] == 50.0
    assert "cut_at_limit" not in measures("length", data[2:])
    apart = [replace(p, prediction=unicodedata.normalize("NFD", p.prediction)) for p in data]
    assert {name: m.value() for name, m in measures("length", apart).items()} == found


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_says_what_it_measures(name: str) -> None:
    meta = {
        "occupation": "ICT",
        "bits": 9.0,
        "untrained_bits": 20.0,
        "ngram_bits": 12.0,
        "characters": 4,
        "stop": "end",
    }
    questions = [f"{what} 쓰시오. (700자 이내)" for what in ("지원 동기를", "강점을", "갈등을 해결한 경험을")]
    data = [
        Prediction(str(i), f"글 {i}번입니다", "글이 있습니다", meta={**meta, "question": questions[i]})
        for i in range(3)
    ]
    metric = METRICS.build({"name": name}, f"metrics.{name}")
    labelled = [(text, name) for text, name in (("글을 씁니다", "BM"), ("서버를 고칩니다", "ICT")) for _ in range(10)]
    training = Training(["글이 있습니다"], ["(주)가상전자"], "0123456789ab", labelled)
    if name in ("bertscore", "judge", "mauve"):
        with pytest.raises(NotMeasurable, match=rf"metrics\.{name}\.model="):
            metric.measure_with(data, training)
        return
    found = metric.measure_with(data, training)
    assert metric.training is None, "the data are given for one measurement"
    assert found
    for measure in found:
        assert measure.stats.shape[0] == 3
        assert measure.unit
        assert "|" in measure.signature
        assert ":" in measure.signature
        assert len(measure.per_example()) == 3
        value = measure.value()
        assert measure.present.any() == (value is not None)
        assert value is None or math.isfinite(value)


def test_wrong_options() -> None:
    with pytest.raises(RequestError, match="did you mean 'ko-mecab'"):
        METRICS.build({"name": "bleu", "tokenizers": ["komecab"]}, "metrics.bleu")
    with pytest.raises(RequestError, match="did you mean 'kiwi-all'"):
        METRICS.build({"name": "bleu", "tokenizers": ["kiwi"]}, "metrics.bleu")
    with pytest.raises(RequestError, match="did you mean 'rougeL"):
        METRICS.build({"name": "rouge", "types": ["rougel"]}, "metrics.rouge")
    with pytest.raises(RequestError, match="word_orders"):
        METRICS.build({"name": "chrf", "word_orders": []}, "metrics.chrf")
    with pytest.raises(RequestError, match="must not be negative"):
        METRICS.build({"name": "eed", "rho": -1.0}, "metrics.eed")
    with pytest.raises(RequestError, match="did you mean 'kiwi'"):
        METRICS.build({"name": "rouge", "tokenizers": ["kiwii"]}, "metrics.rouge")
    with pytest.raises(RequestError, match="'median' is unknown"):
        reduction("median")


EXACT = '''
"""Share of texts that equal their reference."""
from jaso_core.registry import NoOptions
from jaso_evaluate.metrics import METRICS, Measure, Metric, mean_of

@METRICS.register("exact", NoOptions)
class Exact(Metric):
    """Share of texts that equal their reference."""
    def __init__(self, options):
        del options
    def measure(self, predictions):
        same = [float(p.prediction == p.reference) for p in predictions]
        return [Measure("exact", "% of texts", "exact|case:mixed", True, mean_of(same), "ratio:100")]
'''


def test_a_new_metric_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(METRICS, "_entries", dict(METRICS._entries))
    monkeypatch.setattr(METRICS, "_loaded_for", None)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/exact.py").write_text(EXACT)
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    data = pairs(1)
    scored = score(data, {"exact": {"name": "exact"}}, resamples=100, seed=0)
    assert scored.scores["metrics"]["exact"]["value"] == 50.0
    assert scored.extras["reductions"] == {"exact": "ratio:100"}
