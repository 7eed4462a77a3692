"""Digests of former code: they are listed as long as that code cleaned the same texts to the same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.io.files import json_line, read_jsonl
from jaso_core.stage.code_digest import code_digest, equal_code
from jaso_preprocess.execution import worker

CLEANED = "dfbc52d4fac3f047e103ae507811182ea068589adf316fa3a1463706d52c8efa"
"""SHA-256 of what version b2f1752 made of `documents` below."""
ADDED = ("duplicate_of", "similarity")


def read_rows(file: Path) -> list[dict[str, object]]:
    return [row for _, row in read_jsonl(file)]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All letters and interviews of a small synthetic corpus, with every defect that is planted."""
    from jaso_synthetic.corpus import generate
    from jaso_synthetic.truth import truth_records

    corpus = generate(80, 40, seed=5)
    path = tmp_path_factory.mktemp("equal") / "documents.jsonl"
    rows = [
        {"schema": 1, "id": f"sample:{letter.id}", "source": "sample", "kind": "letter", "company": letter.company,
         "items": [{"question": item.question, "answer": item.answer} for item in letter.items]}
        for letter in corpus.letters
    ]  # fmt: skip
    rows += [
        {"schema": 1, "id": f"talk:{place}", "source": "sample", "kind": "interview",
         "items": [{"question": talk.question, "answer": talk.answer}]}
        for place, talk in enumerate(corpus.interviews)
    ]  # fmt: skip
    assert list(truth_records(corpus)), "defects are planted"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_cleaning_gives_the_bytes_of_the_listed_digests(jaso: Jaso, documents: Path, tmp_path: Path) -> None:
    jaso("preprocess", f"input={documents}", f"out={tmp_path / 'clean'}", "workers=1")
    sha = hashlib.sha256()
    for row in read_rows(tmp_path / "clean" / "dropped.jsonl"):  # fields that have been added since are not compared
        sha.update(json_line({key: value for key, value in row.items() if key not in ADDED}).encode())
    for name in ("sentences.txt", "stats.json"):
        sha.update((tmp_path / "clean" / name).read_bytes())
    if worker._EQUAL_CODE:
        assert sha.hexdigest() == CLEANED, "cleaning gives other bytes now: empty _EQUAL_CODE in execution/worker.py"


def test_a_folder_of_equal_code_keeps_its_digest_and_no_other_does(tmp_path: Path) -> None:
    state = tmp_path / ".state" / "request.json"
    state.parent.mkdir()
    for former, expected in (("a143700b0f20", "a143700b0f20"), ("000000000000", "now")):
        body = {"stage": "preprocess", "request": {"code": former}, "inputs": {}}
        state.write_text(json.dumps(body), encoding="utf-8")
        assert equal_code(tmp_path, "code", "now", frozenset({"a143700b0f20"})) == expected
    assert equal_code(tmp_path / "new", "code", "now", frozenset({"a143700b0f20"})) == "now"


def test_a_digest_covers_the_modules_below_a_package_and_refuses_what_is_none() -> None:
    package, module = code_digest(["jaso_core.masking"]), code_digest(["jaso_core.masking.organisations.mask"])
    assert package != module
    assert code_digest(["jaso_core.masking", "jaso_core.masking.organisations.mask"]) == package, "each file once"
    with pytest.raises(ModuleNotFoundError, match="maskings"):
        code_digest(["jaso_core.maskings"])
