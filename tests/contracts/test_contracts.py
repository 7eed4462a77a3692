"""Everything that can be chosen keeps the promises of its group; a new choice is covered without a new test file."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from freezing_support import tiny, values
from freezing_support import train as train_steps

from jaso_core.config import config_folder, to_settings
from jaso_core.config_groups import (
    group_choices,
    group_names,
)
from jaso_core.errors import RequestError
from jaso_core.modeling.encode import encode_example
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.specimen import BARE
from jaso_core.records import Example, Item
from jaso_crawl.source_registry import SOURCES
from jaso_pipeline.inspect.list_show_status import REGISTRIES, registry
from jaso_preprocess.sentences import SPLITTERS
from jaso_preprocess.steps import STEPS, Drop
from jaso_train.freezing import FREEZING, FreezePlan
from jaso_train.freezing.parameters import Layout
from jaso_train.freezing.report import ParameterSnapshot, table
from jaso_train.models import MODELS
from jaso_train.tokenizers import TokenizerOptions, train_tokenizer

CHOICES = [(group, name) for group in REGISTRIES for name in registry(group).names()]  # type: ignore[union-attr]

FULL = Example(
    "letter:1#0", "letter:1", "letter:1", "train", "지원 동기는 무엇입니까?", "저는 서버를 만들고 싶습니다.", "서버 개발",
    occupation="ICT", experience="NEW", role="백엔드개발자", company="(주)가상전자", source="test",
)  # fmt: skip


def options_in_yaml(group: str, name: str) -> dict[str, Any]:
    """The options that the YAML of a choice sets, wherever its package puts them."""
    text = (config_folder() / group / f"{name}.yaml").read_text(encoding="utf-8")
    body = yaml.safe_load(text) or {}
    body.pop("defaults", None)
    if "# @package _global_" in text:
        body = body.get(group, body) if isinstance(body.get(group), dict) else body
    elif "# @package" in text:
        body = body[name]
    return {key: value for key, value in body.items() if key not in ("name", group)}


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_a_choice_has_a_yaml_whose_keys_are_its_options(group: str, name: str) -> None:
    entry = registry(group).get(name)  # type: ignore[union-attr]
    assert name in group_choices(group), f"configs/{group}/{name}.yaml is missing"
    given = options_in_yaml(group, name)
    known = {field.name for field in dataclasses.fields(entry.options)}
    assert set(given) <= known | {"seed"}
    own = {key: value for key, value in given.items() if value != "???" and not str(value).startswith("${")}
    if not any(value == "???" for value in given.values()):
        to_settings({key: value for key, value in own.items() if key in known}, entry.options, name)


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_a_choice_says_what_it_is(group: str, name: str) -> None:
    entry = registry(group).get(name)  # type: ignore[union-attr]
    assert len(entry.doc.split()) >= 2
    assert entry.file.is_file()


@pytest.mark.parametrize("group", REGISTRIES)
def test_every_yaml_of_a_group_is_registered(group: str) -> None:
    assert group_choices(group) == registry(group).names()  # type: ignore[union-attr]


def test_every_group_has_a_choice() -> None:
    assert [group for group in group_names() if not group_choices(group)] == []


def build(group: Any, name: str) -> Any:
    return group.build({"name": name, **options_in_yaml(group.group, name)}, name)


@pytest.mark.parametrize("name", PROMPTS.names())
def test_a_prompt_renders_what_it_reads_and_nothing_else(name: str) -> None:
    prompt = build(PROMPTS, name)
    assert prompt.name == name
    assert prompt.complete(FULL)
    tokenizer = train_tokenizer([FULL.question, FULL.answer] * 9, TokenizerOptions(vocabulary=500), 256)  # type: ignore[list-item]
    encoded = encode_example(FULL, prompt, tokenizer, 256)
    assert len(encoded.labels) == len(encoded.input_ids)
    assert {piece.text for piece in prompt.context(FULL) if piece.marker} | {"</s>"} == set(prompt.markers())
    assert "</s>" in prompt.stops, "the end-of-text token is learned after every target"
    for field in ("question", "summary", "occupation", "experience", "role", "company"):
        without = dataclasses.replace(FULL, **{field: None})
        if field not in (*prompt.reads, prompt.writes):
            assert prompt.complete(without)
            assert prompt.context(without) == prompt.context(FULL)
        elif prompt.complete(without):  # another field stands in
            assert prompt.context(without)
        else:
            with pytest.raises(RequestError, match="example 'letter:1#0': has no "):
                (prompt.context(without), prompt.target(without))
    assert getattr(FULL, prompt.writes).endswith(prompt.target(FULL))
    assert prompt.complete(FULL) == (not prompt.lacks(FULL))
    assert prompt.lacks(BARE) == prompt.needs != ()


@pytest.mark.parametrize("name", PROMPTS.names())
def test_a_prompt_makes_training_examples_of_one_example(name: str) -> None:
    prompt = build(PROMPTS, name)
    parts = prompt.expand(FULL, [FULL.answer])
    assert parts
    assert all(prompt.complete(part) and part.group == FULL.group for part in parts)
    assert prompt.wants_sentences or parts == [FULL]


TEXTS = [
    "",
    " ",
    "짧다",
    "OOO에서 (512자) 일했습니다.\r\n\r\n\r\n끝",
    "가" * 3000,
    "🙂👩\u200d💻",
    "</s><usr>",
    "\x00\u200b",
]


@pytest.mark.parametrize("name", STEPS.names())
def test_a_cleaning_step_is_pure_and_settles(name: str) -> None:
    if "???" in options_in_yaml("clean", name).values():
        pytest.skip("asks for what only a user has, such as a model; tested by itself")
    step = build(STEPS, name)
    for text in TEXTS:
        item = Item(text or None, text or None, None)
        first = step.apply(item)
        assert step.apply(item) == first
        if isinstance(first, Drop):
            assert first.reason
        else:
            assert isinstance(step.apply(first), Drop) or step.apply(first) == first
            assert first.question != "", "an empty text is None"


@pytest.mark.parametrize("name", SPLITTERS.names())
def test_a_splitter_gives_spans_in_order_that_hold_all_text(name: str) -> None:
    if name == "kss":
        pytest.importorskip("kss")  # an optional library
    splitter = SPLITTERS.build({"name": name}, "sentences")
    texts = ["", "하나입니다. 둘입니다!\n셋", "  앞뒤 빈칸  ", "문장 부호 없이 끝나는 글"]
    for text, spans in zip(texts, splitter.split(texts), strict=True):
        assert spans == sorted(spans)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
        covered = {place for start, end in spans for place in range(start, end)}
        assert all(char.isspace() for place, char in enumerate(text) if place not in covered)


@pytest.mark.parametrize("model", ["gpt2", "gpt2 untied", "llama"])
@pytest.mark.parametrize("name", FREEZING.names())
def test_a_freezing_strategy_parts_the_parameters_and_keeps_what_is_frozen(name: str, model: str) -> None:
    options = {key: value for key, value in options_in_yaml("freeze", name).items() if not str(value).startswith("${")}
    strategy = FREEZING.build({"name": name, **options}, "freeze")
    trained = strategy.prepare(tiny(model))
    layout = Layout.of(trained)
    plan = FreezePlan.make(strategy, layout)
    everything = {each for each, _ in trained.named_parameters()}
    assert layout.names == everything
    assert set() < plan.trainable <= everything
    assert plan.phases[-1].trainable == plan.trainable
    assert max(map(len, table(layout, plan).splitlines())) <= 100

    report, before = ParameterSnapshot(trained, plan), values(trained)
    train_steps(trained, plan, 3)
    moved = {each for each, value in trained.named_parameters() if not torch.equal(value, before[each])}
    assert moved == plan.trainable
    assert report.report(trained, name)["frozen_tensors_changed"] == []
    finished = strategy.finished(trained)
    assert set(finished.state_dict()) == set(tiny(model).state_dict())


@pytest.mark.parametrize("name", MODELS.names())
def test_a_model_family_knows_its_context(name: str) -> None:
    if "???" in options_in_yaml("model", name).values():
        pytest.skip("asks for what only a user has, such as a model; tested by itself")
    assert build(MODELS, name).context >= 128


@pytest.mark.slow
def test_a_prompt_of_ones_own_is_one_file_and_one_yaml(
    jaso: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: Path
) -> None:
    (tmp_path / "prompt").mkdir()
    (tmp_path / "configs" / "prompt").mkdir(parents=True)
    (tmp_path / "prompt" / "experience_first.py").write_text(
        '''
from jaso_core.prompts import PROMPTS, Piece, PromptFormat
from jaso_core.registry import NoOptions


@PROMPTS.register("experience_first")
class ExperienceFirst(PromptFormat):
    """The experience level before the question."""

    name = "experience_first"
    reads = ("experience", "question")

    def __init__(self, options: NoOptions) -> None:
        pass

    def context(self, example):
        return (
            Piece("<unused2>", True),
            Piece(self.value(example, "experience")),
            Piece("<usr>", True),
            Piece(self.value(example, "question")),
            Piece("<sys>", True),
        )
''',
        encoding="utf-8",
    )
    (tmp_path / "configs" / "prompt" / "experience_first.yaml").write_text("name: experience_first\n", encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    assert "experience_first" in jaso("list", "prompt").out
    ran = jaso(
        "train", f"input={corpus}", "prompt=experience_first", f"out={tmp_path / 'out'}", "trainer.max_steps=1",
        "tokenizer.vocabulary=600", "model.hidden_size=32", "model.heads=2", "model.layers=1", "trainer.max_length=512",
        "trainer.validation_limit=2", "trainer.batch_size=2",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert '"experience_first"' in (tmp_path / "out" / "model" / "prompt.json").read_text(encoding="utf-8")
    prompt = PROMPTS.build({"name": "experience_first"}, "prompt")
    assert prompt.shown(FULL) == "<unused2>신입<usr>지원 동기는 무엇입니까?<sys>"


@pytest.mark.parametrize("name", SOURCES.names())
def test_a_sources_option_is_no_key_of_another_stage(name: str) -> None:
    """`jaso pipeline` has all keys on one level: two meanings of one name would change each other's results."""
    taken = set(group_names()) | {"out", "input", "model_dir"}
    for stage in ("preprocess", "train", "evaluate", "pipeline"):
        taken |= set(yaml.safe_load((config_folder() / f"{stage}.yaml").read_text(encoding="utf-8")))
    options = {option.name for option in dataclasses.fields(SOURCES.get(name).options)}
    assert options & taken == set()
