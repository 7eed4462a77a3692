"""A folder that a stranger prepared for `out=` makes jaso touch nothing outside of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.io.files import write_json
from jaso_core.stage.runner import Outcome, StageRun, run_stage

OUTSIDE = "thesis.txt"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the user's, beside the folder that is given as out=."""
    path = tmp_path / OUTSIDE
    path.write_text("mine", encoding="utf-8")
    return path


def work(run: StageRun) -> None:
    (run.scratch / "half").write_text("half", encoding="utf-8")
    run.add("lines.txt", rows=1).write_text("하나\n", encoding="utf-8")
    write_json(run.add("deep/report.json"), {})


def go(out: Path, **request: Any) -> Outcome:
    return run_stage("crawl", out, request, {}, work)


def tree(folder: Path) -> dict[str, str]:
    """Return all that lies below a folder, links by their target."""
    found = {}
    for path in sorted(folder.rglob("*")):
        content = path.read_text(encoding="utf-8") if path.is_file() and not path.is_symlink() else ""
        found[path.relative_to(folder).as_posix()] = str(path.readlink()) if path.is_symlink() else content
    return found


def names(victim: Path) -> dict[str, str]:
    return {
        "above": f"../{victim.name}",
        "hidden": f"deep/../../{victim.name}",
        "absolute": str(victim),
        "folder": ".",
        "nothing": "",
        "null": "a\x00b",
        "half a character": "\ud800",
        "overlong": "a" * 5000,
        "state": ".state/lock",
    }


