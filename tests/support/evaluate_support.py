"""Examples of three questions, for tests of evaluation."""

from __future__ import annotations

from typing import Any

from jaso_core.records import Example

QUESTIONS = ["지원 동기를 말씀해 주세요.", "본인의 강점은 무엇입니까?", "갈등을 해결한 경험을 들려주세요."]
ANSWERS = [
    "저는 고객의 목소리를 먼저 듣는 사람입니다. 매장에서 일하며 불만을 줄였습니다.",
    "꼼꼼함이 저의 강점입니다. 시험 기록을 다시 살펴 오류 {n}건을 찾았습니다.",
    "팀원과 의견이 달랐지만 자료를 함께 보며 합의했습니다. 그 뒤로 회의를 {n}번 더 열었습니다.",
]


def example(i: int, split: str, **changes: Any) -> Example:
    values: dict[str, Any] = {
        "id": f"{split}:{i}#0",
        "document_id": f"{split}:{i}",
        "group": f"{split}:{i // 2}",
        "split": split,
        "question": QUESTIONS[i % 3],
        "answer": ANSWERS[i % 3].format(n=i + 1),
        "occupation": ("ICT", "BM")[i % 2],
        "experience": "NEW",
    }
    return Example(**{**values, **changes})
