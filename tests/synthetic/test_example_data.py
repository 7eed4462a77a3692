"""`jaso example-data`: each form of input, synthetic, equal bytes, and read back whole."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from support import Jaso

from jaso_core.io.files import sha256_file
from jaso_core.stage.runner import Outcome
from jaso_crawl.run import run as crawl
from jaso_crawl.run import settings as crawl_settings
from jaso_synthetic.corpus import generate
from jaso_synthetic.example_data import run, settings


def files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in paths}


def test_equal_bytes_and_marked_as_synthetic(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(settings({"out": str(tmp_path / name), "rows": 10, "letters": 10}))
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert run(settings({"out": str(tmp_path / "a"), "rows": 10, "letters": 10})) is Outcome.UNCHANGED
    rows = list(csv.DictReader((tmp_path / "a" / "talks.csv").open(encoding="utf-8")))
    assert {row["출처"] for row in rows} == {"합성 데이터"}
    chat = json.loads((tmp_path / "a" / "chat.json").read_text("utf-8"))["data"]
    assert [len(chat), {len(row["messages"]) for row in chat}] == [10, {5}]


def test_letters_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    run(settings({"out": str(tmp_path / "examples"), "rows": 10, "letters": 10}))
    letters = str(tmp_path / "examples" / "letters")
    crawl(crawl_settings({"source": "letter_files", "path": letters, "out": str(tmp_path / "out")}))
    documents = [json.loads(line) for line in (tmp_path / "out" / "documents.jsonl").open(encoding="utf-8")]
    items = [[(item["question"], item["answer"]) for item in document["items"]] for document in documents]
    assert items == [
        [(" ".join(item.clean_question.split()), item.clean_answer) for item in letter.items]
        for letter in generate(10, 10, 0).letters
    ]


def test_the_command(tmp_path: Path, jaso: Jaso) -> None:
    assert jaso("example-data", f"out={tmp_path / 'e'}", "rows=10", "letters=10").code == 0
    refused = jaso("example-data", f"out={tmp_path / 'e'}", "rows=3")
    assert refused.code == 2
    assert "config key 'rows': 3; give 10 or more" in refused.error
