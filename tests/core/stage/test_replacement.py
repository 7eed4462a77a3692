"""A finished training outlives a typo, and the state of a folder says what has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.stage.folder_state import FolderStates
from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.runner import Outcome, StageRun, run_stage

REQUEST: dict[str, Any] = {
    "model": {"name": "tiny", "hidden_size": 32}, "prompt": {"name": "question_answer"}, "freeze": {"name": "all"},
    "trainer": {"max_steps": 8, "learning_rate": 0.001, "patience": None}, "seed": 0,
}  # fmt: skip


def make(stage: str, out: Path, text: str = "하나", inputs: dict[str, Path] | None = None, **options: Any) -> Outcome:
    def work(run: StageRun) -> None:
        run.add("lines.txt", rows=1).write_text(f"{text}\n", encoding="utf-8")

    request = options.pop("request", {"text": text})
    return run_stage(stage, out, request, inputs or {}, work, **options)


def train(out: Path, corpus: Path, request: dict[str, Any], *, again: bool = False) -> Outcome:
    return make("train", out, str(request), {"input": corpus}, request=request, may_replace=again)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    make("preprocess", tmp_path / "corpus")
    return tmp_path / "corpus"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"trainer": {**REQUEST["trainer"], "max_steps": 2}}, "trainer.max_steps: 8 → 2"),
        ({"trainer": {**REQUEST["trainer"], "learning_rate": 0.01}}, "trainer.learning_rate: 0.001 → 0.01"),
        ({"trainer": {**REQUEST["trainer"], "patience": 3}}, "trainer.patience: (none) → 3"),
        ({"trainer": {"max_steps": 8}}, "trainer.learning_rate: 0.001 → (none)"),
        ({"seed": 1}, "seed: 0 → 1"),
        ({"model": {"name": "tiny", "hidden_size": 64}}, "model.hidden_size: 32 → 64"),
        ({"model": {"name": "hf", "path": "models/a"}}, "model.name: tiny → hf"),
        ({"prompt": {"name": "summary_answer"}}, "prompt.name: question_answer → summary_answer"),
        ({"freeze": {"name": "last_n", "n": 2}}, "freeze.n: (none) → 2"),
        ({"task": "classification"}, "task: (none) → classification"),
    ],
)
def test_a_finished_training_is_replaced_only_again(
    corpus: Path, tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    out = tmp_path / "model"
    train(out, corpus, REQUEST)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(RequestError) as refused:
        train(out, corpus, {**REQUEST, **change})
    assert str(refused.value).startswith(f"{out}: holds a finished `jaso train` of another request (")
    assert named in str(refused.value)
    assert str(refused.value).endswith("; give another out=, or again=true to replace it")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert train(out, corpus, REQUEST) is Outcome.UNCHANGED
    assert train(out, corpus, {**REQUEST, **change}, again=True) is Outcome.REMADE
    assert train(out, corpus, {**REQUEST, **change}, again=True) is Outcome.UNCHANGED


def test_another_input_is_another_request(corpus: Path, tmp_path: Path) -> None:
    train(tmp_path / "model", corpus, REQUEST)
    make("preprocess", corpus, "둘")
    with pytest.raises(RequestError, match=r"input \(input\): [0-9a-f]{12} → [0-9a-f]{12}"):
        train(tmp_path / "model", corpus, REQUEST)
    assert train(tmp_path / "model", corpus, REQUEST, again=True) is Outcome.REMADE


def test_a_training_with_a_lost_file_and_another_request_is_kept(corpus: Path, tmp_path: Path) -> None:
    train(tmp_path / "model", corpus, REQUEST)
    (tmp_path / "model" / "note.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "model" / "lines.txt").write_text("touched", encoding="utf-8")
    with pytest.raises(RequestError, match="seed: 0 → 1"):
        train(tmp_path / "model", corpus, {**REQUEST, "seed": 1})
    assert (tmp_path / "model" / "lines.txt").read_text(encoding="utf-8") == "touched"
    # the same request gives the same files: nothing is lost by making them again
    assert train(tmp_path / "model", corpus, REQUEST) is Outcome.REMADE


def test_a_broken_off_training_continues_without_again(corpus: Path, tmp_path: Path) -> None:
    def breaks(run: StageRun) -> None:
        raise KeyboardInterrupt

    train(tmp_path / "model", corpus, REQUEST)
    inputs = {"input": corpus}
    with pytest.raises(KeyboardInterrupt):
        run_stage("train", tmp_path / "model", {**REQUEST, "seed": 1}, inputs, breaks, may_replace=True)
    assert train(tmp_path / "model", corpus, {**REQUEST, "seed": 1}) is Outcome.CONTINUED


def test_other_stages_are_made_again_as_ever(tmp_path: Path) -> None:
    make("preprocess", tmp_path / "out")
    assert make("preprocess", tmp_path / "out", "둘") is Outcome.REMADE


# A chain table.csv → crawl → clean → model → scores below tmp_path/runs, and what may become of it.


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    runs = Path("runs")
    Path("table.csv").write_text("q,a\n가,나\n", encoding="utf-8")
    make("crawl", runs / "crawl", inputs={"path": Path("table.csv")})
    make("preprocess", runs / "clean", inputs={"input[0]": runs / "crawl"})
    make("train", runs / "model", inputs={"input": runs / "clean"})
    make("evaluate", runs / "scores", inputs={"model": runs / "model", "input": runs / "clean"})
    return tmp_path / "runs"


def describe(folder: Path) -> str:
    return FolderStates().describe(folder)


def nothing(runs: Path) -> None:
    pass


def table_grows(runs: Path) -> None:
    Path("table.csv").write_text("q,a\n가,나\n다,라\n", encoding="utf-8")


def table_is_touched(runs: Path) -> None:
    Path("table.csv").touch()


def table_goes(runs: Path) -> None:
    Path("table.csv").unlink()


def crawl_is_made_again(runs: Path) -> None:
    make("crawl", runs / "crawl", "둘", inputs={"path": Path("table.csv")})


def crawl_is_broken_off(runs: Path) -> None:
    (runs / "crawl" / "manifest.json").unlink()
    (runs / "crawl" / ".state").mkdir()


def crawl_goes(runs: Path) -> None:
    shutil.rmtree(runs / "crawl")


def crawl_is_edited(runs: Path) -> None:
    (runs / "crawl" / "lines.txt").write_text("x", encoding="utf-8")


def clean_is_made_again(runs: Path) -> None:
    make("preprocess", runs / "clean", "둘", inputs={"input[0]": runs / "crawl"})


def clean_is_made_again_with_the_same_result(runs: Path) -> None:
    make("preprocess", runs / "clean", inputs={"input[0]": runs / "crawl"}, request={"other": 1})


def model_is_made_again(runs: Path) -> None:
    make("train", runs / "model", "둘", inputs={"input": runs / "clean"})


COMPLETE, OUTDATED, CHANGED, BROKEN, ABSENT = "complete", "out of date", "changed since", "broken off", ""


@pytest.mark.parametrize(
    ("event", "states"),
    [
        (nothing, (COMPLETE, COMPLETE, COMPLETE, COMPLETE)),
        (table_is_touched, (COMPLETE, COMPLETE, COMPLETE, COMPLETE)),
        (table_grows, (OUTDATED, OUTDATED, OUTDATED, OUTDATED)),
        (table_goes, (COMPLETE, COMPLETE, COMPLETE, COMPLETE)),
        (crawl_is_made_again, (COMPLETE, OUTDATED, OUTDATED, OUTDATED)),
        (crawl_is_broken_off, (BROKEN, OUTDATED, OUTDATED, OUTDATED)),
        (crawl_goes, (ABSENT, COMPLETE, COMPLETE, COMPLETE)),
        (crawl_is_edited, (CHANGED, OUTDATED, OUTDATED, OUTDATED)),
        (clean_is_made_again, (COMPLETE, COMPLETE, OUTDATED, OUTDATED)),
        (clean_is_made_again_with_the_same_result, (COMPLETE, COMPLETE, COMPLETE, COMPLETE)),
        (model_is_made_again, (COMPLETE, COMPLETE, COMPLETE, OUTDATED)),
    ],
)
def test_the_state_says_what_an_input_has_become(
    chain: Path, event: Callable[[Path], None], states: tuple[str, ...]
) -> None:
    event(chain)
    for name, state in zip(("crawl", "clean", "model", "scores"), states, strict=True):
        if state:
            assert state in describe(chain / name), name


def test_the_state_names_input_digests_and_cure(chain: Path) -> None:
    clean_is_made_again(chain)
    assert describe(chain / "model").startswith("train, out of date (input runs/clean has changed: ")
    assert describe(chain / "model").endswith("); the same command makes it again, with again=true")
    assert "; gone: table.csv" in (table_goes(chain) or describe(chain / "crawl"))


def test_the_state_does_not_depend_on_where_it_is_asked_for(
    chain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    make("preprocess", other / "runs" / "clean", "drei")  # the same path as the input's, but from here
    monkeypatch.chdir(other)
    assert "complete" in describe(chain / "model")


def test_a_moved_tree_is_what_it_was(chain: Path, tmp_path: Path) -> None:
    shutil.move(chain, tmp_path / "old")
    assert describe(tmp_path / "old" / "model") == "train, complete (lines.txt 1); gone: runs/clean"


def test_inputs_in_a_circle_end(tmp_path: Path) -> None:
    make("preprocess", tmp_path / "a")
    make("preprocess", tmp_path / "b", inputs={"keep": tmp_path / "a"})
    make("preprocess", tmp_path / "a", inputs={"keep": tmp_path / "b"})
    manifest = read_manifest(tmp_path / "b")
    assert manifest is not None
    assert FolderStates().outdated(tmp_path / "b", manifest) == []
