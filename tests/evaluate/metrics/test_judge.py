"""The judge: scores and preferences through a real client and a server on loopback that is slow, hasty, wrong or biased."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from judge_stand_in import JudgeEndpoint, Reply, judge_endpoint
from support import Jaso

from jaso_core.io.files import read_json, read_jsonl
from jaso_evaluate.metrics.judge.answers import read_choice, read_scores
from jaso_evaluate.metrics.judge.judge import _rubric
from jaso_evaluate.metrics.judge.questions import mask

KEY = "sk-planted-0123456789"
GOOD, FAIR, POOR = "저는 로그를 모아 지연을 절반으로 줄였습니다.", "저는 열심히 했습니다.", "네 네 네."
POINTS = {GOOD: (2, 2, 1), FAIR: (2, 1, 0), POOR: (0, 0, 0)}

Serve = Callable[[Callable[[str, int], Reply]], JudgeEndpoint]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    open_servers: list[AbstractContextManager[JudgeEndpoint]] = []

    def start(decide: Callable[[str, int], Reply]) -> JudgeEndpoint:
        server = judge_endpoint(decide)
        endpoint = server.__enter__()
        open_servers.append(server)
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        return endpoint

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("JASO_CACHE", str(tmp_path / "cache"))
    yield start
    for server in open_servers:
        server.__exit__(None, None, None)


def scores(text: str) -> str:
    accuracy, relevance, coherence = POINTS[text]
    return json.dumps({"sentence_accuracy": accuracy, "relevance": relevance, "coherence": coherence})


def answer_in(question: str) -> str:
    return next(text for text in POINTS if text in question)


def fair_judge(question: str, before: int) -> Reply:
    del before
    return 200, f"생각해 보면 {{이렇다}}.\n```json\n{scores(answer_in(question))}\n```", 0.0


def predictions(folder: Path, *texts: str, question: str = "성과를 말해 주세요.") -> Path:
    file = folder / "p.jsonl"
    lines = [
        {"id": str(i), "prediction": text, "reference": FAIR, "meta": {"group": str(i), "question": f"{question} {i}"}}
        for i, text in enumerate(texts)
    ]
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return file


def score(
    jaso: Jaso, folder: Path, *texts: str, options: tuple[str, ...] = ()
) -> tuple[Any, dict[str, Any], list[Any]]:
    file = predictions(folder, *texts)
    ran = jaso(
        "score", f"predictions={file}", f"out={folder / 'out'}", "metrics=[judge]", "metrics.judge.model=judge-1",
        "resamples=100", *options,
    )  # fmt: skip
    if ran.code:
        return ran, {}, []
    lines = [line["scores"] for _, line in read_jsonl(folder / "out" / "scores.jsonl")]
    return ran, read_json(folder / "out" / "scores.json")["metrics"], lines


def test_scores_of_the_rubric(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    endpoint = serve(fair_judge)
    ran, metrics, lines = score(jaso, tmp_path, GOOD, FAIR, POOR)
    assert ran.code == 0, ran.err
    assert [line["judge_total"] for line in lines] == [5, 3, 0]
    assert [line["judge_coherence"] for line in lines] == [1, 0, 0]
    assert metrics["judge_total"]["value"] == pytest.approx(8 / 3, abs=1e-5)
    assert metrics["judge_total"]["unit"] == "points (0–6)"
    assert metrics["judge_total"]["higher_is_better"] is None  # describes; ranks nothing
    assert re.search(
        r"judge:judge-1\|rubric:interview-[0-9a-f]{8}\|of:texts\|masked", metrics["judge_total"]["signature"]
    )
    assert "judge: 3 questions to judge-1, about" in ran.err
    assert endpoint.keys == [f"Bearer {KEY}"] * 3
    question = endpoint.asked[0]["messages"][1]["content"]
    assert "문장이 바르고 뜻이 통합니까? 0–2점" in question
    assert "무슨 말인지 알 수 없음" in question
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_answers_are_kept_and_asked_for_once(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    state = {"down": True}

    def judge(question: str, before: int) -> Reply:
        return (500, "out of order", 0.0) if state["down"] and POOR in question else fair_judge(question, before)

    endpoint = serve(judge)
    options = ("metrics.judge.retries=1", "metrics.judge.concurrency=1")
    ran, _, _ = score(jaso, tmp_path, GOOD, FAIR, POOR, options=options)
    assert ran.code == 1
    assert re.search(r"no answer from http://127.0.0.1:\d+/v1 \(.*out of order", ran.error)
    assert "answers that are there are kept" in ran.error
    state["down"], endpoint.asked[:] = False, []
    ran, _, lines = score(jaso, tmp_path, GOOD, FAIR, POOR, options=options)
    assert ran.code == 0
    assert [line["judge_total"] for line in lines] == [5, 3, 0]
    assert len(endpoint.asked) == 1
    assert "1 questions to judge-1" in ran.err
    assert "2 answers are there already" in ran.err


def test_haste_slowness_and_broken_answers(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    def judge(question: str, before: int) -> Reply:
        if GOOD in question:
            return (429, "slow down", 0.0) if before < 2 else fair_judge(question, before)
        if FAIR in question:
            return (200, "", 2.0) if before == 0 else fair_judge(question, before)
        return (200, '{"sentence_accuracy": 1, "relevance"', 0.0) if before == 0 else fair_judge(question, before)

    endpoint = serve(judge)
    ran, _, lines = score(jaso, tmp_path, GOOD, FAIR, POOR, options=("metrics.judge.timeout=1",))
    assert ran.code == 0, ran.err
    assert [line["judge_total"] for line in lines] == [5, 3, 0]
    assert "not understood" not in ran.err
    reminded = [body for body in endpoint.asked if len(body["messages"]) == 4]
    assert [body["messages"][2]["content"] for body in reminded] == ['{"sentence_accuracy": 1, "relevance"']


def test_a_refusal_has_no_value(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    def judge(question: str, before: int) -> Reply:
        return (200, "죄송하지만 답할 수 없습니다.", 0.0) if POOR in question else fair_judge(question, before)

    serve(judge)
    ran, metrics, lines = score(jaso, tmp_path, GOOD, FAIR, POOR)
    assert ran.code == 0
    assert [line.get("judge_total") for line in lines] == [5, 3, None]
    assert metrics["judge_total"]["n"] == 2
    assert "1 of 3 answers were refusals or not understood; they have no value" in ran.err


def test_preferences_in_both_orders(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    def judge(question: str, before: int) -> Reply:
        del before
        first, second = (part.split("\n\n")[0].strip() for part in re.split(r"# 답변 [AB]\n", question)[1:])
        better = "=" if POINTS[first] == POINTS[second] else "A" if POINTS[first] > POINTS[second] else "B"
        return 200, json.dumps({"better": better}), 0.0

    serve(judge)
    _, metrics, lines = score(jaso, tmp_path, GOOD, FAIR, POOR, options=("metrics.judge.pairwise=true",))
    assert [line["judge_preferred"] for line in lines] == [100, 50, 0]
    assert metrics["judge_first"]["value"] == 50


def test_a_bias_of_order_is_seen_and_decides_nothing(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    serve(lambda question, before: (200, '{"better": "A"}', 0.0))
    _, metrics, lines = score(jaso, tmp_path, GOOD, POOR, options=("metrics.judge.pairwise=true",))
    assert metrics["judge_first"]["value"] == 100
    assert [line["judge_preferred"] for line in lines] == [50, 50]


def test_no_one_is_named(jaso: Jaso, serve: Serve, tmp_path: Path) -> None:
    endpoint = serve(lambda question, before: (200, scores(POOR), 0.0))
    text = f"저는 김하늘입니다. 연락처는 010-1234-5678이고 (주)가온시스템에서 일했습니다. {POOR}"
    ran, _, _ = score(jaso, tmp_path, text)
    assert ran.code == 0, ran.err
    sent = json.dumps(endpoint.asked, ensure_ascii=False)
    assert not re.search("김하늘|1234-5678|가온시스템", sent)
    assert mask(text) in sent


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "does not take the key in OPENAI_API_KEY"), (404, "refuses the request for model 'judge-1'")],
)
def test_a_wrong_request_is_one_line(jaso: Jaso, serve: Serve, tmp_path: Path, status: int, message: str) -> None:
    serve(lambda question, before: (status, "no", 0.0))
    ran, _, _ = score(jaso, tmp_path, GOOD)
    assert ran.code == 2
    assert message in ran.error
    assert KEY not in ran.err


def test_without_endpoint_or_model(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    ran, _, _ = score(jaso, tmp_path, GOOD)
    assert ran.code == 2
    assert "environment variable OPENAI_BASE_URL is not set; export OPENAI_BASE_URL=<address" in ran.error
    ran, metrics, _ = score(jaso, tmp_path, GOOD, options=("metrics.judge.model=null", "metrics=[judge,length]"))
    assert "no model of the endpoint is named; give metrics.judge.model=" in ran.err
    assert "judge_total" not in metrics


@pytest.mark.parametrize(
    ("answer", "total"),
    [
        ('{"sentence_accuracy": 2, "relevance": 1, "coherence": 0}', 3),
        ('먼저 {"sentence_accuracy": 0, "relevance": 0, "coherence": 0} 고치면 {"sentence_accuracy": 1, "relevance": 1, "coherence": 1}', 3),
        ('{"sentence_accuracy": 3, "relevance": 1, "coherence": 0}', None),  # above its scale
        ('{"sentence_accuracy": true, "relevance": 1, "coherence": 0}', None),
        ('{"sentence_accuracy": 2, "relevance": 1}', None),
        ("2, 1, 0", None),
        ("", None),
    ],
)  # fmt: skip
def test_answers_as_models_write_them(answer: str, total: int | None) -> None:
    read = read_scores(answer, _rubric("interview"))
    assert (None if read is None else sum(read.values())) == total


@pytest.mark.parametrize(("answer", "choice"), [('{"better": "a"}', "A"), ('{"better": "C"}', None), ("A", None)])
def test_choices_as_models_write_them(answer: str, choice: str | None) -> None:
    assert read_choice(answer) == choice
