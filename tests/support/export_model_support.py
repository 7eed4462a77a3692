"""Train folders as `jaso train` writes them, in a second: what `jaso export-model` is tried on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from jaso_core.io.files import read_json, write_json, write_jsonl
from jaso_core.modeling.checkpoint import Origin, save_model, save_prompt
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.specimen import SPECIMEN
from jaso_core.stage.runner import StageRun, run_stage
from jaso_train.models import MODELS
from jaso_train.publish.licence_text import split_licence
from jaso_train.publish.model_card import CardFacts, model_card
from jaso_train.tokenizers import TokenizerOptions

PROMPT = {"name": "question_answer"}
FILES = {
    "README.md", "config.json", "generation_config.json", "model.safetensors", "prompt.json", "tokenizer.json",
    "tokenizer_config.json",
}  # fmt: skip


@pytest.fixture(name="saved", scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model/ of a small model, without prompt.json and card."""
    texts = [str(SPECIMEN.question), str(SPECIMEN.answer)] * 20
    node = {"name": "tiny", "hidden_size": 32, "layers": 1, "heads": 2}
    markers = PROMPTS.build(PROMPT, "prompt").markers()
    built = MODELS.build(node, "model").build(texts, TokenizerOptions(vocabulary=500), 4, markers)
    folder = tmp_path_factory.mktemp("saved")
    save_model(folder, built.model, built.tokenizer)
    return folder


Made = Callable[..., Path]


@pytest.fixture(name="made")
def made_folder(saved: Path, tmp_path: Path) -> Made:
    """Writes a train folder as `jaso train` does, and the preprocess folder that it names."""

    def make(
        licences: Mapping[str, int],
        base: str | None = None,
        base_licence: str | None = None,
        spoil: Callable[[Path], None] = lambda _: None,
        record: bool = False,
        former: bool = False,
        log: Sequence[Mapping[str, float]] = (),
    ) -> Path:
        """`former`: as jaso wrote it before prompt.json had the base's licence and name. `log`: lines of log.jsonl."""
        base_licence_name, base_model = split_licence(base_licence) if base_licence else (None, None)

        def clean(stage: StageRun) -> None:
            write_json(stage.add("stats.json"), {"licences": dict(licences), "source": {"interviews": 3}})
            stage.licences.update(name for name in licences if name != "(none)")

        def work(stage: StageRun) -> None:
            model = stage.out / "model"
            shutil.copytree(saved, model)
            origin = Origin("hf" if base else "tiny", licence=base_licence_name, base_model=base_model)
            save_prompt(model, PROMPT, 500, base, 4, origin)
            if former:
                body = read_json(model / "prompt.json")
                write_json(model / "prompt.json", {k: v for k, v in body.items() if k not in ("licence", "base_model")})
            notes = (f"{base}/tokenizer_config.json names another class, {tmp_path}/clean was read",)
            facts = CardFacts(
                "자소", "tiny", PROMPTS.build(PROMPT, "prompt"), 1000, 500, 500, pretrained=base is not None,
                licence=base_licence_name, notes=notes,
            )  # fmt: skip
            (model / "README.md").write_text(model_card(facts), encoding="utf-8")
            spoil(model)
            stage.add_tree("model")
            write_json(stage.add("freeze_report.json"), {"nobody": "needs it"})
            if log:
                write_jsonl(stage.add("log.jsonl"), log)
            stage.licences.update([base_licence] if base_licence else [])
            if record:
                stage.counts["data"] = {"licences": sorted(licences), "sources": ["interviews"]}

        run_stage("preprocess", tmp_path / "clean", {}, {}, clean)
        request = {"model": {"name": "hf", "path": base}} if base else {}
        run_stage("train", tmp_path / "trained", request, {"input": tmp_path / "clean"}, work)
        return tmp_path / "trained"

    return make
