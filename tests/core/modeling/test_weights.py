"""Weights in pickles and out of them: read without running anything, converted once, known by their hash."""

from __future__ import annotations

import hashlib
import os
import pickle
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support import one_thread  # noqa: F401 - a fixture, for all tests here
from train_support import write_foreign

from jaso_core.errors import RequestError
from jaso_core.modeling.load import load_model
from jaso_core.modeling.weights import find_weights

pytestmark = pytest.mark.usefixtures("own_cache")


def as_pickle(folder: Path, **how: object) -> Path:
    """Replaces the folder's safetensors by a pickle of the same tensors."""
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin", **how)
    (folder / "model.safetensors").unlink()
    return folder / "pytorch_model.bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_foreign(tmp_path / "m", "gpt2")


@pytest.mark.parametrize("archive", [True, False])
def test_a_pickle_is_converted_once_and_says_so(
    folder: Path, own_cache: Path, archive: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = load_model(folder).state_dict()
    file = as_pickle(folder, _use_new_zipfile_serialization=archive)
    before = sorted(path.name for path in folder.iterdir())
    found = find_weights(folder)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert found.folder == own_cache / "weights" / found.sha256
    assert "is a pickle: read without running anything in it" in capsys.readouterr().err
    made = (found.folder / "model.safetensors").stat().st_mtime_ns
    model = load_model(folder)
    assert (found.folder / "model.safetensors").stat().st_mtime_ns == made
    assert capsys.readouterr().err == ""
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, wanted[name]), name
    assert sorted(path.name for path in folder.iterdir()) == before


def test_tied_tensors_in_a_pickle_share_their_memory_again(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["transformer.h.0.attn.masked_bias"] = torch.tensor(-1e4)  # old files hold buffers that are gone since
    tensors["lm_head.weight"] = tensors["transformer.wte.weight"]
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    model = load_model(folder)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_the_hash_can_be_pinned(folder: Path) -> None:
    sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert find_weights(folder, sha256).sha256 == sha256
    with pytest.raises(RequestError, match=f"model.safetensors: its sha256 is {sha256}, not {'0' * 64}"):
        find_weights(folder, "0" * 64)


def test_weights_in_several_files(folder: Path) -> None:
    wanted = load_model(folder).state_dict()
    load_model(folder).save_pretrained(folder, max_shard_size="20KB")
    (folder / "model.safetensors").unlink(missing_ok=True)
    parts = sorted(folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    lines = "".join(f"{hashlib.sha256(part.read_bytes()).hexdigest()}  {part.name}\n" for part in parts)
    assert find_weights(folder).sha256 == hashlib.sha256(lines.encode()).hexdigest()
    for name, tensor in load_model(folder).state_dict().items():
        assert torch.equal(tensor, wanted[name]), name
    parts[0].unlink()
    with pytest.raises(RequestError, match=f"there is no file '{parts[0].name}' beside it; fetch or copy the file"):
        find_weights(folder)


class Wish:
    """What a hostile file holds: a call that is made when it is opened the careless way."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.file),)


@pytest.mark.parametrize("archive", [True, False])
def test_a_pickle_that_wants_to_run_something_is_refused(folder: Path, tmp_path: Path, archive: bool) -> None:
    file = as_pickle(folder)
    ran = tmp_path / "ran"
    if archive:
        torch.save({"w": torch.zeros(2), "x": Wish(ran)}, file)
    else:
        file.write_bytes(pickle.dumps({"x": Wish(ran)}, protocol=2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RequestError, match=r"wants to run posix.mkdir when it is opened; it was not run; trust no"):
            find_weights(folder)
    assert not ran.exists()
    with suppress(Exception):
        torch.load(file, weights_only=False)
    assert ran.exists()  # the file would have done it


def cut(share: float) -> Callable[[Path], None]:
    def spoil(file: Path) -> None:
        data = file.read_bytes()
        file.write_bytes(data[: int(len(data) * share)])

    return spoil


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 513302779\n"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (cut(0.5), "is damaged"),
        (cut(0.999), "is damaged"),
        (cut(0), "is damaged"),
        (lambda file: file.write_text(POINTER), "is damaged"),
        (lambda file: file.write_text("<html>not found</html>"), "is damaged"),
    ],
)
@pytest.mark.parametrize("kind", ["safetensors", "pickle", "old pickle"])
def test_a_damaged_file_is_refused(folder: Path, kind: str, spoil: Callable[[Path], None], message: str) -> None:
    file = folder / "model.safetensors"
    if kind != "safetensors":
        file = as_pickle(folder, _use_new_zipfile_serialization=kind == "pickle")
    spoil(file)
    with pytest.raises(RequestError, match=rf"{file.name}: {message}.*; fetch or copy the file once more") as error:
        find_weights(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("body", [{"epoch": 3, "w": torch.zeros(2)}, [torch.zeros(2)], {}])
def test_a_pickle_of_more_than_tensors_is_refused(folder: Path, body: object) -> None:
    torch.save(body, as_pickle(folder))
    with pytest.raises(RequestError, match="holds more than named tensors; give the model's state dict"):
        find_weights(folder)


def test_a_damaged_conversion_says_what_to_do(folder: Path, own_cache: Path) -> None:
    as_pickle(folder)
    kept = find_weights(folder).folder / "model.safetensors"
    cut(0.5)(kept)
    with pytest.raises(RequestError, match=r"model.safetensors: is damaged .* remove it: it is made again"):
        find_weights(folder)


def test_what_is_no_model(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(RequestError, match=r"has no model.safetensors or pytorch_model.bin; put the model's weights"):
        find_weights(folder)
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(RequestError, match="holds an adapter; merge it into its model"):
        find_weights(folder)
