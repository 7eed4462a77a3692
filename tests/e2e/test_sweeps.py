"""Sweeps whose jobs run in other processes: the same folders, lines and exit codes as in this one."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from support import Jaso, Ran, write_documents

from jaso_core.stage.manifest import read_manifest

TINY = (
    "model.hidden_size=32", "model.layers=1", "model.heads=2", "tokenizer.vocabulary=500", "trainer.max_steps=3",
    "trainer.batch_size=4", "trainer.validate_every=3", "trainer.max_length=512", "trainer.precision=fp32",
    "trainer.validation_limit=8", "trainer.device=cpu",
)  # fmt: skip
DIES = '''
import os, signal
from dataclasses import dataclass
from jaso_train.models import MODELS
from jaso_train.models.tiny import *

@dataclass(frozen=True)
class DiesOptions:
    context: int = 512

@MODELS.register("dies", DiesOptions)
class Dies:
    """Killed by the system in the middle of its work."""
    def __init__(self, options):
        self.context = options.context
    def build(self, *given):
        os.kill(os.getpid(), signal.SIGKILL)
'''
FAKE_SBATCH = """#!{python}
# Stands in for a cluster: takes a job array, says its number, and then starts the tasks here.
import os, re, subprocess, sys
lines = open(sys.argv[-1], encoding="utf-8").read()
asked = dict(re.findall(r"^#SBATCH --([\\w-]+)=(.*)$", lines, re.M))
command = [line for line in lines.splitlines() if line.startswith("srun ")][-1]
command = re.sub(r"^srun .*?(?=\\S*python)", "", command)
first, last = re.match(r"(\\d+)-(\\d+)", asked["array"]).groups()
open(os.environ["ASKED"], "w").write(repr(asked))
print("Submitted batch job 77", flush=True)
if os.fork():
    os._exit(0)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.dup2(1, 2)
for task in range(int(first), int(last) + 1):
    slurm = dict(SLURM_JOB_ID="77", SLURM_ARRAY_JOB_ID="77", SLURM_ARRAY_TASK_ID=str(task), SLURM_NTASKS="1",
                 SLURM_JOB_NUM_NODES="1", SLURM_NODEID="0", SLURM_PROCID="0", SLURM_LOCALID="0",
                 SUBMITIT_EXECUTOR="slurm")
    subprocess.run(command.replace("%j", "77").replace("%t", "0"), shell=True, env=os.environ | slurm, check=False)
