"""What one can ask a preprocessed corpus afterwards: what was changed, how well, and what a token stood for."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from support import Jaso

from jaso_core.io.files import write_jsonl
from jaso_core.masking.unmask_key import KeyEntry, read_key, unmask, write_key

ANSWERS = [
    "[성장]\n늘봄채은행에 지원합니다. 연락처는 010-0000-0000입니다.\n좋은점 1 솔직합니다.",
    "저는 늘봄채은행(주)에서   배운 끈기로 挑戰합니다. (512자)",
]
CLEAN = "clean=[unicode,comments,counters,subheadings,hanja,mask_pii,mask_companies,whitespace,length]"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two letters whose every change is known, and enough others to fill the splits."""
    texts = [*ANSWERS, *(f"{i}번째 답은 {i * 7}번 고쳐 쓴 글입니다." for i in range(40))]
    rows = [
        {"schema": 1, "id": f"d{i}", "source": "test", "kind": "letter", "company": "(주)늘봄채은행" if i < 2 else None,
         "items": [{"question": f"{i}번 질문입니까?", "answer": text}]}
        for i, text in enumerate(texts)
    ]  # fmt: skip
    write_jsonl(tmp_path / "d.jsonl", rows)
    return tmp_path / "d.jsonl"


def answers(folder: Path) -> dict[str, str]:
    rows = pd.concat([pd.read_parquet(path) for path in (folder / "examples").glob("*.parquet")])
    return dict(zip(rows["id"], rows["answer"], strict=True))


def test_changes_are_shown_before_and_after(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert jaso("preprocess", f"input={corpus}", f"out={out}", CLEAN).code == 0
    assert answers(out)["d0#0"] == "[회사]에 지원합니다. 연락처는 [전화번호]입니다."
    assert answers(out)["d1#0"] == "저는 [회사]에서 배운 끈기로 도전합니다."
    shown = jaso("show", "changes", out, "mask_pii").out.splitlines()
    assert shown == [
        "d0#0 answer  mask_pii: pii_phone",
        "  늘봄채은행에 지원합니다. 연락처는 [-010-0000-0000-]{+[전화번호]+}입니다.⏎",
        "1 of 1 changes of mask_pii",
    ]
    every = jaso("show", "changes", out, "20").out
    assert "[-挑戰-]{+도전+}" in every
    assert "[-[성장]⏎-]늘봄채은행에" in every
    assert "[- (512자)-]" in every
    assert "배운" in jaso("show", "changes", out, "whitespace").out


def test_what_cannot_be_shown_is_told(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert jaso("preprocess", f"input={corpus}", f"out={out}", CLEAN).code == 0
    assert (
        "clean 'mask_pi' was not among the steps; did you mean 'mask_pii'?"
        in jaso("show", "changes", out, "mask_pi").error
    )
    assert "is no complete preprocess folder" in jaso("show", "changes", tmp_path).error
    assert "needs a folder" in jaso("show", "changes").error
    corpus.write_text(corpus.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "the input was changed since" in jaso("show", "changes", out).error
    corpus.unlink()
    assert "is not there any more" in jaso("show", "changes", out).error


def test_the_audit_holds_no_text(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert jaso("preprocess", f"input={corpus}", f"out={out}", CLEAN).code == 0
    changes = pd.read_parquet(out / "changes.parquet")
    assert list(changes.columns) == ["document_id", "item", "field", "step", "kind", "start", "end", "added"]
    phone = changes[changes["kind"] == "pii_phone"].iloc[0]
    assert (phone["end"] - phone["start"], phone["added"]) == (13, len("[전화번호]"))
    for path in [*out.rglob("*.parquet"), out / "sentences.txt", out / "stats.json", out / "card.html"]:
        assert b"010-0000-0000" not in path.read_bytes()


def test_only_the_key_leads_back(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    out, key = tmp_path / "out", tmp_path / "keys" / "key.jsonl"
    assert jaso("preprocess", f"input={corpus}", f"out={out}", f"key_file={key}", CLEAN).code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list((tmp_path / "keys").iterdir()) == [key], "its parts are gone"
    entries = read_key(key)
    restored = {
        name: unmask(text, [entry for entry in entries if f"{entry.document_id}#{entry.item}" == name])
        for name, text in answers(out).items()
    }
    assert restored["d0#0"] == "늘봄채은행에 지원합니다. 연락처는 010-0000-0000입니다."
    assert restored["d1#0"] == "저는 늘봄채은행(주)에서 배운 끈기로 도전합니다."
    refused = jaso("preprocess", f"input={corpus}", f"out={out}", f"key_file={out / 'key.jsonl'}", CLEAN)
    assert refused.code == 2
    assert "lies inside the corpus" in refused.error


def test_steps_are_scored_against_what_was_planted(jaso: Jaso, tmp_path: Path) -> None:
    crawled, out = tmp_path / "crawl", tmp_path / "scores"
    assert jaso("crawl", "source=sample", "letters=0", "interviews=40", f"out={crawled}").code == 0
    ran = jaso("score-cleaning", f"input={crawled}", f"out={out}")
    assert ran.code == 0, ran.err
    rows = {row["kind"]: row for row in json.loads((out / "cleaning.json").read_text(encoding="utf-8"))["kinds"]}
    truth = [json.loads(line) for line in (crawled / "truth.jsonl").open(encoding="utf-8")]
    planted = [span for record in truth for item in record["items"] for span in item["planted"]]
    # Some labels hold a character too many, so that the truth's places are not theirs; they are left out.
    assert 0.8 * sum(span["kind"] == "filler" for span in planted) < rows["filler"]["planted"]
    assert rows["filler"]["steps"] == ["fillers"]
    assert rows["filler"]["recall"] == rows["filler"]["found"] / rows["filler"]["planted"] > 0.9
    assert "| filler " in ran.out
    without = jaso("score-cleaning", f"input={crawled}", f"out={tmp_path / 'none'}", "clean=[unicode,length]")
    assert without.code == 0
    rows = {
        row["kind"]: row
        for row in json.loads((tmp_path / "none" / "cleaning.json").read_text(encoding="utf-8"))["kinds"]
    }
    assert rows["filler"]["recall"] == 0.0
    assert rows["filler"]["precision"] is None


def test_without_truth_nothing_is_scored(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "crawl").mkdir()
    ran = jaso("crawl", "source=csv", f"path={corpus}", f"out={tmp_path / 'other'}")
    refused = jaso("score-cleaning", f"input={tmp_path / 'other'}", f"out={tmp_path / 'out'}")
    assert refused.code == 2
    assert "truth.jsonl" in refused.error or ran.code == 2


def test_the_key_is_never_readable_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mode is looked at while it is written, with a umask that leaves all bits."""
    modes: list[int] = []
    key = tmp_path / "k" / "key.jsonl"

    def entries() -> Iterator[KeyEntry]:
        yield KeyEntry("d", 0, "answer", 0, "[이름]", "홍길동", "person")
        modes.extend(stat.S_IMODE(path.stat().st_mode) for path in key.parent.iterdir())

    before = os.umask(0)
    try:
        write_key(key, tmp_path / "corpus", entries())
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
