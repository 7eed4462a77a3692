"""`jaso study`: cells that share what they can, that outlive kills and faults, and a report that says what was found."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from html_support import assert_no_escaped_tags
from own_process import run, start
from support import Jaso, run_here

from jaso_core.io.files import read_json, read_jsonl
from jaso_evaluate.comparison.best_systems import best_systems

TINY = (
    "interviews=60", "split.test=0.3", "trainer.max_steps=4", "trainer.validate_every=2", "trainer.log_every=2",
    "trainer.validation_limit=4", "model.hidden_size=16", "model.layers=1", "model.heads=2", "tokenizer.vocabulary=600",
    "generate.max_new_tokens=8", "resamples=100", "metrics=[bits_per_character,chrf,length]", "trainer.device=cpu",
)  # fmt: skip

BASIC, WORKERS = ("launcher=basic",), ("jobs=2",)

OWN = """
name: own
title: Learning rates
asks: Which one?
factors:
  trainer.learning_rate: ["5e-3", "1e-3", "RATE"]
primary: bits_per_character
measures: [bits_per_character, chrf]
claims:
  - {better: "5e-3", than: "1e-3", measure: bits_per_character, expected: EXPECTED}
"""


def extension(folder: Path, monkeypatch: pytest.MonkeyPatch, rate: str = "1e-4", expected: str = "null") -> None:
    """A study of one's own, `own`."""
    file = folder / "configs" / "study" / "own.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OWN.replace("RATE", rate).replace("EXPECTED", expected), encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(folder))


def ledger(out: Path) -> list[dict[str, Any]]:
    return [line for _, line in read_jsonl(out / "ledger.jsonl")]


def made(out: Path) -> list[str]:
    """Folders that were worked on, as often as that."""
    return [f"{e['stage']}/{e['folder']}" for e in ledger(out) if e["event"] == "ended" and e["outcome"] != "unchanged"]


def findings(out: Path, study: str = "own") -> str:
    """The report without times and memory, and without the path of the folder."""
    text = (out / study / "report.json").read_text(encoding="utf-8").replace(str(out), "OUT")
    found = json.loads(text)
    for cell in found["cells"]:
        for key in ("train_seconds", "tokens_per_second", "memory", "evaluate_seconds"):
            del cell["cost"][key]
    return json.dumps(found, ensure_ascii=False)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study `own`, run in one go by this process, on one thread as the others here."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        extension(folder / "ext", patch)
        run_here(*arguments(folder / "out"))
    return folder


def arguments(out: Path, *where: str) -> list[str]:
    """Behind `jaso`; `where`: BASIC, WORKERS or another place to run."""
    return ["study", "own", *TINY, f"out={out}", *(where or BASIC)]


