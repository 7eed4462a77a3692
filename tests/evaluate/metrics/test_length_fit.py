"""Length limits in the wordings of application forms, lengths as forms count them, and `length_fit`."""

from __future__ import annotations

from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.korean.length_limits import ByteCounting, Limit, Unit, character_costs, find_limit
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable

BARE: Unit = "characters_without_blanks"

WORDINGS = [
    ("지원 동기를 쓰시오. (1000자 이내)", Limit(None, 1000)),
    ("성장 과정 (500자 이상 700자 이내)", Limit(500, 700)),
    ("직무 역량 (700~1,000자)", Limit(700, 1000)),
    ("성격의 장단점 (200자~400자)", Limit(200, 400)),
    ("성격의 장단점(200-400자)", Limit(200, 400)),
    ("600자 이상 ~ 800자 이하", Limit(600, 800)),
    ("지원동기 (최소 300자, 최대 500자)", Limit(300, 500)),
    ("최소 100자 이상 최대 1000자 이하로 입력하세요.", Limit(100, 1000)),
    ("입사 후 포부를 500자 이상 작성하세요.", Limit(500, None)),
    ("최대 1,500 byte로 작성해 주세요.", Limit(None, 1500, "bytes")),
    ("본인의 강점 [800바이트]", Limit(None, 800, "bytes")),
    ("포부를 쓰세요. 2,000Byte 이내(한글 1,000자)", Limit(None, 2000, "bytes")),
    ("포부를 쓰세요. 2,000Byte(한글 1,000자)", Limit(None, 2000, "bytes")),
    ("3000 bytes 이하", Limit(None, 3000, "bytes")),
    ("지원 동기 (공백 포함 1,000자)", Limit(None, 1000)),
    ("지원 동기 (공백 제외 800자 이내)", Limit(None, 800, BARE)),
    ("지원 이유 / 500자 이내 / 공백미포함", Limit(None, 500, BARE)),
    ("공백을 포함하지 않고 700자 이내", Limit(None, 700, BARE)),
    ("띄어쓰기를 포함하여 500자 이내", Limit(None, 500)),
    ("경험을 적어 주세요. (띄어쓰기 포함 600자 내외)", Limit(540, 660)),
    ("약 500자로 소개해 주세요.", Limit(450, 550)),
    ("역량을 기술하시오（１，０００자　이내）", Limit(None, 1000)),
    ("1000자", Limit(None, 1000)),
    ("글자 수: 700자", Limit(None, 700)),
    ("지원동기 500자(공백포함)", Limit(None, 500)),
    ("지원 동기(최대500자)", Limit(None, 500)),
    ("1천자 이내로 작성", Limit(None, 1000)),
    ("1천5백자 이하", Limit(None, 1500)),
    ("5백자 이내", Limit(None, 500)),
    ("경험을 700자로 서술하십시오", Limit(None, 700)),
    ("협업 경험 (1,000자 미만)", Limit(None, 999)),
    ("지원 이유 (1000자를 초과하지 마십시오)", Limit(None, 1000)),
    ("가장 힘들었던 일을 말하라 (800자 제한)", Limit(None, 800)),
    ("1000자까지 입력 가능", Limit(None, 1000)),
    ("1,000글자 이내", Limit(None, 1000)),
    ("Describe yourself within 500 characters.", Limit(None, 500)),
    ("최근 3년 이내의 경험 2가지를 쓰시오. (700자 이내)", Limit(None, 700)),
    # No limits.
    ("2023년 하반기에 지원한 이유는?", None),
    ("본인의 강점 3가지를 쓰시오.", None),
    ("매출을 20% 이상 높인 경험", None),
    ("만 34세 이하 지원자", None),
    ("500만원 이상의 예산을 다룬 경험", None),
    ("제3자의 입장에서 설명하시오.", None),
    ("이름의 첫 1자를 쓰시오.", None),
    ("10자리 비밀번호를 설계하시오", None),
    ("세 가지 경험을 각 300자 이내로", None),
    ("성장 과정과 포부를 항목당 500자 이내로", None),
    ("세 가지 경험을 항목별 300자 이내", None),
    ("3자녀 이상 가구인가요?", None),
    ("128바이트 캐시 구조를 설명하시오.", None),
    ("24시간 이내에 연락 주세요", None),
    ("100자루의 연필", None),
    ("1000자 원고를 쓴 경험은?", None),
    ("연락처 010-1234-5678", None),
    ("2018-2023년의 경력", None),
    ("", None),
    ("9" * 5000 + "자 이내", None),
]


