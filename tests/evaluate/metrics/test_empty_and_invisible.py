"""Empty references cost alike in every metric, and invisible characters are counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jaso_core.io.files import read_json
from jaso_core.records import Prediction
from jaso_evaluate import score
from jaso_evaluate.metrics import METRICS, Measure
from jaso_evaluate.metrics.style.length import has_invisible

TEXTS = [
    "저는 고객의 목소리를 먼저 듣습니다.",
    "매장에서 일하며 불만을 절반으로 줄였습니다.",
    "API 3건을 고쳤습니다 🙂",
    "네.",
    "팀원과 의견이 달랐지만 자료를 함께 보며 합의했습니다.",
]
EMPTY = ["", " ", "\n", "\t \n", "\u3000"]
REFERENCE_METRICS = ("bleu", "chrf", "rouge", "eed")


def measures(name: str, pairs: list[tuple[str, str]], **options: Any) -> dict[str, Measure]:
    metric = METRICS.build({"name": name, **options}, f"metrics.{name}")
    return {m.name: m for m in metric.measure([Prediction(str(i), a, b) for i, (a, b) in enumerate(pairs)])}


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("prediction", ["", " ", *TEXTS])
def test_an_empty_reference_has_the_worst_value_in_all(prediction: str, empty: str) -> None:
    for name in REFERENCE_METRICS:
        for measure in measures(name, [(prediction, empty)]).values():
            assert measure.value() == (0 if measure.higher_is_better else 100), measure.name


@pytest.mark.parametrize("empty", EMPTY)
def test_one_among_six_costs_in_all_and_counts_in_all(empty: str) -> None:
    equal = [(text, text) for text in TEXTS]
    for name in REFERENCE_METRICS:
        without, together = measures(name, equal), measures(name, [*equal, (TEXTS[0], empty)])
        for key, measure in together.items():
            before, after = without[key].value(), measure.value()
            assert before is not None
            assert after is not None
            assert (after < before - 1) if measure.higher_is_better else (after > before + 1), key
            assert measure.present.sum() == 6


def test_chrf_without_empty_references_is_what_it_was() -> None:
    pairs = [("가나다라", "가나"), ("가", "가나다"), ("", "가나"), ("네", "네")]
    stats = measures("chrf", pairs, word_orders=[0])["chrf"].stats
    # "가나다라" has 3- and 4-grams, "가나" has none: they are not counted, as in sacrebleu
    assert stats[0].tolist()[:12] == [4, 2, 2, 3, 1, 1, 0, 0, 0, 0, 0, 0]


def test_they_are_told_and_their_share_is_a_measure(
    compose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": str(i), "prediction": text, "reference": text if i else ""} for i, text in enumerate(TEXTS)]
    file = tmp_path / "p.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    score.run(score.settings(compose("score", predictions=file, out=tmp_path / "out", resamples=200)))
    assert "score: 1 of 5 references are empty: the worst value in every metric" in capsys.readouterr().err
    metrics = read_json(tmp_path / "out" / "scores.json")["metrics"]
    assert metrics["empty_reference"]["value"] == 20
    assert metrics["chrf"]["value"] < 100
    assert "invisible" not in metrics
    assert "Empty references" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "저는\u200b 성실", "\ufeff저는", "저\u00ad는", "가\u2060나", "가\u200c나", "가\u200d나", "\u3164", "가\uffa0", "\u115f가", "가\u1160",
        "가\x00", "가\x07", "가\x1b[0m", "가\x7f", "가\x85나", "\u202e가", "가\u202c", "\u2066가\u2069", "가\u200e", "가\u200f", "가\u061c",
        "가\u180e", "\u2800", "가\ufff9", "가\U000e0041", "👩\u200d", "\u200d💻", "가\x0b나", "가\x0c나", "\u2063",
    ],
)  # fmt: skip
def test_what_no_one_sees_is_found(text: str) -> None:
    assert has_invisible(text)


@pytest.mark.parametrize(
    "text",
    [
        "저는 성실합니다.", "", " ", "가\n나", "가\t나", "가\r\n나", "👩\u200d💻", "👨\u200d👩\u200d👧", "❤\ufe0f", "❤\ufe0f\u200d🔥", "🏴\U000e0067\U000e0062\U000e007f",
        "각", "\u1100\u1161", "e\u0301", "가\u3000나", "가\u00a0나", "ㅋㅋ", "½", "①", "—", "한국\ufffd", "🙂", "🇰🇷", "1️⃣", "Ａ",
        "'“”’", "×", "가·나", "ㆍ", "\u2028",
    ],
)  # fmt: skip
def test_what_is_seen_or_a_blank_is_none(text: str) -> None:
    assert not has_invisible(text)


def test_they_are_a_share_of_texts_where_there_are_any() -> None:
    found = measures("length", [("가\u200b나", "가"), ("가나", "가")])
    assert found["invisible"].value() == 50
    assert "invisible" not in measures("length", [("가나", "가")])
