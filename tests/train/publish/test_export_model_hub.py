"""A model on the hub: what is pushed there, what stays private, and the hub's refusals in one line."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from export_model_support import FILES, Made, made_folder, saved_model  # noqa: F401 - fixtures
from hub_stand_in import hub
from support import Jaso, one_thread  # noqa: F401 - a fixture, for all tests here

NEW = {".gitattributes": b""}
"""What a model on the hub has from the start."""

Online = Callable[[str], None]


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Online:
    """Turns the hub's library, which reads its address when it is imported, to another one, with a token."""
    from huggingface_hub import constants

    def turn(address: str) -> None:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        monkeypatch.setenv("HF_TOKEN", "hf_x")

    return turn


@pytest.mark.parametrize("revision", ["main", pytest.param("next", marks=pytest.mark.slow)])
def test_a_push_brings_the_model_with_a_card_that_calls_it_from_there(
    jaso: Jaso, made: Made, tmp_path: Path, online: Online, revision: str
) -> None:
    folder = made({"CC BY 4.0": 3})
    arguments = (f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/model", f"revision={revision}")
    with hub() as there:
        there.files.update(NEW)
        online(there.address)
        ran = jaso("export-model", *arguments)
        assert ran.code == 0, ran.err
        asked = len(there.asked)
        assert "nothing to do" in jaso("export-model", *arguments).err
    assert len(there.asked) == asked
    assert there.private is True
    assert set(there.files) == {*FILES, *NEW}
    assert there.files["model.safetensors"] == (folder / "model/model.safetensors").read_bytes()
    called = '"lab/model"' if revision == "main" else '"lab/model", revision="next"'
    assert f"AutoModelForCausalLM.from_pretrained({called})" in there.files["README.md"].decode()
    assert f"POST /api/models/lab/model/commit/{revision}" in [line.split("?")[0] for line in there.asked]
    assert any("/branch/next" in line for line in there.asked) == (revision == "next")
    pushed = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))["counts"]["pushed"]
    assert pushed == {"hub": "lab/model", "revision": revision, "commit": "0" * 40}


def test_private_means_private(jaso: Jaso, made: Made, tmp_path: Path, online: Online) -> None:
    folder = made({"(none)": 3})
    with hub(public=True) as there:
        online(there.address)
        ran = jaso("export-model", f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/model")
    assert ran.code == 2
    assert "hub=lab/model: is public; make it private on the hub, or say private=false" in ran.error
    assert there.files == {}


@pytest.fixture
def status(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a hub that answers everything with one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(request.param)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "hub=lab/model: you are not logged in, or the token is not valid; log in (`hf auth login`)"),
        (403, "hub=lab/model: your token has no right to write there; take a token that may write there"),
    ],
    indirect=["status"],
)
def test_a_hub_that_refuses_is_one_line_and_the_push_can_be_done_again(
    jaso: Jaso, made: Made, tmp_path: Path, online: Online, status: str, message: str
) -> None:
    folder = made({"CC0-1.0": 3})
    arguments = ("export-model", f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/model")
    online(status)
    ran = jaso(*arguments)
    assert ran.code == 1
    assert message in ran.error
    assert not (tmp_path / "out" / "manifest.json").exists()
    with hub() as there:
        there.files.update(NEW)
        online(there.address)
        assert jaso(*arguments).code == 0
    assert set(there.files) == {*FILES, *NEW}


def test_no_way_to_the_hub_and_no_token_are_one_line(
    jaso: Jaso, made: Made, tmp_path: Path, online: Online, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made({"CC0-1.0": 3})
    arguments = ("export-model", f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/model")
    online("http://127.0.0.1:9")
    ran = jaso(*arguments)
    assert ran.code == 1
    assert "check connection and log-in" in ran.error
    monkeypatch.delenv("HF_TOKEN")
    ran = jaso(*arguments)
    assert ran.code == 2
    assert "hub=lab/model: you are not logged in; run `hf auth login`, or set HF_TOKEN" in ran.error
