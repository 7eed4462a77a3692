"""The whole chain, in seconds: it runs, it is a no-op the second time, and it survives being killed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from own_process import run, start
from support import SHARED_DATA, Jaso

from jaso_core.config_groups import group_choices
from jaso_pipeline.pipeline import STAGES

RESULTS = (
    "crawl/documents.jsonl",
    "crawl/rejected.jsonl",
    "crawl/truth.jsonl",
    "preprocess/examples/train.parquet",
    "preprocess/examples/validation.parquet",
    "preprocess/examples/test.parquet",
    "preprocess/sentences.txt",
    "preprocess/dropped.jsonl",
    "train/model/model.safetensors",
    "train/model/tokenizer.json",
    "train/log.jsonl",
    "evaluate/predictions.jsonl",
    "evaluate/scores.jsonl",
    "evaluate/scores.json",
)
SMOKE = ("pipeline", "experiment=smoke")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of experiment=smoke, started as people do; on one thread, as the others here."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    command = [sys.executable, "-m", "jaso_pipeline", *SMOKE, f"out={out}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == str(out / "evaluate" / "report.html")
    return out


def results(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in RESULTS}


@pytest.mark.parametrize("experiment", group_choices("experiment"))
def test_every_experiment_composes(jaso: Jaso, experiment: str) -> None:
    ran = jaso("pipeline", "--cfg", "job", f"experiment={experiment}", "out=x")
    assert ran.code == 0, ran.err
    assert "metrics:" in ran.out


@pytest.mark.slow
def test_everything_is_where_design_says(undisturbed: Path) -> None:
    assert all((undisturbed / stage / "manifest.json").is_file() for stage in STAGES)
    assert all(len(content) > 0 for name, content in results(undisturbed).items() if "dropped" not in name)
    scores = json.loads((undisturbed / "evaluate" / "scores.json").read_text(encoding="utf-8"))
    assert {"n", "metrics"} <= set(scores)
    for metric in scores["metrics"].values():
        assert {"value", "ci95", "unit", "signature", "higher_is_better", "n"} <= set(metric)


@pytest.mark.slow
def test_the_second_run_does_nothing(jaso: Jaso, undisturbed: Path) -> None:
    started = time.time()
    ran = jaso(*SMOKE, f"out={undisturbed}")
    assert ran.code == 0, ran.err
    assert ran.err.count("is complete, nothing to do") == len(STAGES)
    assert all((undisturbed / name).stat().st_mtime < started for name in RESULTS)


@pytest.mark.slow
def test_killed_at_random_moments_and_run_again_it_ends_the_same(undisturbed: Path, tmp_path: Path) -> None:
    """And so the same seed gives the same bytes: all stages are done twice, here and in the run that nobody disturbed."""
    out = tmp_path / "run"
    moments = random.Random(0)
    kills = 0
    for _ in range(8):
        process = start(*SMOKE, f"out={out}")
        if process.wait(moments.uniform(0.3, 2.5)) is not None:
            break
        process.kill()
        kills += 1
    run(*SMOKE, f"out={out}")
    assert kills >= 3, "the whole chain takes longer than three of the moments together"
    whole = results(undisturbed)
    assert {name for name, content in results(out).items() if whole[name] != content} == set()


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED_DATA / "chatbot").is_dir(), reason="the open chatbot data is not beside the project")
def test_a_users_own_table_runs_to_a_report(jaso: Jaso, tmp_path: Path) -> None:
    ran = jaso(
        "pipeline", "source=csv", f"path={SHARED_DATA / 'chatbot' / 'ChatbotData.csv'}", "columns.question=Q",
        "columns.answer=A", "sentences=rules", "tokenizer.vocabulary=600", "model.hidden_size=32", "model.heads=2", "model.layers=1",
        "trainer.max_steps=4", "trainer.validate_every=2", "trainer.validation_limit=10", "limit=8", "resamples=100",
        "generate.max_new_tokens=8", f"out={tmp_path / 'run'}",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    crawl = json.loads((tmp_path / "run" / "crawl" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    stats = json.loads((tmp_path / "run" / "preprocess" / "stats.json").read_text(encoding="utf-8"))
    rejected = sum(crawl["rejected"].values())
    assert crawl["documents"] + rejected == 11_823
    assert sum(stats["examples"].values()) + sum(stats["dropped"].values()) + rejected == 11_823
