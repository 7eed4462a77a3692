"""The parts of a study: what its YAML may say, which cells share what, how findings become pages."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from html_support import assert_no_escaped_tags
from markupsafe import Markup
from support import Jaso

from jaso_core.config import config_folder
from jaso_core.errors import RequestError
from jaso_core.report.tables import Cell, Table
from jaso_pipeline.cli.hydra_app import compose_config
from jaso_pipeline.study.execute.executors import local_executor
from jaso_pipeline.study.execute.worker import KILLED, TaskOrder, run_task, task_result
from jaso_pipeline.study.plan.grid import Grid, Request, build
from jaso_pipeline.study.plan.sizes import compatible_overrides, read_size
from jaso_pipeline.study.plan.spec import combinations, label, read_spec
from jaso_pipeline.study.report import document as blocks
from jaso_pipeline.study.report.commands import commands
from jaso_pipeline.study.report.figures import primary_figure
from jaso_pipeline.study.report.results import unexpected_claims

STUDIES = sorted(path.stem for path in (config_folder() / "study").glob("*.yaml"))


def node(group: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((config_folder() / group / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


@cache
def compose(overrides: tuple[str, ...]) -> Mapping[str, Any]:
    return compose_config("pipeline", list(overrides))


def grid(name: str, tmp_path: Path, *given: str, seeds: int = 1, **changes: Any) -> Grid:
    request = Request(read_size(node("size", "smallest")), range(seeds), given, tmp_path)
    return build(read_spec({**node("study", name), **changes}), request, lambda overrides: compose(tuple(overrides)))


@pytest.mark.parametrize(
    "name", [name if name == "field" else pytest.param(name, marks=pytest.mark.slow) for name in STUDIES]
)
def test_every_study_can_be_run(name: str, tmp_path: Path) -> None:
    made = grid(name, tmp_path)
    assert len(made.cells) >= 2
    order = list(made.tasks)
    for key, task in made.tasks.items():
        assert all(order.index(source) < order.index(key) for source in task.inputs.values())
    assert {task.stage for task in made.tasks.values()} == {"crawl", "preprocess", "train", "evaluate"}
    assert len({task.folder for task in made.tasks.values()}) == len(made.tasks)
    assert made.spec.name == name
    assert made.spec.primary in made.spec.measures


def stages(made: Grid) -> dict[str, int]:
    found = [task.stage for task in made.tasks.values()]
    return {stage: found.count(stage) for stage in found}


@pytest.mark.slow
def test_cells_share_what_does_not_differ(tmp_path: Path) -> None:
    assert stages(grid("temperature", tmp_path)) == {"crawl": 1, "preprocess": 1, "train": 1, "evaluate": 5}
    # Two seeds are two trainings on one corpus, evaluated on the same examples with the same seed of decoding.
    assert stages(grid("prompts", tmp_path, seeds=2)) == {"crawl": 1, "preprocess": 1, "train": 16, "evaluate": 16}
    two = grid("prompts", tmp_path, seeds=2)
    assert {task.settings.seed for task in two.tasks.values() if task.stage == "evaluate"} == {0}
    assert {task.settings.seed for task in two.tasks.values() if task.stage == "train"} == {0, 1}


@pytest.mark.slow
def test_studies_share_cells_with_each_other(tmp_path: Path) -> None:
    prompts, matrix = grid("prompts", tmp_path), grid("prompts_x_freezing", tmp_path)
    shared = prompts.tasks.keys() & matrix.tasks.keys()
    assert sum(prompts.tasks[key].stage == "train" for key in shared) == 3  # the three prompts with all layers


def test_all_cells_are_asked_the_same_where_the_corpus_varies(tmp_path: Path) -> None:
    made = grid("masking", tmp_path)
    assert stages(made) == {"crawl": 1, "preprocess": 3, "train": 3, "evaluate": 3}
    asked = {made.tasks[cell.tasks["evaluate"]].settings.input for cell in made.cells}
    learned = {made.tasks[cell.tasks["train"]].settings.input for cell in made.cells}
    (none,) = [cell for cell in made.cells if cell.label == "none"]
    assert asked == {str(made.tasks[none.tasks["preprocess"]].folder)}
    assert len(learned) == 3
    kept = [task.settings.split.keep for task in made.tasks.values() if task.stage == "preprocess"]
    assert sorted(kept, key=str) == sorted([*asked, *asked, None], key=str)  # no test document is learned from


def test_the_control_trains_no_two_cells_alike(tmp_path: Path) -> None:
    made = grid("control", tmp_path, seeds=2)
    assert [(cell.label, cell.seed) for cell in made.cells] == [
        ("question_answer", 0), ("question_answer", 1), ("question_answer again", 2), ("question_answer again", 3),
    ]  # fmt: skip
    assert stages(made)["train"] == 4


def test_a_folder_that_is_there_is_found_whatever_it_is_called(tmp_path: Path) -> None:
    first = grid("temperature", tmp_path)
    train = next(task for task in first.tasks.values() if task.stage == "train")
    there = tmp_path / "train" / f"another-name-{train.key}"
    there.mkdir(parents=True)
    again = grid("temperature", tmp_path)
    assert again.tasks[train.key].folder == there
    assert {t.settings.model_dir for t in again.tasks.values() if t.stage == "evaluate"} == {str(there)}


def test_a_corpus_of_ones_own_takes_the_place_of_crawl_and_preprocess(tmp_path: Path) -> None:
    size, corpus = read_size(node("size", "smallest")), tmp_path / "mine"
    request = Request(size, range(1), (), tmp_path, corpus)
    made = build(read_spec(node("study", "field")), request, lambda overrides: compose(tuple(overrides)))
    assert stages(made) == {"train": 3, "evaluate": 3}
    assert {task.settings.input for task in made.tasks.values()} == {str(corpus)}


def test_a_persons_choices_stand_above_the_sizes() -> None:
    size = ["source=sample", "letters=5", "model=tiny", "model.layers=2", "tokenizer.vocabulary=9", "limit=3"]
    assert compatible_overrides(size, ["seed=1"]) == size
    assert compatible_overrides(size, ["source=csv"]) == [
        "model=tiny",
        "model.layers=2",
        "tokenizer.vocabulary=9",
        "limit=3",
    ]
    assert compatible_overrides(size, ["model=kogpt2"]) == ["source=sample", "letters=5", "limit=3"]


def test_the_cell_that_others_are_compared_with_comes_first() -> None:
    spec = read_spec(node("study", "tokenizers"))
    assert label(combinations(spec)[0]) == "bpe 2000"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"factors": {"prompt": ["question_answer"]}, "claims": [], "former": []},
            "one cell has nothing to be compared",
        ),
        ({"factors": {"prompt": "question_answer"}}, "give a list of values"),
        ({"factors": {"prompt": ["a", "a"]}}, "a level stands there twice"),
        ({"factors": {"prompt": ["a/b", "c"]}}, "'a/b' is no name"),
        ({"against": "question_anser"}, "'study.against': no cell 'question_anser'; did you mean 'question_answer'"),
        (
            {"claims": [{"better": "x", "than": "question_answer", "measure": "chrf"}]},
            r"'study.claims\[0\]': no cell 'x'",
        ),
        ({"name": "train"}, "'study.name' is 'train'"),
        ({"curve": True}, "'study.curve': the levels are no numbers"),
        ({"held_out": {"prompt": "x"}}, "'study.held_out.prompt': no such level"),
        ({"measure": "chrf"}, "'study.measure' is unknown; did you mean 'measures'"),
    ],
)
def test_a_wrong_study_names_its_key(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        read_spec({**node("study", "prompts"), **changes})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("prompts", "out=x", "experiment=demo"), "'experiment=' is not for the cells of a study"),
        (("prompts", "out=x", "seeds=0"), "seeds is 0"),
        (("prompts", "out=x", "launcher=slrum"), "launcher is 'slrum'"),
        (
            ("prompts", "out=x", "launcher=basic", "jobs=2"),
            "jobs is 2, but launcher=basic does one task after the other",
        ),
        (("prompts", "out=x", "corpus=nowhere"), "corpus=nowhere: no such folder"),
        (("prompts", "out=x", "trainer.epoch=1"), "'trainer.epoch' is unknown"),
        (("promts", "out=x"), "study 'promts' is unknown; did you mean 'prompts'"),
        (("out=x",), "`jaso study` needs a study's name"),
        (("prompts", "out=x", "size=tiny"), "size 'tiny' is unknown"),
        (("prompts", "out=x", "corpus=.", "letters=5"), "'letters=' changes nothing: corpus= is a corpus that is made"),
        (("prompts", "out=x", "corpus=.", "copies=keep"), "'copies=' changes nothing"),
        (
            ("temperature", "out=x", "generate.temperature=1"),
            "'generate.temperature=' changes nothing: the study 'temper",
        ),
        (("training_length", "out=x", "trainer.max_steps=9"), "'trainer.max_steps=' changes nothing"),
    ],
)
def test_a_wrong_request_is_one_line(jaso: Jaso, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = jaso("study", *(a.replace("out=x", f"out={tmp_path / 'out'}") for a in arguments))
    assert ran.code == 2
    assert message in ran.error
    assert not (tmp_path / "out").exists()


def test_two_names_of_one_cell_are_refused_before_anything_runs(tmp_path: Path) -> None:
    same = {"prompt": {"one": ["prompt=question_answer"], "two": ["prompt=question_answer"]}}
    with pytest.raises(RequestError, match="cells 'one' and 'two' are one and the same"):
        grid("control", tmp_path, factors=same, claims=[], own_seeds=False)


def test_what_is_typed_reaches_the_cells_as_it_was(tmp_path: Path) -> None:
    """Through Hydra's grammar, in which a list of overrides is a list of quoted texts."""
    typed = [
        "path=C:\\data\\x",
        "columns.answer='a b'",
        "clean=[unicode,html]",
        "+trainer.x=1",
        "role=가상 직무",
        "a='\\'",
    ]
    config = compose_config("study", ["prompts", f"out={tmp_path}", *typed])
    assert config["overrides"] == typed


