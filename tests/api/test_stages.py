"""The stages as functions, and what importing the face costs and touches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from api_support import TINY

import jaso
from jaso_core.stage.manifest import read_manifest


def test_import_jaso_loads_nothing_heavy() -> None:
    code = (
        "import sys, jaso; jaso.RequestError; dir(jaso); "
        "print(sorted({'torch', 'transformers', 'hydra', 'matplotlib', 'pandas', 'kiwipiepy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_name_of_the_face_is_there() -> None:
    assert all(getattr(jaso, name) is not None for name in jaso.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        jaso.nothing  # noqa: B018


def test_a_stage_leaves_argv_environment_and_signals_alone_and_tells_its_command(trained: Path, corpus: Path) -> None:
    before = (list(sys.argv), dict(os.environ), signal.getsignal(signal.SIGINT), Path.cwd())
    again = jaso.train(corpus, out=trained, prompt="occupation_question_answer", **TINY)
    assert again == trained
    assert (list(sys.argv), dict(os.environ), signal.getsignal(signal.SIGINT), Path.cwd()) == before
    manifest = read_manifest(trained)
    assert manifest is not None
    assert manifest.command.startswith(
        f"jaso train input={corpus} out={trained} prompt=occupation_question_answer model.name=tiny"
    )
    assert "trainer.max_steps=3" in manifest.command


def test_the_chain_from_the_sample_to_examples(tmp_path: Path) -> None:
    crawled = jaso.crawl("sample", out=tmp_path / "crawl", letters=12, interviews=4)
    examples = jaso.load_examples(
        jaso.preprocess(crawled, out=tmp_path / "clean", clean=["unicode", "whitespace", "length"])
    )
    assert len(examples) == len(examples.train) + len(examples.validation) + len(examples.test) > 10
    frame = examples.to_pandas()
    assert set(frame["split"]) <= {"train", "validation", "test"}
    with pytest.raises(jaso.RequestError, match=r"has no examples/train\.parquet"):
        jaso.load_examples(crawled)


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({"modl": "tiny"}, "config key 'modl' is unknown; did you mean 'model'"),
        ({"model": "tinny"}, "model 'tinny' is unknown; did you mean 'tiny'"),
        ({"trainer": {"max_stps": 3}}, r"config key 'trainer\.max_stps' is unknown"),
        ({"freeze": "nothing"}, "freeze 'nothing' is unknown"),
        ({"trainer": {"max_steps": "many"}}, "trainer.max_steps"),
    ],
)
def test_a_wrong_keyword_is_an_exception(keys: dict[str, object], match: str, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(jaso.RequestError, match=match):
        jaso.train(corpus, out=tmp_path / "out", **keys)
