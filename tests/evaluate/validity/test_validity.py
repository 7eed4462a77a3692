"""`jaso validity`: correlations against scipy's, files of pairs in every form, and the table."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.runner import Outcome
from jaso_evaluate.validity import run as validity
from jaso_evaluate.validity.correlation import correlate, draw_resamples, kendall, pearson, spearman
from jaso_evaluate.validity.pairs import Columns, read_pairs

ROWS = [
    {"sentence1": "저는 꼼꼼합니다.", "sentence2": "저는 꼼꼼합니다.", "score": 5.0},
    {"sentence1": "저는 꼼꼼합니다.", "sentence2": "저는 성실합니다.", "score": 3.0},
    {"sentence1": "고객을 만났습니다.", "sentence2": "고객을 보았습니다.", "score": 2.5},
    {"sentence1": "하늘이 푸릅니다.", "sentence2": "저는 정직한 사람입니다.", "score": 0.0},
    {"sentence1": "", "sentence2": "", "score": 1.0},
    {"sentence1": "🙂", "sentence2": "가", "score": 0.5},
]


def write(path: Path, rows: list[dict[str, Any]] = ROWS) -> Path:
    if path.suffix == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif path.suffix == ".json":
        text = json.dumps(rows, ensure_ascii=False)
    else:
        tab = "\t" if path.suffix == ".tsv" else ","
        text = "\n".join([tab.join(rows[0]), *(tab.join(str(v) for v in row.values()) for row in rows)])
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def run(compose: Any, tmp_path: Path) -> Callable[..., Any]:
    """Runs the command; gives validity.json."""

    def make(file: Path, **changes: Any) -> Any:
        chosen = {
            **compose("validity", pairs=file, out=tmp_path / "out", metrics="[chrf]"),
            "resamples": 200,
            **changes,
        }
        assert validity.run(validity.settings(chosen)) is Outcome.MADE
        assert validity.run(validity.settings(chosen)) is Outcome.UNCHANGED
        return read_json(tmp_path / "out" / "validity.json")

    return make


THEIRS = {
    pearson: lambda x, y: stats.pearsonr(x, y).statistic,
    spearman: lambda x, y: stats.spearmanr(x, y).statistic,
    kendall: lambda x, y: stats.kendalltau(x, y).statistic,
}


@pytest.mark.parametrize("how", list(THEIRS), ids=lambda how: how.__name__)
def test_resamples_have_the_correlations_that_scipy_gives_them_written_out(how: Any) -> None:
    random = np.random.default_rng(3)
    y = random.integers(0, 5, size=60).astype(float)  # many ties, as in people's scores
    x = (y + random.normal(size=60)).round(1)
    groups = [str(i // 2) for i in range(60)]
    resamples = draw_resamples(groups, 25, seed=1)
    found = correlate(how, x, y, resamples, np.arange(60))
    assert found.value == pytest.approx(THEIRS[how](x, y), abs=1e-12)
    assert len(found.draws) == 25
    for weights, value in zip(resamples.weights, found.draws, strict=True):
        assert (weights[::2] == weights[1::2]).all()
        assert weights.sum() == 60
        assert value == pytest.approx(THEIRS[how](np.repeat(x, weights), np.repeat(y, weights)), abs=1e-9)
    assert len(found.jackknife) == 30
    assert found.jackknife[0] == pytest.approx(THEIRS[how](x[2:], y[2:]), abs=1e-9)


@pytest.mark.parametrize("how", list(THEIRS), ids=lambda how: how.__name__)
def test_what_does_not_vary_has_no_correlation(how: Any) -> None:
    y = np.arange(6.0)
    resamples = draw_resamples(list("abcdef"), 50, seed=1)
    assert math.isnan(correlate(how, np.full(6, 0.1), y, resamples, np.arange(6)).value)
    assert math.isnan(correlate(how, y, y, resamples, np.arange(2)).value)
    assert correlate(how, 1e9 + y, y, resamples, np.arange(6)).value == pytest.approx(1)


@pytest.mark.parametrize("name", ["p.json", "p.jsonl", "p.csv", "p.tsv"])
def test_every_form_gives_the_same(name: str, tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path / name), Columns())
    assert list(pairs.first) == [row["sentence1"] for row in ROWS]
    assert list(pairs.second) == [row["sentence2"] for row in ROWS]
    assert list(pairs.scores) == [5, 3, 2.5, 0, 1, 0.5]
    assert len(set(pairs.groups)) == 6


def test_columns_are_guessed_or_given(tmp_path: Path) -> None:
    klue = [
        {"sentence1": "가", "sentence2": "나", "labels": {"label": 4.9, "real-label": 4.86 - i, "binary-label": 1}}
        for i in range(3)
    ]
    pairs = read_pairs(write(tmp_path / "klue.json", klue), Columns())
    assert list(pairs.scores) == pytest.approx([4.86, 3.86, 2.86])
    assert pairs.columns == Columns("sentence1", "sentence2", "labels.real-label")
    own = [{"prediction": "가", "reference": "나", "human": i, "적합": 9 - i, "writer": "갑"} for i in range(3)]
    pairs = read_pairs(write(tmp_path / "own.jsonl", own), Columns(score="적합", group="writer"))
    assert (list(pairs.scores), set(pairs.groups)) == ([9, 8, 7], {"갑"})
    wrapped = tmp_path / "wrapped.json"
    wrapped.write_text(json.dumps({"version": "1", "data": own}))
    assert list(read_pairs(wrapped, Columns()).scores) == [0, 1, 2]


def test_a_quotation_mark_in_a_tsv_is_one(tmp_path: Path) -> None:
    rows = [{**row, "sentence1": '"그렇다'} for row in ROWS]
    assert read_pairs(write(tmp_path / "p.tsv", rows), Columns()).first == ['"그렇다'] * 6


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("p.xlsx", ROWS, r"p\.xlsx: the format is not known by its name; name it \.json"),
        ("p.jsonl", ROWS[:2], "fewer than 3 pairs"),
        ("p.jsonl", [{**row, "score": 1} for row in ROWS], r"the same score \(1\) for all pairs"),
        ("p.jsonl", [*ROWS, {**ROWS[0], "score": "viel"}], r"p\.jsonl:7: 'score' is no finite number \('viel'\)"),
        ("p.csv", [{**ROWS[0]}, {**ROWS[0], "score": "nan"}, ROWS[1]], r"p\.csv:3: 'score' is no finite number"),
        ("p.json", [{**row, "sentence2": None} for row in ROWS], r"p\.json: pair 1: no column is known as the first; give columns\.first"),
        ("p.json", [*ROWS, {**ROWS[0], "sentence2": 3}], r"p\.json: pair 7: 'sentence2' is no text"),
        ("p.json", [*ROWS, ["a"]], r"p\.json: pair 7: is no object"),
        ("p.jsonl", [{"a": 1}], r"p\.jsonl:1: no column is known as the first; give columns\.first=<name>; there are: a"),
        ("p.jsonl", [], "holds no pairs"),
    ],
)  # fmt: skip
def test_bad_files(name: str, rows: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=message):
        read_pairs(write(tmp_path / name, rows), Columns())


def test_files_that_are_not_there_or_torn(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        read_pairs(tmp_path / "none.csv", Columns())
    with pytest.raises(RequestError, match=r"no column 'worth'; give columns\.score"):
        read_pairs(write(tmp_path / "p.json"), Columns(score="worth"))
    (tmp_path / "latin.csv").write_bytes("가,나".encode("cp949"))
    with pytest.raises(RequestError, match="byte 1 is not UTF-8"):
        read_pairs(tmp_path / "latin.csv", Columns())
    (tmp_path / "torn.csv").write_text('sentence1,sentence2,score\n"가,나,1\n')
    with pytest.raises(RequestError, match=r"torn\.csv: not CSV"):
        read_pairs(tmp_path / "torn.csv", Columns())


def test_the_command(run: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(write(tmp_path / "p.jsonl"))
    assert "prediction = 'sentence1', reference = 'sentence2', score = 'score'" in capsys.readouterr().err
    assert found["n"] == 6
    (best, second) = found["measures"]
    assert {best["name"], second["name"]} == {"chrf", "chrf++"}
    assert best["pearson"]["value"] >= second["pearson"]["value"]
    low, high = best["pearson"]["ci95"]
    assert -1 <= low <= best["pearson"]["value"] <= high <= 1
    assert second["behind"]["value"] == pytest.approx(second["pearson"]["value"] - best["pearson"]["value"], abs=2e-6)
    assert 0 < second["behind"]["p_holm"] <= 1
    text = (tmp_path / "out/validity.md").read_text(encoding="utf-8")
    assert "6 pairs; prediction = `sentence1`" in text
    assert f"- `chrf`: `{best['signature'] if best['name'] == 'chrf' else second['signature']}`" in text
    lines = list(csv.DictReader((tmp_path / "out/validity.csv").read_text(encoding="utf-8").splitlines()))
    assert [line["measure"] for line in lines] == [best["name"], second["name"]]
    assert float(lines[0]["pearson"]) == best["pearson"]["value"]


def test_signs_are_turned_where_lower_is_better(run: Callable[..., Any], tmp_path: Path) -> None:
    """EED is an error rate: 0 for the same texts, which people gave the most."""
    (row,) = run(write(tmp_path / "p.jsonl"), metrics={"eed": {"name": "eed"}})["measures"]
    assert row["higher_is_better"] is False
    assert row["pearson"]["value"] > 0.3


def test_variants_and_what_is_left_out(run: Callable[..., Any], tmp_path: Path) -> None:
    metrics = {name: {"name": name} for name in ("rouge", "bertscore", "length")}
    variants = {"rouge": [{"tokenizers": ["word"], "types": ["rouge1"]}, {"tokenizers": ["jamo"], "types": ["rougeL"]}]}
    found = run(write(tmp_path / "p.csv"), metrics=metrics, variants=variants)
    judging = {row["name"] for row in found["measures"] if row["higher_is_better"] is not None}
    assert judging == {"rouge1_word", "rougeL_jamo", "empty"}
    (length,) = [row for row in found["measures"] if row["name"] == "length_characters"]
    assert "behind" not in length
    assert found["left_out"][0].startswith("metric 'bertscore' left out: no encoder is given")
    text = (tmp_path / "out/validity.md").read_text(encoding="utf-8")
    assert "- metric 'bertscore' left out" in text
    assert "| *length_characters* |" in text


def test_wrong_settings(run: Callable[..., Any], tmp_path: Path) -> None:
    file = write(tmp_path / "p.jsonl")
    for changes, message in (
        ({"variants": {"rogue": []}}, "did you mean 'rouge'"),
        ({"variants": {"chrf": {"beta": 1}}}, r"variants\.chrf' is no list"),
        ({"variants": {"chrf": [{"betta": 1}]}}, r"metrics\.chrf#?.*betta' is unknown"),
        ({"metrics": {"bertscore": {"name": "bertscore"}}}, "no metric judges single texts"),
        ({"variants": {"chrf": [{"beta": 1}, {"beta": 2}]}}, "two variants give a measure 'chrf'"),
        ({"resamples": 5}, "an interval needs 100"),
    ):
        with pytest.raises(RequestError, match=message):
            run(file, **changes)


def test_many_pairs_leave_kendall_to_some(run: Callable[..., Any], tmp_path: Path) -> None:
    rows = [{"sentence1": f"가{i % 7}", "sentence2": "가" * (i % 5), "score": i % 11} for i in range(1100)]
    found = run(write(tmp_path / "p.jsonl", rows), resamples=100)
    assert found["kendall_n"] == 1000
    assert "Kendall's τ-b is of 1,000 pairs" in (tmp_path / "out/validity.md").read_text(encoding="utf-8")
