"""`jaso sheet read`: numbers worked out by hand, planted raters found, metrics held against people."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from html_support import assert_no_escaped_tags
from openpyxl import load_workbook
from scipy.stats import kendalltau
from sheet_support import Row, fill, make_round, read_round, rubric, scoring, write_run

from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, write_json, write_jsonl
from jaso_core.stage.runner import Outcome, run_stage
from jaso_evaluate.human import sheet_read as read
from jaso_evaluate.human.analysis.metric_agreement import systems_sentence
from jaso_evaluate.human.analysis.run_pairs import fewest_groups, permutation_p, required_groups

ONE: Row = {"name": "one", "criteria": {"worth": {"label": "점수", "lowest": 0, "highest": 10}}}


def round_of(
    folder: Path, runs: int, items: int, raters: int, score: Callable[[Row], Sequence[int]], **more: Any
) -> tuple[Path, Path]:
    """(made, filled) of a round whose scores are `score` of a key row."""
    texts = [{f"i{n}": f"답변 {n} {r}" for n in range(items)} for r in range(runs)]
    files = [write_run(folder / f"run{r}" / "predictions.jsonl", texts[r]).parent for r in range(runs)]
    made = make_round(folder, files, raters=raters, **{"rubric": ONE, **more})
    return made, fill(made, folder / "filled", score)


def number(row: Row) -> tuple[int, int, int]:
    """Rater, item, run."""
    return int(row["rater"][5:]) - 1, int(row["example"][1:]), int(row["run"][3:])


def test_means_and_long_table_by_hand(tmp_path: Path) -> None:
    """Two raters, two items, two runs; run 0: (1, 3), (5, 5) → 2 and 5 → 3.5; run 1: (0, 0), (2, 4) → 0 and 3 → 1.5."""
    given = {(0, 0): (1, 3), (1, 0): (5, 5), (0, 1): (0, 0), (1, 1): (2, 4)}
    made, filled = round_of(tmp_path, 2, 2, 2, lambda row: [given[number(row)[1], number(row)[2]][number(row)[0]]])
    found = read_round(filled, made, tmp_path / "out")
    assert [row["final"]["value"] for row in found["runs"]] == [3.5, 1.5]
    assert [q["final"] for q in sorted(found["questions"], key=lambda q: q["question"])] == [
        {"run0": 2.0, "run1": 0.0},
        {"run0": 5.0, "run1": 3.0},
    ]
    pair = found["pairs"][0]
    assert (pair["difference"], pair["p"], pair["p_holm"]) == (2.0, 0.5, 0.5)
    by_rater = {row["rater"]: row for row in found["raters"]}
    assert [by_rater[f"rater{n}"]["mean"] for n in (1, 2)] == [2.0, 3.0]
    assert [by_rater[f"rater{n}"]["severity"] for n in (1, 2)] == [-1.0, 1.0]
    assert found["least_agreed"][0]["sd"] == pytest.approx(2**0.5, abs=1e-6)
    rows = list(csv.DictReader((tmp_path / "out/human.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 8
    assert {row["criterion"] for row in rows} == {"worth"}
    assert sum(int(row["score"]) for row in rows) == 20
    assert_no_escaped_tags((tmp_path / "out/human.html").read_text(encoding="utf-8"))


def test_planted_raters_are_found(tmp_path: Path) -> None:
    """Rater 1 is two points severe, rater 2 drifts upwards, rater 3 gives one score, rater 4 is like the truth."""
    truth = {i: random.Random(i).randrange(3, 8) for i in range(40)}

    def score(row: Row) -> list[int]:
        rater, item, _ = number(row)
        given = [truth[item] - 2, truth[item] - 2 + row["position"] // 10, 5, truth[item]][rater]
        return [max(0, min(10, given))]

    made, filled = round_of(tmp_path, 1, 40, 4, score, duplicates=4)
    found = read_round(filled, made, tmp_path / "out")
    severe, drifting, straight, plain = found["raters"]
    assert severe["severity_ci95"][1] < 0
    assert drifting["drift_per_10"] > 0.5
    assert drifting["drift_p"] < 0.01
    assert plain["drift_p"] > drifting["drift_p"]
    assert [row["straight_lining"] for row in found["raters"]] == [False, False, True, False]
    assert (straight["longest_run"], straight["commonest_share"]) == (44, 1.0)
    assert (plain["repeated"], plain["self_exact"], plain["self_distance"]) == (4, 1.0, 0.0)
    assert drifting["self_exact"] < 1
    assert found["n"]["duplicates"] == 16
    assert found["n"]["scored_rows"] == 160


def scored(folder: Path, run: Path, scores: dict[str, dict[str, float | None]]) -> Path:
    """What `jaso score` leaves behind for a predictions file, with these scores."""

    def work(stage: Any) -> None:
        names = list(next(iter(scores.values())))
        entry = {"value": 1.0, "ci95": None, "unit": "", "signature": "", "n": 1}
        metrics = {n: {**entry, "higher_is_better": not n.endswith("_rate")} for n in names}
        write_json(stage.add("scores.json"), {"n": len(scores), "metrics": metrics})
        lines = [
            {
                "id": i,
                "group": i,
                "reference": "",
                "scores": s,
                "stats": {n: [s[n]] if s[n] is not None else None for n in s},
            }
            for i, s in scores.items()
        ]
        write_jsonl(stage.add("scores.jsonl"), lines)
        write_json(
            stage.add("run.json"),
            {"what": "score", "scoring": {"reductions": dict.fromkeys(metrics, "mean"), "baselines": []}},
        )

    run_stage("score", folder, {}, {"predictions": run / "predictions.jsonl"}, work)
    return folder


def test_which_metric_agrees(tmp_path: Path) -> None:
    """One metric follows the raters, one runs against them, an error rate falls where they give more, one is noise."""

    def worth(item: int, run: int) -> int:
        return (item + 3 * run) % 8

    made, filled = round_of(tmp_path, 3, 12, 2, lambda row: [worth(*number(row)[1:]) + number(row)[0]])
    noise = random.Random(0)
    folders, values = [], []
    for run in range(3):
        scores: dict[str, dict[str, float | None]] = {}
        for i in range(12):
            noisy = noise.random()
            values.append((noisy, worth(i, run) + 0.5))
            w = worth(i, run)
            scores[f"i{i}"] = {
                "good": w**3 * 1.0,
                "contrary": -1.0 * w,
                "error_rate": 9.0 - w,
                "noise": noisy,
                "none": None,
            }
        folders.append(str(scored(tmp_path / f"scored{run}", tmp_path / f"run{run}", scores)))
    found = read_round(filled, made, tmp_path / "out", runs=folders)
    by_name = {row["metric"]: row for row in found["metrics"]}
    assert set(by_name) == {"good", "contrary", "error_rate", "noise"}
    assert (by_name["good"]["tau"], by_name["contrary"]["tau"], by_name["error_rate"]["tau"]) == (1, -1, 1)
    assert by_name["noise"]["tau"] == pytest.approx(kendalltau(*zip(*values, strict=True)).statistic, abs=1e-6)
    assert by_name["noise"]["ci95"][0] < by_name["noise"]["tau"] < by_name["noise"]["ci95"][1]
    assert by_name["good"]["n"] == 36
    assert by_name["good"]["systems"]["n"] == 3
    assert "3 systems: even a perfect order" in found["systems"]
    assert "p = 0.33; it proves nothing" in (tmp_path / "out/human.md").read_text(encoding="utf-8")

    strange = scored(
        tmp_path / "strange",
        write_run(tmp_path / "s/predictions.jsonl", {"i0": "다른 글"}).parent,
        {"i0": {"good": 1.0}},
    )
    with pytest.raises(
        RequestError, match="scores other predictions than those on the sheets; give the scored folders"
    ):
        read_round(filled, made, tmp_path / "out2", runs=[str(strange)])


def test_runs_with_the_same_predictions_are_both_scored(tmp_path: Path) -> None:
    round_of(tmp_path, 2, 4, 2, lambda row: [number(row)[1] % 3])
    run = tmp_path / "run0"
    (tmp_path / "run1/predictions.jsonl").write_bytes((run / "predictions.jsonl").read_bytes())
    made = make_round(tmp_path / "equal", [run, tmp_path / "run1"], raters=2, rubric=ONE)
    filled = fill(made, tmp_path / "equal/filled", lambda row: [number(row)[1] % 3])
    values = {f"i{n}": {"metric": float(n)} for n in range(4)}
    folders = [scored(tmp_path / f"scored{r}", tmp_path / f"run{r}", values) for r in range(2)]
    found = read_round(filled, made, tmp_path / "out", runs=[str(f) for f in folders])
    assert found["metrics"][0]["n"] == 8
    with pytest.raises(RequestError, match="run 'run0' is given twice"):
        read_round(filled, made, tmp_path / "twice", runs=[str(folders[0])] * 3)


def test_the_permutation_test_by_hand() -> None:
    assert permutation_p(np.array([[1.0, 1, 1, 1]])) == [2 / 16]
    assert permutation_p(np.array([[3.0, -1.0], [0, 0]])) == [1.0, 1.0]
    assert permutation_p(np.array([[5.0]])) == [1.0]
    many = permutation_p(np.ones((1, 40)), permutations=1000)[0]
    assert many == pytest.approx(1 / 1001)


def test_how_many_groups_it_would_take() -> None:
    assert [fewest_groups(pairs) for pairs in (1, 3, 21)] == [6, 7, 10]
    assert 1 * 2.0**-5 < 0.05 <= 1 * 2.0**-4
    random_gaps = np.random.default_rng(0).normal(0.5, 1.0, 400)
    by_group = np.stack([random_gaps, np.ones(400)], axis=1)
    expected = ((1.96 + 0.8416) * random_gaps.std(ddof=1) / random_gaps.mean()) ** 2
    found = required_groups(by_group, 1)
    assert found is not None
    assert expected <= found <= 1.3 * expected  # Student's t, and a spread that is not known for sure, ask for more
    assert required_groups(by_group[:1], 1) is None
    assert required_groups(np.stack([np.zeros(9), np.ones(9)], axis=1), 1) is None


def test_false_alarms_stay_rare_with_three_questions_and_with_thirty() -> None:
    random_gaps = np.random.default_rng(2).normal(size=(2000, 30))
    assert np.mean([p < 0.05 for p in permutation_p(random_gaps[:, :3])]) == 0
    assert np.mean([p < 0.05 for p in permutation_p(random_gaps[:, :10])]) == pytest.approx(0.05, abs=0.015)
    assert np.mean([p < 0.05 for p in permutation_p(random_gaps, permutations=999)]) == pytest.approx(0.05, abs=0.015)


def test_a_real_difference_is_told(tmp_path: Path) -> None:
    made, filled = round_of(tmp_path, 2, 12, 2, lambda row: [4 * number(row)[2] + number(row)[1] % 3])
    found = read_round(filled, made, tmp_path / "out")
    assert (found["verdict"]["told_apart"], found["verdict"]["pairs"]) == (1, 1)
    assert found["verdict"]["sentence"].startswith("1 of 1 pairs of runs are told apart (paired over 12 groups")
    low, high = found["pairs"][0]["ci95"]
    assert low <= -4 <= high < 0


def test_one_run_one_item_one_rater_all_equal(tmp_path: Path) -> None:
    """Nothing can be compared, and everything is still defined: no crash, no NaN."""
    made, filled = round_of(tmp_path, 1, 1, 1, lambda row: [3])
    found = read_round(filled, made, tmp_path / "out")
    assert found["runs"][0]["final"] == {"value": 3.0, "ci95": None, "n": 1}
    assert (found["pairs"], found["between_items"], found["least_agreed"]) == ([], None, [])
    assert found["agreement"]["total"] == {
        "nominal": None, "ordinal": None, "interval": None, "ordinal_ci95": None, "exact": None,
    }  # fmt: skip
    assert found["verdict"]["sentence"] == "One run: there is nothing to rank."
    assert "NaN" not in (tmp_path / "out/human.json").read_text(encoding="utf-8")


def test_hostile_texts_and_comments_are_shown_harmlessly(tmp_path: Path) -> None:
    texts = {"a": "<script>alert(1)</script> | [x](http://example.invalid)", "b": "=1+1", "c": "가" * 100_000}
    made = make_round(tmp_path, [write_run(tmp_path / "run.jsonl", texts)])
    filled = fill(made, tmp_path / "filled", lambda row: [0, 1, 2 if row["rater"] == "rater1" else 0])
    book = load_workbook(filled / "rater1.xlsx")
    scoring(book)["G2"].value = "<img src=x onerror=alert(2)>"
    book.save(filled / "rater1.xlsx")
    found = read_round(filled, made, tmp_path / "out")
    assert found["comments"][0]["comment"] == "<img src=x onerror=alert(2)>"
    page, text = ((tmp_path / f"out/human.{s}").read_text(encoding="utf-8") for s in ("html", "md"))
    for written in (page, text):
        assert "<script>alert" not in written
        assert "<img src=x" not in written
    assert "[x](" not in text
    assert "default-src 'none'" in page
    assert len(page) < 60_000


def test_sheets_limited_by_load_still_give_every_text_its_raters(tmp_path: Path) -> None:
    made, filled = round_of(tmp_path, 2, 10, 4, lambda row: [number(row)[1]], per_rater=10)
    found = read_round(filled, made, tmp_path / "out")
    assert found["n"]["scored_rows"] == 40
    assert [row["n"] for row in found["raters"]] == [10] * 4
    assert found["agreement"]["worth"]["ordinal"] == 1.0


def test_the_configuration_and_what_makes_it_anew(compose: Any, tmp_path: Path) -> None:
    made, filled = round_of(tmp_path, 2, 3, 2, lambda row: [1, 1, 2], rubric=rubric())
    config = compose("sheet-read", sheets=str(filled), key=made, out=tmp_path / "out", resamples=200)
    chosen = read.settings(config)
    assert read.run(chosen) is Outcome.MADE
    assert read.run(chosen) is Outcome.UNCHANGED
    fill(made, filled, lambda row: [2, 2, 2], raters=["rater1"])
    assert read.run(chosen) is Outcome.REMADE
    assert read_json(tmp_path / "out/human.json")["runs"][0]["final"]["value"] == 5.0
    for changes, message in (
        ({"missing": "maybe"}, "missing is 'maybe', it can be refuse or skip"),
        ({"resamples": 5}, "resamples is 5"),
        ({"sheets": str(tmp_path / "nowhere")}, "nowhere: no such file or folder"),
        ({"key": str(filled)}, "key.json: no such file"),
    ):
        with pytest.raises(RequestError, match=message):
            read.run(read.settings({**config, "out": str(tmp_path / "other"), **changes}))
    (tmp_path / "bad.json").write_text(json.dumps({"rows": []}), encoding="utf-8")
    with pytest.raises(RequestError, match=r"bad\.json: is no key"):
        read.run(read.settings({**config, "out": str(tmp_path / "other"), "key": str(tmp_path / "bad.json")}))


def test_what_an_order_of_few_systems_can_prove() -> None:
    assert systems_sentence(2).startswith("2 runs: no order")
    assert "p = 0.33; it proves nothing" in systems_sentence(3)
    assert "p = 0.0004; it is weak evidence" in systems_sentence(7)
