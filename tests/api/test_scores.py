"""Scores and comparisons from Python: the numbers of the commands, typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from html_support import assert_no_escaped_tags

import jaso
from jaso_core.io.files import read_json, write_jsonl

ROWS = [
    {"id": str(i), "prediction": text, "reference": "저는 서버를 만들었습니다.", "meta": {"writer": str(i // 2)}}
    for i, text in enumerate(["저는 서버를 만들었습니다.", "저는 서버를 고쳤습니다.", "", "모릅니다."] * 5)
]
OTHER = [{**row, "prediction": row["reference"]} for row in ROWS]


def test_a_perfect_text_has_a_perfect_score_and_the_interval_is_by_group() -> None:
    scores = jaso.score(OTHER, metrics=["chrf"])
    assert scores["chrf"].value == 100
    assert (scores["chrf"].unit, scores["chrf"].higher_is_better, scores["chrf"].n) == ("chrF (0–100)", True, 20)
    assert "version:" in scores["chrf"].signature
    alone, by_writer = jaso.score(ROWS, metrics=["chrf"]), jaso.score(ROWS, metrics=["chrf"], groups="writer")
    assert alone["chrf"].value == by_writer["chrf"].value
    assert alone["chrf"].ci95 != by_writer["chrf"].ci95
    assert alone.n == len(ROWS)


def test_the_scores_are_those_of_the_command(tmp_path: Path, jaso: object) -> None:
    import jaso as face

    file = tmp_path / "predictions.jsonl"
    write_jsonl(file, ROWS)
    ran = jaso("score", f"predictions={file}", f"out={tmp_path / 'out'}", "metrics=[chrf,repetition]", "seed=0")  # type: ignore[operator]
    assert ran.code == 0, ran.err
    entries = read_json(tmp_path / "out" / "scores.json")["metrics"]
    for scores in (
        face.score(ROWS, metrics=["chrf", "repetition"]),
        face.load_scores(tmp_path / "out"),
        face.score(file, ["chrf", "repetition"]),
    ):
        assert list(scores) == list(entries)
        for name, entry in entries.items():
            assert (scores[name].value, scores[name].signature) == (entry["value"], entry["signature"])
            assert scores[name].ci95 == (None if entry["ci95"] is None else tuple(entry["ci95"]))


def test_scores_are_shown_in_a_notebook_and_as_tables() -> None:
    scores = jaso.score(ROWS, metrics={"chrf": {}}, seed=1)
    assert "<table>" in scores._repr_html_()
    assert_no_escaped_tags(scores._repr_html_())
    assert scores.to_pandas().loc["chrf", "value"] == scores["chrf"].value
    assert list(scores.by_text()["chrf"][:1]) == [100.0]
    assert "chrF (0–100)" in repr(scores)
    with pytest.raises(KeyError, match="no measure 'chfr'; did you mean 'chrf'"):
        scores["chfr"]
    assert jaso.score(ROWS, metrics=["bits_per_character", "chrf"]).skipped["bits_per_character"]


def test_two_systems_are_told_apart() -> None:
    comparison = jaso.compare(
        {"some": jaso.score(ROWS, ["chrf"]), "same": jaso.score(OTHER, ["chrf"])}, measures=["chrf"]
    )
    (pair,) = comparison.pairs().to_dict("records")
    assert (pair["first"], pair["second"]) == ("some", "same")
    assert pair["difference"] > 0
    assert pair["p"] < 0.05
    assert "**100.0**" in comparison.table("md")
    assert comparison.table("csv").startswith("measure,")
    assert "\\begin{tabular}" in comparison.table("tex")
    assert comparison.table("html").startswith("<!doctype html>")
    assert "<b>100.0</b>" in comparison._repr_html_()
    assert_no_escaped_tags(comparison._repr_html_())
    assert "Comparison of some, same on 20 texts" in repr(comparison)


def test_what_cannot_be_compared_or_scored_is_an_exception(tmp_path: Path) -> None:
    scores = jaso.score(ROWS, ["chrf"])
    with pytest.raises(jaso.RequestError, match="one system has nothing to be compared with"):
        jaso.compare({"a": scores})
    with pytest.raises(jaso.RequestError, match="has another reference than in"):
        jaso.compare({"a": scores, "b": jaso.score([{**row, "reference": "다른 글"} for row in ROWS], ["chrf"])})
    with pytest.raises(jaso.RequestError, match="table form 'xls' is unknown"):
        jaso.compare({"a": scores, "b": jaso.score(OTHER, ["chrf"])}).table("xls")
    with pytest.raises(jaso.RequestError, match=r"predictions\[0\]"):
        jaso.score([{"id": "1", "prediction": "가"}])
    with pytest.raises(jaso.RequestError, match="no predictions"):
        jaso.score([])
    with pytest.raises(jaso.RequestError, match="metrics 'blue' is unknown; did you mean 'bleu'"):
        jaso.score(ROWS, ["blue"])