KINDS = ["above", "hidden", "absolute", "folder", "nothing", "null", "overlong", "state"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_manifest_names_nothing_outside(tmp_path: Path, victim: Path, kind: str) -> None:
    out = tmp_path / "out"
    go(out, size=1)
    body = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    body["files"][names(victim)[kind]] = {"sha256": "0", "bytes": 4, "rows": None}
    (out / "manifest.json").write_text(json.dumps(body), encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(
        RequestError, match=r"out/manifest\.json: names .*, which is not inside.*; .*another out="
    ) as line:
        go(out, size=2)
    assert tree(tmp_path) == before
    assert len(str(line.value)) < 300 + len(str(out))


@pytest.mark.parametrize("kind", [*KINDS, "half a character"])
def test_declared_files_are_not_outside(tmp_path: Path, victim: Path, kind: str) -> None:
    out = tmp_path / "out"
    (out / ".state").mkdir(parents=True)
    (out / ".state/declared.jsonl").write_text(json.dumps(names(victim)[kind]) + "\n", encoding="utf-8")
    (tmp_path / f".{OUTSIDE}.1.tmp").write_text("half", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(RequestError, match=r"\.state/declared\.jsonl: names .*, which is not inside"):
        go(out)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("where", ["manifest.json", ".state/declared.jsonl"])
def test_a_folder_under_the_name_of_a_file_stays(tmp_path: Path, where: str) -> None:
    out = tmp_path / "out"
    go(out, size=1)
    (out / "mine").mkdir()
    (out / "mine/thesis.txt").write_text("mine", encoding="utf-8")
    if where == "manifest.json":
        body = json.loads((out / where).read_text(encoding="utf-8"))
        body["files"]["mine"] = {"sha256": "0", "bytes": 4, "rows": None}
        (out / where).write_text(json.dumps(body), encoding="utf-8")
    else:
        (out / ".state").mkdir()
        (out / where).write_text('"mine"\n', encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(RequestError, match=r"out/mine: is a folder, where a file of jaso's belongs; remove the folder"):
        go(out, size=2)
    assert tree(tmp_path) == before, "manifest.json too"


def test_a_folder_where_an_output_belongs_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / ".state").mkdir(parents=True)
    (out / "lines.txt").mkdir()
    with pytest.raises(RequestError, match=r"out/lines\.txt: is a folder, where a file of jaso's belongs"):
        go(out)


def test_a_manifest_of_very_many_names_is_read_in_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(out, size=1)
    body = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    body["files"] |= {f"f{number}": {"sha256": "0", "bytes": 1} for number in range(10_000)}
    (out / "manifest.json").write_text(json.dumps(body), encoding="utf-8")
    assert go(out, size=2) is Outcome.REMADE
    assert sorted(tree(out)) == ["deep", "deep/report.json", "lines.txt", "manifest.json"]


@pytest.mark.parametrize("line", ['x"', '["a"]', '{"a": "b"}', '"a"b"', '"lines', "[" * 100_000 + '"'])
def test_a_line_that_is_no_name_is_skipped(tmp_path: Path, line: str) -> None:
    out = tmp_path / "out"
    (out / ".state").mkdir(parents=True)
    (out / ".state/declared.jsonl").write_text(line + "\n", encoding="utf-8")
    assert go(out) is Outcome.MADE


@pytest.mark.parametrize(
    "body", ["[]", "{}", "[" * 100_000, '{"stage": 1}', '{"stage": "crawl", "request": {}, "inputs": {"a": 1}}']
)
def test_a_request_that_is_none_is_refused(tmp_path: Path, body: str) -> None:
    out = tmp_path / "out"
    (out / ".state").mkdir(parents=True)
    (out / ".state/request.json").write_text(body, encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(RequestError, match=r"\.state/request\.json: "):
        go(out)
    assert tree(tmp_path) == before, "the line says what to remove; it is the user's to do so"


@pytest.mark.parametrize(
    "link", [".state", ".state/lock", ".state/declared.jsonl", ".state/request.json", "lines.txt", "deep", "cache/a"]
)
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, victim: Path, link: str) -> None:
    out, place = tmp_path / "out", tmp_path / "out" / link
    go(out, size=1)
    target = tmp_path / "theirs" if link in (".state", "deep") else victim
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/report.json").write_text("mine", encoding="utf-8")
    (tmp_path / "theirs/lock").write_text("mine", encoding="utf-8")
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        (place / "report.json").unlink()
        place.rmdir()
    place.unlink(missing_ok=True)
    place.symlink_to(target)
    before = tree(tmp_path)
    with pytest.raises(RequestError, match=rf"out/{link}: is a link to .*; remove the link, or give another out="):
        go(out, size=2)
    assert tree(tmp_path) == before


def test_a_link_within_the_folder_is_none_of_this(tmp_path: Path) -> None:
    out = tmp_path / "out"
    go(out, size=1)
    (out / "latest").symlink_to("lines.txt")
    assert go(out, size=2) is Outcome.REMADE


def test_a_folder_given_by_a_link_is_used(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")
    assert go(tmp_path / "out", size=1) is Outcome.MADE
    assert go(tmp_path / "out", size=2) is Outcome.REMADE
    assert sorted(tree(tmp_path / "disk")) == ["deep", "deep/report.json", "lines.txt", "manifest.json"]


def swap(out: Path, theirs: Path) -> None:
    out.rename(out.with_name("former"))
    out.symlink_to(theirs)


def swap_state(out: Path, theirs: Path) -> None:
    (out / ".state").rename(out / "former")
    (out / ".state").symlink_to(theirs)


def swap_deep(out: Path, theirs: Path) -> None:
    (out / "deep").symlink_to(theirs)


@pytest.mark.parametrize("how", [swap, swap_state, swap_deep])
def test_a_folder_that_is_exchanged_during_the_work(tmp_path: Path, how: Callable[[Path, Path], None]) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "work").mkdir(parents=True)
    for name in ("lines.txt", "report.json", "declared.jsonl", ".lines.txt.1.tmp", "work/half", "lock"):
        (theirs / name).write_text("mine", encoding="utf-8")
    before = tree(theirs)

    def exchanged(run: StageRun) -> None:
        run.add("lines.txt")
        how(run.out, theirs)
        write_json(run.add("deep/report.json"), {})

    with pytest.raises(RequestError, match=r"out(/\.state|/deep)?: (was exchanged|is a link)"):
        run_stage("crawl", tmp_path / "out", {}, {}, exchanged)
    assert tree(theirs) == before


def test_half_written_files_are_never_written_through_a_link(tmp_path: Path, victim: Path) -> None:
    for number in (os.getpid(), 1):
        (tmp_path / f".a.json.{number}.tmp").symlink_to(victim)
    write_json(tmp_path / "a.json", {})
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "a.json").is_symlink()


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_lock_that_is_no_file(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    (out / ".state").mkdir(parents=True)
    if kind == "fifo":
        os.mkfifo(out / ".state/lock")
    else:
        (out / ".state/lock").mkdir()
    with pytest.raises((RequestError, IsADirectoryError)):
        go(out)
