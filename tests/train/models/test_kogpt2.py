"""KoGPT2 in its exact shape: the right tokenizer, the right ids, steps of training, and a way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support import Jaso, one_thread  # noqa: F401 - a fixture, for all tests here
from train_support import edit_json, linked, write_tokenizer

from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.modeling.checkpoint import load_checkpoint, load_untrained
from jaso_core.modeling.encode import encode_context
from jaso_core.records import Example
from jaso_train.models import MODELS
from jaso_train.models.kogpt2 import load_kogpt2_tokenizer
from jaso_train.tokenizers import TokenizerOptions


def test_hangul_survives_the_tokenizer(narrow_kogpt2: Path) -> None:
    tokenizer = load_kogpt2_tokenizer(narrow_kogpt2, 1024)
    ids = tokenizer("정부는 반도체를 지원했다.")["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids) == "정부는 반도체를 지원했다."
    assert (tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id) == (1, 1, 3)
    assert len(tokenizer) == 51200
    assert tokenizer.model_max_length == 1024


def test_a_wrong_tokenizer_class_is_told_and_not_believed(narrow_kogpt2: Path, tmp_path: Path) -> None:
    folder = linked(narrow_kogpt2, tmp_path / "kogpt2")
    edit_json(folder / "tokenizer_config.json", tokenizer_class="GPT2Tokenizer", eos_token="<|endoftext|>")
    family = MODELS.build({"name": "kogpt2", "path": str(folder)}, "model")
    built = family.build([], TokenizerOptions("pretrained"), 0, ("<usr>", "</s>"))
    assert len(built.tokenizer) == built.model.get_input_embeddings().num_embeddings == 51200
    assert "names GPT2Tokenizer, which is wrong for KoGPT2's vocabulary" in built.notes[0]
    assert built.added == {}
    ids = (built.model.config.bos_token_id, built.model.config.eos_token_id, built.model.config.pad_token_id)
    assert ids == (1, 1, 3)
    assert built.weights_sha256 is not None


@pytest.mark.slow
def test_steps_from_a_pickle_and_back(jaso: Jaso, kogpt2: Path, corpus: Path, tmp_path: Path, own_cache: Path) -> None:
    folder = linked(kogpt2, tmp_path / "kogpt2")
    tensors = load_file(folder / "model.safetensors")
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    ran = jaso(
        "train", f"input={corpus}", "model=kogpt2", f"model.path={folder}", "prompt=occupation_question_answer",
        "trainer.max_steps=3", "trainer.batch_size=1", "trainer.validate_every=3", "trainer.validation_limit=4",
        "trainer.max_length=256", "trainer.precision=fp32", "trainer.learning_rate=1e-3", "trainer.schedule=constant",
        f"out={tmp_path / 'out'}",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "is a pickle: read without running anything in it" in ran.err
    report = json.loads((tmp_path / "out" / "freeze_report.json").read_text(encoding="utf-8"))
    assert report["parameters"] == 125_164_032
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "CC-BY-NC-SA-4.0 (skt/kogpt2-base-v2)" in manifest["licences"]
    prompt = json.loads((tmp_path / "out" / "model" / "prompt.json").read_text(encoding="utf-8"))
    assert (prompt["licence"], prompt["base_model"]) == ("CC-BY-NC-SA-4.0", "skt/kogpt2-base-v2")
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").open(encoding="utf-8")]
    losses = [row["validation_loss"] for row in log if "validation_loss" in row]
    assert losses[-1] < losses[0] - 1

    back = load_checkpoint(tmp_path / "out")
    assert (back.model.generation_config.eos_token_id, back.model.generation_config.pad_token_id) == (1, 3)
    example = Example("a", "a", "a", "test", "지원 동기는?", "답", occupation="ICT")
    ids = encode_context(example, back.prompt, back.tokenizer)
    assert ids[0] == 10  # <unused1>
    assert back.tokenizer.decode(ids) == "<unused1> 정보통신<usr> 지원 동기는?<sys>"
    [(_, [text])] = generate(back.model, back.tokenizer, [ids], GenerationOptions(max_new_tokens=5), limit=256)
    assert len(text.ids) == 5 or text.stop == "end"
    before = load_untrained(tmp_path / "out").state_dict()
    for name, tensor in tensors.items():
        assert torch.equal(before[name], tensor), name


def retold(**changes: object) -> Callable[[Path], None]:
    """tokenizer.json with another vocabulary: a token's new name, or None to leave it out."""

    def spoil(folder: Path) -> None:
        body = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        body["model"]["vocab"] = dict(body["model"]["vocab"])
        for token, other in changes.items():
            token = f"<{token}>"
            body["added_tokens"] = [each for each in body["added_tokens"] if each["content"] != token]
            place = body["model"]["vocab"].pop(token)
            if other is not None:
                body["model"]["vocab"][other] = place
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer.json").write_text(json.dumps(body), encoding="utf-8")

    return spoil


def resaved_by_auto_tokenizer(folder: Path) -> None:
    """What most people's first attempt leaves on disk."""
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(folder).save_pretrained(folder / "again")
    (folder / "tokenizer.json").unlink()
    (folder / "again" / "tokenizer.json").rename(folder / "tokenizer.json")


def other_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    write_tokenizer(folder, size=40000)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json; copy the model's tokenizer.json there"),
        (other_tokenizer, "40000 tokens, KoGPT2 has 51200"),
        (retold(pad=None), "token '<pad>' is missing, in KoGPT2 it has id 3; give tokenizer.json of skt/kogpt2-base-v2"),
        (retold(pad="[PAD]"), "token '<pad>' is missing, in KoGPT2 it has id 3"),
        (resaved_by_auto_tokenizer, r"51201 tokens, KoGPT2 has 51200: AutoTokenizer or GPT2Tokenizer added '<\|endoftext\|>' as id 51200"),
        (lambda folder: edit_json(folder / "config.json", vocab_size=51201), "vocab_size 51201, KoGPT2 has 51200: the embedding was resized"),
        (lambda folder: edit_json(folder / "config.json", n_positions=512), "'model.context': 1024, the model has 512 positions"),
        (lambda folder: edit_json(folder / "config.json", auto_map={"AutoConfig": "c.C"}), "code of its own"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors or pytorch_model.bin"),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_kogpt2s_is_refused(
    narrow_kogpt2: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = linked(narrow_kogpt2, tmp_path / "kogpt2")
    spoil(folder)
    family = MODELS.build({"name": "kogpt2", "path": str(folder)}, "model")
    with pytest.raises(RequestError, match=message):
        family.build([], TokenizerOptions("pretrained"), seed=0)


def test_a_name_that_is_not_here_says_how_to_get_it(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    ran = jaso("train", f"input={corpus}", "model=kogpt2", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "model.path 'skt/kogpt2-base-v2': no such folder, and not in the local hub cache" in ran.error
    assert "set model.path=<folder" in ran.error
