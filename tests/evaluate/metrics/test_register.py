"""Speech levels against sentences labelled by hand."""

from __future__ import annotations

import unicodedata

import pytest

from jaso_core.records import Prediction
from jaso_evaluate.korean.sentences import analyse_sentences
from jaso_evaluate.korean.speech_levels import LEVELS, speech_level
from jaso_evaluate.metrics import METRICS, Measure

LABELLED = {
    "hapsyo": [
        "저는 팀을 이끌었습니다.",
        "매출이 늘었다고 합니다.",
        "무엇을 배울 수 있습니까?",
        "함께 성장합시다.",
        "끝까지 읽어 주십시오.",
        "가장 큰 강점은 성실함입니다.",
        "그렇게 해 왔습니다^^",
        "기록을 다시 살폈습니다(2023년).",
        "고객을 먼저 생각하겠습니다!",
        "이것이 제가 지원한 이유입니다",
        "팀장님은 “힘들다.”라고 말씀하셨습니다.",
        "동료에게 먼저 물어보라고 배웠습니다.",
        "선배들은 그 방법이 옳답니다.",
        "누구나 실수를 한답니다.",
        "그것이 저의 첫 직장이랍니다.",
        "처음에는 서툴렀습니다만.",
    ],
    "haeyo": [
        "정말 좋았어요!",
        "했어요ㅎㅎ",
        "저는 디자이너예요.",
        "그 일이 쉽지는 않았지요.",
        "그래서 더 열심히 했죠.",
        "제가 먼저 할게요.",
        "같이 해 볼까요?",
        "좋은 경험이었네요.",
        "그런데요.",
        "사실은 조금 어려웠는데요.",
        "한번 맡겨 보세요.",
        "뭐라고요?",
        "친구가 그만두라고 해도 계속했어요.",
    ],
    "haera": [
        "나는 그날의 실수를 잊지 않는다.",
        "그는 “저도 돕겠습니다.”라고 말했다.",
        "목표는 분명했다.",
        "포기하지 말자.",
        "먼저 기본을 지켜라.",
        "왜 그렇게 생각하느냐?",
        "너는 무엇을 좋아하니?",
        "생각보다 어렵더라.",
        "결국 사람이 중요하구나.",
        "이게 맞나 싶다.",
        "고객이 웃으면 나도 웃는다!",
        "실패는 경험이다",
    ],
    "hae": [
        "나는 그게 좋아.",
        "내가 먼저 갈게.",
        "그건 나도 알지.",
        "오늘은 조금 힘들었어.",
        "그 말이 맞네.",
        "이제 시작이야.",
        "같이 갈래?",
        "그때는 몰랐거든.",
        "정말 대단하군.",
    ],
    "hao": [
        "본인의 강점을 기술하시오.",
        "나는 먼저 가겠소.",
        "이제 그만두게.",
        "참으로 훌륭하오.",
        "금방 다녀오리다.",
    ],
    "nominal": [
        "목표를 달성함.",
        "꼼꼼함이 강점임.",
        "고객의 신뢰를 얻음(2023년).",
        "업무 시간을 절반으로 줄였음.",
        "최선을 다하겠음.",
        "좋은 결과가 있기를 바람.",
        "서류를 미리 준비할 것.",
    ],
    None: [
        "고객 응대 매뉴얼 작성.",
        "[꼼꼼함으로 쌓은 신뢰]",
        "네.",
        "무엇을 할 수 있을까?",
        "나는 왜 이 일을 하는가?",
        "저는 고객의 목소리를 먼저 듣고",
        "첫째, 책임감.",
        "…",
        "🙂",
    ],
}
ROWS = [(sentence, level) for level, sentences in LABELLED.items() for sentence in sentences]


def test_labelled_sentences() -> None:
    assert len(ROWS) >= 60
    found = analyse_sentences(sentence for sentence, _ in ROWS)
    levels = {sentence: [speech_level(s.morphemes) for s in found[sentence]] for sentence, _ in ROWS}
    wrong = {sentence: levels[sentence] for sentence, level in ROWS if levels[sentence] != [level]}
    assert wrong == {}


def measures(*texts: str) -> dict[str, Measure]:
    data = [Prediction(str(i), text, "") for i, text in enumerate(texts)]
    return {m.name: m for m in METRICS.build({"name": "register"}, "x").measure(data)}


def test_register_by_hand() -> None:
    one = "저는 일했습니다. 많이 배웠습니다. 정말 좋았어요! 끝까지 했습니다."
    other = "그는 “저도 돕겠습니다.”라고 말했다. 나는 웃었다."
    found = measures(one, other, "고객 응대.", "")
    assert found["register_consistency"].per_example() == [75, 100, None, None]
    assert found["register_consistency"].value() == pytest.approx(100 * 5 / 6)
    assert found["register_mixed"].per_example() == [100, 0, None, None]
    shares = {level: found[f"register_{level}"].value() for level in LEVELS}
    assert shares == pytest.approx({"hapsyo": 50, "haeyo": 100 / 6, "haera": 100 / 3, "hae": 0, "hao": 0, "nominal": 0})
    assert found["register_hapsyo"].higher_is_better is None


def test_odd_texts_have_a_level_or_none() -> None:
    texts = [
        "",
        " \n",
        "가",
        unicodedata.normalize("NFD", "저는 일했습니다."),
        "🙂🙂",
        ")" * 3000,
        "일했습니다. " * 3000,
    ]
    found = measures(*texts)["register_consistency"].per_example()
    assert [found[i] for i in (0, 1, 3, 4, 5, 6)] == [None, None, 100, None, None, 100]
