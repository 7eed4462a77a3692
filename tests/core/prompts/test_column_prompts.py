"""A prompt format reads a user's further columns as meta.<column>."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jaso_core.errors import RequestError
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.saved_format import restore_format, saved_format
from jaso_core.records import Example

NODE = {"name": "by_topic", "reads": ["meta.주제", "question"], "writes": "answer"}
EXAMPLE = Example("d#0", "d", "d", "train", "언제 오나요?", "내일 옵니다.", meta={"주제": "배송"})


def test_a_column_has_a_marker_of_its_name() -> None:
    prompt = PROMPTS.build(NODE, "prompt")
    assert prompt.shown(EXAMPLE) == "<meta.주제>배송<usr>언제 오나요?<sys>"
    assert prompt.markers() == ("<meta.주제>", "<usr>", "<sys>", "</s>")
    assert prompt.needs == ("meta.주제", "question", "answer")


def test_a_marker_can_be_chosen() -> None:
    markers = {"meta.주제": "<unused9>", "question": "<usr>", "answer": "<sys>"}
    prompt = PROMPTS.build({**NODE, "markers": markers}, "prompt")
    assert prompt.shown(EXAMPLE) == "<unused9>배송<usr>언제 오나요?<sys>"


def test_an_example_without_the_column_is_named() -> None:
    prompt = PROMPTS.build(NODE, "prompt")
    without = replace(EXAMPLE, meta={})
    assert prompt.lacks(without) == ("meta.주제",)
    with pytest.raises(RequestError, match=r"example 'd#0': has no meta\.주제, which prompt format 'by_topic' reads"):
        prompt.context(without)


def test_the_saved_format_renders_the_same() -> None:
    restored = restore_format(saved_format(NODE), "prompt.json")
    assert restored.shown(EXAMPLE) == PROMPTS.build(NODE, "prompt").shown(EXAMPLE)


@pytest.mark.parametrize("node", [{"reads": ["meta."]}, {"reads": ["question"], "writes": "meta.주제"}])
def test_what_is_no_column_is_refused(node: dict[str, object]) -> None:
    with pytest.raises(RequestError, match="is no field of an example"):
        PROMPTS.build({"name": "mine", **node}, "prompt")
