"""Closed streams, odd encodings, lost folders: one line, or it works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import Jaso

TABLE = "question,answer\n지원 동기를 쓰시오.,성장하는 사람이 되려고 합니다.\n"
HANGUL = ("crawl", "source=csv", "path=자료.csv", "columns.question=question", "out=결과")


def run(shell: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`jaso …` with a shell's redirections; PROGRAM stands for it."""
    (folder / "자료.csv").write_text(TABLE, encoding="utf-8")
    command = shell.replace("PROGRAM", f"{sys.executable} -m jaso_pipeline")
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, check=False, cwd=folder, env={**os.environ, **environment}
    )  # fmt: skip


@pytest.mark.parametrize(
    "shell",
    [
        "PROGRAM list >&-",
        "PROGRAM list 2>&-",
        "PROGRAM list <&-",
        "PROGRAM list >&- 2>&- <&-",
        "PROGRAM crawl source=csv path=자료.csv out=o >&-",
        "PROGRAM crawl source=csv path=자료.csv out=o 2>&-",
        "PROGRAM crawl source=csv path=자료.csv out=o >&- 2>&- <&-",
        "PROGRAM crawl source=csv path=자료.csv out=o 2>&1 | true; exit ${PIPESTATUS[0]}",
        "PROGRAM crawl source=csv path=자료.csv out=o 2> >(true)",
        "PROGRAM list | true; exit ${PIPESTATUS[0]}",
    ],
)
def test_closed_streams_do_no_harm(tmp_path: Path, shell: str) -> None:
    ran = run(shell, tmp_path)
    assert ran.returncode == 0, ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    assert b"Exception" not in ran.stderr
    if "out=o" in shell:
        assert (tmp_path / "o" / "manifest.json").is_file()
        assert (tmp_path / "o" / "documents.jsonl").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize("shell", ["PROGRAM nonsense >&-", "PROGRAM nonsense 2>&-", "PROGRAM nonsense 2>&- >&-"])
def test_a_wrong_request_is_one_with_closed_streams_too(tmp_path: Path, shell: str) -> None:
    assert run(shell, tmp_path).returncode == 2


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONUTF8": "0", "LC_ALL": "POSIX"},
        {"PYTHONUTF8": "0"},
        {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"},
        {"LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp949"},
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
    ],
)
def test_hangul_in_paths_works_in_any_locale(tmp_path: Path, environment: dict[str, str]) -> None:
    ran = run(f"PROGRAM {' '.join(HANGUL)}", tmp_path, **environment)
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    assert (tmp_path / "결과" / "manifest.json").is_file()
    assert "자료.csv" in (tmp_path / "결과" / "documents.jsonl").read_text(encoding="utf-8")


def test_a_working_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    for command in ("list", "status .", "crawl source=csv path=a.csv out=o"):
        ran = run(f"mkdir gone; cd gone; rmdir ../gone; PROGRAM {command}", tmp_path)
        assert ran.returncode == 2
        assert ran.stderr.decode().splitlines()[-1] == (
            "error: the folder that this command was given in is gone; cd to another one"
        )
        assert b"Traceback" not in ran.stderr


def test_an_argument_that_is_no_utf8_is_one_line(tmp_path: Path) -> None:
    ran = run("PROGRAM crawl source=csv path=$'\\xc0\\xda.csv' out=o", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.decode() == (
        "error: 'path=\\xc0\\xda.csv' is no UTF-8; rename the file, or link to it by another name\n"
    )


@pytest.mark.parametrize("out", ["link", "link/a", "link/a/b", "deep/link", "deep/link/a"])
@pytest.mark.parametrize("target", ["nowhere", "/nowhere/at/all", "../x/y"])
def test_a_link_that_leads_nowhere_is_named(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "자료.csv").write_text(TABLE, encoding="utf-8")
    link = tmp_path / out[: out.index("link") + 4]
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(target)
    ran = jaso("crawl", "source=csv", "path=자료.csv", f"out={out}")
    assert ran.code == 2
    assert (
        ran.error == f"error: {link.relative_to(tmp_path)}: is a link to {target}, which is not there; make that folder"
    )
    assert link.is_symlink()


def test_a_link_to_a_folder_is_a_folder(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "자료.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert jaso("crawl", "source=csv", "path=자료.csv", "out=link").code == 0
    assert (tmp_path / "real" / "manifest.json").is_file()
