"""`jaso score` on anyone's file, its report, and HF evaluate's door to the metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl
from jaso_core.report.number_format import digits, number, p_value, seconds, span
from jaso_core.stage.runner import Outcome
from jaso_evaluate import score
from jaso_evaluate.report import rebuild

ROWS: list[dict[str, Any]] = [
    {"id": f"a{i}", "prediction": f"저는 {word} 사람입니다.", "reference": "저는 꼼꼼한 사람입니다."}
    for i, word in enumerate(("꼼꼼한", "성실한", "정직한", "느긋한"))
]


def write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def settings(compose: Any, file: Path, out: Path, **more: Any) -> score.ScoreSettings:
    return score.settings(compose("score", predictions=file, out=out, resamples=200, **more))


def test_three_fields_suffice(compose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write(tmp_path / "p.jsonl", ROWS), tmp_path / "out"
    chosen = settings(compose, file, out)
    assert score.run(chosen) is Outcome.MADE
    assert score.run(chosen) is Outcome.UNCHANGED
    scores = read_json(out / "scores.json")
    assert scores["n"] == 4
    assert set(scores) == {"n", "metrics"}
    for entry in scores["metrics"].values():
        assert list(entry) == ["value", "ci95", "unit", "signature", "higher_is_better", "n"]
        low, high = entry["ci95"]
        assert low <= entry["value"] <= high
    assert "bits_per_character" not in scores["metrics"]
    skipped = read_json(out / "run.json")["scoring"]["skipped"]
    assert skipped[0]["metric"] == "bits_per_character"
    assert "'bits_per_character' left out: no prediction has 'bits'" in capsys.readouterr().err
    lines = [obj for _, obj in read_jsonl(out / "scores.jsonl")]
    assert [line["id"] for line in lines] == ["a0", "a1", "a2", "a3"]
    assert lines[0]["scores"]["chrf"] == 100
    report = (out / "report.html").read_text(encoding="utf-8")
    assert report == rebuild(out, file)
    assert "Metric bits_per_character was left out" in report


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*ROWS, ROWS[0]], r"p\.jsonl:5: id 'a0' occurs twice; give"),
        ([{"id": "a", "prediction": "가", "refrence": "나"}], r"p\.jsonl:1: .*did you mean 'reference'"),
        (
            [{"id": "a", "prediction": "가\ud800", "reference": "나"}],
            r"p\.jsonl:1: 'prediction' holds a lone surrogate",
        ),
        ([{**ROWS[0], "prompt": 5}], r"p\.jsonl:1: 'prompt' is no text; make it a text"),
        ([ROWS[0], {**ROWS[1], "prompt_format": ["qa"]}], r"p\.jsonl:2: 'prompt_format' is no text; make"),
        ([{**ROWS[0], "meta": {"bits": float("inf")}}], r"p\.jsonl:1: 'meta\.bits' is not a finite number; write"),
        ([{**ROWS[0], "meta": {"bits": float("nan")}}], r"p\.jsonl:1: 'meta\.bits' is not a finite number; write"),
        ([{**ROWS[0], "meta": {"unknown": 10**400}}], r"p\.jsonl:1: 'meta\.unknown' is not a finite number; write"),
        ([{**ROWS[0], "meta": {"group": "\ud800"}}], r"p\.jsonl:1: 'meta\.group' holds a lone surrogate"),
        ([], r"p\.jsonl: holds no predictions"),
    ],
)
def test_bad_files(compose: Any, tmp_path: Path, rows: list[Any], message: str) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(RequestError, match=message):
        score.run(settings(compose, file, tmp_path / "out"))


def test_broken_line_and_absent_file(compose: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "p.jsonl", ROWS)
    file.write_text(file.read_text() + '{"id": "b", \n')
    with pytest.raises(RequestError, match=r"p\.jsonl:5: not JSON"):
        score.run(settings(compose, file, tmp_path / "out"))
    with pytest.raises(RequestError, match="no such file"):
        score.run(settings(compose, tmp_path / "none.jsonl", tmp_path / "out"))


def test_degenerate_texts(compose: Any, tmp_path: Path) -> None:
    """All empty, on both sides: everything is still a number or null, and the report stands."""
    rows = [{"id": str(i), "prediction": "", "reference": ""} for i in range(3)]
    rows.append({"id": "x", "prediction": "", "reference": "글"})
    out = tmp_path / "out"
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), out, metrics="[bleu,chrf,rouge,length,repetition]"))
    metrics = read_json(out / "scores.json")["metrics"]
    assert metrics["empty"]["value"] == 100
    assert metrics["chrf"]["value"] == 0
    assert metrics["rep_4"] == {**metrics["rep_4"], "value": None, "ci95": None, "n": 0}
    assert "Empty texts: 4 of 4" in (out / "report.html").read_text(encoding="utf-8")


def test_one_group_has_no_interval(compose: Any, tmp_path: Path) -> None:
    rows = [{**row, "meta": {"group": "one"}} for row in ROWS]
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), tmp_path / "out", metrics="[chrf]"))
    assert read_json(tmp_path / "out/scores.json")["metrics"]["chrf"]["ci95"] is None


def test_the_report_loads_nothing_and_runs_nothing(compose: Any, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script><img src=http://x/y.png onerror=z> =HYPERLINK(1) \u202e돌아감"
    rows = [{**row, "prompt": hostile, "meta": {"occupation": ("ICT", "BM")[i % 2]}} for i, row in enumerate(ROWS)]
    rows.append({"id": "long", "prediction": "가" * 1_000_000, "reference": hostile})
    out = tmp_path / "out"
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), out, metrics="[chrf,length]"))
    report = (out / "report.html").read_text(encoding="utf-8")
    assert len(report) < 200_000
    assert "<script" not in report
    assert "<img" not in report
    assert not re.search(r"""(?:src|href|xlink:href)\s*=\s*["'](?!#)""", report)
    assert not re.search(r"url\((?!#)|@import", report)
    assert "default-src 'none'" in report
    assert "정보통신" in report  # occupations by their Korean names
    assert "Noto Sans KR" in report


