"""The third seed's two tables of human scores, entered as sheets, come back as they were printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sheet_support import CRITERIA, Row, fill, make_round, read_round, spread, write_run

LAYOUTS = (
    "질문+답변",
    "질문+요약",
    "요약+답변",
    "경력+질문+답변",
    "직업+경력+질문+답변",
    "직업+경력+질문+요약",
    "질문+경력+직업+답변",
)
QUESTIONS = {"q1": "정보통신 분야에 지원한 동기가 무엇인가요?", "q2": "갈등 상황을 해결한 경험을 이야기해주세요"}
SUMS = {  # over five raters, as printed: a row each for the three criteria
    "q1": ((10, 10, 7, 9, 8, 7, 4), (6, 8, 7, 9, 6, 4, 3), (4, 5, 6, 7, 6, 4, 4)),
    "q2": ((10, 8, 10, 10, 4, 9, 4), (10, 3, 10, 7, 4, 3, 8), (10, 3, 7, 8, 5, 4, 6)),
}
PRINTED = {"q1": (4, 4.6, 4, 5, 4, 3, 2.2), "q2": (6, 2.8, 5.4, 5, 2.6, 3.2, 3.6)}


def scores(row: Row) -> list[int]:
    rater, layout = int(row["rater"].removeprefix("rater")) - 1, LAYOUTS.index(row["run"])
    return [spread(SUMS[row["example"]][c][layout])[rater] for c in range(len(CRITERIA))]


def test_all_fourteen_final_scores_come_back(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / name / "predictions.jsonl", {i: f"가상의 답변 {i} {n}" for i in QUESTIONS}, QUESTIONS)
        for n, name in enumerate(LAYOUTS)
    ]
    made = make_round(tmp_path, [file.parent for file in runs], raters=5)
    found = read_round(fill(made, tmp_path / "filled", scores), made, tmp_path / "human", resamples=1000)

    assert found["n"] | {"duplicates": 0} == {
        "raters": 5, "items": 2, "groups": 2, "runs": 7, "texts": 14, "scored_rows": 70, "duplicates": 0,
        "missing_scores": 0,
    }  # fmt: skip
    by_question = {q["question"]: q for q in found["questions"]}
    for i, question in QUESTIONS.items():
        assert by_question[question]["final"] == pytest.approx(dict(zip(LAYOUTS, PRINTED[i], strict=True)))
    assert by_question[QUESTIONS["q1"]]["best"] == ["경력+질문+답변"]
    assert by_question[QUESTIONS["q1"]]["worst"] == ["질문+경력+직업+답변"]
    assert by_question[QUESTIONS["q2"]]["best"] == ["질문+답변"]
    assert by_question[QUESTIONS["q2"]]["worst"] == ["직업+경력+질문+답변"], "2.6; the slide's label names the 3.6"

    pooled = {row["run"]: row["final"]["value"] for row in found["runs"]}
    assert pooled == pytest.approx(dict(zip(LAYOUTS, (5.0, 3.7, 4.7, 5.0, 3.3, 3.1, 2.9), strict=True)))
    assert [round(found["criteria"][name], 2) for name in CRITERIA] == [1.57, 1.26, 1.13]
    assert found["between_items"]["items"] == 2
    assert found["between_items"]["spearman"] == pytest.approx(0.04, abs=0.005)

    verdict = found["verdict"]
    assert (verdict["pairs"], verdict["told_apart"], verdict["smallest_p"]) == (21, 0, 0.5)
    assert verdict["sentence"].startswith("2 questions in 2 groups cannot rank 7 systems: 0 of 21 pairs")
    assert "at least 10 groups" in verdict["sentence"]  # 21 × 2⁻⁹ = 0.041, 21 × 2⁻⁸ = 0.082
    for suffix in ("md", "html"):
        assert "cannot rank 7 systems" in (tmp_path / f"human/human.{suffix}").read_text(encoding="utf-8")