"""


@pytest.fixture(autouse=True)
def one_thread_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def documents(folder: Path) -> Path:
    return write_documents(folder / "d.jsonl", [(f"d{i}", "질문", f"{i}번째 답입니다.") for i in range(40)])


def errors(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("error: ")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("launcher", "seeds", "good"),
    [
        ("joblib", ["seed=1,2"], ["seed=1,prompt=question_answer", "seed=2,prompt=question_answer"]),
        ("submitit_local", [], ["prompt=question_answer"]),
    ],
)
def test_jobs_train_elsewhere_and_one_that_fails_stops_none(
    jaso: Jaso, corpus: Path, tmp_path: Path, launcher: str, seeds: list[str], good: list[str]
) -> None:
    out = tmp_path / "결과 1"
    sweep = (*seeds, "prompt=question_answer,question_summary")  # of which the corpus has no summaries
    ran = jaso("train", "-m", f"input={corpus}", f"out={out}", *sweep, *TINY, f"hydra/launcher={launcher}")
    assert ran.code == 2, ran.err
    assert ran.out.splitlines() == [str(out / name) for name in good]
    failed = errors(ran)
    assert len(failed) == len(good) + 1
    assert all("can be used with prompt format 'question_summary'" in line for line in failed[:-1])
    assert failed[-1] == f"error: {len(good)} of the sweep's jobs failed; the lines above say why"
    assert "Traceback" not in ran.err
    assert "\r" not in ran.err
    assert f"{good[0]} | train: {out / good[0]} is complete" in ran.err
    left = sorted(path.name for path in out.iterdir())
    assert left == ([".submitit", *good] if launcher == "submitit_local" else good)
    made = read_manifest(out / good[0])
    assert made is not None
    assert made.command.startswith("jaso train -m ")
    assert "hydra.sweep" not in made.command
    weights = {(out / name / "model" / "model.safetensors").read_bytes() for name in good}
    assert len(weights) == len(good), "each seed its own"

    alone = [key for key in good[0].split(",") if key.startswith("seed")]
    again = jaso("train", f"input={corpus}", f"out={out / good[0]}", *alone, *TINY)
    assert f"{out / good[0]} is complete, nothing to do" in again.err, "as if it had been trained alone"


@pytest.mark.parametrize("launcher", ["basic", pytest.param("joblib", marks=pytest.mark.slow)])
def test_two_jobs_for_one_folder_are_refused(jaso: Jaso, tmp_path: Path, launcher: str) -> None:
    out = tmp_path / "out"
    ran = jaso(
        "preprocess", "-m", f"input={documents(tmp_path)}", f"out={out}", "seed=1,1", f"hydra/launcher={launcher}",
        "sentences=rules",
    )  # fmt: skip
    assert ran.code == 2, ran.err
    assert ran.out.splitlines() == [str(out / "seed=1")]
    assert errors(ran) == [
        f"error: out={out / 'seed=1'}: two jobs of the sweep would write here; sweep less at once",
        "error: 1 of the sweep's jobs failed; the lines above say why",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_job_that_is_killed_is_named(
    jaso: Jaso, corpus: Path, tmp_path: Path, launcher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in {"model/dies.py": DIES, "configs/model/dies.yaml": "name: dies\ncontext: 512\n"}.items():
        (tmp_path / "mine" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / path).write_text(text, encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path / "mine"))
    # Seconds that a result may take over a network's file system; here it is there at once, or never.
    monkeypatch.setattr("submitit.core.core.Job._results_timeout_s", 1)
    sweep = ("model=dies,tiny", f"hydra/launcher={launcher}", f"out={tmp_path / 'out'}")
    ran = jaso("train", "-m", f"input={corpus}", *sweep, *TINY[4:])
    assert ran.code == 1, ran.err
    assert "error: job model=dies was killed, perhaps for its memory; the same command continues it" in errors(ran)
    if launcher == "submitit_local":  # joblib's other jobs go with the one
        assert ran.out.splitlines() == [str(tmp_path / "out" / "model=tiny")]


@pytest.mark.slow
def test_a_cluster_gets_what_the_preset_asks_for(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "sbatch": FAKE_SBATCH.format(python=sys.executable),
        "srun": "#!/bin/sh\n",
        "sacct": "#!/bin/sh\necho 'JobID|State'; echo '77_0|COMPLETED'; echo '77_1|COMPLETED'\n",
    }.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    # The stand-in calls both tasks complete at once, and begins the second when the first has ended.
    monkeypatch.setattr("submitit.core.core.Job._results_timeout_s", 240)
    out = tmp_path / "out"
    ran = jaso(
        "preprocess", "-m", f"input={documents(tmp_path)}", f"out={out}", "seed=1,2", "sentences=rules",
        "hydra/launcher=slurm", "hydra.launcher.partition=gpu",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [str(out / "seed=1"), str(out / "seed=2")]
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    for part in ("'job-name': 'jaso-preprocess'", "'time': '1440'", "'gpus-per-node': '1'", "'partition': 'gpu'"):
        assert part in asked
    assert f"sweep: the jobs' own logs are in {out / '.submitit'}" in ran.err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("hydra/launcher=joblib", "hydra/launcher=joblib: nothing to launch; add -m and keys to sweep"),
        ("-m seed=1,2 hydra/launcher=jobib", "hydra/launcher 'jobib' is unknown; did you mean 'joblib'?"),
        ("-m seed=1,2 hydra/launcher=joblib hydra.launcher.jobs=2", "config key 'hydra.launcher.jobs' is unknown; `jaso train --cfg hydra` shows all keys"),
        ("-m seed=1,2 hydra/launcher=submitit_slurm", "hydra/launcher=submitit_slurm: no `sbatch` here; start it on the cluster, or take joblib"),
        ("-m out=a,b hydra/launcher=submitit_local", "submitit's jobs and logs need one folder; give one out=<dir> for the whole sweep"),
        ("-m seed=1,2 --cfg job", "flags -m --cfg job do not go together; leave -m and the swept keys out"),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_refused_in_one_line(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    out = [] if "out=" in command else ["out=out"]
    ran = jaso("train", "input=x", *out, *command.split())
    assert ran.code == 2
    assert ran.error.startswith(f"error: {message}")
    assert list(tmp_path.iterdir()) == []