@pytest.mark.slow
def test_what_a_study_leaves_behind(undisturbed: Path) -> None:
    out = undisturbed / "out"
    assert sorted(p.name for p in out.iterdir() if p.name != "logs") == [
        "compare", "crawl", "evaluate", "hypotheses.jsonl", "ledger.jsonl", "own", "preprocess", "train",
    ]  # fmt: skip
    counts = {stage: len(list((out / stage).iterdir())) for stage in ("crawl", "preprocess", "train", "evaluate")}
    assert counts == {"crawl": 1, "preprocess": 1, "train": 3, "evaluate": 3}  # three cells share one corpus
    assert len(made(out)) == 8 == len(set(made(out)))
    found = read_json(out / "own/report.json")
    assert [cell["label"] for cell in found["cells"]] == ["5e-3", "1e-3", "1e-4"]
    for cell in found["cells"]:
        (folder,) = found["inputs"][cell["label"]]
        own = read_json(Path(folder) / "scores.json")["metrics"]["bits_per_character"]["value"]
        assert cell["values"]["bits_per_character"]["value"] == pytest.approx(own, abs=1e-6)
        assert cell["cost"]["steps"] == 4
    (claim,) = found["claims"]
    values = [cell["values"]["bits_per_character"]["value"] for cell in found["cells"]]
    assert claim["difference"] == pytest.approx(values[0] - values[1], abs=1e-5)
    assert claim["ci95"][0] < claim["difference"] < claim["ci95"][1]
    (line,) = [line for _, line in read_jsonl(out / "hypotheses.jsonl")]
    assert (line["better"], line["verdict"], line["seeds"], line["seeds_than"]) == ("5e-3", claim["verdict"], [0], [0])
    markdown = (out / "own/report.md").read_text(encoding="utf-8")
    assert "Synthetic corpus (60 interviews)" in markdown
    assert "One seed: another training of the same cell" in markdown
    page = (out / "own/report.html").read_text(encoding="utf-8")
    assert_no_escaped_tags(page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.index('<section class="winner"') < page.index("1 primary measure") < page.index("Which one?")
    assert "toprule" in (out / "own/report.tex").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_commands_of_the_report_make_the_same(undisturbed: Path, jaso: Jaso, tmp_path: Path) -> None:
    """Typed by hand, the training's command finds the cell's folder complete and for this very request."""
    found = read_json(undisturbed / "out/own/report.json")
    for line in found["commands"]:
        ran = jaso(*shlex.split(line)[1:])
        assert ran.code == 0, line
        assert "is complete, nothing to do" in ran.err, line


def test_the_same_command_again_does_nothing(undisturbed: Path, jaso: Jaso, monkeypatch: pytest.MonkeyPatch) -> None:
    out = undisturbed / "out"
    monkeypatch.setenv("JASO_EXTENSIONS", str(undisturbed / "ext"))
    before, report = made(out), (out / "own/report.html").read_bytes()
    assert jaso(*arguments(out)).code == 0
    assert made(out) == before
    assert (out / "own/report.html").read_bytes() == report
    assert len((out / "hypotheses.jsonl").read_text().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("ended", "where"), [(2, WORKERS), (6, BASIC)])
def test_killed_and_run_again(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: int, where: tuple[str, ...]
) -> None:
    """Nothing that was finished is done again, and the report is that of the undisturbed run."""
    extension(tmp_path / "ext", monkeypatch)
    out = tmp_path / "out"
    running = start(*arguments(out, *where))
    while not (out / "ledger.jsonl").is_file() or sum(e["event"] == "ended" for e in ledger(out)) < ended:
        assert running.running, running.err
        time.sleep(0.02)
    running.kill()
    finished = set(made(out))
    assert not (out / "own").exists()
    run(*arguments(out, *where))
    times = made(out)
    assert all(times.count(folder) == 1 for folder in finished)
    assert findings(out) == findings(undisturbed / "out")


@pytest.mark.slow
def test_a_cell_that_fails_stops_no_other(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extension(tmp_path / "ext", monkeypatch, rate="1e30")
    out = tmp_path / "out"
    ran = jaso(*arguments(out))
    assert ran.code == 1
    assert "1 of 3 cells failed (train 1e30-seed=0-" in ran.error
    assert "the report is of the others" in ran.error
    found = read_json(out / "own/report.json")
    assert [cell["label"] for cell in found["cells"]] == ["5e-3", "1e-3"]
    assert found["absent"] == ["1e30, seed=0"]
    assert "Not complete, and in no table: 1e30, seed=0" in (out / "own/report.md").read_text(encoding="utf-8")
    (failed,) = [e for e in ledger(out) if e.get("outcome") == "failed"]
    assert failed["stage"] == "train"
    assert any("1e30" in log.name for log in (out / "logs").iterdir())


@pytest.mark.slow
def test_what_is_expected_can_be_demanded(
    jaso: Jaso, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (claim,) = read_json(undisturbed / "out/own/report.json")["claims"]
    for expected in (True, False):
        extension(tmp_path / "ext", monkeypatch, expected=str(expected).lower())
        ran = jaso(*arguments(undisturbed / "out"), "strict=true")
        as_expected = (claim["verdict"] == "found") == expected and claim["verdict"] != "the contrary was found"
        assert ran.code == (0 if as_expected else 1), ran.err


@pytest.mark.slow
def test_a_torn_ledger_stops_nobody(undisturbed: Path, jaso: Jaso, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JASO_EXTENSIONS", str(undisturbed / "ext"))
    out = undisturbed / "out"
    for name in ("hypotheses.jsonl", "ledger.jsonl"):
        before = (out / name).read_bytes()
        (out / name).write_bytes(before + b'{"study": "ow')
        assert jaso(*arguments(out)).code == 0
        (out / name).write_bytes(before)


def test_how_sure_the_best_level_is(undisturbed: Path) -> None:
    found = read_json(undisturbed / "out/own/report.json")
    values = {cell["label"]: cell["values"]["bits_per_character"]["value"] for cell in found["cells"]}
    told = best_systems(found["inputs"], "bits_per_character")
    assert told is not None
    assert sum(told["shares"].values()) == pytest.approx(1, abs=1e-3)
    best = min(values, key=lambda label: values[label])
    assert max(told["shares"], key=lambda label: told["shares"][label]) == best
    assert best in told["set"]
    assert sum(told["shares"][label] for label in told["set"]) >= 0.95
    same = {"a": found["inputs"]["5e-3"], "b": found["inputs"]["5e-3"]}
    assert best_systems(same, "bits_per_character") == {"shares": {"a": 0.5, "b": 0.5}, "set": ["a", "b"]}
    assert best_systems(found["inputs"], "no_such_measure") is None


@pytest.mark.slow
def test_jobs_of_a_cluster_do_the_same(undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By submitit, as on Slurm, in processes of this machine: they find everything complete."""
    monkeypatch.setenv("JASO_EXTENSIONS", str(undisturbed / "ext"))
    out = undisturbed / "out"
    before = made(out)
    run(*arguments(out, "launcher=local", "jobs=2"), "study.factors={trainer.learning_rate: ['5e-3','1e-3']}")
    assert made(out) == before
    assert len(list((out / ".submitit").glob("*_result.pkl"))) == 6


@pytest.mark.slow
def test_a_plan_does_nothing(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extension(tmp_path / "ext", monkeypatch)
    ran = jaso(*arguments(tmp_path / "out"), "plan=true", "seeds=2")
    assert ran.code == 0
    lines = {line.split()[0]: line.split()[1:3] for line in ran.out.splitlines() if line.split()}
    assert lines["train"] == ["6", "0"]  # three rates, two seeds
    assert lines["preprocess"] == ["1", "0"]
    assert "1e-4, seed=1" in ran.out
    assert not (tmp_path / "out").exists()
