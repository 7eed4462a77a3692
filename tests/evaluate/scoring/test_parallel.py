"""Scores of many texts do not depend on how many processes measure them."""

from __future__ import annotations

from typing import Any

import pytest

from jaso_core.records import Prediction
from jaso_evaluate.metrics import Measure, Training
from jaso_evaluate.scoring import parallel as parts
from jaso_evaluate.scoring import scorer
from jaso_evaluate.scoring.scorer import ScoringResult, score

NAMES = (
    "bits_per_character", "bleu", "chrf", "eed", "rouge", "rouge_legacy", "length", "repetition", "diversity", "register",
    "length_fit", "relevance", "leaks", "memorisation",
)  # fmt: skip
NODES: dict[str, dict[str, Any]] = {name: {"name": name} for name in NAMES}
TRAINING = Training(["고객의 목소리를 먼저 듣고 기록을 다시 살폈습니다."], ["(주)가상전자"], "0123456789ab")


def predictions(n: int, **changes: Any) -> list[Prediction]:
    """Different texts; only the first question states a limit."""
    questions = ["지원 동기를 쓰시오. (700자 이내)", "강점은 무엇입니까?", "갈등을 해결한 경험을 쓰시오."]
    return [
        Prediction(
            f"p{i}",
            f"고객의 목소리를 {i}번 먼저 듣고 가상전자에서 일했어요. 기록을 살폈습니다." if i % 4 else "",
            f"저는 고객의 목소리를 {i}번 들었습니다.",
            meta={"bits": 9.0 + i, "characters": 4, "question": questions[(i > 4) + (i > 7)], "group": f"g{i // 2}", **changes},
        )
        for i in range(n)
    ]  # fmt: skip


def scored(data: list[Prediction], workers: int) -> ScoringResult:
    return score(data, NODES, 100, 0, TRAINING, workers)


@pytest.mark.slow
def test_parts_give_the_scores_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    data = predictions(12)
    whole = scored(data, 2)  # too few to be taken apart
    monkeypatch.setattr(parts, "MIN_PREDICTIONS", 2)
    monkeypatch.setattr(parts, "_PART_SIZE", 5)
    apart: dict[str, list[Measure]] = {}

    def measured(*given: Any) -> dict[str, list[Measure]]:
        apart.update(parts.measure_in_parallel(*given))
        return apart

    monkeypatch.setattr(scorer, "measure_in_parallel", measured)
    for workers in (2, 1):  # one: the parts are measured in this process, so that memory is bounded there too
        apart.clear()
        again = scored(data, workers)
        assert (again.scores, again.per_example, again.extras) == (whole.scores, whole.per_example, whole.extras)
        # The limit stands in one part only: no part can stand for the whole there.
        assert set(apart) == set(NAMES) - {"diversity", "relevance", "memorisation", "length_fit"}
    assert whole.scores["metrics"]["leak_company_of_training"]["value"] == 75.0
