"""A real Slurm of this machine gives what the machine gives without it, and says no more than it must."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from slurm_cluster import slurm
from support import Jaso, Ran, one_thread, write_documents

from jaso_core.io.files import read_json
from jaso_core.parallel.slurm import NO_ACCOUNTING
from jaso_pipeline.cli.entry_point import main
from jaso_preprocess import run as preprocess
from jaso_preprocess.execution.shards import plan

__all__ = ["one_thread", "slurm"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("slurm")]

QUICK = ("clean=[unicode,counters,mask_pii,whitespace,length]", "sentences=rules", "copies=keep")
TINY = (
    "model.hidden_size=16", "model.layers=1", "model.heads=2", "tokenizer.vocabulary=600", "trainer.max_steps=3",
    "trainer.batch_size=4", "trainer.validate_every=3", "trainer.max_length=128", "trainer.precision=fp32",
    "trainer.validation_limit=4", "trainer.device=cpu",
)  # fmt: skip
TWO_TEMPERATURES = """
name: two
title: Temperatures
asks: Which one?
factors:
  generate.temperature: ["0.5", "1.5"]
base: [generate=sampling]
primary: chrf
measures: [chrf, length_ratio]
claims: []
"""


@pytest.fixture(autouse=True)
def threads_by_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs learn from Slurm alone how many threads they have; `one_thread` holds for the runs without it."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents") / "documents.jsonl"
    works = ("서버", "설비", "매장", "예산", "광고", "회계")
    write_documents(path, [(f"d{i}", f"{works[i % 6]} 경험은?", answer(works[i % 6], i)) for i in range(60)])
    return path


def answer(work: str, i: int) -> str:
    return f"{work} 일을 {i}년 동안 하며 배웠습니다. 연락처는 010-0000-00{i + 10}입니다."


@pytest.fixture(scope="module")
def cleaned(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents, preprocessed by this process."""
    out = tmp_path_factory.mktemp("cleaned") / "clean"
    with small_shards(), pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as stop:
        patch.setattr(sys, "argv", ["jaso"])
        main(["preprocess", f"input={documents}", f"out={out}", *QUICK, "workers=1"])
    assert not stop.value.code
    return out


@contextmanager
def small_shards() -> Iterator[None]:
    """So that there are several, for more than one job."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocess, "plan", functools.partial(plan, size=2000))  # bytes
        yield


def check(ran: Ran) -> None:
    """The command succeeded, and one line tells that there is no accounting."""
    assert ran.code == 0, ran.err
    assert ran.err.splitlines().count(NO_ACCOUNTING) == 1, ran.err
    assert "sacct error" not in ran.err


def contents(folder: Path, *names: str) -> dict[str, bytes]:
    """The files of these names below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for name in names for path in folder.rglob(name)}


def test_preprocessing(jaso: Jaso, documents: Path, cleaned: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean"
    options = {"slurm_partition": "debug", "cpus_per_task": 1, "timeout_min": 10}
    keys = [f"+cluster_options.{key}={value}" for key, value in options.items()]
    with small_shards():
        check(jaso("preprocess", f"input={documents}", f"out={out}", *QUICK, "workers=2", "cluster=slurm", *keys))
    names = {path.relative_to(cleaned) for path in cleaned.rglob("*") if path.is_file()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == names
    differ = {str(name) for name in names if (out / name).read_bytes() != (cleaned / name).read_bytes()}
    assert differ == {"manifest.json"}, "for its times"
    assert read_json(out / "manifest.json")["files"] == read_json(cleaned / "manifest.json")["files"]


def test_a_sweep(jaso: Jaso, cleaned: Path, tmp_path: Path) -> None:
    asked = ["train", "-m", f"input={cleaned}", "seed=1,2", *TINY]
    local = jaso(*asked, f"out={tmp_path / 'local'}")
    assert local.code == 0, local.err
    options = {"partition": "debug", "gpus_per_node": 0, "cpus_per_task": 1, "mem_gb": 4, "timeout_min": 10}
    keys = [f"hydra.launcher.{key}={value}" for key, value in options.items()]
    ran = jaso(*asked, f"out={tmp_path / 'slurm'}", "hydra/launcher=slurm", *keys)
    check(ran)
    assert ran.out.splitlines() == [str(tmp_path / "slurm" / f"seed={seed}") for seed in (1, 2)]
    weights = contents(tmp_path / "slurm", "model.safetensors")
    assert len(set(weights.values())) == 2, "each seed its own"
    assert weights == contents(tmp_path / "local", "model.safetensors")


def test_a_study(jaso: Jaso, cleaned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "mine" / "configs" / "study" / "two.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text(TWO_TEMPERATURES, encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path / "mine"))
    asked = ["study", "two", f"corpus={cleaned}", *TINY, "generate.max_new_tokens=8", "resamples=100",
             "metrics=[chrf,length]"]  # fmt: skip
    local = jaso(*asked, f"out={tmp_path / 'local'}", "launcher=basic")
    assert local.code == 0, local.err
    options = {"slurm_partition": "debug", "cpus_per_task": 1, "timeout_min": 10}
    keys = [f"+cluster_options.{key}={value}" for key, value in options.items()]
    check(jaso(*asked, f"out={tmp_path / 'slurm'}", "launcher=slurm", *keys))
    names = ("model.safetensors", "predictions.jsonl", "scores.json", "scores.jsonl")
    made = contents(tmp_path / "slurm", *names)
    assert len(made) == 1 + 2 * 3
    assert made == contents(tmp_path / "local", *names)
    reports = [read_json(tmp_path / name / "two" / "report.json") for name in ("local", "slurm")]
    assert [cell["values"] for cell in reports[0]["cells"]] == [cell["values"] for cell in reports[1]["cells"]]
    runs = contents(tmp_path / "slurm", "run.json").values()
    assert [json.loads(run)["environment"]["threads"] for run in runs] == ["1", "1"], "as many as Slurm gave"
