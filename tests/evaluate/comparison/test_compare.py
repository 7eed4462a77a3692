"""`jaso compare`: paired tests on the same examples, in four formats."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from html_support import assert_no_escaped_tags

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_core.stage.runner import Outcome
from jaso_evaluate import score
from jaso_evaluate.comparison import run as compare
from jaso_evaluate.comparison import tables as comparison_tables
from jaso_evaluate.comparison import tokenizer_sensitivity as tokenizer_panel
from jaso_evaluate.comparison.systems import read_systems

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
        assert cell["value"] == read_json(folder / "scores.json")["metrics"]["chrf"]["value"]
        assert cell["ci95"][0] < cell["value"] < cell["ci95"][1]
    assert second["difference"] == pytest.approx(second["value"] - first["value"], abs=1e-5)
    assert second["difference_ci95"][0] > 0
    judged = [m for m in found["measures"] if m["higher_is_better"] is not None]
    assert found["tests"] == len(judged)
    assert second["p"] == pytest.approx(1 / 401)
    assert second["p_holm"] == pytest.approx(min(1, second["p"] * len(judged)), abs=1e-6)
    assert (first["standing"], second["standing"]) == ("", "best")
    assert second["share_better"] == 1
    assert second["d_z"] > 0.8
    assert_no_escaped_tags(read_tables(out)["html"])
    assert 0 < second["detectable"]["0.8"] < second["detectable"]["0.9"] < second["difference"]
    assert second["needed"]["0.8"]["examples"] == 2 * second["needed"]["0.8"]["groups"] < 30
    described = next(m for m in found["measures"] if m["name"] == "length_characters")
    assert "p" not in described["cells"][1]
    assert described["pairs"] == []
    assert {cell["standing"] for cell in described["cells"]} == {""}
    tables = read_tables(out)
    assert "| measure | n | 낮음_run | high |" in tables["md"]
    assert "chrf:" not in tables["md"]
    assert len(list(csv.DictReader(tables["csv"].splitlines()))) == 2 * len(found["measures"])
    assert r"낮음\_run" in tables["tex"]
    assert tables["tex"].count("{") == tables["tex"].count("}")
    assert "after Holm" in tables["html"]
    value = f"{second['value']:.1f}"
    assert f"| **{value}** [" in tables["md"].splitlines()[2]
    assert rf"\textbf{{{value}}}$^{{\uparrow}}$" in tables["tex"]
    assert f'<span class="best">{value}</span>' in tables["html"]
    rows_of = {(row["measure"], row["run"]): row for row in csv.DictReader(tables["csv"].splitlines())}
    assert rows_of[("chrf", "high")]["standing"] == "best"
    assert float(rows_of[("chrf", "high")]["d_z"]) == second["d_z"]
    assert "| chrf | high | +" in tables["md"]


def read_tables(out: Path) -> dict[str, str]:
    return {s: (out / f"comparison.{s}").read_text(encoding="utf-8") for s in ("md", "csv", "tex", "html")}


def test_only_common_examples_count_and_it_is_said(
    compose: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = scored(compose, tmp_path, "first", rows("성실합니다"))
    second = scored(compose, tmp_path, "second", rows("성실합니다", start=10), metrics="[chrf,bleu]")
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    assert found["n"] == 20
    assert {m["name"].rstrip("+") for m in found["measures"]} == {"chrf"}
    assert found["measures"][0]["cells"][1]["difference"] == 0
    assert found["measures"][0]["cells"][1]["p_holm"] == 1
    assert [cell["standing"] for cell in found["measures"][0]["cells"]] == ["tied", "tied"]
    said = capsys.readouterr().err
    assert "first: 20 of its 30 examples are in all runs" in said
    assert "bleu_char: left out, first has it not" in said


def test_what_no_run_can_be_blamed_for_is_not_tested(compose: Any, tmp_path: Path) -> None:
    def with_bits(bits: float) -> list[dict[str, Any]]:
        meta = {"bits": bits, "ngram_bits": 30.0, "characters": 10}
        return [{**row, "prediction": ".", "meta": {**row["meta"], **meta}} for row in rows("")]

    metrics = "[bits_per_character,repetition]"
    first = scored(compose, tmp_path, "first", with_bits(20.0), metrics=metrics)
    second = scored(compose, tmp_path, "second", with_bits(22.0), metrics=metrics)
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    cells = {m["name"]: m["cells"][1] for m in found["measures"]}
    assert cells["bits_per_character"]["difference"] == pytest.approx(0.2)
    assert "difference" not in cells["bits_per_character_ngram5"]
    assert "rep_4: left out, no text has a value in every run" in found["notes"]


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
    assert note in found["notes"]
    assert note in capsys.readouterr().err
    tables = read_tables(out)
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
    assert note in found["notes"]


def test_empty_references_have_no_ratio(compose: Any, tmp_path: Path) -> None:
    """Characters over none is no number: the cells say so, and the other measures stand."""
    empty = [{"id": f"a{i}", "prediction": "가" * 5, "reference": ""} for i in range(3)]
    first = scored(compose, tmp_path, "first", empty, metrics="[length]")
    second = scored(compose, tmp_path, "second", empty, metrics="[length]")
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    cells = {m["name"]: m["cells"] for m in read_json(tmp_path / "out/comparison.json")["measures"]}
    nothing = {"value": None, "ci95": None, "standing": ""}
    assert cells["length_ratio"] == [
        {"run": "first", **nothing},
        {"run": "second", **nothing},
    ]
    assert [cell["value"] for cell in cells["length_characters"]] == [5.0, 5.0]
    assert "| length_ratio  (prediction/reference) | 3 | – – | – – |" in (tmp_path / "out/comparison.md").read_text()


def test_a_measure_that_one_group_alone_has_is_not_tested(compose: Any, tmp_path: Path) -> None:
    """Bits are known of one text of four."""
    metrics = "[bits_per_character,length]"
    runs = []
    for name, bits in (("first", 20.0), ("second", 10.0)):
        texts = measured([(bits, 10)] * 4)
        for text in texts[1:]:
            text["meta"] = {}
        runs.append(str(scored(compose, tmp_path, name, texts, metrics=metrics)))
    compare.run(settings(compose, runs, tmp_path / "out"))
    by_name = {m["name"]: m for m in read_json(tmp_path / "out/comparison.json")["measures"]}
    found = by_name["bits_per_character"]
    assert [(cell["value"], cell["ci95"]) for cell in found["cells"]] == [(2.0, None), (1.0, None)]
    assert "p" not in found["cells"][1]
    assert found["pairs"] == []


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
    regrouped = [{**row, "meta": {"group": row["id"]}} for row in rows("성실합니다")]
    fourth = scored(compose, tmp_path, "fourth", regrouped)
    (tmp_path / "empty").mkdir()
    for runs, message in (
        ([first, second], "second: example 'a0' has another reference than in first"),
        ([first, fourth], "fourth: example 'a0' is of another group than in first"),
        ([first, third], "no example id is in all"),
        ([first], "nothing to be compared with"),
        ([first, first], "is given twice"),
        ([first, tmp_path / "empty"], "not complete"),
        ([first, tmp_path / "absent"], "no such file or folder"),
    ):
        with pytest.raises(RequestError, match=message):
            compare.run(settings(compose, [str(run) for run in runs], tmp_path / "out"))


def test_few_measures_ask_less_of_each(compose: Any, tmp_path: Path) -> None:
    folders = [scored(compose, tmp_path, name, rows(name)) for name in ("성실합니다", "꼼꼼한 사람이다")]
    runs = ",".join(map(str, folders))
    config = compose("compare", runs=runs, out=tmp_path / "one", resamples=400, measures="chrf")
    compare.run(compare.settings(config))
    compare.run(settings(compose, runs, tmp_path / "all"))
    one, everything = (read_json(tmp_path / name / "comparison.json") for name in ("one", "all"))
    assert [measure["name"] for measure in one["measures"]] == ["chrf"]
    assert one["tests"] == 1 < everything["tests"]
    cell, among = (found["measures"][0]["cells"][1] for found in (one, everything))
    assert cell["p"] == among["p"]
    assert cell["p_holm"] == pytest.approx(cell["p"], rel=1e-5)
    assert among["p_holm"] > 2 * cell["p_holm"]
    unknown = compose("compare", runs=runs, out=tmp_path / "none", measures="chr")
    with pytest.raises(RequestError, match=r"'chr'.*did you mean 'chrf'"):
        compare.run(compare.settings(unknown))


def test_what_five_groups_can_never_prove_is_not_promised(compose: Any, tmp_path: Path) -> None:
    """Of 5 groups no p is below 2/2⁵ = 0.0625, so nothing is detectable, and p < 0.05 takes 6 groups at least."""
    folders = [scored(compose, tmp_path, name, rows(name, n=10, start=6)) for name in ("성실합니다", "꼼꼼한 사람이다")]
    config = compose("compare", runs=",".join(map(str, folders)), out=tmp_path / "one", resamples=400, measures="chrf")
    compare.run(compare.settings(config))
    cell = read_json(tmp_path / "one/comparison.json")["measures"][0]["cells"][1]
    assert cell["p"] == 0.0625
    assert cell["detectable"] == {"0.8": None, "0.9": None}
    assert all(needed["groups"] >= 6 for needed in cell["needed"].values())


def test_labels_are_as_short_as_can_be() -> None:
    assert compare.labels(["/x/a", "/x/b/"]) == ["a", "b"]
    assert compare.labels(["/x/1/evaluate", "/x/2/evaluate"]) == ["1/evaluate", "2/evaluate"]


def test_what_is_of_all_texts_together_is_shown_and_not_tested(compose: Any, tmp_path: Path) -> None:
    chosen = {"metrics": "[diversity]", "metrics__diversity__tokenizers": ["character"]}
    first = scored(compose, tmp_path, "first", rows("성실합니다"), **chosen)
    second = scored(compose, tmp_path, "second", rows("꼼꼼한 사람이다"), **chosen)
    fewer = scored(compose, tmp_path, "fewer", rows("꼼꼼합니다", n=28), **chosen)
    compare.run(settings(compose, [str(first), str(second)], tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    cells = [row["cells"][1] for row in found["measures"] if row["name"] == "distinct_1_character"]
    assert [cell["value"] for cell in cells] == [
        read_json(second / "scores.json")["metrics"]["distinct_1_character"]["value"]
    ]
    assert all("p" not in cell for cell in cells)
    compare.run(settings(compose, [str(first), str(fewer)], tmp_path / "subset"))
    found = read_json(tmp_path / "subset/comparison.json")
    assert found["measures"] == []
    assert any("distinct_1_character: left out, it is of all texts together" in note for note in found["notes"])


def several(compose: Any, folder: Path, endings: dict[str, str]) -> list[str]:
    return [str(scored(compose, folder, name, rows(ending))) for name, ending in endings.items()]


def test_bold_only_where_better_than_every_other(compose: Any, tmp_path: Path) -> None:
    """Two equal runs are not told from each other, both are from the third."""
    runs = several(compose, tmp_path, {"a": "꼼꼼한 사람이다", "b": "꼼꼼한 사람이다", "c": "성실합니다"})
    compare.run(settings(compose, runs, tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    chrf = found["measures"][0]
    assert [cell["standing"] for cell in chrf["cells"]] == ["tied", "tied", ""]
    told = {(pair["first"], pair["second"]): pair["p_holm"] < 0.05 for pair in chrf["pairs"]}
    assert told == {("a", "b"): False, ("a", "c"): True, ("b", "c"): True}
    tables = read_tables(tmp_path / "out")
    line = tables["md"].splitlines()[2]
    assert line.count("°") == 2
    assert "**" not in line
    assert tables["tex"].count(r"$^{\circ}$") >= 2
    pairs = list(csv.DictReader((tmp_path / "out/comparison-pairs.csv").read_text().splitlines()))
    assert [(row["first"], row["second"]) for row in pairs if row["measure"] == "chrf"] == list(told)
    assert "| chrf | c − a |" in tables["md"]


def test_the_bootstrap_can_be_asked_for(compose: Any, tmp_path: Path) -> None:
    runs = several(compose, tmp_path, {"a": "성실합니다", "b": "꼼꼼한 사람이다"})
    values = {"runs": runs, "out": tmp_path / "out", "resamples": 400}
    compare.run(compare.settings(compose("compare", **values, test="bootstrap")))
    found = read_json(tmp_path / "out/comparison.json")
    assert found["measures"][0]["cells"][1]["standing"] == "best"
    assert "paired bootstrap tests" in (tmp_path / "out/comparison.md").read_text()
    with pytest.raises(RequestError, match="config key 'test': 'bootstrp'"):
        compare.settings(compose("compare", **values, test="bootstrp"))


def test_the_winner_under_each_tokenizer() -> None:
    """By hand: under char a > b > c, under ko-mecab b > a > c; one of three pairs is turned round: tau 1/3."""

    def row(name: str, tokenizer: str, values: list[float]) -> dict[str, Any]:
        cells = [{"run": run, "value": v, "standing": ""} for run, v in zip("abc", values, strict=True)]
        signature = f"nrefs:1|tok:{tokenizer}|smooth:exp"
        return {"name": name, "signature": signature, "higher_is_better": True, "cells": cells}

    found = tokenizer_panel.panel(
        [row("bleu_char", "char", [30, 20, 10]), row("bleu_ko_mecab", "ko-mecab/2", [20, 25, 5]), row("chrf", "x", [1, 2, 3])]
    )  # fmt: skip
    assert [family["family"] for family in found] == ["bleu"]
    assert [(one["tokenizer"], one["winners"]) for one in found[0]["measures"]] == [
        ("char", ["a"]),
        ("ko-mecab/2", ["b"]),
    ]
    assert found[0]["winner_changes"]
    assert found[0]["tau"] == [{"first": "bleu_char", "second": "bleu_ko_mecab", "tau": pytest.approx(1 / 3, abs=1e-6)}]
    equal = tokenizer_panel.panel([row("bleu_char", "char", [1, 1, 1]), row("bleu_none", "none", [1, 2, 3])])
    assert equal[0]["tau"][0]["tau"] is None
    assert not equal[0]["winner_changes"]


def test_texts_side_by_side_and_harmless(compose: Any, tmp_path: Path) -> None:
    first, second = rows("성실합니다"), rows("성실합니다")
    first[7]["prediction"] = first[7]["reference"]
    second[7]["prediction"] = "<script>alert(1)</script>\u202e<img src=x onerror=alert(1)>" + "가" * 100_000
    second[8]["prediction"] = ""
    for i, row in enumerate(first):
        row["meta"]["occupation"] = ("ICT", "BM")[i % 2]
    runs = [str(scored(compose, tmp_path, name, some)) for name, some in (("첫째", first), ("second", second))]
    compare.run(settings(compose, runs, tmp_path / "out"))
    shown = read_json(tmp_path / "out/comparison.json")["texts"]
    assert shown["by"] == "chrf"
    assert [text["id"] for text in shown["texts"][:2]] == ["a7", "a8"]
    assert shown["texts"][0]["predictions"][0] == {"run": "첫째", "score": 100.0, "text": first[7]["reference"]}
    assert len(shown["texts"][0]["predictions"][1]["text"]) < 3100
    assert len(shown["texts"]) == 20
    page = read_tables(tmp_path / "out")["html"]
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert "정보통신" in page
    assert page.count("<img") == 0
    assert 'id="occupation-2"' in page


def test_absent_and_changed_predictions_are_said(compose: Any, tmp_path: Path) -> None:
    runs = several(compose, tmp_path, {"a": "성실합니다", "b": "꼼꼼한 사람이다", "c": "꼼꼼하다"})
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "b.jsonl").write_text("{}\n")
    compare.run(settings(compose, runs, tmp_path / "out"))
    found = read_json(tmp_path / "out/comparison.json")
    assert "a: its texts are not shown, a.jsonl is no longer where it was scored" in found["notes"]
    assert "b: its texts are not shown, b.jsonl was changed since it was scored" in found["notes"]
    texts = [one["text"] for one in found["texts"]["texts"][0]["predictions"]]
    assert texts[:2] == [None, None]
    assert texts[2]


def test_a_measure_for_the_texts_must_be_there(compose: Any, tmp_path: Path) -> None:
    runs = several(compose, tmp_path, {"a": "성실합니다", "b": "꼼꼼하다"})
    values = {"runs": runs, "out": tmp_path / "out", "resamples": 400}
    compare.run(compare.settings(compose("compare", **values, texts_by="rouge9")))
    found = read_json(tmp_path / "out/comparison.json")
    assert "no texts side by side: rouge9 is not among the compared measures" in found["notes"]
    assert found["texts"]["texts"] == []


NAMES = (
    "=cmd|'/C calc'!A0",
    "<img src=x onerror=a>](http://e.invalid)\n\n# Forged | **b** `c` $x$ \\input{/etc/passwd}",
)


def test_names_of_runs_are_escaped_in_every_format(compose: Any, tmp_path: Path) -> None:
    folders = [scored(compose, tmp_path, name, rows(ending)) for name, ending in (("a", "일합니다"), ("b", "압니다"))]
    given = {name: [str(folder)] for name, folder in zip(NAMES, folders, strict=True)}
    comparison = compare.full_comparison(
        read_systems(given), compare.Options(resamples=200, seed=0), [f"{NAMES[1]}: a note"]
    )
    comparison["measures"][0]["signature"] = "x\n\\input{/etc/passwd}"
    files = comparison_tables.render(comparison)
    lines = files["comparison.md"].splitlines()
    assert not any(line.startswith("# Forged") for line in lines)
    for raw in ("<img", "](http", "**b**", " `c` ", "$x$"):
        assert not re.search(rf"(?<!\\){re.escape(raw)}", files["comparison.md"]), raw
    assert len({line.count("|") - line.count("\\|") for line in lines[:3]}) == 1
    for name in ("comparison.csv", "comparison-pairs.csv"):
        cells = [cell for row in csv.reader(io.StringIO(files[name])) for cell in row]
        assert not any(cell.startswith("=") for cell in cells)
        assert f"'{NAMES[0]}" in cells
    for line in files["comparison.tex"].splitlines():
        assert "\\input" not in line or line.startswith("%")
        assert not line.startswith("# Forged")
    assert "<img" not in files["comparison.html"]
