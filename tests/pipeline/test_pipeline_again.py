"""The pipeline refuses to replace a finished training before it does anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Jaso

from jaso_core.stage.runner import StageRun, run_stage


@pytest.mark.parametrize("again", [(), ("again=false",), ("again=true",)])
def test_a_training_with_other_settings_stops_the_chain_before_it_begins(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: tuple[str, ...]
) -> None:
    def work(run: StageRun) -> None:
        run.add("weights").write_text("weeks of work", encoding="utf-8")

    run_stage("train", tmp_path / "run" / "train", {"seed": 9}, {}, work)
    table = tmp_path / "no.csv"
    ran = jaso("pipeline", "source=csv", f"path={table}", f"out={tmp_path / 'run'}", *again)
    assert ran.code == 2
    if again == ("again=true",):
        assert f"{table}: no such file" in ran.error  # the crawl, which comes first
    else:
        assert "train: holds a finished `jaso train` of another request (" in ran.error
        assert ran.error.endswith("; give another out=, or again=true to replace it")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["train"]
    assert (tmp_path / "run" / "train" / "weights").read_text(encoding="utf-8") == "weeks of work"
