"""A model keeps the prompt format that it was trained with, whatever becomes of the format's YAML, markers or code."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_core.prompts import PROMPTS, fields
from jaso_core.prompts.saved_format import FORMER_DIGESTS, digest_of, request_node, restore_format, saved_format
from jaso_core.prompts.specimen import SPECIMEN

QUESTION = SPECIMEN.question


def test_every_shipped_format_is_what_it_was_when_its_name_alone_was_saved() -> None:
    shipped = {name: digest_of(PROMPTS.build({"name": name}, "prompt")) for name in FORMER_DIGESTS}
    assert shipped == FORMER_DIGESTS, "old models hold a name alone: a format that changes needs a new name"


@pytest.mark.parametrize("name", sorted(FORMER_DIGESTS))
def test_a_format_comes_back_from_what_is_saved(name: str) -> None:
    prompt = PROMPTS.build({"name": name}, "prompt")
    again = restore_format(saved_format({"name": name}), "prompt.json")
    assert again.shown(SPECIMEN) == prompt.shown(SPECIMEN)
    assert (again.reads, again.writes, again.stops, again.markers()) == (
        prompt.reads, prompt.writes, prompt.stops, prompt.markers(),
    )  # fmt: skip
    former = {"prompt": {"name": name}, "max_length": 256, "base": None, "seed": 0}
    assert restore_format(former, "prompt.json").shown(SPECIMEN) == prompt.shown(SPECIMEN)


def test_changed_markers_and_words_do_not_reach_a_trained_model(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = saved_format({"name": "occupation_question_answer"})
    assert restore_format(saved, "prompt.json").shown(SPECIMEN) == f"<unused1>정보통신<usr>{QUESTION}<sys>"
    monkeypatch.setattr(fields, "MARKERS", {**fields.MARKERS, "occupation": "<unused9>"})
    monkeypatch.setattr(fields, "WORDS", {"occupation": {"ICT": "전산"}})
    assert PROMPTS.build({"name": "occupation_question_answer"}, "prompt").shown(SPECIMEN).startswith("<unused9>전산")
    assert restore_format(saved, "prompt.json").shown(SPECIMEN) == f"<unused1>정보통신<usr>{QUESTION}<sys>"


def test_code_that_renders_otherwise_than_in_training_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from jaso_core.prompts.sentence_blocks import SentenceBlocks

    saved, former = saved_format({"name": "sentence_blocks", "sentences": 9}), {"prompt": {"name": "sentence_blocks"}}
    monkeypatch.setattr(SentenceBlocks, "stops", ("<sys>",))
    for body in (saved, former):
        with pytest.raises(
            RequestError, match=r"m/prompt\.json: prompt format 'sentence_blocks' renders otherwise than when"
        ):
            restore_format(body, "m/prompt.json")


def test_a_format_of_ones_own_is_one_yaml_and_its_model_loads_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "configs" / "prompt"
    folder.mkdir(parents=True)
    file = folder / "company_question_answer.yaml"
    file.write_text(
        "# The company before the question.\nname: company_question_answer\nreads: [company, question]\n", "utf-8"
    )
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    assert "company_question_answer" in PROMPTS.names()
    entry = PROMPTS.get("company_question_answer")
    assert (entry.doc, entry.file) == ("The company before the question.", file)
    prompt = PROMPTS.build({"name": "company_question_answer"}, "prompt")
    assert prompt.shown(SPECIMEN) == f"<unused6>(주)가상전자<usr>{QUESTION}<sys>"
    saved = saved_format({"name": "company_question_answer", "reads": ["company", "question"], "writes": "answer"})
    monkeypatch.delenv("JASO_EXTENSIONS")
    assert "company_question_answer" not in PROMPTS.names()
    assert restore_format(saved, "prompt.json").shown(SPECIMEN) == prompt.shown(SPECIMEN)
    assert not restore_format(saved, "prompt.json").complete(dataclasses.replace(SPECIMEN, company=None))


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"reads": ["questoin"]}, "'questoin' is no field of an example, did you mean 'question'"),
        ({"reads": ["season"]}, "'season' is no field of an example"),
        ({"reads": ["group"]}, "field 'group' has no marker: add prompt.markers.group=…"),
        ({"reads": ["question", "question"]}, "two fields share a marker, or a field is read twice"),
        ({"reads": ["answer"]}, "field 'answer' is both read and written"),
        ({"stops": []}, "prompt.stops is empty: the text would never end"),
        ({"read": ["question"]}, r"config key 'prompt\.read' is unknown"),
    ],
)
def test_a_format_that_cannot_be_is_refused(changed: dict[str, Any], match: str) -> None:
    with pytest.raises(RequestError, match=match):
        PROMPTS.build({"name": "question_answer", **changed}, "prompt")


def test_a_request_holds_a_former_format_by_its_name_alone_and_a_changed_one_whole() -> None:
    whole = {"name": "question_answer", "reads": ["question"], "writes": "answer"}
    assert request_node(whole) == {"name": "question_answer"}
    changed = {**whole, "reads": ["role", "question"]}
    assert request_node(changed) == changed
    assert request_node({"name": "continuation", "words": 3}) == {"name": "continuation", "words": 3}
