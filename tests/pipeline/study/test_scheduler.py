"""The scheduler of a study: what depends on a failed task is not begun, and the log says what happened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from jaso_core.config import config_folder
from jaso_core.parallel.executors import SerialExecutor
from jaso_pipeline.cli.hydra_app import compose_config
from jaso_pipeline.study.execute.event_log import EventLog
from jaso_pipeline.study.execute.scheduler import is_complete, run_grid
from jaso_pipeline.study.execute.worker import TaskOrder, run_task, task_result
from jaso_pipeline.study.plan.grid import Grid, Request, build
from jaso_pipeline.study.plan.sizes import read_size
from jaso_pipeline.study.plan.spec import read_spec


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """The study `field` on three interviews: one crawl, one preprocess, and its cells behind them."""
    nodes: dict[str, Any] = {
        group: yaml.safe_load((config_folder() / group / f"{name}.yaml").read_text(encoding="utf-8"))
        for group, name in (("study", "field"), ("size", "smallest"))
    }
    request = Request(read_size(nodes["size"]), range(1), ("interviews=3",), tmp_path_factory.mktemp("study"))
    return build(read_spec(nodes["study"]), request, lambda overrides: compose_config("pipeline", list(overrides)))


def test_what_depends_on_a_failed_task_is_not_begun(grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    behind_a_file = {
        key: replace(task, settings=replace(task.settings, out=str(tmp_path / "file" / "crawl")))
        for key, task in grid.tasks.items()
        if task.stage == "crawl"
    }
    grid = replace(grid, tasks={**grid.tasks, **behind_a_file})
    log = EventLog(tmp_path)
    errors = run_grid(grid, SerialExecutor(), log, "study", (), tmp_path / "logs")
    assert errors.keys() == grid.tasks.keys()
    stages = {task.stage: errors[key] for key, task in grid.tasks.items()}
    crawl = next(task for task in grid.tasks.values() if task.stage == "crawl")
    preprocess = next(task for task in grid.tasks.values() if task.stage == "preprocess")
    crawl_log = tmp_path / "logs" / f"{crawl.name}.log"
    assert stages["crawl"].startswith("NotADirectoryError: ")
    assert stages["crawl"].endswith(f"; see {crawl_log}")
    assert stages["preprocess"] == f"{crawl.name} failed"
    assert stages["train"] == f"{preprocess.name} failed"
    assert [(line["event"], line["stage"]) for line in log.lines()] == [("begun", "crawl"), ("ended", "crawl")]
    assert log.lines()[1]["outcome"] == "failed"
    assert "error: " in crawl_log.read_text(encoding="utf-8")


def test_a_task_that_is_run_here_leaves_a_complete_folder(grid: Grid, tmp_path: Path) -> None:
    crawl = next(task for task in grid.tasks.values() if task.stage == "crawl")
    assert not is_complete(crawl)
    future = SerialExecutor().submit(run_task, TaskOrder("crawl", crawl.settings, "study", (), tmp_path / "log"))
    ended = task_result(future)
    assert (ended.outcome, ended.error) == ("made", None)
    assert is_complete(crawl)


def test_a_line_torn_by_a_kill_is_skipped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    assert log.lines() == []
    log.write(event="begun")
    with log.path.open("a", encoding="utf-8") as stream:
        stream.write('{"event": "end')
    log.write(event="ended")
    assert [line["event"] for line in log.lines()] == ["begun", "ended"]
