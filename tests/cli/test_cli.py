"""The command line: help that is true, and mistakes that end in one line with a cure."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Jaso, write_documents

from jaso_pipeline.cli.commands import VERBS


def test_the_overview_names_every_command(jaso: Jaso) -> None:
    ran = jaso("--help")
    assert ran.code == 0
    for name in (*(verb.command for verb in VERBS.values()), "list", "show", "status", "doctor"):
        assert f"\n  {name} " in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_command_shows_its_keys(jaso: Jaso, verb: str) -> None:
    ran = jaso(verb, "--help")
    assert ran.code == 0
    assert {"chat": "masks: false", "generate": "out: null"}.get(verb, "out: ???") in ran.out
    assert VERBS[verb].example in ran.out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("crwal out=x", "command 'crwal' is unknown; did you mean 'crawl'?"),
        ("crawl source=smaple out=x", "source 'smaple' is unknown; did you mean 'sample'?"),
        ("crawl source=csv out=x", "config key 'path' is not set; add path=…"),
        ("crawl source=csv path=a.csv colums.question=Q out=x", "config key 'colums.question' is unknown; did you mean"),
        ("preprocess input=nowhere out=x", "nowhere: no such file or folder; check the path"),
        ("preprocess input=x split.tset=0.2 out=x", "config key 'split.tset' is unknown; did you mean 'split.test'?"),
        ("preprocess input=x split.test=often out=x", "config key 'split.test': Value 'often'"),
        ("preprocess input=x clean=[unicode,polish] out=x", "clean 'polish' is unknown; known: blobs"),
        ("preprocess input=x +clean.length.min_anser=1 out=x", "config key 'clean.length.min_anser' is unknown; did you mean 'min_answer'?"),
        ("train input=x out=x prompt=qestion_answer", "prompt 'qestion_answer' is unknown; did you mean 'question_answer'?"),
        ("train input=x out=x trainer.max_length=9999", "config key 'trainer.max_length': 9999 is more than the model's 512"),
        ("train input=x out=x model.heads=5", "config key 'model.hidden_size': 192 is no multiple of model.heads 5"),
        ("train input=x out=x model=kogpt2 tokenizer=bpe", "x: no such file or folder"),
        ("train input=x", "config key 'out' is not set; add out=…"),
        ("evaluate model=tiny generate=sampling generate.temprature=2", "config key 'generate.temprature' is unknown; did you mean 'generate.temperature'?"),
        ("pipeline +modle=tiny out=x", "config key 'modle' is unknown; did you mean 'model"),
        ("train 가=1 input=x out=x", "'가=1' is not understood; quote the value"),
        ("train --confg job input=x out=x", "flag '--confg' is unknown; did you mean '--cfg'?"),
        ("train input=x out=x trainer.schedule=cosin", "config key 'trainer.schedule': 'cosin'; did you mean 'cosine'?"),
        ("train input=x out=x trainer.batch_size=0", "config key 'trainer.batch_size': 0; give 1 or more"),
        ("train input=x out=x model.dropout=5", "config key 'model.dropout': 5.0; give 0 or more, less than 1"),
        ("score predictions=nowhere.jsonl out=x", "nowhere.jsonl: no such file"),
        ("show prompt question_anser", "prompt 'question_anser' is unknown; did you mean 'question_answer'?"),
        ("show promt question_answer", "config group 'promt' is unknown; did you mean 'prompt'?"),
        ("status nowhere", "nowhere: no such folder; check the path"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_a_cure(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso(*command.split())
    assert ran.code == 2
    assert ran.error.startswith(f"error: {message}")
    assert "; " in ran.error
    assert "Traceback" not in ran.err
    assert list(tmp_path.iterdir()) == [], "a wrong request writes nothing"


def test_a_broken_line_names_file_and_line(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "documents.jsonl", [("a", "질문", "답")])
    path.write_text(path.read_text(encoding="utf-8") + '{"id": \n', encoding="utf-8")
    ran = jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}")
    assert (ran.code, ran.error) == (
        2,
        f"error: {path}:2: not JSON (column 7: Expecting value); mend or remove this line",
    )


def test_a_full_disk_fails_with_a_cure(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_documents(tmp_path / "documents.jsonl", [(f"d{i}", "질문", f"답 {i}") for i in range(40)])
    real_open = os.open

    def full(file: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & os.O_WRONLY and "sentences" in Path(file).name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        return real_open(file, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", full)
    ran = jaso("preprocess", "sentences=rules", f"input={path}", f"out={tmp_path / 'out'}")
    assert ran.code == 1
    assert "no space left on the disk; free some, then run the same command: it continues" in ran.error
    assert not (tmp_path / "out" / "manifest.json").exists()
    monkeypatch.undo()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 300 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
def test_a_really_full_disk_fails_with_a_cure_and_goes_on_when_there_is_room(
    jaso: Jaso, tmp_path: Path, small_disk: Path
) -> None:
    path = write_documents(tmp_path / "d.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다. " * 9) for i in range(3000)])
    ran = jaso("preprocess", "sentences=rules", f"input={path}", f"out={small_disk / 'out'}")
    assert ran.code == 1
    assert "no space left on the disk; free some, then run the same command: it continues" in ran.error
    assert not (small_disk / "out" / "manifest.json").exists()
    subprocess.run(["mount", "-o", "remount,size=50m", small_disk], check=True)
    again = jaso("preprocess", "sentences=rules", f"input={path}", f"out={small_disk / 'out'}")
    assert again.code == 0, again.err
    assert "was broken off, continuing" in again.err


def test_hangul_in_paths_works(jaso: Jaso, tmp_path: Path) -> None:
    rows = [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)]
    path = write_documents(tmp_path / "자료 (최종)" / "documents.jsonl", rows)
    out = tmp_path / "결과 1"
    ran = jaso("preprocess", f"input={path}", f"out={out}")
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(out)
    assert (out / "manifest.json").is_file()


def test_a_failing_job_does_not_stop_a_sweep(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "documents.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    ran = jaso(
        "preprocess", "-m", "sentences=rules", f"input={path}", "split.test=0.2,1.5,0.3", f"out={tmp_path / 'out'}"
    )
    assert ran.code == 2
    assert "1 of the sweep's jobs failed" in ran.err
    assert "validation and test must be at least 0" in ran.err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["split.test=0.2", "split.test=0.3"]


def test_a_sweep_over_inputs_has_a_folder_for_each_and_leaves_nothing_else(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("가", "나"):
        write_documents(tmp_path / name, [(f"{name}{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    ran = jaso("preprocess", "seed=1", "sentences=rules", "input=가,나", "-m", "out=out")
    assert ran.code == 0, ran.err
    made = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert made == ["input=가", "input=나"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "가", "나"]


def test_a_file_in_the_way_and_a_name_too_long_are_told(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "d.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    assert "a part of this path is a file" in jaso("preprocess", f"input={path}", f"out={path}/x").error
    assert "the name is too long" in jaso("preprocess", f"input={path}", f"out={tmp_path}/{'가' * 100}").error


def test_a_pipelines_folder_is_no_stage_and_the_right_one_is_named(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "d.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    assert jaso("preprocess", "sentences=rules", f"input={path}", f"out={tmp_path / 'run' / 'preprocess'}").code == 0
    ran = jaso("train", f"input={tmp_path / 'run'}", f"out={tmp_path / 'out'}")
    assert (ran.code, ran.error) == (
        2,
        f"error: {tmp_path / 'run'}: is no stage's folder; give one of {tmp_path / 'run' / 'preprocess'}",
    )


def test_a_refused_request_leaves_no_unfinished_folder(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "d.jsonl", [("a", "질문", None)])
    assert jaso("preprocess", f"input={path}", f"out={tmp_path / 'out'}").code == 2
    assert not (tmp_path / "out").exists()


def test_list_and_show(jaso: Jaso) -> None:
    assert "question_answer" in jaso("list", "prompt").out
    shown = jaso("show", "clean", "length")
    assert "Drops items without question or answer" in shown.out
    assert "length.py:" in shown.out
    assert "min_answer: 1" in shown.out


def test_status_tells_complete_changed_and_broken(jaso: Jaso, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "documents.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])
    out = tmp_path / "runs" / "clean"
    jaso("preprocess", "sentences=rules", f"input={path}", f"out={out}")
    assert f"{out}: preprocess, complete" in jaso("status", tmp_path / "runs").out
    (out / "sentences.txt").write_text("anders", encoding="utf-8")
    assert "changed since it was made (sentences.txt was changed)" in jaso("status", tmp_path / "runs").out
    (out / "manifest.json").unlink()
    (out / ".state").mkdir()
    (out / ".state" / "request.json").write_text("{}", encoding="utf-8")
    assert "broken off; the same command continues it" in jaso("status", tmp_path / "runs").out


def test_doctor_finds_the_real_hf_evaluate(jaso: Jaso) -> None:
    ran = jaso("doctor")
    assert ran.code == 0
    assert "HF evaluate" in ran.out
    assert str(Path("site-packages") / "evaluate" / "__init__.py") in ran.out
    assert "free disk" in ran.out


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m jaso_pipeline --help | head -1"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("jaso (자소)")
    assert ran.stderr == ""


HEAVY = ("torch", "transformers", "matplotlib", "nltk", "pandas")


@pytest.mark.parametrize("command", [["--help"], ["pipeline", "experiment=demo", "out=x", "limit=-1"]])
def test_checking_a_request_does_not_wait_for_heavy_packages(command: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; from jaso_pipeline.cli.entry_point import run_guarded, dispatch; "
        f"run_guarded(lambda: dispatch({command!r})); print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_group_of_another_command_is_no_bug(jaso: Jaso) -> None:
    ran = jaso("train", "input=x", "out=y", "experiment=smoke")
    assert ran.code == 2
    assert "config key 'experiment' is unknown; `jaso train` makes no choice of experiment" in ran.error