def test_a_command_by_hand_has_the_sources_own_keys(tmp_path: Path) -> None:
    file = tmp_path / "talks.csv"
    file.write_text("Q,A\n질문,답변\n", encoding="utf-8")
    given = ("source=csv", f"path={file}", "columns.question=Q", "columns.answer=A")
    made = grid("field", tmp_path, *given)
    crawl = commands(made, made.cells[0])[0]
    assert all(one in crawl for one in given)


def test_a_name_in_hangul_fits_a_folder(tmp_path: Path) -> None:
    long = {"prompt": {"가" * 60: ["prompt=question_answer"], "나" * 60: ["prompt=field_question_answer"]}}
    made = grid("control", tmp_path, factors=long, claims=[])
    assert all(len(f"{task.name}.log".encode()) < 200 for task in made.tasks.values())
    assert len({task.folder for task in made.tasks.values()}) == len(made.tasks)


def test_what_is_not_as_expected() -> None:
    def claim(expected: bool | None, verdict: str) -> dict[str, Any]:
        return {"better": "a", "than": "b", "measure": "chrf", "expected": expected, "verdict": verdict}

    fine = [claim(True, "found"), claim(False, "not told apart"), claim(None, "the contrary was found")]
    assert unexpected_claims(fine) == []
    wrong = [claim(True, "not told apart"), claim(False, "found"), claim(False, "the contrary was found")]
    wrong += [claim(True, "not tested"), claim(False, "not tested")]
    assert len(unexpected_claims([*fine, *wrong])) == 5


