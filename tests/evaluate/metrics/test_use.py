"""use_similarity, use_relevance, fluency: measures without a download."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from support import SHARED_DATA

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.semantic_similarity import semantic_similarities
from jaso_evaluate.metrics import METRICS, NotMeasurable


def measured(name: str, rows: list[tuple[str, str, str]], **options: Any) -> dict[str, Any]:
    """By measure. `rows`: (text, reference, question)."""
    predictions = [
        Prediction(str(i), text, reference, meta={"question": question})
        for i, (text, reference, question) in enumerate(rows)
    ]
    return {m.name: m for m in METRICS.build({"name": name, **options}, "metrics").measure(predictions)}


QUESTION = "지원 동기를 말씀해 주세요."
REFERENCE = "고객의 불편을 줄이는 서비스를 만들고 싶어 지원했습니다."


def test_use_similarity_of_equal_near_and_blank_texts() -> None:
    near = "사용자의 불편을 덜어 주는 서비스를 만들려고 지원했습니다."
    rows = [(text, REFERENCE, QUESTION) for text in (REFERENCE, near, "오늘은 비가 옵니다.", " ")]
    scores = measured("use_similarity", rows)["use_similarity"].per_example()
    assert scores[0] == pytest.approx(100, abs=1e-3)
    assert scores[0] > scores[1] > 60 > scores[2]
    assert scores[3] == 0


def test_use_relevance_stands_beside_the_references() -> None:
    rows = [(REFERENCE, REFERENCE, QUESTION), ("오늘은 비가 옵니다.", REFERENCE, QUESTION)]
    measures = measured("use_relevance", rows)
    on_subject, off_subject = measures["use_relevance"].per_example()
    assert on_subject > off_subject
    assert measures["use_relevance_reference"].per_example() == pytest.approx([on_subject] * 2)
    assert measures["use_relevance_reference"].higher_is_better is None
    with pytest.raises(NotMeasurable, match="no text has a question"):
        measured("use_relevance", [("가", "나", "")])


def test_fluency_sees_shuffled_words_and_wrong_particles() -> None:
    fluent = "저는 고객의 불편을 줄이는 서비스를 만들고 싶어 이 회사에 지원했습니다."
    shuffled = "싶어 저는 불편을 이 줄이는 지원했습니다 회사에 만들고 고객의 서비스를."
    particles = "저를 고객은 불편이 줄이는 서비스가 만들고 싶어 이 회사를 지원했습니다."
    measure = measured("fluency", [(text, fluent, QUESTION) for text in (fluent, shuffled, particles, "")])
    scores = measure["fluency"].per_example()
    assert scores[0] > scores[1]
    assert scores[0] > scores[2]
    assert scores[3] is None
    assert measure["fluency_reference"].per_example()[:2] == pytest.approx([scores[0]] * 2)


def test_an_unknown_embedder_is_named() -> None:
    with pytest.raises(Exception, match="embedder 'bert' is unknown, known: use, use"):
        METRICS.build({"name": "use_similarity", "embedder": "bert"}, "metrics")


@pytest.mark.parametrize(("embedder", "pearson"), [
    ("use", 0.760), pytest.param("use+e5", 0.809, marks=pytest.mark.slow),
])  # fmt: skip
def test_agreement_with_people_on_klue_sts(embedder: str, pearson: float) -> None:
    file = SHARED_DATA / "klue-sts" / "klue-sts-v1.1_dev.json"
    if not file.is_file():
        pytest.skip("shared/data/klue-sts is not here")
    pairs = json.loads(file.read_text(encoding="utf-8"))
    scores = semantic_similarities([p["sentence1"] for p in pairs], [p["sentence2"] for p in pairs], embedder)
    people = [p["labels"]["real-label"] for p in pairs]
    assert np.corrcoef(scores, people)[0, 1] == pytest.approx(pearson, abs=0.002)
