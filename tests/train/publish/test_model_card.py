"""What is handed over: a folder that plain transformers reads, a card whose code runs, and the way back to the start."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from train_support import edit_json, linked, write_foreign

from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.modeling.checkpoint import Origin, load_checkpoint, load_untrained, save_model, save_prompt
from jaso_core.modeling.encode import encode_context, encode_example
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.specimen import SPECIMEN
from jaso_core.stage.data_description import DataDescription
from jaso_train.models import MODELS, ModelBundle
from jaso_train.publish.model_card import CardFacts, licence_id, model_card
from jaso_train.tokenizers import TokenizerOptions

PROMPT = {"name": "question_answer"}


def build(**node: object) -> ModelBundle:
    pretrained = node["name"] in ("hf", "kogpt2")
    tokenizer = TokenizerOptions("pretrained") if pretrained else TokenizerOptions(vocabulary=500)
    texts = [str(SPECIMEN.question), str(SPECIMEN.answer)] * 20
    markers = PROMPTS.build(PROMPT, "prompt").markers()
    return MODELS.build(node, "model").build(texts, tokenizer, 4, markers)


def learn(built: ModelBundle) -> None:
    """The one example by heart: the model must write its answer whenever it is asked as in training."""
    encoded = encode_example(SPECIMEN, PROMPTS.build(PROMPT, "prompt"), built.tokenizer, 500)
    ids, labels = torch.tensor([encoded.input_ids]), torch.tensor([encoded.labels])
    optimiser = torch.optim.AdamW(built.model.parameters(), lr=3e-3)
    for _ in range(60):
        loss: Any = built.model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss < 0.2


def save(built: ModelBundle, out: Path, family: str) -> Path:
    """As `jaso train` does at its end."""
    save_model(out / "model", built.model, built.tokenizer)
    save_prompt(out / "model", PROMPT, 500, built.base, 4, Origin(family, built.weights_sha256, built.added))
    return out


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small GPT-2 that knows one answer."""
    built = build(name="tiny", hidden_size=64, layers=2, heads=2)
    learn(built)
    return save(built, tmp_path_factory.mktemp("learnt"), "tiny")


