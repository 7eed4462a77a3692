"""Leaks and memorisation: what a text gives away, with planted truth."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.longest_match import FLOOR, longest_overlaps
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable, Training

COMPANIES = ["(주)별그늘소프트", "주식회사 구름돌화장품"]
CHATBOT = Path(__file__).parents[4] / "shared/data/chatbot/ChatbotData.csv"

# The text, and what it gives away: c(ompany), t(raining company), p(erson), n(umber or address), m(ask token).
PLANTED = [
    ("고객의 목소리를 먼저 듣는 사람입니다.", ""),
    ("(주)가상전자에서 인턴으로 일했습니다.", "c"),
    ("별그늘소프트에 지원했습니다.", "ct"),
    ("구름돌화장품의 신제품을 써 보았습니다.", "ct"),
    ("[회사]에서 [이름] 팀장님과 일했습니다.", "m"),
    ("함께 일한 김가람 팀장님께 배웠습니다.", "p"),
    ("연락처는 010-1234-5678입니다.", "n"),
    ("메일은 hong@example.com으로 주세요.", "n"),
    ("신뢰와 책임을 지키는 팀장이 되고 싶습니다. 6년 차에는 후배에게 설비를 맡기겠습니다.", ""),
    ("", ""),
    (" \n", ""),
    ("🙂", ""),
]
LETTERS = {
    "leak_company": "c",
    "leak_company_of_training": "t",
    "leak_person": "p",
    "leak_contact": "n",
    "mask_tokens": "m",
}


def measures(name: str, data: list[Prediction], training: Training | None = None, **options: Any) -> dict[str, Measure]:
    metric = METRICS.build({"name": name, **options}, name)
    return {m.name: m for m in metric.measure_with(data, training)}


def test_planted_leaks_are_found() -> None:
    data = [Prediction(str(i), text, "") for i, (text, _) in enumerate(PLANTED)]
    found = measures("leaks", data, Training(companies=COMPANIES, digest="0f0f"))
    for name, letter in LETTERS.items():
        expected = [100.0 * (letter in leaks) for _, leaks in PLANTED]
        assert found[name].per_example() == expected, name
    assert "gazetteer:training-0f0f" in found["leak_company"].signature
    assert found["mask_tokens"].higher_is_better is None
    without = measures("leaks", data)
    assert "leak_company_of_training" not in without
    assert without["leak_company"].per_example()[1] == 100


def test_what_the_model_was_told_is_no_leak() -> None:
    text = "별그늘소프트에서 일한 김가람 팀장님의 번호는 010-1234-5678입니다."
    told = "<usr>(주)별그늘소프트의 김가람 팀장(010-1234-5678)을 소개하시오.<sys>"
    data = [
        Prediction("prompt", text, "", prompt=told),
        Prediction("question", text, "", meta={"question": told}),
        Prediction("other", text, "", prompt="<usr>(주)가상전자를 소개하시오.<sys>", meta={"company": COMPANIES[0]}),
    ]
    found = measures("leaks", data, Training(companies=COMPANIES))
    for name in ("leak_company", "leak_company_of_training", "leak_person", "leak_contact"):
        assert found[name].per_example() == [0, 0, 100], name


def test_a_name_within_another_word_was_not_told() -> None:
    text = "저는 별그늘소프트에서 일했습니다."
    data = [
        Prediction("within", text, "", prompt="별그늘소프트웨어를 소개하시오."),
        Prediction("spaced", text, "", prompt="별그늘 소프트를 소개하시오."),
        Prediction("bracketed", text, "", prompt="별그늘소프트(주)를 소개하시오."),
    ]
    assert measures("leaks", data, Training(companies=COMPANIES))["leak_company"].per_example() == [100, 0, 0]


def test_numbered_mask_tokens_are_mask_tokens() -> None:
    data = [Prediction(str(i), text, "") for i, text in enumerate(["[회사]에서", "[회사2]에서", "회사에서"])]
    assert measures("leaks", data)["mask_tokens"].per_example() == [100, 100, 0]


@pytest.mark.skipif(not CHATBOT.is_file(), reason="the open chatbot data are not beside the checkout")
def test_everyday_questions_leak_nothing() -> None:
    with CHATBOT.open(encoding="utf-8") as stream:
        questions = [row["Q"] for row in csv.DictReader(stream)][::10]
    found = measures("leaks", [Prediction(str(i), q, "") for i, q in enumerate(questions)])
    assert {name: m.value() for name, m in found.items()} == dict.fromkeys(found, 0.0)


def slowly(text: str, collection: list[str]) -> int:
    """The longest common piece by trying all of them."""
    lengths = [
        length
        for start in range(len(text))
        for length in range(FLOOR, len(text) - start + 1)
        if any(text[start : start + length] in other for other in collection)
    ]
    return max(lengths, default=0)


def test_overlaps_are_exact() -> None:
    draw = random.Random(5)
    words = ["".join(draw.choices("가나다", k=draw.randint(2, 4))) for _ in range(8)]
    texts = [" ".join(draw.choices(words, k=draw.randint(0, 12))) for _ in range(40)]
    collection = [" ".join(draw.choices(words, k=30)) for _ in range(20)]
    found = longest_overlaps(texts, collection)
    for text, overlap in zip(texts, found, strict=True):
        assert overlap.length == slowly(text, collection)
        assert overlap.length == 0 or any(text[overlap.start :][: overlap.length] in other for other in collection)
    assert len({overlap.length for overlap in found}) > 10


def test_overlaps_do_not_cross_texts() -> None:
    texts = ["가나다라마바사아자차카타", "가나다라마바", "가나다라마바사아", "", "가" * 5000]
    collection = ["가나다라마바", "사아자차카타파하", "", "가나다라마바사아", "가" * 4999]
    assert [overlap.length for overlap in longest_overlaps(texts, collection)] == [8, 0, 8, 0, 4999]
    assert [overlap.length for overlap in longest_overlaps(texts, [])] == [0] * 5
    assert longest_overlaps([], collection) == []
    # The pattern that makes hashes modulo a power of two collide (Thue–Morse).
    morse = "".join("가나"[i.bit_count() % 2] for i in range(4096))
    assert longest_overlaps([morse[:2048]], [morse[2048:]])[0].length == slowly_long(morse[:2048], morse[2048:])


def slowly_long(text: str, other: str) -> int:
    low, high = 0, len(text) + 1
    while high - low > 1:
        middle = (low + high) // 2
        hit = any(text[i : i + middle] in other for i in range(len(text) - middle + 1))
        low, high = (middle, high) if hit else (low, middle)
    return low


def test_memorisation_by_hand() -> None:
    letter = "저는 시험 기록을 세 번 다시 살펴 오류를 모두 찾아냈습니다. 그 뒤로 팀의 기록은 제가 맡았습니다."
    data = [
        Prediction("copied", f"그래서 {letter[:52]}", "다른 글입니다."),
        Prediction("blanks", letter[:19].replace(" ", "\n "), letter[:9]),
        Prediction("own", "하늘이 푸르고 바람이 시원한 날이었다.", ""),
        Prediction("empty", "", letter),
    ]
    found = measures("memorisation", data, Training([letter, "또 다른 글"], digest="abc"))
    assert found["memorised_characters"].per_example() == [52, 19, 0, 0]
    assert found["memorised_share"].per_example()[1:] == [100, 0, None]
    assert found["memorised_50"].per_example() == [100, 0, 0, 0]
    assert found["memorised_characters_reference"].per_example() == [0, 9, 0, len(letter)]
    assert found["memorised_50_reference"].baseline_of == "memorised_50"
    assert "train:abc" in found["memorised_50"].signature
    assert "memorised_20" in measures("memorisation", data, Training([letter]), long_characters=20)
    with pytest.raises(NotMeasurable, match="train="):
        measures("memorisation", data)


def test_odd_texts() -> None:
    texts = ["", " \n", "가", "🙂👩\u200d💻", "갈등을 " * 25_000, "\u1100\u1161" * 9]
    data = [Prediction(str(i), text, text) for i, text in enumerate(texts)]
    training = Training([*texts, "가가가가가가가가가"], COMPANIES)
    found = measures("memorisation", data, training)["memorised_characters"].per_example()
    assert found == [0, 0, 0, 0, 99_999, 9]  # 갈등을 with one blank between them; NFD is composed
    for measure in measures("leaks", data, training).values():
        assert measure.value() == 0
    many = " ".join(f"(주)가상{chr(0xAC00 + i)}전자에서" for i in range(10_000))  # names, all different
    assert measures("leaks", [Prediction("many", many, "")], training)["leak_company"].value() == 100


def test_the_field_by_hand() -> None:
    """Of ICT 서버 ×2 and 고객, of BM 매출 ×2 and 고객; 5 words with those of the texts. P(서버|ICT) = 3/6, P(고객|·) equal."""
    labelled = [("서버 서버 고객", "ICT"), ("매출 매출 고객", "BM")]
    data = [
        Prediction("right", "서버", "서버 고객", meta={"occupation": "ICT"}),
        Prediction("strays", "매출 매출 서버", "서버", meta={"occupation": "ICT"}),
        Prediction("nothing", "", "매출", meta={"occupation": "BM"}),
        Prediction("unknown words", "바다", "서버", meta={"occupation": "BM"}),
        Prediction("unknown field", "서버", "서버", meta={"occupation": "RND"}),
        Prediction("no field", "서버", "서버"),
    ]
    found = measures("field", data, Training(labelled=labelled, digest="abc"), least=1)
    assert found["field_match"].per_example() == [100, 0, 0, 0, None, None]
    assert found["field_match_reference"].per_example() == [100, 100, 100, 0, None, None]
    assert "fields:2" in found["field_match"].signature
    with pytest.raises(NotMeasurable, match="two occupations"):
        measures("field", data, Training(labelled=labelled, digest="abc"), least=2)
    with pytest.raises(NotMeasurable, match="no text has an occupation"):
        measures("field", data[4:], Training(labelled=labelled), least=1)
