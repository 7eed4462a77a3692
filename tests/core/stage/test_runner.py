"""A stage folder is made once, made again only for a reason that is named, and continued after a break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.stage.manifest import fingerprint, read_manifest
from jaso_core.stage.runner import Outcome, StageRun, run_stage


class Work:
    """Writes one line; can break off after half of it."""

    def __init__(self) -> None:
        self.calls = 0
        self.breaks = False
        self.found: list[str] = []

    def __call__(self, run: StageRun) -> None:
        self.calls += 1
        self.found = sorted(path.name for path in run.scratch.iterdir())
        (run.scratch / "half").write_text("half", encoding="utf-8")
        if self.breaks:
            raise KeyboardInterrupt
        run.counts["lines"] = 1
        run.add("lines.txt", rows=1).write_text("하나\n", encoding="utf-8")


def go(out: Path, work: Work, inputs: dict[str, Path] | None = None, **request: Any) -> Outcome:
    return run_stage("crawl", out, request, inputs or {}, work)


def test_finished_work_is_not_done_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Work()
    assert go(tmp_path / "out", work, size=1) is Outcome.MADE
    assert go(tmp_path / "out", work, size=1) is Outcome.UNCHANGED
    assert work.calls == 1
    assert "complete, nothing to do" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["lines.txt", "manifest.json"]


def test_a_changed_key_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Work()
    go(tmp_path / "out", work, size=1, clean={"unicode": {"form": "NFC"}})
    assert go(tmp_path / "out", work, size=1, clean={"unicode": {"form": "NFD"}}) is Outcome.REMADE
    assert "made again, because clean.unicode.form: NFC → NFD" in capsys.readouterr().err


def test_a_changed_input_and_a_damaged_file_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = tmp_path / "given.txt"
    given.write_text("1", encoding="utf-8")
    work = Work()
    go(tmp_path / "out", work, {"input": given})
    given.write_text("2", encoding="utf-8")
    assert go(tmp_path / "out", work, {"input": given}) is Outcome.REMADE
    assert "input (input): 6b86b273ff34 → d4735e3a265e" in capsys.readouterr().err  # sha256 of "1" and of "2"
    (tmp_path / "out" / "lines.txt").unlink()
    assert go(tmp_path / "out", work, {"input": given}) is Outcome.REMADE
    assert "lines.txt is missing" in capsys.readouterr().err


def test_a_moved_input_is_the_same_input(tmp_path: Path) -> None:
    work = Work()
    go(tmp_path / "a", Work())
    go(tmp_path / "out", work, {"input": tmp_path / "a"})
    (tmp_path / "a").rename(tmp_path / "b")
    assert go(tmp_path / "out", work, {"input": tmp_path / "b"}) is Outcome.UNCHANGED


def test_broken_work_is_continued_with_what_it_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Work()
    work.breaks = True
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "out", work, size=1)
    assert read_manifest(tmp_path / "out") is None
    work.breaks = False
    assert go(tmp_path / "out", work, size=1) is Outcome.CONTINUED
    assert work.found == ["half"]
    assert "was broken off, continuing" in capsys.readouterr().err


def test_broken_work_of_another_request_starts_anew(tmp_path: Path) -> None:
    work = Work()
    work.breaks = True
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path / "out", work, size=1)
    work.breaks = False
    assert go(tmp_path / "out", work, size=2) is Outcome.MADE
    assert work.found == []


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match="holds files that jaso did not make; give out= a new or empty folder"):
        go(tmp_path, Work())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_another_command_made_is_left_alone(tmp_path: Path) -> None:
    go(tmp_path / "out", Work())
    with pytest.raises(RequestError, match="holds what `jaso crawl` made; give another out="):
        run_stage("score", tmp_path / "out", {}, {}, Work())
    assert (tmp_path / "out/lines.txt").is_file()


def test_remaking_removes_only_what_was_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(out, Work(), size=1)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    go(out, Work(), size=2)
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_manifest_says_what_is_there(tmp_path: Path) -> None:
    go(tmp_path / "out", Work(), size=1)
    body = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert body["stage"] == "crawl"
    assert body["request"] == {"size": 1}
    assert body["counts"] == {"lines": 1}
    # printf '하나\n' | sha256sum
    assert body["files"]["lines.txt"] == {
        "sha256": "42c5988285c9009f6d9467011ca8b1d2e8adc2f1c8b38319820cb7dd3a374c6a",
        "bytes": 7,
        "rows": 1,
    }
    assert body["versions"]["jaso"]


def test_an_incomplete_folder_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    with pytest.raises(RequestError, match=r"half: not complete \(no manifest.json\)"):
        fingerprint(tmp_path / "half")


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    def second_writer(run: StageRun) -> None:
        go(run.out, Work())

    with pytest.raises(RequestError, match="another jaso is writing here"):
        run_stage("crawl", tmp_path / "out", {}, {}, second_writer)


def test_what_a_broken_run_wrote_goes_when_another_takes_its_place(tmp_path: Path) -> None:
    def breaks(run: StageRun) -> None:
        run.add("truth.jsonl").write_text("of another corpus", encoding="utf-8")
        (run.out / ".lines.txt.123.tmp").write_text("half", encoding="utf-8")
        run.add("lines.txt")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stage("crawl", tmp_path / "out", {"source": "sample"}, {}, breaks)
    go(tmp_path / "out", Work(), source="csv")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["lines.txt", "manifest.json"]


def test_an_edit_that_keeps_the_size_is_noticed(tmp_path: Path) -> None:
    go(tmp_path / "a", Work())
    (tmp_path / "a" / "lines.txt").write_text("둘둘\n", encoding="utf-8")
    with pytest.raises(RequestError, match=r"lines\.txt was changed since it was made"):
        go(tmp_path / "out", Work(), {"input": tmp_path / "a"})
