"""`jaso crawl` as a stage: its configuration, its folder, and that neither chance nor a kill changes the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from jaso_core.config import config_folder
from jaso_core.errors import RequestError
from jaso_crawl.run import settings
from jaso_crawl.source_registry import SOURCES

Crawl = Callable[..., Path]
FILES = ("documents.jsonl", "rejected.jsonl", "truth.jsonl")
SMALL: dict[str, Any] = {"source": "sample", "letters": 25, "interviews": 12, "seed": 3, "render": "never"}


@pytest.mark.parametrize("name", SOURCES.names())
def test_a_sources_yaml_says_what_its_options_are(name: str) -> None:
    path = config_folder() / "source" / f"{name}.yaml"
    assert path.read_text("utf-8").startswith("# @package _global_\n")
    node = yaml.safe_load(path.read_text("utf-8"))
    assert node.pop("source") == name
    options = SOURCES.get(name).options
    assert list(node) == [f.name for f in fields(options)] or set(node) == {f.name for f in fields(options)}
    needed = {key: "given" for key, value in node.items() if value == "???"}
    built = settings({"out": "x", "source": name, **node, **needed}).options
    assert built == options(**needed)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"source": "sampel"}, "source 'sampel' is unknown; did you mean 'sample'?"),
        ({"source": "sample", "leters": 5}, "config key 'leters' is unknown to source=sample; did you mean 'letters'?"),
        ({"source": "sample", "letters": "many"}, "config key 'letters'"),
        ({"source": "sample", "letters": 0, "interviews": 0}, "not both 0; try letters=100"),
        ({"source": "sample", "render": "allways"}, "'allways' is unknown; known: auto, never"),
        ({"source": "csv"}, "config key 'path' is not set; add path=…"),
        ({"source": "csv", "path": "x", "columns": {"qestion": "Q"}}, "qestion"),
        (
            {"source": "csv", "path": "x", "columns": "질문"},
            "config key 'columns': is a text, not a group of keys; write columns.question=…",
        ),
        ({"source": "csv", "path": "x", "columns": ["Q"]}, "config key 'columns': is a list, not a group of keys"),
        ({"source": "csv", "path": "x", "columns": None}, "config key 'columns': is null, not a group of keys"),
        ({}, "config key 'source' is not set; add source=…"),
    ],
)
def test_a_wrong_configuration_is_told(config: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError) as caught:
        settings({"out": "x", **config})
    assert message in str(caught.value)


def test_keys_of_other_stages_are_let_through_when_asked() -> None:
    built = settings({"out": "x", **SMALL, "model": {"name": "tiny"}}, strict=False)
    assert built.options.letters == 25


def test_the_same_seed_gives_the_same_bytes(crawl: Crawl) -> None:
    first, second = crawl("first", **SMALL), crawl("second", **SMALL)
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_the_folder_tells_what_is_in_it(crawl: Crawl, read_lines: Callable[[Path], list[dict[str, Any]]]) -> None:
    out = crawl(**SMALL)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    counts, documents = manifest["counts"], read_lines(out / "documents.jsonl")
    assert sorted(manifest["files"]) == sorted(FILES)
    assert [document["id"] for document in documents[:2]] == ["sample:900001", "sample:900002"]
    assert [document["kind"] for document in documents] == ["letter"] * counts["parsed"] + ["interview"] * 12
    assert counts["listed"] == 25 + 2
    assert counts["documents"] + sum(counts["rejected"].values()) == 27 + 12 + counts["rejected"]["bad_label"]
    assert manifest["licences"] == ["CC0-1.0 (synthetic, jaso sample corpus)"]
    assert all(document["meta"]["synthetic"] for document in documents)
    truth = {record["id"] for record in read_lines(out / "truth.jsonl")}
    assert {document["id"] for document in documents} <= truth


@pytest.mark.slow
def test_another_seed_reads_no_page_of_the_first(crawl: Crawl, capsys: pytest.CaptureFixture[str]) -> None:
    other = {**SMALL, "seed": 4}
    again, fresh = (crawl("out", **SMALL), crawl("out", **other))[1], crawl("fresh", **other)
    assert "is made again, because seed: 3 → 4\n" in capsys.readouterr().err
    assert (again / "documents.jsonl").read_bytes() == (fresh / "documents.jsonl").read_bytes()
    assert len(list((again / "cache").glob("*.sqlite"))) == 1
