"""`jaso compare` with several seeds a system: how they are found, what their variance does."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jaso
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json
from jaso_evaluate import score
from jaso_evaluate.comparison import run as compare
from jaso_evaluate.comparison.inputs import ScoredRun
from jaso_evaluate.comparison.systems import group_runs
from jaso_evaluate.statistics.reductions import score_bounds

REFERENCE = "가나다라마바사아자차"


def scored(compose: Any, folder: Path, right: int) -> str:
    """A run whose texts have some `right` of ten characters of their references."""
    lines = [
        {"id": f"a{i}", "prediction": REFERENCE[: right + i % 3], "reference": REFERENCE, "meta": {"group": f"g{i}"}}
        for i in range(24)
    ]
    folder.mkdir(parents=True)
    file = folder / "predictions.in.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    values = {"predictions": file, "out": folder / "scores", "resamples": 100, "metrics": "[chrf]"}
    score.run(score.settings(compose("score", **values)))
    return str(folder / "scores")


def compared(compose: Any, out: Path, **values: Any) -> dict[str, Any]:
    compare.run(compare.settings(compose("compare", out=out, resamples=400, **values)))
    return dict(read_json(out / "comparison.json"))


def run_at(path: str, identity: str | None = None, model: str | None = None) -> ScoredRun:
    return ScoredRun(path.strip("/"), {}, {}, {}, frozenset(), identity, model, Path(path))


def test_seeds_are_taken_together(compose: Any, tmp_path: Path) -> None:
    """Seeds that differ more than the systems do: every seed alone would be told apart, the systems are not."""
    a = [scored(compose, tmp_path / f"a/seed={s}", right) for s, right in enumerate((3, 5, 4))]
    b = [scored(compose, tmp_path / f"b/seed={s}", right) for s, right in enumerate((4, 6, 5))]
    found = compared(compose, tmp_path / "by-label", runs=[*a, *b], systems_by="label")
    assert found["runs"] == ["a/scores", "b/scores"]
    assert [len(some) for some in found["seeds"].values()] == [3, 3]
    first, second = found["measures"][0]["cells"]
    assert first["value"] == pytest.approx(sum(first["by_seed"]) / 3, abs=1e-5)
    assert first["seed_sd"] > 5
    assert second["difference"] > 0
    assert second["p"] > 0.05
    assert second["needed"] == {}
    assert any("few seeds" in note for note in found["notes"])
    assert "3 seeds, SD" in (tmp_path / "by-label/comparison.md").read_text()

    alone = compared(compose, tmp_path / "alone", runs=[a[0], b[0]])
    assert alone["measures"][0]["cells"][1]["p"] < 0.01
    named = compared(compose, tmp_path / "named", systems={"a": a, "b": b})
    assert named["runs"] == ["a", "b"]
    assert named["measures"][0]["cells"][1]["p"] == second["p"]
    mixed = compared(compose, tmp_path / "mixed", systems={"a": a, "b": b[:1]})
    assert "b: one seed only, so its luck in training is in no interval and no test" in mixed["notes"]


def test_an_interval_of_seeds_ends_where_the_scale_does(compose: Any, tmp_path: Path) -> None:
    """Two of three trainings are perfect: the mean ± t · SE would pass 100."""
    a = [scored(compose, tmp_path / f"a/seed={s}", right) for s, right in enumerate((10, 10, 7))]
    b = [scored(compose, tmp_path / f"b/seed={s}", right) for s, right in enumerate((4, 6, 5))]
    cell = compared(compose, tmp_path / "both", systems={"a": a, "b": b})["measures"][0]["cells"][0]
    (low, high), value = cell["ci95"], cell["value"]
    assert low < value < high == 100
    assert 2 * value - low > 105
    assert score_bounds("ratio:100", np.array([[1.0, 1], [0, 0], [0.5, 1]])) == (0, 100)
    assert score_bounds("ratio", np.array([[300.0, 100], [90, 100]])) == (0, inf)  # bits by characters
    assert score_bounds("ratio:100", np.array([[-0.5, 1]])) == (-inf, inf)


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["/r/a/seed=1/e", "/r/a/seed=2/e", "/r/b/seed=1/e"], {"a/e": 2, "b/e": 1}),
        (["/r/a-seed-1", "/r/a-seed-2", "/r/b-s1"], {"a": 2, "b": 1}),
        (["/r/model=x,trainer.seed=1,lr=2", "/r/model=x,trainer.seed=2,lr=2", "/r/y"], {"model=x,lr=2": 2, "y": 1}),
        (["/r/kogpt2_s1", "/r/kogpt2_s2", "/r/gpts1", "/r/gpts2"], {"kogpt2": 2, "gpts1": 1, "gpts2": 1}),
    ],
)
def test_labels_without_their_seeds(folders: list[str], names: dict[str, int]) -> None:
    systems, _ = group_runs([run_at(folder) for folder in folders], {}, "label")
    assert {system.name: len(system.runs) for system in systems} == names


def test_a_pattern_of_ones_own() -> None:
    systems, _ = group_runs([run_at("/r/a-try1"), run_at("/r/a-try2"), run_at("/r/b")], {}, "-try[0-9]")
    assert [system.name for system in systems] == ["a", "b"]


def test_manifests_that_differ_in_seeds_only() -> None:
    runs = [run_at("/r/x1", "one", "m1"), run_at("/r/x2", "one", "m1"), run_at("/r/y", "two", "m3"), run_at("/r/z")]
    systems, notes = group_runs(runs, {}, "manifest")
    assert [len(system.runs) for system in systems] == [2, 1, 1]
    assert "r/z: no training is known of it, so it stands for itself" in notes
    assert any("some of its runs are of one trained model" in note for note in notes)
    _, notes = group_runs(runs, {}, "none")
    assert notes == ["r/x1, r/x2 differ in seeds only; systems_by=manifest takes them as one system"]


def test_what_cannot_be_grouped(compose: Any, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="all runs are one system"):
        group_runs([run_at("/r/a-s1"), run_at("/r/a-s2")], {}, "label")
    for values, message in (
        ({"runs": ["a", "b"], "systems_by": "("}, r"config key 'systems_by': '\('"),
        ({"runs": ["a", "b"], "systems": {"x": ["a"], "y": ["c"]}}, "name other folders"),
        ({"systems": {"x": ["a"], "y": []}}, "config key 'systems.y' is empty"),
        ({"systems": {"x": ["a", "b"]}}, "one system has nothing to be compared with"),
        ({}, "config key 'runs' is not set"),
    ):
        with pytest.raises(RequestError, match=message):
            compare.settings(compose("compare", out=tmp_path, **values))


def test_planned_tests_are_corrected_together_and_say_what_cannot_be_tested(compose: Any, tmp_path: Path) -> None:
    folders = {name: [scored(compose, tmp_path / name, right)] for name, right in (("low", 3), ("mid", 5), ("high", 6))}
    planned = [jaso.PlannedTest("low", "mid", "chrf"), jaso.PlannedTest("mid", "high", "chrf")]
    first, second, absent = jaso.paired_tests(folders, [*planned, jaso.PlannedTest("low", "mid", "bleu")], 3)
    assert (absent.test, absent.notes) == (None, ["bleu was not measured"])
    assert first.test is not None
    assert second.test is not None
    assert first.test["values"] == [jaso.load_scores(folders[name][0])["chrf"].value for name in ("low", "mid")]
    assert first.test["difference"] == pytest.approx(first.test["values"][1] - first.test["values"][0], abs=1e-5)
    # Two equal p-values: both are doubled by Holm's method.
    assert (first.test["p"], second.test["p"]) == (1 / 10001, 1 / 10001)
    assert first.test["p_holm"] == second.test["p_holm"] == 2 / 10001

    best = jaso.best_systems(folders, "chrf")
    assert best == {"shares": {"low": 0.0, "mid": 0.0, "high": 1.0}, "set": ["high"]}
    assert jaso.best_systems(folders, "bleu") is None

    out = jaso.write_comparison(folders, tmp_path / "out", measures=["chrf"])
    assert jaso.load_comparison(out).body == read_json(out / "comparison.json")
    with pytest.raises(RequestError, match=r"has no comparison\.json; give a folder that `jaso compare` wrote"):
        jaso.load_comparison(tmp_path)
