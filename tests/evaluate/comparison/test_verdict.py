"""The verdict of a comparison: who is better, in what, and what to distrust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import Jaso

from jaso_core.io.files import read_json
from jaso_evaluate.comparison.verdict.decide import decide
from jaso_evaluate.comparison.verdict.sentences import verdict_sentences

COLLAPSED = {
    "n": 150, "equal": 0.99, "equal_references": 0.01, "looping": 0.0, "looping_references": 0.0, "is_degenerate": True,
}  # fmt: skip


def row(name: str, difference: float, p: float, *, higher: bool = True, unit: str = "F1 (0–100)") -> dict[str, Any]:
    """A measure of systems a and b; `difference` is b minus a."""
    cells = [{"run": "a"}, {"run": "b", "difference_ci95": [difference - 1, difference + 1]}]
    pairs = [{"first": "a", "second": "b", "difference": difference, "p": p}]
    return {"name": name, "unit": unit, "higher_is_better": higher, "cells": cells, "pairs": pairs}


def verdict(*rows: dict[str, Any], degenerate: str = "") -> dict[str, Any]:
    comparison: Any = {"runs": ["a", "b"], "measures": list(rows)}
    facts: Any = {name: COLLAPSED if name == degenerate else None for name in "ab"}
    return decide(comparison, facts)  # type: ignore[return-value]


def test_better_in_some_and_worse_in_none() -> None:
    result = verdict(
        row("bits_per_character", -0.3, 0.0001, higher=False, unit="bits/character"),
        row("rouge1_kiwi_character", 4.0, 0.001),
        row("rep_4", 1.0, 0.4, higher=False),
        row("chrf", -9.0, 0.0001),  # no primary measure
    )
    assert result["best"] == "b"
    assert result["measures"] == ["bits_per_character", "rouge1_kiwi_character", "rep_4"]
    (pair,) = result["pairs"]
    bits, rouge = pair["wins"]
    assert (bits["winner"], bits["difference"], bits["p_holm"]) == ("b", -0.3, 0.0003)  # three tests
    assert (rouge["ci95"], rouge["p_holm"]) == ([3.0, 5.0], 0.002)
    first, second, missing = verdict_sentences(result)
    assert first == "b is better than a: better in some of 3 primary measures, worse in none."
    assert second.startswith("b is better than a in 2 of 3: bits_per_character by −0.3 [")
    assert "rouge1_kiwi_character by +4.0 [3.0, 5.0] F1 (0–100)." in second
    assert missing == "Not measured: use_similarity, use_relevance, leak_company."


def test_an_interval_is_turned_with_its_winner() -> None:
    (win,) = verdict(row("rouge1_kiwi_character", -4.0, 0.001))["pairs"][0]["wins"]
    assert (win["winner"], win["difference"], win["ci95"]) == ("a", 4.0, [3.0, 5.0])


def test_measures_that_contradict_each_other_name_no_winner() -> None:
    result = verdict(row("bits_per_character", 0.3, 0.001, higher=False), row("use_similarity", 4.0, 0.001))
    assert result["best"] is None
    first, second, *_ = verdict_sentences(result)
    assert first == "Neither of a and b is better: each is better in some of 2 primary measures."
    assert "a is better than b in 1 of 2: bits_per_character" in second
    assert "and b is better than a in 1 of 2: use_similarity" in second


def test_no_difference_is_not_equality() -> None:
    # .02 alone would be significant; of three tests it is not.
    result = verdict(
        row("bits_per_character", 0.1, 0.02, higher=False), row("use_similarity", 1.0, 0.3), row("rep_4", 1.0, 0.6)
    )
    assert result["best"] is None
    assert verdict_sentences(result)[0] == "No difference is shown between a and b in 3 primary measures."


def test_a_weak_difference_is_a_hint_and_names_no_winner() -> None:
    result = verdict(row("bits_per_character", -0.1, 0.01, higher=False), row("use_similarity", 1.0, 0.3))
    assert (result["best"], result["pairs"][0]["wins"]) == (None, [])
    assert [(win["winner"], win["p_holm"]) for win in result["hints"]] == [("b", 0.02)]
    first, second, *_ = verdict_sentences(result)
    assert first == "No winner between a and b in 2 primary measures."
    assert second.startswith(
        "Only a hint (p between 1 and 5 %), which more texts may confirm: b in bits_per_character by"
    )


def test_a_collapsed_system_wins_nothing_by_its_texts() -> None:
    rows = (row("rouge1_kiwi_character", 5.0, 0.0001), row("rep_4", -9.0, 0.0001, higher=False))
    assert verdict(*rows)["best"] == "b"
    result = verdict(*rows, degenerate="b")
    assert result["best"] is None
    assert verdict_sentences(result)[1] == (
        "Distrust b: 99 % of 150 texts are the same as another's (references: 1 %): "
        "overlap measures do not mean quality here."
    )
    # What it loses, and the likelihood of the references, count.
    assert verdict(row("bits_per_character", -0.3, 0.0001, higher=False), degenerate="b")["best"] == "b"


def test_the_best_of_three_is_better_than_every_other() -> None:
    def pair(first: str, second: str, difference: float, p: float) -> dict[str, Any]:
        return {"first": first, "second": second, "difference": difference, "p": p}

    rouge = row("rouge1_kiwi_character", 0, 1)
    rouge["cells"] = [{"run": name} for name in "abc"]
    rouge["pairs"] = [pair("a", "b", 3.0, 0.001), pair("a", "c", 6.0, 0.001), pair("b", "c", 3.0, 0.001)]
    comparison: Any = {"runs": list("abc"), "measures": [rouge]}
    assert decide(comparison, {})["best"] == "c"
    rouge["pairs"][2]["p"] = 0.4  # c and b are not told apart
    result = decide(comparison, {})
    assert result["best"] is None
    assert verdict_sentences(result)[0] == "None of a, b and c is better than all others in 1 primary measure."


def test_where_nothing_differs_a_winner_is_named_in_at_most_one_of_a_hundred() -> None:
    random = np.random.default_rng(1)
    named = sum(
        verdict(*(row(name, random.normal(), float(random.uniform())) for name in
                  ("bits_per_character", "use_similarity", "rouge1_kiwi_character", "use_relevance", "rep_4")))["best"]
        is not None
        for _ in range(2000)
    )  # fmt: skip
    assert named / 2000 <= 0.01 + 2 * np.sqrt(0.01 * 0.99 / 2000)


def predictions(file: Path, texts: list[str]) -> Path:
    lines = [
        {"id": str(i), "prediction": text, "reference": f"저는 {i}번 과제에서 자료를 모으고 결과를 정리했습니다.",
         "prompt": f"질문 {i}", "meta": {"group": str(i)}}
        for i, text in enumerate(texts)
    ]  # fmt: skip
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("is_collapsed", [False, True])
def test_compare_says_it_on_the_screen_in_the_file_and_at_the_head(
    jaso: Jaso, tmp_path: Path, is_collapsed: bool
) -> None:
    good = [f"저는 {i}번 과제에서 자료를 모으고 결과를 정리했습니다." for i in range(60)]
    if is_collapsed:
        good = ["저는 과제에서 자료를 모으고 결과를 정리했습니다."] * 60
    bad = [f"오늘은 {i}번째로 비가 오고 바람이 붑니다." for i in range(60)]
    for name, texts in (("good", good), ("bad", bad)):
        file = predictions(tmp_path / f"{name}.jsonl", texts)
        ran = jaso(
            "score", f"predictions={file}", f"out={tmp_path / name}", "metrics=[rouge,repetition]", "resamples=100"
        )
        assert ran.code == 0, ran.err
    ran = jaso("compare", f"runs={tmp_path / 'bad'},{tmp_path / 'good'}", f"out={tmp_path / 'out'}", "resamples=500")
    assert ran.code == 0, ran.err
    result = read_json(tmp_path / "out" / "comparison.json")["verdict"]
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    if is_collapsed:
        assert result["best"] is None
        assert "compare: Distrust good: 100 % of 60 texts are the same as another's" in ran.err
        assert '<section class="alarm"' in page
    else:
        assert result["best"] == "good"
        assert "compare: good is better than bad: better in some of 2 primary measures, worse in none." in ran.err
        assert '<section class="winner"' in page
    assert page.index('id="verdict"') < page.index("Runs and measures")
