"""Texts reach their options as they are; nothing in them is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaso_core.config import to_settings
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, write_json
from jaso_core.modeling.checkpoint import PROMPT_FILE, save_prompt
from jaso_core.prompts.saved_format import restore_format

PIECES = ["\\", "$", "{", "}", "${", "${oc.env:SECRET}", "a", "'", '"', ":", " "]


@dataclass(frozen=True)
class Options:
    text: str = ""
    number: int = 0
    texts: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_every_text_comes_back(text: str) -> None:
    node = {"text": text, "texts": [text], "more": {"deep": {"er": [text]}}}
    assert to_settings(node, Options) == Options(**node)


def test_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    for node in (
        {"number": "${oc.env:SECRET}"},
        {"texts": "${oc.env:SECRET}"},
        {"${oc.env:SECRET}": 1},
        {"more": "${a}"},
    ):
        with pytest.raises(RequestError) as refused:
            to_settings(node, Options)
        assert "hunter2" not in str(refused.value)


def test_a_models_prompt_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    save_prompt(tmp_path, {"name": "question_answer"}, 64, None, 0)
    body = read_json(tmp_path / PROMPT_FILE)
    body["format"]["markers"]["question"] = "<${oc.env:SECRET}>"
    body["format_digest"] = None
    write_json(tmp_path / PROMPT_FILE, body)
    try:
        shown = restore_format(read_json(tmp_path / PROMPT_FILE), "prompt.json").markers()
    except RequestError as refused:
        shown = [str(refused)]
    assert "hunter2" not in "".join(shown)
    body["prompt"] = {"name": "${oc.env:SECRET}"}
    del body["format"]
    with pytest.raises(RequestError) as other:
        restore_format(body, "prompt.json")
    assert "hunter2" not in str(other.value)


def test_a_text_in_place_of_a_number_is_named() -> None:
    with pytest.raises(
        RequestError, match=r"config key 'number': Value '\$\{a\}' of type 'str' could not be converted"
    ):
        to_settings({"number": "${a}"}, Options)
