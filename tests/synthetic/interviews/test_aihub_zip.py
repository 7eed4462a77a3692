"""Interviews in AI Hub 71592's layout."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from jaso_synthetic.corpus import generate
from jaso_synthetic.interviews.aihub_json import JOBS, QUIRKS, RARE_QUIRKS, label, quirks_of, rare_quirks_of
from jaso_synthetic.interviews.aihub_zip import NOT_JSON, PLANTED, UNPARSABLE, write_aihub
from jaso_synthetic.records import Corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return generate(0, 400, 7)


def _members(paths: list[Path]) -> dict[str, bytes]:
    out: dict[str, bytes] = {}
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            out |= {name: archive.read(name) for name in archive.namelist()}
    return out


def test_layout_and_quirks(corpus: Corpus, tmp_path: Path) -> None:
    paths = write_aihub(corpus, tmp_path)
    root = tmp_path / "129.채용면접 인터뷰 데이터" / "01-1.정식개방데이터"
    assert root / "Training" / "02.라벨링데이터" / "TL_05.ICT_Female_New.zip" in paths
    assert {path.parent.parent.name for path in paths} == {"Training", "Validation"}
    assert all(path.name.startswith("VL_" if "Validation" in str(path) else "TL_") for path in paths)
    members = _members(paths)
    assert len(members) == 400 + UNPARSABLE + NOT_JSON
    assert any(name.startswith("/") for name in members)
    assert sum(not name.endswith(".json") for name in members) == NOT_JSON
    assert any(content.startswith(b"\xef\xbb\xbf") for content in members.values())
    strict, lenient = 0, 0
    for name, content in members.items():
        if name.endswith(".json"):
            strict += _fails(content, strict=True)
            lenient += _fails(content, strict=False)
    assert lenient == UNPARSABLE < strict
    assert set().union(*(quirks_of(i) for i in corpus.interviews)) == set(QUIRKS)


def _fails(content: bytes, strict: bool) -> bool:
    try:
        json.loads(content.decode("utf-8-sig"), strict=strict)
    except json.JSONDecodeError:
        return True
    return False


def test_archives_are_the_same_bytes_twice(corpus: Corpus, tmp_path: Path) -> None:
    one = write_aihub(corpus, tmp_path / "one")
    two = write_aihub(corpus, tmp_path / "two")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_with_all_quirks_archives_are_the_same_bytes_twice_and_hold_more(corpus: Corpus, tmp_path: Path) -> None:
    one, two, usual = (
        {path.name: path.read_bytes() for path in write_aihub(corpus, tmp_path / name, quirks)}
        for name, quirks in (("one", "all"), ("two", "all"), ("usual", "usual"))
    )
    assert one == two
    assert [name for name in sorted(one) if name not in usual] == [
        "TL_01.Management_Female_Experienced (1).zip",
        "TS_01.Management_Female_Experienced.zip",
        "VS_01.Management_Female_Experienced.zip",
    ]
    assert set().union(*(rare_quirks_of(interview) for interview in corpus.interviews)) == set(RARE_QUIRKS)
    assert PLANTED["not_json"] > UNPARSABLE


def test_quirks_have_two_settings(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not 'usual' or 'all'"):
        write_aihub(corpus, tmp_path, "some")


def test_there_are_28_archives_of_either_split_when_there_are_talks_enough(corpus: Corpus, tmp_path: Path) -> None:
    talks, wanted = (
        [],
        {(job, gender, level) for job in JOBS for gender in ("FEMALE", "MALE") for level in ("NEW", "EXPERIENCED")},
    )
    for job, gender, level in sorted(wanted):
        for number in range(60):
            stem = f"ckmk_d_{job}_{gender[0]}_{level[0]}_{number}".lower()
            talks.append(replace(corpus.interviews[0], id=stem, occupation=job, gender=gender, experience=level))
    names = [path.name for path in write_aihub(Corpus(0, (), tuple(talks)), tmp_path)]
    expected = [
        f"{name}_{gender}_{level}.zip"
        for name in JOBS.values()
        for gender in ("Female", "Male")
        for level in ("Experienced", "New")
    ]
    assert names == [f"TL_{name}" for name in expected] + [f"VL_{name}" for name in expected]


def test_labels_hold_the_schema(corpus: Corpus) -> None:
    for interview in corpus.interviews:
        record = json.loads(json.dumps(label(interview)))
        data, answer = record["dataSet"], record["dataSet"]["answer"]
        assert set(data) == {"info", "question", "answer"}
        assert answer["raw"]["wordCount"] == len(interview.answer.split())
        assert 30 <= answer["raw"]["wordCount"] <= 130
        assert data["question"]["emotion"] == data["question"]["intent"] == []
        assert all(entry["text"] in interview.answer for entry in answer["intent"] + answer["emotion"])
        assert answer["intent"][0]["category"] in {
            "attitude", "background", "personality", "technology", "etc",
        }  # fmt: skip
        path = record["rawDataInfo"]["answer"]["audioPath"]
        assert path.startswith("/Mock/0")
        assert path.endswith(interview.id.replace("_d_", "_a_") + ".wav")


def test_interviews_have_near_duplicates(corpus: Corpus) -> None:
    copies = [i for i in corpus.interviews if i.near_duplicate_of]
    assert copies
    by_id = {i.id: i for i in corpus.interviews}
    assert all(by_id[i.near_duplicate_of or ""].occupation == i.occupation for i in copies)
    assert all(by_id[i.near_duplicate_of or ""].clean_answer != i.clean_answer for i in copies)
