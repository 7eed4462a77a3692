"""Equal and looping texts: told on the screen, in run.json and at the head of the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.io.files import read_json
from jaso_core.records import Prediction
from jaso_evaluate.algorithms.degenerate_texts import has_loop, measure_degeneration, share_of_equal_texts


def predictions(texts: list[str], prompts: list[str] | None = None) -> list[Prediction]:
    return [
        Prediction(str(i), text, f"답변 {i}입니다.", prompt=prompts[i] if prompts else f"질문 {i}")
        for i, text in enumerate(texts)
    ]


def test_shares_by_hand() -> None:
    assert share_of_equal_texts(["가", "가 ", "나", "다"]) == 0.5
    assert share_of_equal_texts([]) == 0.0
    assert has_loop("저는 노력을 했습니다 " * 3)  # the piece "저는 노력을 했습니" three times
    assert not has_loop("저는 노력을 했습니다 " * 2)
    assert has_loop("하" * 12)  # ten characters begin at three places
    assert not has_loop("하" * 11)


def test_a_collapsed_model_is_degenerate_and_a_lively_one_is_not() -> None:
    collapsed = measure_degeneration(predictions(["잘 거예요."] * 148 + ["네.", "아니요."]))
    assert (collapsed.n, round(collapsed.equal, 3), collapsed.equal_references) == (150, 0.987, 0.0)
    assert collapsed.is_degenerate
    assert not measure_degeneration(predictions([f"글 {i}" for i in range(150)])).is_degenerate


def test_equal_prompts_do_not_count_against_a_model() -> None:
    texts = predictions(
        ["글 0"] * 30 + [f"글 {i}" for i in range(1, 30)], ["질문 0"] * 30 + [f"질문 {i}" for i in range(1, 30)]
    )
    degeneration = measure_degeneration(texts)
    assert (degeneration.n, degeneration.equal) == (30, 0.0)


def test_references_that_are_equal_themselves_excuse_the_model() -> None:
    rows = [Prediction(str(i), "네.", "네." if i % 10 else f"글 {i}", prompt=f"질문 {i}") for i in range(100)]
    degeneration = measure_degeneration(rows)
    assert (degeneration.equal, degeneration.equal_references) == (1.0, 0.9)
    assert not degeneration.is_degenerate


@pytest.mark.parametrize("is_collapsed", [True, False])
def test_the_screen_run_json_and_the_page_say_it(jaso: Jaso, tmp_path: Path, is_collapsed: bool) -> None:
    file = tmp_path / "predictions.jsonl"
    rows = predictions(["잘 거예요." if is_collapsed else f"글 {i}입니다." for i in range(40)])
    lines = [json.dumps(row.to_json(), ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    ran = jaso("score", f"predictions={file}", f"out={tmp_path / 'out'}", "metrics=[length]", "resamples=100")
    sentence = (
        "100 % of 40 texts are the same as another's (references: 0 %): overlap measures do not mean quality here"
    )
    assert (f"score: warning: {sentence}" in ran.err) is is_collapsed
    assert ("try a pretrained model: model=kogpt2" in ran.err) is is_collapsed
    facts = read_json(tmp_path / "out" / "run.json")["degeneration"]
    assert facts["is_degenerate"] is is_collapsed
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ("Do not trust these texts" in page) is is_collapsed
    assert (f"{sentence}." in page.replace("&#39;", "'")) is is_collapsed