def plainly(code: str, folder: Path) -> str:
    """Runs code in `folder`, in a Python that knows transformers only; returns what it prints."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    last = "\nimport sys\nassert not any(name.startswith('jaso') for name in sys.modules)\n"
    ran = subprocess.run(
        [sys.executable, "-c", code + last], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


PLAIN = """
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
assert tokenizer.decode(tokenizer("정부는 반도체를")["input_ids"]) == "정부는 반도체를"
assert max(tokenizer.get_vocab().values()) < model.get_input_embeddings().num_embeddings
pipe = pipeline("text-generation", model=".")
assert pipe.model.generation_config.eos_token_id == tokenizer.eos_token_id
print(pipe("PROMPT", max_new_tokens=60, do_sample=False, return_full_text=False)[0]["generated_text"])
"""


@pytest.mark.slow
def test_plain_transformers_reads_kogpt2s_vocabulary(kogpt2: Path, tmp_path: Path) -> None:
    save(build(name="kogpt2", path=str(kogpt2)), tmp_path, "kogpt2")
    written = plainly(PLAIN.replace("60", "8"), tmp_path / "model")
    assert any("가" <= character <= "힣" for character in written)


@pytest.mark.parametrize(
    "kind", ["gpt2", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("gpt_neox", "llama", "qwen2"))]
)
def test_plain_transformers_reads_models_of_others(tmp_path: Path, kind: str) -> None:
    built = build(name="hf", path=str(write_foreign(tmp_path / "base", kind)), context=64)
    save(built, tmp_path / "out", "hf")
    from transformers import AutoTokenizer

    plain = AutoTokenizer.from_pretrained(tmp_path / "out" / "model")
    text = "<usr>정부는 반도체를<sys>"
    assert plain(text, add_special_tokens=False)["input_ids"] == built.tokenizer(text)["input_ids"]
    assert plain.decode(plain(text)["input_ids"]) == text
    assert plain.eos_token_id == 0


def test_defaults_that_contradict_each_other_do_not_come_out_when_saving(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "base")
    edit_json(folder / "generation_config.json", temperature=0.6, do_sample=False)
    built = build(name="hf", path=str(folder))
    assert "generation_config.json contradicts itself: left out of the trained model" in built.notes
    saved = json.loads((save(built, tmp_path / "out", "hf") / "model" / "generation_config.json").read_text())
    assert (saved["eos_token_id"], saved.get("temperature")) == (0, None)


def facts(**changes: Any) -> CardFacts:
    base: dict[str, Any] = {
        "title": "자소 tiny", "family": "tiny", "prompt": PROMPTS.build(PROMPT, "prompt"), "parameters": 123_456,
        "vocabulary": 500, "max_length": 500, "sources": ("sample",), "data_licences": ("CC0-1.0 (synthetic)",),
        "synthetic": True, "data": {"training examples": 1200}, "training": {"learning rate": 0.001, "steps": 60},
        "validation": {"bits a character": 1.234567},
    }  # fmt: skip
    return CardFacts(**{**base, **changes})


def front_matter(card: str) -> dict[str, Any]:
    assert card.startswith("---\n")
    body: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return body


@pytest.mark.slow
def test_plain_transformers_and_the_cards_code_write_what_jaso_writes(learnt: Path) -> None:
    card = model_card(facts())
    code = card.split("```python\n")[1].split("```")[0]
    back = load_checkpoint(learnt)
    context = encode_context(SPECIMEN, back.prompt, back.tokenizer)
    [(_, [ours])] = generate(back.model, back.tokenizer, [context], GenerationOptions(max_new_tokens=128), limit=500)
    plain = PLAIN.replace("PROMPT", f"<usr>{SPECIMEN.question}<sys>")
    piped, by_card, ids = plainly(f"{plain}\n{code}\nprint(ids)", learnt / "model").splitlines()
    assert piped.strip() == by_card == back.tokenizer.decode(ours.ids) == SPECIMEN.answer
    assert json.loads(ids) == context


def test_a_card_from_scratch_on_synthetic_data() -> None:
    card = model_card(facts())
    head = front_matter(card)
    assert head["language"] == ["ko"]
    assert (head["license"], head["license_name"]) == ("other", "terms-of-the-training-data")
    assert "base_model" not in head
    assert "synthetic-data" in head["tags"]
    assert head["datasets"] == ["sample"]
    assert "trained from random weights" in card
    assert "**The training data is synthetic**" in card
    assert "<usr>지원 동기를 말씀해 주세요.<sys>" in card
    for line in ("| training examples | 1,200 |", "| learning rate | 0.001 |", "| bits a character | 1.235 |"):
        assert line in card
    assert "- CC0-1.0 (synthetic)" in card


def test_what_derives_from_kogpt2_says_what_binds_it() -> None:
    from jaso_train.models.kogpt2 import BASE_MODEL, LICENCE

    card = model_card(facts(pretrained=True, base=BASE_MODEL, licence=LICENCE, synthetic=False, sources=("jobkorea",)))
    assert "derive from [skt/kogpt2-base-v2](https://huggingface.co/skt/kogpt2-base-v2) (CC-BY-NC-SA-4.0)" in card
    head = front_matter(card)
    assert (head["license"], head["base_model"]) == ("cc-by-nc-sa-4.0", "skt/kogpt2-base-v2")
    assert "synthetic-data" not in head["tags"]
    assert "synthetic**" not in card
    for words in ("Non-commercial use only", "Share alike", "Attribution: name [skt/kogpt2-base-v2]"):
        assert words in card


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"),
        ("mit", "mit"),
        ("Apache-2.0", "apache-2.0"),
        ("hyperclovax-seed", None),
        (None, None),
    ],
)
def test_licences_have_the_hubs_names(told: str | None, wanted: str | None) -> None:
    assert licence_id(told) == wanted


def test_what_the_base_and_the_data_call_themselves_is_text() -> None:
    hostile = "MIT\n---\nlicense: apache-2.0\n---\n\n# Free to use\n<script>x</script> [a](http://e.invalid) `c`"
    card = model_card(
        facts(
            title=hostile, pretrained=True, base=f"lab/x](http://e.invalid){hostile}", licence=hostile,
            sources=(hostile,), data_licences=(hostile,), notes=(hostile,), data={hostile: hostile},
        )
    )  # fmt: skip
    _, head, text = card.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "other"
    assert set(yaml.safe_load(head)["license_name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert not any(line.startswith("# Free") or line == "---" for line in text.splitlines())
    assert "<script>" not in text
    assert not re.search(r"(?<!\\)\]\(http://e", text)
    assert not re.search(r"(?<!\\)`c", text)


def test_a_base_without_a_licence_is_not_given_one() -> None:
    card = model_card(facts(pretrained=True))
    assert front_matter(card)["license"] == "unknown"
    assert "names no licence: find out" in card
    named = model_card(facts(pretrained=True, licence="Kanana Open License"))
    assert front_matter(named)["license_name"] == "kanana-open-license"


@pytest.mark.parametrize("kind", ["safetensors", "pickle"])
@pytest.mark.parametrize("rows", [258, 320])
def test_the_untrained_self_of_a_base_has_the_rows_that_were_added(tmp_path: Path, kind: str, rows: int) -> None:
    folder = write_foreign(tmp_path / "base", vocab_size=rows)
    if kind == "pickle":
        from safetensors.torch import load_file

        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    built = build(name="hf", path=str(folder), dtype="bfloat16")
    before = {name: tensor.clone() for name, tensor in built.model.state_dict().items()}
    with torch.no_grad():
        for parameter in built.model.parameters():
            parameter.add_(1)
    save(built, tmp_path / "out", "hf")
    after = load_untrained(tmp_path / "out").state_dict()
    assert after.keys() == before.keys()
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]), name


def test_the_untrained_self_from_scratch_is_drawn_again(tmp_path: Path) -> None:
    built = build(name="gpt_scratch", hidden_size=32, heads=2, layers=1, context=64, dtype="bfloat16", tie=False)
    before = {name: tensor.clone() for name, tensor in built.model.state_dict().items()}
    save(built, tmp_path, "gpt_scratch")
    for name, tensor in load_untrained(tmp_path).state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_a_base_that_was_changed_or_is_gone_is_refused(tmp_path: Path) -> None:
    folder = write_foreign(tmp_path / "base")
    save(build(name="hf", path=str(folder)), tmp_path / "out", "hf")
    torch.manual_seed(9)
    shutil.rmtree(folder)
    write_foreign(folder, intermediate_size=32)
    with pytest.raises(RequestError, match=r"model.safetensors: its sha256 is .* these are other weights"):
        load_untrained(tmp_path / "out")
    shutil.rmtree(folder)
    with pytest.raises(RequestError, match="base: no such folder"):
        load_untrained(tmp_path / "out")


def cut(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def cut_tokenizer(folder: Path) -> None:
    data = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").write_bytes(data[:100])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (cut, "model.safetensors: is damaged"),
        (cut_tokenizer, "tokenizer.json: is damaged"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors or pytorch_model.bin"),
        (lambda folder: (folder / "config.json").unlink(), "has no config.json; copy the model's config.json there"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer.json"),
        (lambda folder: (folder / "prompt.json").unlink(), "has no prompt.json; give a folder that `jaso train` wrote"),
        (lambda folder: edit_json(folder / "prompt.json", max_length=None), "prompt.json: has no 'max_length'"),
        (lambda folder: edit_json(folder / "config.json", auto_map={"AutoConfig": "c.C"}), "code of its own"),
        (lambda folder: edit_json(folder / "config.json", n_layer=3), "the weights lack 'transformer.h.2"),
    ],
)  # fmt: skip
def test_a_damaged_checkpoint_is_refused_in_one_line(
    learnt: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    linked(learnt / "model", tmp_path / "model")
    spoil(tmp_path / "model")
    with pytest.raises(RequestError, match=message) as error:
        load_checkpoint(tmp_path)
    assert "\n" not in str(error.value)


def test_a_card_says_career_writing_of_career_writing_only() -> None:
    assert "for Korean career writing (자기소개서·면접 답변), trained from random weights" in model_card(facts())
    talks = DataDescription({"origins": ["chatbot.csv"], "description": "Short talks."}, is_career=False)
    card = model_card(facts(about=talks))
    assert "A causal language model for questions and answers from chatbot.csv, trained from random weights" in card
    assert "## Data\n\nShort talks." in card
    assert "career" not in card
    assert front_matter(card)["tags"] == ["korean", "jaso", "synthetic-data"]