def test_scores_by_occupation(compose: Any, tmp_path: Path) -> None:
    rows = [{**row, "meta": {"occupation": "ICT" if i < 2 else "BM"}} for i, row in enumerate(ROWS)]
    out = tmp_path / "out"
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), out, metrics="[length]"))
    by = read_json(out / "run.json")["scoring"]["by"]["occupation"]
    assert by["ICT"]["length_characters"] == {"value": 13.0, "ci95": [13.0, 13.0], "n": 2}


def test_numbers_group_texts_too(compose: Any, tmp_path: Path) -> None:
    """Lengths 13, 13 | 13, 13 by occupation 1 and 2; group 0 is a group and not the absence of one."""
    rows = [{**row, "meta": {"occupation": 1 + i // 2, "group": i // 2}} for i, row in enumerate(ROWS)]
    out = tmp_path / "out"
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), out, metrics="[length]"))
    scoring = read_json(out / "run.json")["scoring"]
    assert list(scoring["by"]["occupation"]) == ["1", "2"]
    assert scoring["by"]["occupation"]["1"]["length_characters"] == {"value": 13.0, "ci95": None, "n": 2}
    assert scoring["groups"] == 2


def test_baselines_on_other_texts_differ_by_nothing(compose: Any, tmp_path: Path) -> None:
    """a0 has the model's bits only, a1 the 5-gram's only: 20/10 and 30/10, and no pair."""
    metas = [{"bits": 20.0, "characters": 10}, {"ngram_bits": 30.0, "characters": 10}]
    rows = [{**row, "meta": meta} for row, meta in zip(ROWS, metas, strict=False)]
    out = tmp_path / "out"
    score.run(settings(compose, write(tmp_path / "p.jsonl", rows), out, metrics="[bits_per_character]"))
    metrics = read_json(out / "scores.json")["metrics"]
    assert [entry["value"] for entry in metrics.values()] == [2.0, 3.0]
    (pair,) = read_json(out / "run.json")["scoring"]["differences"]
    assert (pair["value"], pair["ci95"], pair["p"], pair["n"]) == (None, None, None, 0)


def test_hugging_face_evaluate_is_not_shadowed() -> None:
    import evaluate
    from jaso_evaluate.hf_metrics.metric import hub_metric

    assert "site-packages" in str(evaluate.__file__)
    metric = hub_metric({"name": "chrf"})
    assert isinstance(metric, evaluate.Metric)
    assert metric.compute(predictions=["저는 사람입니다."], references=["저는 사람입니다."])["chrf"] == 100.0
    both = evaluate.combine([metric, hub_metric({"name": "bleu", "tokenizers": ["char"]})])
    found = both.compute(predictions=["가나다라"], references=["가나다라"])
    assert (found["chrf"], found["bleu_char"]) == (100.0, pytest.approx(100))


def test_only_one_module_imports_hugging_face_evaluate() -> None:
    import jaso_evaluate

    package = Path(jaso_evaluate.__file__).parent
    importing = [
        f.name for f in package.rglob("*.py") if re.search(r"^\s*(import|from) evaluate\b", f.read_text(), re.M)
    ]
    assert importing == ["metric.py"]


def test_numbers_for_people() -> None:
    assert digits([2.266, 2.319]) == 3
    assert digits([151, 173]) == 0
    assert digits([45.81, 50.93], "BLEU (0–100)") == 1
    assert digits([0.01, 0.06], "% of texts") == 2
    assert digits(None) == 2
    assert number(-0.04, 1) == "0.0"
    assert number(-1234.5, 1) == "−1,234.5"
    assert number(None, 1) == "–"
    assert span([1, 2.25], 2) == "[1.00, 2.25]"
    assert [p_value(0.0004), p_value(0.04), p_value(None)] == ["< 0.001", "0.040", "–"]
    assert [seconds(12.4), seconds(200), seconds(None)] == ["12 s", "3 min 20 s", "–"]
