"""What a training says before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_support import TINY
from support import one_thread  # noqa: F401 - a fixture, for all tests here

import jaso
from jaso_core.io.files import read_json
from jaso_train.loop.plan import TrainingPlan


def test_a_toy_is_told_before_it_trains(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = jaso.train(corpus, out=tmp_path / "out", prompt="question_answer", **TINY)
    plan = read_json(out / "manifest.json")["counts"]["plan"]
    said = capsys.readouterr().err
    line = next(line for line in said.splitlines() if "parameters from random weights" in line)
    assert line.startswith(f"train: gpt2, {plan['parameters']:,} parameters from random weights; 3 steps, ")
    assert f"times over {plan['tokens']:,} tokens" in line
    assert said.index(line) < said.index("\rtraining   ")
    assert "give a toy, which shows that everything works" in said
    assert "model=kogpt2 model.path=<folder with skt/kogpt2-base-v2>" in said
    # 3 steps of 2 rows; the plan's passes count rows.
    counts = read_json(out / "manifest.json")["counts"]["training"]
    assert plan["passes"] == pytest.approx(3 * 2 / counts["rows"], abs=1e-3)
    assert (plan["is_toy"], plan["is_pretrained"], plan["steps"]) == (True, False, 3)


@pytest.mark.parametrize(("is_pretrained", "tokens", "is_toy"), [(False, 50_000, True), (True, 50_000, False), (False, 2 * 10**8, False)])  # fmt: skip
def test_little_text_from_random_weights_is_a_toy(is_pretrained: bool, tokens: int, is_toy: bool) -> None:
    plan = TrainingPlan("gpt2", 2_000_000, is_pretrained, 100, tokens, 2.0)
    assert plan.is_toy is is_toy
    assert plan.tokens_per_parameter == tokens / 2_000_000
