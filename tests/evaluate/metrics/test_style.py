"""Diversity, repetition and relevance: values worked out by hand or by the libraries, and odd texts."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sacrebleu
from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu

from jaso_core.errors import RequestError
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.ngrams import iterate_ngrams, self_bleu
from jaso_evaluate.metrics import METRICS, Measure, NotMeasurable
from jaso_evaluate.metrics.style.repetition import ends_in_loop

ODD = ["", " \n", "가", unicodedata.normalize("NFD", "저는 일했습니다."), "🙂👩\u200d💻", "갈등을 " * 25_000]


def predictions(texts: Sequence[str], **meta: Any) -> list[Prediction]:
    return [Prediction(str(i), text, "", meta=meta) for i, text in enumerate(texts)]


def measures(name: str, data: list[Prediction], **options: Any) -> dict[str, Measure]:
    return {m.name: m for m in METRICS.build({"name": name, **options}, name).measure(data)}


def random_texts(n: int, seed: int = 3) -> list[list[str]]:
    draw = random.Random(seed)
    return [draw.choices("가나다라마바사", k=draw.randint(1, 25)) for _ in range(n)]


def test_grams_are_counters() -> None:
    tokens = [*random_texts(20), []]
    for n, found in enumerate(iterate_ngrams(tokens, 4), 1):
        counts = [Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1)) for text in tokens]
        everything = sum(counts, Counter())
        assert found.totals(21).tolist() == [c.total() for c in counts]
        assert found.distinct(21).tolist() == [len(c) for c in counts]
        assert found.distinct_shares(21) == pytest.approx(
            [sum(k / everything[g] for g, k in c.items()) for c in counts]
        )
        assert found.distinct_shares(21).sum() == pytest.approx(len(everything))


def test_distinct_by_hand() -> None:
    """가나가나 and 나다: the characters 가 ×2, 나 ×3, 다 ×1, the pairs 가나 ×2, 나가, 나다."""
    found = measures("diversity", predictions(["가나 가나", "나다", ""]), tokenizers=["character"])
    assert found["distinct_1_character"].value() == pytest.approx(100 * 3 / 6)
    assert found["distinct_2_character"].value() == pytest.approx(100 * 3 / 4)
    assert found["distinct_1_character"].per_example() == pytest.approx(
        [100 * (1 + 2 / 3) / 4, 100 * (4 / 3) / 2, None]
    )
    assert found["distinct_3_character"].per_example() == pytest.approx([100, None, None])
    assert "tok:character" in found["distinct_1_character"].signature
    assert "kiwi-" in measures("diversity", predictions(["저는 갔다.", "나는 왔다."]))["distinct_1_kiwi_all"].signature


def test_self_bleu_is_sacrebleus_with_all_others_as_references() -> None:
    tokens = random_texts(30)
    lines = [" ".join(text) for text in tokens]
    scorer = sacrebleu.BLEU(tokenize="none", effective_order=True)
    expected = [scorer.sentence_score(line, lines[:i] + lines[i + 1 :]).score for i, line in enumerate(lines)]
    assert self_bleu(tokens) == pytest.approx(expected, abs=1e-9)
    found = measures("diversity", predictions(["".join(text) for text in tokens]), tokenizers=["character"])
    assert found["self_bleu_character"].value() == pytest.approx(sum(expected) / 30)
    assert found["self_bleu_character"].higher_is_better is False


def test_self_bleu_agrees_with_nltk_where_nothing_is_smoothed() -> None:
    tokens = [text * 2 for text in random_texts(30) if len(text) > 6]
    scores = self_bleu(tokens)
    plain = SmoothingFunction().method0
    for i, text in enumerate(tokens):
        others = tokens[:i] + tokens[i + 1 :]
        if _fourgrams([text]) & _fourgrams(others):
            assert scores[i] == pytest.approx(100 * corpus_bleu([others], [text], smoothing_function=plain))


def _fourgrams(texts: Sequence[Sequence[str]]) -> set[tuple[str, ...]]:
    return {tuple(text[i : i + 4]) for text in texts for i in range(len(text) - 3)}


def test_self_bleu_within_candidates() -> None:
    """Two equal candidates: 100; two without a character in common: 0; one alone: no value."""
    metas = [
        {"candidates": ["가나다라마", "가나다라마"]},
        {"candidates": [{"text": "가나다라", "stop": "end"}, {"text": "마바사아", "stop": "end"}]},
        {"candidates": ["가"]},
        {},
    ]
    data = [Prediction(str(i), "가나다라", "", meta=meta) for i, meta in enumerate(metas)]
    found = measures("diversity", data, tokenizers=["character"])
    assert found["self_bleu_candidates_character"].per_example() == pytest.approx([100, 0, None, None])
    assert "self_bleu_candidates_character" not in measures("diversity", data[3:] * 2, tokenizers=["character"])


def test_repetition_by_hand() -> None:
    """가나가나 has the pairs 가나 나가 가나: 1 of 3 is repeated."""
    found = measures("repetition", predictions(["가나가나", "가나다", "가", ""]), tokenizer="character")
    assert found["rep_2"].per_example() == pytest.approx([100 / 3, 0, None, None])
    assert found["rep_2"].value() == pytest.approx(100 / 6)
    assert found["rep_4"].per_example() == [0, None, None, None]
    sentences = "저는 일했습니다. 많이 배웠습니다. 저는  일했습니다."
    found = measures("repetition", predictions([sentences, "저는 일했습니다.", ""]))
    assert found["repeated_sentences"].per_example() == pytest.approx([100 / 3, 0, None])


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("팀원과 갈등을 갈등을 갈등을", True),
        ("팀원과 갈등을 갈등을 갈등을 갈", True),
        ("팀원과 갈등을 갈등을", False),
        ("영업 영업 영업", True),
        ("나는 갔다. 나는 갔다. 나는 갔다.", True),
        ("나는 갔다.\n나는  갔다. 나는 갔다.", True),
        ("갈등을 갈등을 갈등을 넘어 배웠습니다.", False),
        ("정말 좋았습니다...", False),
        ("ㅋㅋㅋㅋㅋㅋㅋㅋㅋ", True),
        ("가나가나가나", False),
        ("목표는 1000000000원이었다. 1,000,000,000", False),
        ("성장 -------------", False),
        ("하나 둘 셋 넷 다섯", False),
        ("", False),
        ("가", False),
        ("가" * 100_000, True),
        ("가나다라" * 20_000 + "끝났습니다", False),
    ],
)
def test_loops(text: str, loops: bool) -> None:
    assert ends_in_loop(text) is loops


QUESTIONS = ["지원 동기는 무엇입니까? (700자)", "협업 경험을 쓰시오.", "강점은 무엇입니까?"]
ANSWERS = [
    ["귀사의 서버 기술을 보고 지원했습니다.", "지원을 결심한 까닭은 서버 기술입니다."],
    ["동료와 회의를 열어 협업했습니다.", "회의에서 동료의 의견을 모았습니다."],
    ["꼼꼼함이 저의 강점입니다.", "저의 강점은 꼼꼼한 기록입니다."],
]


def answered(shift: int) -> list[Prediction]:
    """Each reference as the answer to its own question, or to one of the others."""
    return [
        Prediction(f"{q}{i}", ANSWERS[(q + shift) % 3][i], ANSWERS[q][i], meta={"question": QUESTIONS[q]})
        for q in range(3)
        for i in range(2)
    ]


def test_relevance_tells_answers_from_answers_to_other_questions() -> None:
    right, wrong = measures("relevance", answered(0)), measures("relevance", answered(1))
    assert right["relevance"].value() == 100
    assert right["relevance_top1"].value() == 100
    assert wrong["relevance"].value() <= 50
    assert wrong["relevance_top1"].value() == 0
    assert "questions:3" in right["relevance"].signature


def test_relevance_of_texts_that_say_nothing_is_chance() -> None:
    data = [
        Prediction(p.id, text, p.reference, meta=p.meta) for p, text in zip(answered(0), ["", "하늘"] * 3, strict=True)
    ]
    found = measures("relevance", data)
    assert found["relevance"].per_example() == [50] * 6
    assert found["relevance_top1"].value() == 0


def test_relevance_does_not_see_how_a_syllable_is_written() -> None:
    data = [
        replace(p, prediction=unicodedata.normalize("NFD", p.prediction), reference=p.reference) for p in answered(0)
    ]
    assert measures("relevance", data)["relevance"].value() == 100


def test_relevance_needs_two_questions_and_knows_equal_ones() -> None:
    same = ["지원 동기는 무엇입니까? (700자)", "지원동기는 무엇입니까 [1000자 이내]", "지원 동기는  무엇입니까?"]
    data = [Prediction(str(i), "가", "나", meta={"question": q}) for i, q in enumerate(same)]
    with pytest.raises(NotMeasurable, match="fewer than two"):
        measures("relevance", data)
    with pytest.raises(NotMeasurable):
        measures("relevance", predictions(["가", "나"]))
    prompts = [Prediction(p.id, p.prediction, p.reference, prompt=p.meta["question"]) for p in answered(0)]
    assert measures("relevance", prompts)["relevance"].value() == 100
    some = measures("relevance", answered(0), most_questions=2)["relevance"]
    assert some.present.sum() == 4


@pytest.mark.parametrize(
    ("name", "options"), [("diversity", {"tokenizers": ["character"]}), ("repetition", {}), ("relevance", {})]
)
def test_odd_texts_have_values_or_none(name: str, options: dict[str, Any]) -> None:
    data = [Prediction(str(i), t, t, meta={"question": QUESTIONS[i % 3]}) for i, t in enumerate(ODD)]
    for measure in measures(name, data, **options).values():
        assert all(value is None or 0 <= value <= 100 + 1e-9 for value in measure.per_example()), measure.name
    empty = [Prediction(str(i), "", "", meta={"question": QUESTIONS[i]}) for i in range(2)]
    for measure in measures(name, empty, **options).values():
        assert measure.value() in (None, 0, 50), measure.name


def test_wrong_options() -> None:
    with pytest.raises(RequestError, match="did you mean 'kiwi-all'"):
        METRICS.build({"name": "diversity", "tokenizers": ["kiwi_all"]}, "metrics.diversity")
    with pytest.raises(RequestError, match="orders"):
        METRICS.build({"name": "repetition", "orders": [0]}, "metrics.repetition")