def test_long_names_break_on_the_page_and_no_tag_is_shown() -> None:
    figure = blocks.Figure("primary.svg", "chrf_kiwi", Markup("<svg></svg>"))
    told: list[blocks.Block] = [
        blocks.Heading("All measures"), blocks.Text("chrf_kiwi"), blocks.Items(["chrf_kiwi 1"]), figure,
        Table(["cell", "chrf_kiwi"], [[Cell("a_b", "(c_d)", strong=True), Cell("1")], ["e_f", "2"]], "p < 0.05"),
        blocks.Code(["jaso train prompt=question_answer"]), blocks.Sample("prompt", "text", [("a_b", "text")]),
    ]  # fmt: skip
    page = blocks.html("study", told)
    assert_no_escaped_tags(page)
    assert "<th><b>a_<wbr>b</b> <small>(c_d)</small></th>" in page
    assert "<th>e_<wbr>f</th>" in page
    assert "<th>&lt;a&gt;_<wbr></th>" in blocks.html("study", [Table(["cell"], [["<a>_"]])])


def test_a_curve_shows_the_measures_that_have_values() -> None:
    def cell(level: str, value: float) -> dict[str, Any]:
        values = {"chrf": {"value": value, "ci95": [value - 1, value + 1]}, "loops": {"value": None, "ci95": None}}
        return {"label": level, "levels": {"letters": level}, "values": values, "family": 0}

    facts = {"unit": "%", "higher_is_better": True, "signature": ""}
    measures = [{"name": name, "facts": facts} for name in ("chrf", "loops", "rep_4")]
    results = {"primary": "chrf", "curve": True, "factors": ["letters"], "measures": measures}
    drawn = primary_figure({**results, "cells": [cell("10", 20.0), cell("20", 30.0)]})
    assert drawn is not None
    assert 'aria-label="chrf, % ↑"' in drawn[0]


