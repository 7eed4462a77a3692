"""A text key keeps the text as typed; a number stays a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import Jaso

from jaso_pipeline.cli.hydra_app import compose_config

AS_TYPED = [
    "2024_05_01", "2023_1", "1_000", "1e5", "1E5", "2e-3", "5e+2", "1.50", "1.0", ".5", "5.", "0.10", "-0", "+5", "1_0.0",
    "00", "007", "0", "2024", "-3", "inf", "-inf", "Inf", "nan", "NaN", "true", "True", "FALSE", "false", "yes", "No",
    "2024-05-01", "1.2.3", "12:30", "1/2", "0x1F", "1e5_a", "v1.0", "3%", "2024_05_01/run_1", "=1", "~x", "가_1",
    "a b", "[2024]", "[질문]", "{a}", "it's", "NULLs", "none", "None",
]  # fmt: skip


@pytest.mark.parametrize("typed", AS_TYPED)
def test_the_text_is_as_typed(typed: str) -> None:
    for verb, key in (("crawl", "out"), ("pipeline", "columns.question"), ("evaluate", "model_dir")):
        source = ["source=csv"] if key.startswith("columns") else []
        config: Any = compose_config(verb, [*source, f"{key}={typed}"])
        for name in key.split("."):
            config = config[name]
        assert str(config) == typed, (verb, key)


@pytest.mark.parametrize(
    ("verb", "key", "typed", "value"),
    [
        ("train", "seed", "1_000", 1000),
        ("train", "trainer.learning_rate", "1e-3", 0.001),
        ("train", "trainer.learning_rate", "5E-5", 5e-5),
        ("train", "trainer.max_steps", "1_000", 1000),
        ("train", "trainer.keep_best", "False", False),
        ("train", "trainer.patience", "null", None),
        ("train", "model.dropout", "1e-1", 0.1),
        ("train", "model.hidden_size", "1_024", 1024),
        ("evaluate", "limit", "1_0", 10),
        ("evaluate", "generate.temperature", "1.50", 1.5),
        ("crawl", "letters", "1_200", 1200),
        ("crawl", "company", "null", None),
        ("pipeline", "key_file", "NULL", None),
        ("pipeline", "clean.length.min_answer", "1_0", 10),
        ("preprocess", "split.test", "2e-1", 0.2),
        ("sheet-make", "raters", "5", 5),
        ("score", "metrics.bleu.smooth_value", "1e-1", 0.1),
    ],
)
def test_what_is_no_text_is_read_as_ever(verb: str, key: str, typed: str, value: object) -> None:
    config: Any = compose_config(verb, [f"{'+' if key.endswith('smooth_value') else ''}{key}={typed}"])
    for name in key.split("."):
        config = config[name]
    assert (config, type(config)) == (value, type(value))


@pytest.mark.parametrize(
    ("verb", "typed", "value"),
    [
        ("preprocess", "input=2024_05_01", ["2024_05_01"]),
        ("preprocess", "input=2024_05,1e5,가", ["2024_05", "1e5", "가"]),
        ("preprocess", "input=[2024_05,b]", ["2024_05", "b"]),
        ("compare", "runs=2024_05,2024_06", ["2024_05", "2024_06"]),
        ("compare", "runs=[1e5,1e6]", ["1e5", "1e6"]),
        ("curves", "runs=1_0,true", ["1_0", "true"]),
        ("sheet-make", "runs=2024_05", "2024_05"),
        ("sheet-read", "sheets=[2024_05]", ["2024_05"]),
    ],
)
def test_lists_of_text_keep_it_too(verb: str, typed: str, value: object) -> None:
    assert compose_config(verb, [typed])[typed.partition("=")[0]] == value


@pytest.mark.parametrize(
    ("verb", "key"),
    [
        ("train", "model.path"), ("pipeline", "model.path"), ("score", "metrics.bertscore.model"), ("train", "out"),
        ("train", "input"), ("score", "train"), ("preprocess", "split.keep"), ("preprocess", "key_file"),
        ("validity", "columns.first"), ("study", "corpus"), ("export", "hub"), ("bless", "reason"),
        ("crawl", "sheet"), ("crawl", "period"), ("crawl", "licence"), ("train", "tracker.project"),
    ],
)  # fmt: skip
def test_these_are_text(verb: str, key: str) -> None:
    from jaso_pipeline.cli.override_quoting import to_hydra_overrides

    given = ["prompts", f"{key}=2024_05"] if verb == "study" else [f"{key}=2024_05"]
    assert to_hydra_overrides(verb, given, multirun=False)[-1] == f"{key}='2024_05'"


def test_folder_and_columns_of_a_real_run(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("1e5.csv").write_text("2023_1,true\n질문입니까?,답입니다.\n", encoding="utf-8")
    ran = jaso(
        "crawl", "source=csv", "path=1e5.csv", "columns.question=2023_1", "columns.answer=true", "out=2024_05_01"
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1e5.csv", "2024_05_01"]


def test_a_sweep_over_text(jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("2024_05", "2024_06"):
        Path(f"{name}.csv").write_text(f"{name},a\n질문입니까?,답입니다.\n", encoding="utf-8")
    ran = jaso(
        "crawl", "-m", "source=csv", "path=2024_05.csv", "columns.question=2024_05,2024_06", "columns.answer=a", "out=1e5"
    )  # fmt: skip
    assert "has no column '2024_06'" in ran.err
    assert [path.name for path in (tmp_path / "1e5").iterdir()] == ["columns.question=2024_05"]
