"""KoGPT2 in its exact shape: the right tokenizer, the right ids, a step of training, and a way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Jaso
from train_support import write_tokenizer

from jaso_core.checkpoints import load_checkpoint
from jaso_core.labels import encode_context
from jaso_core.records import Example
from jaso_train.models import MODELS
from jaso_train.models.kogpt2 import load_kogpt2_tokenizer
from jaso_train.tokenizers_trained import TokenizerOptions


def test_hangul_survives_the_tokenizer(kogpt2: Path) -> None:
    tokenizer = load_kogpt2_tokenizer(kogpt2, 1024)
    ids = tokenizer("정부는 반도체를 지원했다.")["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids) == "정부는 반도체를 지원했다."
    assert (tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id) == (1, 1, 3)
    assert len(tokenizer) == 51200
    assert tokenizer.model_max_length == 1024


@pytest.mark.slow
def test_two_steps_of_training_and_back(jaso: Jaso, kogpt2: Path, corpus: Path, tmp_path: Path) -> None:
    ran = jaso(
        "train", f"input={corpus}", "model=kogpt2", f"model.path={kogpt2}", "prompt=occupation_question_answer",
        "trainer.max_steps=2", "trainer.batch_size=2", "trainer.validate_every=2", "trainer.validation_limit=2",
        "trainer.max_length=256", "trainer.precision=fp32", f"out={tmp_path / 'out'}",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    report = json.loads((tmp_path / "out" / "freeze_report.json").read_text(encoding="utf-8"))
    assert report["parameters"] == 125_164_032
    assert report["tied"] == [["lm_head.weight", "transformer.wte.weight"]]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["licences"] == ["CC-BY-NC-SA-4.0 (skt/kogpt2-base-v2)"]

    back = load_checkpoint(tmp_path / "out")
    assert back.model.generation_config.eos_token_id == 1
    assert back.model.generation_config.pad_token_id == 3
    example = Example("a", "a", "a", "test", "지원 동기는?", "답", occupation="ICT")
    ids = encode_context(example, back.prompt, back.tokenizer)
    assert ids[0] == 10  # <unused1>
    assert back.tokenizer.decode(ids) == "<unused1> 정보통신<usr> 지원 동기는?<sys>"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json; copy the model's tokenizer.json there"),
        (lambda folder: write_tokenizer(folder, size=40000), "40000 tokens, KoGPT2 has 51200"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors or pytorch_model.bin"),
    ],
)  # fmt: skip
def test_an_incomplete_folder_is_refused(kogpt2: Path, tmp_path: Path, spoil, message: str) -> None:  # type: ignore[no-untyped-def]
    from jaso_core.errors import RequestError

    folder = tmp_path / "kogpt2"
    folder.mkdir()
    for path in kogpt2.iterdir():
        (folder / path.name).hardlink_to(path)
    if "tokenizer" in message or "tokens" in message:
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer.json").write_bytes((kogpt2 / "tokenizer.json").read_bytes())
    spoil(folder)
    family = MODELS.build({"name": "kogpt2", "path": str(folder)}, "model")
    with pytest.raises(RequestError, match=message):
        family.build([], TokenizerOptions("pretrained"), seed=0)


def test_a_name_that_is_not_here_says_how_to_get_it(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    ran = jaso("train", f"input={corpus}", "model=kogpt2", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "model.path 'skt/kogpt2-base-v2': no such folder, and not in the local hub cache" in ran.error
    assert "set model.path=<folder" in ran.error
