"""What all tests share: a command line in this process, small corpora, and no way out to the network."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path

import absl.logging
import hypothesis
import pytest
from budget import budget_lines, longest_first, seconds_by_folder
from support import Jaso, Ran

from jaso_evaluate.korean import kiwi_cache

# rouge_score brings absl, whose log handler closes what was stderr when it was made, as soon as Hydra sets up logging
# anew: here that would be pytest's own capture, and every later test of the process would fail.
absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__

gc.set_threshold(10_000)  # as the command line does: imports make millions of objects that stay

# By default an example of Hypothesis fails that takes more than 0.2 s, which on a busy machine any may.
hypothesis.settings.register_profile("no_clock", deadline=None)
hypothesis.settings.load_profile("no_clock")

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["JASO_LANG"] = "en"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
if "PYTEST_XDIST_WORKER" in os.environ:  # whose workers, and the processes that they start, have the cores already
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # So metrics take the analyser that cleaning has loaded: a second one costs four seconds and half a gigabyte.
    kiwi_cache.threads = 1
os.environ.pop("JASO_EXTENSIONS", None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files without a slow test alone in the slow tier: two of three, which each worker would import."""
    is_slow_tier = config.option.markexpr == "slow" and collection_path.suffix == ".py"
    return True if is_slow_tier and "mark.slow" not in collection_path.read_text(encoding="utf-8") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers take files in this order: a long one that is begun last would run alone."""
    items.sort(key=lambda item: longest_first(item.nodeid))


_frozen = False


def pytest_runtest_teardown() -> None:
    """Keep what is imported out of later collections: accelerate asks for one after each training, half a second."""
    global _frozen
    # Not gc.get_freeze_count(), which walks all that is frozen: a tenth of a second a test.
    if not _frozen and "transformers.trainer" in sys.modules:
        gc.collect()
        gc.freeze()
        _frozen = True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Behind a run of the fast tier, what each package's tests took of their budget. xdist's workers have no terminal."""
    if config.option.markexpr != "not slow" or config.option.collectonly:
        return
    reports = [one for kind in terminalreporter.stats.values() for one in kind if isinstance(one, pytest.TestReport)]
    terminalreporter.section("seconds of the fast tier")
    for line in budget_lines(seconds_by_folder(reports)):
        terminalreporter.line(line)


@pytest.fixture
def jaso(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Jaso:
    """Runs `jaso …` in this process."""
    from jaso_pipeline.cli.entry_point import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["jaso"])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Converted weights go into the test's folder, never into the user's cache."""
    monkeypatch.setenv("JASO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preprocess folder of 60 synthetic letters, made once."""
    from jaso_preprocess import run as preprocess
    from jaso_synthetic.corpus import generate

    root = tmp_path_factory.mktemp("corpus")
    lines = [
        {"schema": 1, "id": f"sample:{letter.id}", "source": "sample", "kind": "letter",
         "meta": {"occupation": letter.occupation, "experience": letter.experience},
         "items": [{"question": item.question, "answer": item.answer} for item in letter.items]}
        for letter in generate(60, 0, seed=1).letters
    ]  # fmt: skip
    (root / "documents.jsonl").write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    steps = {name: {"name": name} for name in ("unicode", "comments", "counters", "whitespace", "length")}
    config = {
        "out": str(root / "clean"),
        "input": [str(root / "documents.jsonl")],
        "clean": steps,
        "sentences": {"name": "kiwi"},
        "split": {"validation": 0.2, "test": 0.2},
        "seed": 0,
    }
    preprocess.run(preprocess.settings(config))
    return root / "clean"
