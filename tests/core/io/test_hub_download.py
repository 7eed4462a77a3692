"""Models of a hub, asked of a stand-in on loopback with the real client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from model_hub_stand_in import COMMIT, model_hub

SCRIPT = """
import json, sys
from jaso_core.errors import JasoError
from jaso_core.model_sources import find_model
for name, revision in json.loads(sys.argv[1]):
    try:
        folder = find_model(name, revision)
        print(json.dumps(sorted(path.name for path in folder.iterdir())))
    except JasoError as error:
        print(json.dumps(f"{type(error).__name__}: {error}"))
"""


def find(address: str, home: Path, *requests: tuple[str, str | None], offline: str = "0") -> tuple[list[object], str]:
    """What `find_model` gives for each, in a process of its own: the client reads its settings when it is imported."""
    environment = {
        "HF_ENDPOINT": address, "HF_HUB_OFFLINE": offline, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(requests)],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


@pytest.fixture
def served(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors", "README.md", "pytorch_model.bin", "train.py"):
        (folder / name).write_text(name * 100, encoding="utf-8")
    return folder


def test_a_name_is_fetched_once_with_size_licence_and_space(served: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with model_hub(served) as hub:
        (first, again, commit, gated, unknown, revision), said = find(
            hub.address, home,
            ("lab/base", None), ("lab/base", None), ("lab/base", COMMIT[:8]),
            ("lab/gated", None), ("lab/none", None), ("lab/base", "v9"),
        )  # fmt: skip
        weights = [line for line in hub.requests if line.startswith("GET") and "model.safetensors" in line]
    # Neither the pickle beside safetensors, nor code.
    assert first == again == commit == ["README.md", "config.json", "model.safetensors", "tokenizer.json"]
    assert len(weights) == 1, hub.requests
    assert said.count("lab/base: 0.0 MB from the hub, licence apache-2.0,") == 1
    assert "GB free on the disk; commit c0ffee000000" in said
    assert gated == (
        "RequestError: model 'lab/gated': its owner gives access on request; "
        "ask for access on its page, then log in (`hf auth login`)"
    )
    assert str(unknown).startswith(
        "RequestError: model 'lab/none': no such folder, and no model of that name on the hub;"
    )
    assert str(revision).startswith("RequestError: model 'lab/base': has no revision 'v9';")
    # The hub is gone: what is in the cache is used, and said; offline without a word.
    (cached, other), said = find(hub.address, home, ("lab/base", None), ("lab/other", None))
    assert cached == first
    assert "the hub is not reached" in said
    assert "the copy in the local hub cache is used" in said
    assert str(other).startswith("WorkError: model 'lab/other': the hub is not reached")
    (cached, other), said = find(hub.address, home, ("lab/base", None), ("lab/other", None), offline="1")
    assert (cached, said) == (first, "")
    assert "not in the local hub cache; set model=<folder" in str(other)


def test_a_choice_of_the_group_comes_first_then_a_folder(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").touch()
    (folder, kogpt2, tiny, path), _ = find(
        "http://127.0.0.1:9", tmp_path / "home",
        (str(tmp_path / "base"), None), ("kogpt2", None), ("tiny", None), ("./base", None), offline="1",
    )  # fmt: skip
    assert folder == ["config.json"]
    assert "model 'skt/kogpt2-base-v2': no such folder, and not in the local hub cache" in str(kogpt2)
    assert str(tiny).startswith("RequestError: model=tiny has no weights of its own;")
    assert str(path).startswith("RequestError: model './base': no such folder;")
