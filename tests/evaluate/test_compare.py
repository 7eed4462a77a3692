"""`jaso compare`: paired tests on the same examples, in four formats."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.files import read_json
from jaso_core.stage import Outcome
from jaso_evaluate import compare, score

BITS = "bits_per_character"


def scored(compose: Any, folder: Path, name: str, rows: list[dict[str, Any]], **more: Any) -> Path:
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    values = {"predictions": file, "out": folder / name, "resamples": 400, "metrics": "[chrf,length]"}
    score.run(score.settings(compose("score", **{**values, **more})))
    return folder / name


def rows(ending: str, n: int = 30, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": f"a{i}",
            "prediction": f"저는 {i}번 {ending}",
            "reference": f"저는 {i}번 꼼꼼한 사람입니다.",
            "meta": {"group": f"g{i // 2}"},
        }
        for i in range(start, start + n)
    ]


def settings(compose: Any, runs: Any, out: Path) -> compare.CompareSettings:
    return compare.settings(compose("compare", runs=runs, out=out, resamples=400))


def test_a_better_run_is_told_apart(compose: Any, tmp_path: Path) -> None:
    low = scored(compose, tmp_path, "낮음_run", rows("성실합니다"))
    high = scored(compose, tmp_path, "high", rows("꼼꼼한 사람이다"))
    out = tmp_path / "out"
    chosen = settings(compose, f"{low},{high}", out)
    assert compare.run(chosen) is Outcome.MADE
    assert compare.run(chosen) is Outcome.UNCHANGED
    found = read_json(out / "comparison.json")
    assert (found["n"], found["groups"], found["runs"]) == (30, 15, ["낮음_run", "high"])
    chrf = found["measures"][0]
    assert chrf["name"] == "chrf"
    first, second = chrf["cells"]
    # Recomputed from statistics, not averaged over texts: the same as in each run's own scores.json.
    for cell, folder in ((first, low), (second, high)):
        entry = read_json(folder / "scores.json")["metrics"]["chrf"]
        assert (cell["value"], cell["ci95"]) == (entry["value"], entry["ci95"])
    assert second["difference"] == pytest.approx(second["value"] - first["value"], abs=1e-5)
    assert second["difference_ci95"][0] > 0
    judged = [m for m in found["measures"] if m["higher_is_better"] is not None]
    assert second["p_holm"] == pytest.approx(min(1, second["p"] * len(judged)), abs=1e-6)
    described = next(m for m in found["measures"] if m["name"] == "length_characters")
    assert "p_holm" not in described["cells"][1]
    tables = {s: (out / f"comparison.{s}").read_text(encoding="utf-8") for s in ("md", "csv", "tex", "html")}
    assert "| measure | n | 낮음_run | high |" in tables["md"]
    assert "chrf:" not in tables["md"]
    assert len(list(csv.DictReader(tables["csv"].splitlines()))) == 2 * len(found["measures"])
    assert r"낮음\_run" in tables["tex"]
    assert tables["tex"].count("{") == tables["tex"].count("}")
    assert "after Holm" in tables["html"]
    assert tables["md"].splitlines()[2].endswith("(better) |")
    assert r"$^{\uparrow}$" in tables["tex"]


def test_only_common_examples_count_and_it_is_said(
    compose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = scored(compose, tmp_path, "first", rows("성실합니다"))
    second = scored(compose, tmp_path, "second", rows("성실합니다", start=10), metrics="[chrf,bleu]")
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    assert found["n"] == 20
    assert [m["name"] for m in found["measures"]] == ["chrf"]
    assert found["measures"][0]["cells"][1]["difference"] == 0
    assert found["measures"][0]["cells"][1]["p_holm"] == 1
    said = capsys.readouterr().err
    assert "first: 20 of its 30 examples are in all runs" in said
    assert "bleu_char: left out, first has it not" in said


def test_what_no_run_can_be_blamed_for_is_not_tested(compose: Any, tmp_path: Path) -> None:
    def with_bits(bits: float) -> list[dict[str, Any]]:
        meta = {"bits": bits, "ngram_bits": 30.0, "characters": 10}
        return [{**row, "prediction": ".", "meta": {**row["meta"], **meta}} for row in rows("")]

    metrics = "[bits_per_character,length]"
    first = scored(compose, tmp_path, "first", with_bits(20.0), metrics=metrics)
    second = scored(compose, tmp_path, "second", with_bits(22.0), metrics=metrics)
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    cells = {m["name"]: m["cells"][1] for m in found["measures"]}
    assert cells["bits_per_character"]["difference"] == pytest.approx(0.2)
    assert "difference" not in cells["bits_per_character_ngram5"]
    assert "distinct_4: left out, no text has a value in every run" in found["notes"]


def measured(bits: list[tuple[float, int]]) -> list[dict[str, Any]]:
    """(bits, characters that were scored) of each text, every text a group of its own."""
    return [
        {"id": f"a{i}", "prediction": "가", "reference": "나" * 10, "meta": {"bits": b, "characters": n}}
        for i, (b, n) in enumerate(bits)
    ]


def test_bits_are_compared_on_the_same_characters_only(
    compose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """a1 was cut at 4 characters in the second run: (20 + 40)/20 = 3 against (10 + 30)/20 = 2 are left."""
    metrics = "[bits_per_character,length]"
    first = scored(compose, tmp_path, "first", measured([(20.0, 10), (90.0, 10), (40.0, 10)]), metrics=metrics)
    second = scored(compose, tmp_path, "second", measured([(10.0, 10), (4.0, 4), (30.0, 10)]), metrics=metrics)
    out = tmp_path / "out"
    compare.run(settings(compose, [str(first), str(second)], out))
    found = read_json(out / "comparison.json")
    by_name = {m["name"]: m for m in found["measures"]}
    bits = by_name["bits_per_character"]
    assert (bits["n"], [cell["value"] for cell in bits["cells"]]) == (2, [3.0, 2.0])
    assert bits["cells"][1]["difference"] == -1.0
    assert by_name["length_characters"]["n"] == 3
    note = "bits_per_character: 1 of 3 texts were not scored on the same characters in every run and are left out"
    assert found["notes"] == [note, "distinct_4: left out, no text has a value in every run"]
    assert note in capsys.readouterr().err
    tables = {s: (out / f"comparison.{s}").read_text(encoding="utf-8") for s in ("md", "csv", "tex", "html")}
    assert f"- {note}\n" in tables["md"]
    assert f"<li>{note}</li>" in tables["html"]
    assert f"\n% {note}\n" in tables["tex"]
    assert {row["n"] for row in csv.DictReader(tables["csv"].splitlines()) if row["measure"] == BITS} == {"2"}


def test_bits_of_other_characters_everywhere_are_left_out(compose: Any, tmp_path: Path) -> None:
    first = scored(compose, tmp_path, "first", measured([(20.0, 10), (30.0, 10)]), metrics="[bits_per_character]")
    second = scored(compose, tmp_path, "second", measured([(10.0, 4), (10.0, 4)]), metrics="[bits_per_character]")
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    assert found["measures"] == []
    note = "bits_per_character: left out, no text was scored on the same characters in every run"
    assert found["notes"] == [note]


def test_empty_references_have_no_ratio(compose: Any, tmp_path: Path) -> None:
    """Characters over none is no number: the cells say so, and the other measures stand."""
    empty = [{"id": f"a{i}", "prediction": "가" * 5, "reference": ""} for i in range(3)]
    first = scored(compose, tmp_path, "first", empty, metrics="[length]")
    second = scored(compose, tmp_path, "second", empty, metrics="[length]")
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    cells = {m["name"]: m["cells"] for m in read_json(tmp_path / "out/comparison.json")["measures"]}
    nothing = {"value": None, "ci95": None}
    assert cells["length_ratio"] == [
        {"run": "first", **nothing},
        {"run": "second", **nothing, "difference": None, "difference_ci95": None, "p": None},
    ]
    assert [cell["value"] for cell in cells["length_characters"]] == [5.0, 5.0]
    assert "| length_ratio  (prediction/reference) | 3 | – – | – – |" in (tmp_path / "out/comparison.md").read_text()


def test_other_options_are_not_compared(compose: Any, tmp_path: Path) -> None:
    first = scored(compose, tmp_path, "first", rows("성실합니다"), metrics="[chrf]")
    second = scored(compose, tmp_path, "second", rows("성실합니다"), metrics="[chrf]", metrics__chrf__char_order=4)
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    assert found["measures"] == []
    assert "signatures differ" in found["notes"][0]


def test_what_cannot_be_compared(compose: Any, tmp_path: Path) -> None:
    first = scored(compose, tmp_path, "first", rows("성실합니다"))
    other = [{**row, "reference": "다른 글"} for row in rows("성실합니다")]
    second = scored(compose, tmp_path, "second", other)
    third = scored(compose, tmp_path, "third", rows("성실합니다", start=100))
    (tmp_path / "empty").mkdir()
    for runs, message in (
        ([first, second], "second: example 'a0' has another reference than in first"),
        ([first, third], "no example id is in all"),
        ([first], "nothing to be compared with"),
        ([first, first], "is given twice"),
        ([first, tmp_path / "empty"], "not complete"),
        ([first, tmp_path / "absent"], "no such file or folder"),
    ):
        with pytest.raises(RequestError, match=message):
            compare.run(settings(compose, [str(run) for run in runs], tmp_path / "out"))


def test_labels_are_as_short_as_can_be() -> None:
    assert compare.labels(["/x/a", "/x/b/"]) == ["a", "b"]
    assert compare.labels(["/x/1/evaluate", "/x/2/evaluate"]) == ["1/evaluate", "2/evaluate"]