HOSTILE = "<script>alert(1)</script> | `x` *b* [a](javascript:1) $5 % & # _u_ {c} \\ ~ ^ ‮돌아감\n둘째 줄"


def test_hostile_texts_do_nothing_in_any_format() -> None:
    told: list[blocks.Block] = [
        blocks.Text(HOSTILE),
        blocks.Items([HOSTILE]),
        blocks.Verdict([HOSTILE, HOSTILE], is_alarm=True),
        Table(["cell", HOSTILE], [[Cell(HOSTILE), Cell("1", HOSTILE, strong=True)]], HOSTILE),
        blocks.Sample(HOSTILE, HOSTILE, [("a", HOSTILE)]),
    ]
    page = blocks.html(HOSTILE, told)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8
    markdown = blocks.markdown("title", told)
    assert "<script" not in markdown.replace("\\<script", "")
    table = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert len(table) == 3
    assert all(line.replace("\\|", "").count("|") == 3 for line in table)
    tex = blocks.latex("title", told)
    rows = [line for line in tex.splitlines() if not line.startswith("%")]
    assert "\\$5 \\% \\& \\# \\_u\\_ \\{c\\} \\textbackslash{} \\textasciitilde{} \\textasciicircum{}" in "\n".join(
        rows
    )
    assert all(line.count("&") - line.count("\\&") == 1 for line in rows if line.endswith("\\\\"))


def test_each_gpu_has_a_worker_that_sees_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    with local_executor(0, cpu=False) as executor:
        assert executor.size == 2
        # slow enough that each worker gets one of the two
        seen = executor.map(subprocess.check_output, [["sh", "-c", "sleep 0.5; echo $CUDA_VISIBLE_DEVICES"]] * 2)
        assert sorted(seen) == [b"3\n", b"5\n"]
    assert local_executor(3, cpu=False).size == 3  # more tasks than GPUs, where somebody asks for it
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert local_executor(0, cpu=False).size >= 1


@pytest.mark.slow
def test_a_killed_worker_costs_its_task_alone(tmp_path: Path) -> None:
    made = grid("field", tmp_path, "interviews=4000")
    (crawl,) = [task for task in made.tasks.values() if task.stage == "crawl"]
    with local_executor(1, cpu=True) as executor:
        first = executor.submit(run_task, TaskOrder("crawl", crawl.settings, "study", (), tmp_path / "log"))
        while not (crawl.folder / ".state").exists():
            time.sleep(0.01)
        (worker,) = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
        worker.kill()
        assert task_result(first).error == KILLED
        options = replace(crawl.settings.options, interviews=5)
        small = replace(crawl.settings, options=options, out=str(tmp_path / "small"))
        second = executor.submit(run_task, TaskOrder("crawl", small, "study", (), tmp_path / "log"))
        assert task_result(second).outcome == "made"