@pytest.mark.parametrize(("wording", "limit"), WORDINGS)
def test_a_limit_is_read_as_people_mean_it(wording: str, limit: Limit | None) -> None:
    assert find_limit(wording) == limit


def test_a_very_long_prompt_is_searched_too() -> None:
    for filler in (" " * 100_000, "(" * 100_000, "각 500자 " * 20_000, "1" * 100_000, "500자 " * 20_000 + "쓴 글"):
        assert find_limit(f"지원 동기 (700자 이내) {filler}") == Limit(None, 700)


@pytest.mark.parametrize(
    ("unit", "counting", "length"),
    [
        ("characters", ByteCounting(), 7),
        ("characters_without_blanks", ByteCounting(), 5),
        ("bytes", ByteCounting(), 2 + 2 + 1 + 1 + 2 + 1 + 2),  # 가 나 blank A line-end 1 🙂
        ("bytes", ByteCounting(line_end_bytes=1), 10),
        ("bytes", ByteCounting(hangul_bytes=3, line_end_bytes=1), 3 + 3 + 1 + 1 + 1 + 1 + 4),
    ],
)
def test_lengths_by_hand(unit: Unit, counting: ByteCounting, length: int) -> None:
    for text in ("가나 A\n1🙂", "가나 A\r\n1🙂", "\u1100\u1161나 A\r1🙂"):  # the last begins in NFD
        assert character_costs(text, unit, counting).sum() == length


def measures(data: list[Prediction], **options: Any) -> dict[str, Measure]:
    return {m.name: m for m in METRICS.build({"name": "length_fit", **options}, "x").measure(data)}


def test_fit_by_hand() -> None:
    question = "강점을 쓰시오. (10자 이상 20자 이하)"
    data = [
        Prediction("fits", "가" * 15, "", meta={"question": question}),
        Prediction("long", "가" * 24, "", meta={"question": question}),
        Prediction("short", "가" * 9, "", prompt=f"<usr>{question}<sys>"),
        Prediction("empty", "", "", meta={"question": "강점 (20자 이내)"}),
        Prediction("free", "가" * 5000, "", meta={"question": "강점은?"}),
        Prediction("meta", "가나다 라마", "", meta={"question": question, "limit": 8, "limit_unit": "bytes"}),
    ]
    found = measures(data)
    assert found["within_limit"].per_example() == [100, 0, 0, 0, None, 0]
    assert found["limit_fill"].per_example() == pytest.approx([75, 120, 45, 0, None, 100 * 11 / 8])
    # 가나다 and the blank are 7 bytes: 라마 is too much.
    assert found["limit_overrun"].per_example() == [0, 4, 0, 0, None, 2]
    assert found["within_limit"].value() == 20
    assert "bytes:euc-kr" in found["limit_fill"].signature
    assert measures(data, hangul_bytes=3)["limit_fill"].per_example()[-1] == pytest.approx(100 * 16 / 8)


def test_without_limits_and_with_wrong_ones() -> None:
    with pytest.raises(NotMeasurable, match="1000자 이내"):
        measures([Prediction("a", "가", "", meta={"question": "강점은?"})])
    with pytest.raises(RequestError, match=r"prediction 'a': meta\.limit is '천자'; give a number"):
        measures([Prediction("a", "가", "", meta={"limit": "천자"})])
    with pytest.raises(RequestError, match="did you mean 'bytes'"):
        measures([Prediction("a", "가", "", meta={"limit": 10, "limit_unit": "byte"})])
    with pytest.raises(RequestError, match="hangul_bytes is 4"):
        METRICS.build({"name": "length_fit", "hangul_bytes": 4}, "metrics.length_fit")
