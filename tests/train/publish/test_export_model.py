"""Handing a model on: what goes out, what never does, and whose terms bar it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
import yaml
from export_model_support import FILES, PROMPT, Made, made_folder, saved_model  # noqa: F401 - fixtures
from support import Jaso, one_thread  # noqa: F401 - a fixture, for all tests here
from train_support import edit_json

from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.stage.manifest import read_manifest
from jaso_train import run as train
from jaso_train.models import ModelBundle
from jaso_train.publish.provenance import provenance

KOGPT2 = "CC-BY-NC-SA-4.0 (skt/kogpt2-base-v2)"
AIHUB = "AI Hub 71592 (채용면접 인터뷰 데이터): text and derived text may not be passed on"


def head(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((out / "model" / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    return found


def test_what_jaso_train_wrote_goes_out_whole_and_is_read_by_plain_transformers(
    jaso: Jaso, corpus: Path, tmp_path: Path
) -> None:
    config = {
        "out": str(tmp_path / "trained"), "input": str(corpus), "freeze": {"name": "all"}, "prompt": PROMPT,
        "model": {"name": "tiny", "hidden_size": 32, "layers": 1, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 600},
        "trainer": {"max_steps": 1, "batch_size": 1, "max_length": 512, "precision": "fp32", "device": "cpu", "validation_limit": 2},
    }  # fmt: skip
    train.run(train.settings(config))
    arguments = ("export-model", f"input={tmp_path / 'trained'}", f"out={tmp_path / 'out'}")
    ran = jaso(*arguments)
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(tmp_path / "out" / "model" / "README.md")
    assert "(none): no licence is told; the copy is for yourself, do not pass it on" in ran.err
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out" / "model")
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "out" / "model")
    assert tokenizer.decode(tokenizer("지원 동기")["input_ids"]) == "지원 동기"
    before = load_checkpoint(tmp_path / "trained").model.state_dict()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert load_checkpoint(tmp_path / "out").prompt.name == "question_answer"
    assert "nothing to do" in jaso(*arguments).err


def test_nothing_that_goes_out_tells_a_path_of_this_machine(jaso: Jaso, made: Made, tmp_path: Path) -> None:
    base = tmp_path / "my models" / "모델"
    folder = made(
        {"CC0-1.0": 3}, str(base), "mit (모델)", lambda model: edit_json(model / "config.json", _name_or_path=str(base))
    )
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0, ran.err
    out = tmp_path / "out" / "model"
    assert {path.name for path in out.iterdir()} == FILES
    for path in out.iterdir():
        assert str(tmp_path).encode() not in path.read_bytes(), path
    prompt = json.loads((out / "prompt.json").read_text(encoding="utf-8"))
    assert prompt == {**json.loads((folder / "model" / "prompt.json").read_text(encoding="utf-8")), "base": "모델"}
    assert json.loads((out / "config.json").read_text(encoding="utf-8"))["_name_or_path"] == "모델"
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "- tokenizer_config.json names another class, clean was read" in card


def test_a_base_in_the_hubs_cache_keeps_its_name(jaso: Jaso, made: Made, tmp_path: Path) -> None:
    folder = made({"CC0-1.0": 3}, "/home/x/.cache/huggingface/hub/models--lab--gpt-ko/snapshots/0123abc")
    assert jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}").code == 0
    assert json.loads((tmp_path / "out/model/prompt.json").read_text(encoding="utf-8"))["base"] == "lab/gpt-ko"


@pytest.mark.parametrize(
    ("base_licence", "data", "licence", "terms"),
    [
        (KOGPT2, "CC BY 4.0", "cc-by-nc-sa-4.0", ["no commercial use", "pass it on under CC BY-NC-SA only"]),
        ("mit (lab/gpt)", "CC BY-NC 4.0", "other", ["no commercial use", "keep the copyright line"]),
        ("mit (lab/gpt)", "CC BY-SA 4.0", "cc-by-sa-4.0", ["pass it on under CC BY-SA only"]),
        ("mit (lab/gpt)", "CC0-1.0", "mit", ["keep the copyright line"]),
    ],
)
def test_the_card_tells_the_terms_of_base_and_data(
    jaso: Jaso, made: Made, tmp_path: Path, base_licence: str, data: str, licence: str, terms: list[str]
) -> None:
    folder = made({data: 3}, "/models/base", base_licence)
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0, ran.err
    assert head(tmp_path / "out")["license"] == licence
    told = (tmp_path / "out/model/README.md").read_text(encoding="utf-8").split("## What you must keep to")[1]
    for term in terms:
        assert f"- {term}" in told


@pytest.mark.parametrize("former", [False, True])
@pytest.mark.parametrize(
    ("licence", "name", "text"),
    [
        ("mit", "lab/gpt", "mit (lab/gpt)"),
        ("CC-BY-NC-SA-4.0", "skt/kogpt2-base-v2", "CC-BY-NC-SA-4.0 (skt/kogpt2-base-v2)"),
        ("mit", "모델", "mit (모델)"),
        ("(none)", "모델", None),
    ],
)
def test_licence_and_name_of_the_base_are_fields_and_in_older_folders_a_text(
    made: Made, licence: str, name: str, text: str | None, former: bool
) -> None:
    folder = made({"CC0-1.0": 3}, "/models/모델", text, former=former)
    assert ("licence" in json.loads((folder / "model/prompt.json").read_text(encoding="utf-8"))) is not former
    manifest = read_manifest(folder)
    assert manifest is not None
    origin = provenance(folder, manifest, None)
    assert (origin.base_licence, origin.base_name, origin.data) == (licence, name, ("CC0-1.0",))


def test_a_bundle_with_a_text_alone_gets_the_fields_from_it() -> None:
    model, tokenizer = cast("Any", None), cast("Any", None)
    bundle = ModelBundle(model, tokenizer, "/models/x", "Apache-2.0 (lab/x)")
    assert (bundle.licence_name, bundle.base_model) == ("Apache-2.0", "lab/x")
    bundle = ModelBundle(model, tokenizer, None)
    assert (bundle.licence_name, bundle.base_model) == (None, None)
    bundle = ModelBundle(model, tokenizer, "/x", "Open (v2) (lab/x)", licence_name="Open (v2)", base_model="lab/x")
    assert (bundle.licence_name, bundle.base_model) == ("Open (v2)", "lab/x")


@pytest.mark.parametrize("where", [(), ("hub=lab/model", "private=true")])
@pytest.mark.parametrize(
    ("data", "base_licence", "message"),
    [
        (AIHUB, None, "the training data (source interviews): AI Hub 71592"),
        ("CC0-1.0", "cc-by-nc-nd-4.0 (lab/gpt)", "the base model lab/gpt: cc-by-nc-nd-4.0: changed copies may not be"),
    ],
)
def test_a_licence_that_bars_it_is_refused_everywhere(
    jaso: Jaso, made: Made, tmp_path: Path, where: tuple[str, ...], data: str, base_licence: str | None, message: str
) -> None:
    folder = made({"CC0-1.0": 1, data: 3}, "/models/base" if base_licence else None, base_licence)
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}", *where)
    assert ran.code == 2
    assert f"{folder}: may not be passed on: {message}" in ran.error
    assert ran.error.endswith("train on data, and from a base, whose licences allow it")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "base_licence", "why"),
    [
        ("(none)", None, "the training data (source interviews): (none): no licence is told"),
        ("CC0-1.0", "kanana-open-license (lab/gpt)", "the base model lab/gpt: kanana-open-license: the licence is not"),
        ("CC BY-SA 4.0", KOGPT2, "base and data: CC BY-NC-SA and CC BY-SA conflict"),
    ],
)
def test_terms_that_nobody_knows_keep_a_model_from_the_public(
    jaso: Jaso, made: Made, tmp_path: Path, data: str, base_licence: str | None, why: str
) -> None:
    folder = made({data: 3}, "/models/base" if base_licence else None, base_licence)
    arguments = ("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    ran = jaso(*arguments, "hub=lab/model", "private=false")
    assert ran.code == 2
    assert f"may not be made public: {why}" in ran.error
    assert "say private=true for a copy that only you see" in ran.error
    assert "HF_HUB_OFFLINE keeps" in jaso(*arguments, "hub=lab/model").error  # the licence is no longer in the way
    assert not (tmp_path / "out").exists()


def test_data_that_was_moved_is_asked_for(jaso: Jaso, made: Made, tmp_path: Path) -> None:
    folder = made({"CC0-1.0": 3})
    (tmp_path / "clean").rename(tmp_path / "moved")
    arguments = ("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    ran = jaso(*arguments, "hub=lab/model")
    assert ran.code == 2
    assert f"the terms of its training data are not known: {tmp_path / 'clean'} is gone or was changed" in ran.error
    assert "HF_HUB_OFFLINE keeps" in jaso(*arguments, "hub=lab/model", f"data={tmp_path / 'moved'}").error
    ran = jaso(*arguments, f"data={folder}")
    assert f"data={folder}: is not the folder that {folder} was trained on; give that one" in ran.error


def test_a_train_folder_that_tells_the_terms_of_its_data_needs_that_no_more(
    jaso: Jaso, made: Made, tmp_path: Path
) -> None:
    folder = made({AIHUB: 3}, record=True)
    (tmp_path / "clean").rename(tmp_path / "moved")
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "may not be passed on: the training data (source interviews): AI Hub 71592" in ran.error


def lose_weights(model: Path) -> None:
    from safetensors.torch import load_file, save_file

    kept = {name: tensor for name, tensor in load_file(model / "model.safetensors").items() if "ln_f" not in name}
    save_file(kept, model / "model.safetensors", {"format": "pt"})


def break_numbers(model: Path) -> None:
    from safetensors.torch import load_file, save_file

    broken = {name: tensor * float("nan") for name, tensor in load_file(model / "model.safetensors").items()}
    save_file(broken, model / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda model: edit_json(model / "tokenizer_config.json", tokenizer_class="BertTokenizer"), "AutoTokenizer does not give"),
        (lose_weights, "the weights lack 'transformer.ln_f"),
        (break_numbers, "the model predicts no numbers"),
        (lambda model: edit_json(model / "config.json", auto_map={"AutoConfig": "c.C"}), "brings code of its own"),
        (lambda model: (model / "README.md").unlink(), "has no model/README.md; train the model once more"),
    ],
)  # fmt: skip
def test_a_model_that_others_could_not_use_stays_here(
    jaso: Jaso, made: Made, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    folder = made({"CC0-1.0": 3}, spoil=spoil)
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert message in ran.error
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_folder_that_was_changed_is_refused(jaso: Jaso, made: Made, tmp_path: Path) -> None:
    folder = made({"CC0-1.0": 3})
    data = bytearray((folder / "model/model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model/model.safetensors").write_bytes(data)
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert "model/model.safetensors was changed since it was made" in ran.error


@pytest.mark.parametrize(("bits", "is_wrong"), [((3.9, 4.2, 4.0), True), ((3.9, 3.2, 4.0), False)])
def test_a_card_of_step_0_over_other_weights_says_so(
    bits: tuple[float, ...], is_wrong: bool, jaso: Jaso, made: Made, tmp_path: Path
) -> None:
    log = [{"step": 3 * place, "validation_bits_per_character": value} for place, value in enumerate(bits)]
    folder = made({"CC0-1.0": 3}, log=log)
    ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0
    fault = "its card tells the figures of step 0, not those of these weights: train it once more"
    card = (tmp_path / "out/model/README.md").read_text("utf-8")
    assert (f"export-model: {folder}: {fault}\n" in ran.err) is is_wrong
    assert (f"## What is wrong with this model\n\n- {fault}\n" in card) is is_wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("input=nowhere out=x", "nowhere: no such folder; check the path"),
        ("input=. out=x", ".: no complete folder of `jaso train`; give a folder that `jaso train` wrote"),
        ("input=x out=x hub=model", "config key 'hub': 'model' is no name on the hub; write hub=owner/name"),
        ("input=x out=x revision=-x", "config key 'revision': '-x' is no branch's name; write revision=main"),
        ("input=x out=x hbu=a/b", "config key 'hbu' is unknown; did you mean 'hub'?"),
    ],
)
def test_mistakes_end_in_one_line(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso("export-model", *arguments.split())
    assert ran.code == 2
    assert message in ran.error
