"""Model folders that claim too much: refused in one line before anything is built, and real shapes pass."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from tokenizers import Tokenizer, models, normalizers
from train_support import write_foreign

from jaso_core.errors import RequestError
from jaso_core.io.model_size_limits import check_growth, check_parameters
from jaso_core.io.pretrained import read_config_json
from jaso_core.modeling.load import load_model, read_config
from jaso_core.modeling.weights import find_weights

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_foreign(tmp_path / "m", "gpt2")


def change(folder: Path, **keys: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **keys}), "utf-8")


@pytest.mark.parametrize(
    "keys",
    [
        {"n_layer": 10**9},
        {"num_hidden_layers": 1e9},
        {"text_config": {"num_hidden_layers": 10**9}},
        {"n_head": 10**9},
        {"num_local_experts": 10**9},
    ],
)
def test_a_config_of_more_parts_than_any_model_is_refused_in_time(keys: dict[str, Any], folder: Path) -> None:
    change(folder, **keys)
    started = time.monotonic()
    with pytest.raises(RequestError, match=r"config\.json: '\w+' is 1,000,000,000, more than") as refused:
        load_model(folder)
    assert time.monotonic() - started < 5
    assert ("$JASO_MAX_LAYERS" in str(refused.value)) == ("layer" in str(keys))


def test_layers_may_be_raised_by_the_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder, n_layer=20_000)
    with pytest.raises(RequestError, match="set \\$JASO_MAX_LAYERS"):
        read_config_json(folder)
    monkeypatch.setenv("JASO_MAX_LAYERS", "30000")
    assert read_config_json(folder)["n_layer"] == 20_000


def test_a_config_of_more_parameters_than_the_weights_hold_is_refused(folder: Path) -> None:
    change(folder, n_embd=2**20, n_inner=2**22)
    with pytest.raises(RequestError, match=r"describes [\d,]+ parameters, the weights have [\d,]+ bytes"):
        load_model(folder)


def test_seventy_billion_parameters_are_real(tmp_path: Path) -> None:
    llama = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 8192, "intermediate_size": 28672,
        "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128_256,
        "max_position_embeddings": 131_072,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(llama), "utf-8")
    with (tmp_path / "model.safetensors").open("wb") as stream:
        stream.truncate(140 * 10**9)  # a hole
    check_parameters(tmp_path, read_config(tmp_path), tmp_path)
    with (tmp_path / "model.safetensors").open("wb") as stream:
        stream.truncate(8 * 10**9)
    with pytest.raises(RequestError, match="describes 70,553,706,496 parameters, the weights have 8,000,000,000 bytes"):
        check_parameters(tmp_path, read_config(tmp_path), tmp_path)


def test_counting_parameters_leaves_the_random_state(folder: Path) -> None:
    before = torch.get_rng_state()
    check_parameters(folder, read_config(folder), folder)
    assert torch.equal(torch.get_rng_state(), before)


def tokenizer_file(folder: Path, *steps: Any) -> Path:
    made = Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence(list(steps))
    made.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def test_a_normalizer_that_explodes_is_refused_before_it_runs(folder: Path) -> None:
    file = tokenizer_file(folder, *[normalizers.Replace("a", "a" * 1000)] * 5)
    with pytest.raises(RequestError, match=r"its normalizer makes a text 1,000,000,000,000,000 times as long"):
        read_config_json(folder)
    tokenizer_file(folder, normalizers.NFKC(), normalizers.Prepend("▁"), normalizers.Replace(" ", "▁"))
    check_growth(file)


def test_a_tensor_of_four_terabytes_in_a_pickle_is_refused(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["huge"] = torch.zeros(1).expand(10**12)
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(RequestError, match=r"its tensors, 'huge' above all, claim 4,000,[\d,]+ bytes, and it has"):
        find_weights(folder)


def test_a_pickle_that_unpacks_to_more_than_it_is_is_refused(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "plain.bin")
    with (
        zipfile.ZipFile(folder / "plain.bin") as old,
        zipfile.ZipFile(folder / "pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("plain/data/999", b"\0" * 30_000_000)
    (folder / "model.safetensors").unlink()
    with pytest.raises(RequestError, match=r"pytorch_model\.bin: unpacks to [\d,]+ bytes, and has"):
        find_weights(folder)
