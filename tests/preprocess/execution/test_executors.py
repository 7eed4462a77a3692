"""Shards: whoever works on them the bytes are the same, and a kill costs only what was not finished."""

from __future__ import annotations

import functools
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from own_process import start
from support import Jaso

from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import write_jsonl
from jaso_preprocess import run
from jaso_preprocess.execution.executors import process_shards
from jaso_preprocess.execution.shards import Shard, plan
from jaso_preprocess.execution.worker import Task
from jaso_preprocess.split.assign import SplitOptions

SIZE = 500_000
"""Bytes of a shard, a quarter of the usual: what is tested is that there are several."""
QUICK = ("clean=[unicode,counters,mask_pii,whitespace,length]", "sentences=rules")


def small_shards() -> None:
    """For this process."""
    run.plan = functools.partial(plan, size=SIZE)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones, also in the processes that are started here: they are told which bytes to read."""
    monkeypatch.setattr(run, "plan", functools.partial(plan, size=SIZE))


def gibberish(seed: int) -> str:
    """Forty sentences of nine words that no two documents share."""
    pen = random.Random(seed)
    words = ["".join(chr(pen.randrange(0xAC00, 0xD7A4)) for _ in range(2)) for _ in range(360)]
    return "".join(" ".join(words[at : at + 9]) + "다. " for at in range(0, 360, 9))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A megabyte: three shards of the size that is made here."""
    path = tmp_path_factory.mktemp("documents") / "documents.jsonl"
    rows = [
        {"schema": 1, "id": f"d{i}", "source": "test", "kind": "letter",
         "items": [{"question": f"{i}번 질문은 무엇입니까?", "answer": gibberish(i) + "연락처는 010-0000-0000입니다."}]}
        for i in range(440)
    ]  # fmt: skip
    write_jsonl(path, rows)
    return path


def files(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return found


def test_the_shards_are_the_input_in_order(documents: Path) -> None:
    shards = plan([str(documents)], SIZE).shards
    assert len(shards) == 3
    assert [document.id for shard in shards for document in shard.read()] == [f"d{i}" for i in range(440)]
    assert sum(shard.documents for shard in shards) == 440
    assert shards[1].first_line == shards[0].documents + 1


@pytest.mark.slow
def test_one_process_two_and_the_jobs_of_a_cluster_give_the_same_bytes(
    jaso: Jaso, documents: Path, tmp_path: Path
) -> None:
    for name, how in {
        "one": ["workers=1"],
        "two": ["workers=2"],
        "jobs": ["workers=2", "cluster=local", "+cluster_options.timeout_min=5"],
    }.items():
        ran = jaso("preprocess", f"input={documents}", f"out={tmp_path / name}", "copies=keep", *QUICK, *how)
        assert ran.code == 0, ran.err
    assert files(tmp_path / "one") == files(tmp_path / "two") == files(tmp_path / "jobs")
    assert json.loads((tmp_path / "one" / "stats.json").read_text(encoding="utf-8"))["edits"]["mask_pii"] == {
        "pii_phone": 440
    }


@pytest.mark.slow
def test_a_bad_record_is_named_by_its_line_whoever_reads_it(jaso: Jaso, documents: Path, tmp_path: Path) -> None:
    lines = documents.read_text(encoding="utf-8").splitlines()
    lines[420] = '{"schema": 1, "id": "x", "source": "test", "kind": "poem", "items": []}'
    (tmp_path / "d.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for how in (["workers=1"], ["workers=2"], ["workers=2", "cluster=local"]):
        ran = jaso("preprocess", f"input={tmp_path / 'd.jsonl'}", f"out={tmp_path / 'out'}", *QUICK, *how)
        assert ran.code == 2
        assert "d.jsonl:421: kind 'poem' is unknown" in ran.error
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(jaso: Jaso, documents: Path, tmp_path: Path) -> None:
    asked = [f"input={documents}", "copies=keep", *QUICK]
    shards = tmp_path / "killed" / ".state" / "work" / "shards"
    process = start("preprocess", *asked, "workers=1", f"out={tmp_path / 'killed'}", before=small_shards)
    while not (shards / "000000").is_dir():
        assert process.running, f"it was over before it could be killed: {process.err}"
        time.sleep(0.005)
    process.kill()
    before = (shards / "000000" / "documents.jsonl").stat()
    assert not (shards / "000002").exists()
    seen: list[int] = []

    def look(*_: object) -> None:
        seen.append((shards / "000000" / "documents.jsonl").stat().st_mtime_ns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jaso_preprocess.run.link", lambda *given: (look(), _link(*given))[1])
        ran = jaso("preprocess", *asked, f"out={tmp_path / 'killed'}")
    assert ran.code == 0, ran.err
    assert "was broken off, continuing" in ran.err
    assert seen == [before.st_mtime_ns], "what was finished is not done again"
    assert jaso("preprocess", *asked, f"out={tmp_path / 'whole'}").code == 0
    assert files(tmp_path / "killed") == files(tmp_path / "whole")


def _link(*given: Any) -> Any:
    from jaso_preprocess.dedup.link import link

    return link(*given)


def task(folder: Path, **changed: Any) -> Task:
    steps = {"length": {"name": "length"}}
    return Task(steps, {"name": "rules"}, SplitOptions(), (), str(folder), **changed)


def test_a_worker_that_is_killed_is_told(documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extension = tmp_path / "mine" / "clean"
    extension.mkdir(parents=True)
    (extension / "suicide.py").write_text(
        "import os, signal\n"
        "from jaso_core.registry import NoOptions\n"
        "from jaso_preprocess.steps import STEPS, Step\n\n"
        "@STEPS.register('suicide')\n"
        "class Suicide(Step):\n"
        "    def __init__(self, options: NoOptions) -> None: ...\n"
        "    def apply(self, item): os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path / "mine"))
    asked = Task({"suicide": {"name": "suicide"}}, {"name": "rules"}, SplitOptions(), (), str(tmp_path / "shards"))
    with pytest.raises(WorkError, match=r"a worker process was killed.*smaller workers="):
        process_shards(asked, plan([str(documents)], SIZE).shards, 2, None, {}, tmp_path / "jobs")


def test_a_cluster_without_submitit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    shard = Shard(0, str(tmp_path / "d.jsonl"), 0, 1, 1, 1)
    with pytest.raises(RequestError, match="needs submitit"):
        process_shards(task(tmp_path / "shards"), [shard], 1, "local", {}, tmp_path / "jobs")


@pytest.mark.parametrize(
    ("given", "message"),
    [("cluster=moon", "cluster is 'moon'"), ("workers=-1", "workers is -1"), ("copies=burn", "copies is 'burn'")],
)
def test_bad_settings_are_named(jaso: Jaso, documents: Path, tmp_path: Path, given: str, message: str) -> None:
    ran = jaso("preprocess", f"input={documents}", f"out={tmp_path / 'out'}", given)
    assert ran.code == 2
    assert message in ran.error


def test_the_number_of_workers_is_no_reason_to_begin_anew(jaso: Jaso, documents: Path, tmp_path: Path) -> None:
    asked = ["preprocess", f"input={documents}", f"out={tmp_path / 'out'}", "copies=keep", *QUICK]
    assert jaso(*asked, "workers=1").code == 0
    assert "nothing to do" in jaso(*asked, "workers=2").err
    assert not (tmp_path / "out" / ".state").exists()
