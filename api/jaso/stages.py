"""Stages as functions: folders in, a folder out.

Keywords are the keys of the command of the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from jaso.configuration import compose
from jaso_core.config import flatten
from jaso_core.stage.command import recorded_command

_MODULES = {
    "crawl": "jaso_crawl.run",
    "preprocess": "jaso_preprocess.run",
    "train": "jaso_train.run",
    "evaluate": "jaso_evaluate.run",
    "curves": "jaso_train.curves.run",
    "export": "jaso_preprocess.export",
    "export-model": "jaso_train.publish.export_model",
    "score-cleaning": "jaso_preprocess.cleaning_eval.run",
}


def crawl(source: str, out: str | Path, **keys: Any) -> Path:
    """`jaso crawl`: gather documents from a source. Returns the folder."""
    return _run("crawl", {"source": source, "out": out, **keys})


def preprocess(input: str | Path | Sequence[str | Path], out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """Clean documents and split them into train, validation and test.

    `jaso preprocess`. Returns the folder.
    """
    inputs = [input] if isinstance(input, str | Path) else list(input)
    return _run("preprocess", {"input": inputs, "out": out, **keys})


def train(input: str | Path, out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """`jaso train`: train or fine-tune a model. Returns the folder, for `jaso.load`.

    jaso.train("runs/clean", out="runs/lora", model={"name": "hf", "path": "models/qwen3"}, freeze="lora",
               trainer={"max_steps": 500})
    """
    return _run("train", {"input": input, "out": out, **keys})


def evaluate(model: str | Path, input: str | Path, out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """Generate for held-out examples and score.

    `jaso evaluate`. Returns the folder, for `jaso.load_scores`.
    """
    return _run("evaluate", {"model_dir": model, "input": input, "out": out, **keys})


def curves(runs: Sequence[str | Path], out: str | Path, **keys: Any) -> Path:
    """`jaso curves`: several trainings side by side. Returns the folder."""
    return _run("curves", {"runs": list(runs), "out": out, **keys})


def export(input: str | Path, out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """`jaso export`: a corpus as a Hugging Face data set. Returns the folder."""
    return _run("export", {"input": input, "out": out, **keys})


def export_model(input: str | Path, out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """Export a trained model with its card, for publication.

    `jaso export-model`. Returns the folder.
    """
    return _run("export-model", {"input": input, "out": out, **keys})


def score_cleaning(input: str | Path, out: str | Path, **keys: Any) -> Path:  # noqa: A002
    """Score the cleaning steps on a synthetic corpus: precision and recall.

    `jaso score-cleaning`. Returns the folder.
    """
    return _run("score-cleaning", {"input": input, "out": out, **keys})


def _run(verb: str, keywords: dict[str, Any]) -> Path:
    module = import_module(_MODULES[verb])
    settings = module.settings(compose(verb, keywords))
    with recorded_command(verb, [f"{key}={_typed(value)}" for key, value in flatten(keywords).items()]):
        module.run(settings)
    return Path(keywords["out"])


def _typed(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(str, value))}]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
