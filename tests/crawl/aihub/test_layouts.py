"""`source=aihub_interview`: the same talks in every shape that users' folders have, and what is said of the rest."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import Jaso

from jaso_core.errors import RequestError
from jaso_crawl.aihub import BadLabelError, parse_label
from jaso_crawl.aihub import label_index as shelf
from jaso_crawl.aihub.discover import scan
from jaso_crawl.aihub.zip_member import BadMemberError
from jaso_synthetic.corpus import generate
from jaso_synthetic.interviews.aihub_json import is_validation
from jaso_synthetic.interviews.aihub_zip import (
    PLANTED,
    PLANTED_AUDIO,
    PLANTED_DUPLICATES,
    PLANTED_NON_LABELS,
    write_aihub,
)
from jaso_synthetic.records import OCCUPATIONS, Corpus

Crawl = Callable[..., Path]
SOURCE = "aihub_interview"


def talks() -> Corpus:
    """Two talks of each of the 28 strata."""
    base = generate(0, 14, 7).interviews
    made = []
    for number in range(56):
        occupation, gender, experience = (
            OCCUPATIONS[number % 7], ("FEMALE", "MALE")[number // 7 % 2], ("NEW", "EXPERIENCED")[number // 14 % 2],
        )  # fmt: skip
        stem = f"ckmk_d_{occupation}_{gender[0]}_{experience[0]}_{9990 + number}".lower()
        talk = replace(base[number % 14], id=stem, occupation=occupation, gender=gender, experience=experience)
        made.append(replace(talk, near_duplicate_of=None))
    return Corpus(7, (), tuple(made))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    write_aihub(talks(), folder)
    return folder


def documents(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "documents.jsonl").read_text("utf-8").splitlines()]


def rejected(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / "rejected.jsonl").read_text("utf-8").splitlines()]


def counts(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))["counts"]
    return found


def label_zips(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*.zip") if path.name[0] in "TV" and path.name[1] == "L")


def unpacked(tree: Path, to: Path) -> Path:
    """As a careful user would unpack it: every member that has a safe name and can be read, into a folder a zip."""
    for path in label_zips(tree):
        folder = to / path.relative_to(tree).with_suffix("")
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = info.filename.lstrip("/")
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(archive.read(info))
    return to


def renamed(tree: Path, to: Path) -> Path:
    """Folders of the user's own, Hangul in pieces as on macOS, and names in capitals."""
    for path in label_zips(tree):
        folder = to / unicodedata.normalize("NFD", f"내려받음/{path.parts[-3]}/면접-{path.stem[3:]}")
        folder.mkdir(parents=True)
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if (name := Path(info.filename).name).startswith("ckmk_d_"):
                    (folder / name.replace(".json", ".JSON")).write_bytes(archive.read(info))
    return to


def zip_of_zips(tree: Path, to: Path) -> Path:
    to.mkdir()
    with zipfile.ZipFile(to / "all.zip", "w", zipfile.ZIP_DEFLATED) as outer:
        for path in tree.rglob("*.zip"):
            outer.write(path, path.relative_to(tree))
    return to / "all.zip"


def in_parts(tree: Path, to: Path, size: int = 700) -> Path:
    for path in label_zips(tree):
        folder = to / path.parent.relative_to(tree)
        folder.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        for offset in range(0, len(content), size):
            (folder / f"{path.name}.part{offset}").write_bytes(content[offset : offset + size])
    return to


def in_nfd(tree: Path, to: Path) -> Path:
    for path in label_zips(tree):
        target = to / unicodedata.normalize("NFD", str(path.relative_to(tree)))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return to


def test_all_talks_are_read_exactly(tree: Path, crawl: Crawl) -> None:
    out = crawl(source=SOURCE, path=str(tree))
    by_id = {f"{SOURCE}:{talk.id}": talk for talk in talks().interviews}
    found = documents(out)
    assert sorted(document["id"] for document in found) == sorted(by_id)
    for document in found:
        talk, meta, (item,) = by_id[document["id"]], document["meta"], document["items"]
        assert item["answer"].replace("\x0b", "") == talk.answer
        assert item["question"] == talk.question
        assert item["summary"] in (talk.summary, None)
        assert document["kind"] == "interview"
        assert "한국지능정보사회진흥원" in document["licence"]
        assert (meta["occupation"], meta["experience"], meta["gender"]) == (
            talk.occupation, talk.experience, talk.gender,
        )  # fmt: skip
        assert meta["split"] == ("validation" if is_validation(talk) else "training")
        assert meta["audio"]["answer"].endswith(talk.id.replace("_d_", "_a_") + ".wav")
        assert meta["duration_ms"]["question"] == 520 * len(talk.question.split())
        assert len(meta["date"]) == 8
    assert [row["reason"] for row in rejected(out)] == ["not_json"]
    assert json.loads((out / "manifest.json").read_text("utf-8"))["licences"] == [found[0]["licence"]]


def test_ids_are_in_the_order_in_which_people_count(tree: Path, crawl: Crawl) -> None:
    stems = [document["id"].rpartition("_") for document in documents(crawl(source=SOURCE, path=str(tree)))]
    assert stems == sorted(stems, key=lambda parts: (parts[0], int(parts[2])))
    assert {len(number) for _, _, number in stems} == {4, 5}


@pytest.mark.parametrize("shape", [unpacked, renamed, zip_of_zips, in_parts, in_nfd])
def test_the_shape_of_the_folder_changes_no_byte(
    shape: Callable[[Path, Path], Path], tree: Path, crawl: Crawl, tmp_path: Path
) -> None:
    usual = crawl("usual", source=SOURCE, path=str(tree))
    other = crawl("other", source=SOURCE, path=str(shape(tree, tmp_path / "shape")))
    assert (other / "documents.jsonl").read_bytes() == (usual / "documents.jsonl").read_bytes()
    assert [row["reason"] for row in rejected(other)] == ["not_json"]
    assert counts(other)["listed"] == counts(usual)["listed"] == 57
    assert not list(other.glob(".state"))


def test_a_few_open_archives_are_enough(tree: Path, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = crawl("usual", source=SOURCE, path=str(tree))
    monkeypatch.setattr(shelf, "MOST_OPEN", 2)
    few = crawl("few", source=SOURCE, path=str(tree))
    assert (few / "documents.jsonl").read_bytes() == (usual / "documents.jsonl").read_bytes()


def test_whatever_is_bad_is_counted_and_nothing_is_written_beside_out(crawl: Crawl, tmp_path: Path) -> None:
    write_aihub(talks(), tmp_path / "tree", "all")
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "tree").rglob("*"))
    out = crawl(source=SOURCE, path=str(tmp_path / "tree"))
    found = counts(out)
    assert found["rejected"] == PLANTED
    assert len(rejected(out)) == sum(PLANTED.values())
    assert all(row["where"].startswith("129.채용면접 인터뷰 데이터/") and row["detail"] for row in rejected(out))
    assert found["documents"] == 56
    assert found["duplicate"] == PLANTED_DUPLICATES
    assert (found["non_labels"], found["audio"]) == (PLANTED_NON_LABELS, PLANTED_AUDIO)
    of_labels = sum(PLANTED.values()) - PLANTED["not_a_zip"]
    assert found["listed"] == found["documents"] + found["duplicate"] + of_labels
    assert found["parsed"] == found["documents"] + found["duplicate"] + PLANTED["conflict"]
    assert before == sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "tree").rglob("*"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tree"]
    assert sorted(path.name for path in out.iterdir()) == ["documents.jsonl", "manifest.json", "rejected.jsonl"]
    by_id = {f"{SOURCE}:{talk.id}": talk for talk in talks().interviews}
    for document in documents(out):
        talk = by_id[document["id"]]
        assert document["items"][0]["answer"].replace("\x0b", "") == talk.answer
        assert document["items"][0]["question"] == talk.question
        assert [document["meta"][key] for key in ("occupation", "experience", "gender")] == [
            talk.occupation, talk.experience, talk.gender,
        ]  # fmt: skip


def label(answer: str, **info: Any) -> bytes:
    body = {"info": info, "question": {"raw": {"text": "질문"}}, "answer": {"raw": {"text": answer}}}
    return json.dumps({"dataSet": body}, ensure_ascii=False).encode()


def test_the_same_id_with_another_content_names_both_places(crawl: Crawl, tmp_path: Path) -> None:
    for folder, answer in (("b/Training", "나"), ("a/Validation", "가"), ("c/Training", "다"), ("d", "나")):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "ckmk_d_bm_f_n_1.json").write_bytes(label(answer))
    out = crawl(source=SOURCE, path=str(tmp_path / "in"))
    (kept,) = documents(out)
    assert (kept["items"][0]["answer"], kept["meta"]["split"]) == ("나", "training")
    assert counts(out)["duplicate"] == 1
    assert [(row["where"], row["reason"]) for row in rejected(out)] == [
        ("c/Training/ckmk_d_bm_f_n_1.json", "conflict"),
        ("a/Validation/ckmk_d_bm_f_n_1.json", "conflict"),
    ]
    assert all(row["detail"].endswith("at b/Training/ckmk_d_bm_f_n_1.json") for row in rejected(out))


def test_names_mangled_by_korean_tools_are_shown_mended(crawl: Crawl, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "TL_names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AAAA/ckmk_d_bm_f_n_1.json", b"{")
        archive.writestr("BBBBBB/ckmk_d_bm_f_n_2.json", b"{")
        archive.writestr("ckmk_d_bm_f_n_3.json", label("답"))
    content = path.read_bytes().replace(b"AAAA/", "면접".encode("cp949") + b"/")
    path.write_bytes(content.replace(b"BBBBBB/", "면접".encode() + b"/"))
    (tmp_path / "in" / "TL_x").mkdir()
    name = b"\xb8\xe9\xc1\xa2.json"  # cp949 as a file's name: Linux allows it
    Path(str(tmp_path / "in" / "TL_x" / name.decode("utf-8", "surrogateescape"))).write_bytes(b"[")
    out = crawl(source=SOURCE, path=str(tmp_path / "in"))
    assert [row["where"] for row in rejected(out)] == [
        "TL_names.zip:면접/ckmk_d_bm_f_n_1.json", "TL_names.zip:면접/ckmk_d_bm_f_n_2.json", "TL_x/면접.json",
    ]  # fmt: skip


def test_zips_in_zips_end_somewhere(crawl: Crawl, tmp_path: Path) -> None:
    content = b""
    for depth in range(6):
        inner = tmp_path / f"{depth}.zip"
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(f"ckmk_d_bm_f_n_{depth}.json", label(f"답 {depth}"))
            if content:
                archive.writestr("inner.zip", content)
        content = inner.read_bytes()
    out = crawl(source=SOURCE, path=str(tmp_path / "5.zip"))
    assert [document["id"][-1] for document in documents(out)] == ["3", "4", "5"]
    assert [(row["where"], row["reason"]) for row in rejected(out)] == [
        ("5.zip:inner.zip:inner.zip:inner.zip", "nested_too_deep"),
    ]


def test_links_that_go_round_in_circles_are_followed_once(tree: Path, crawl: Crawl, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "data").symlink_to(tree)
    (folder / "round").symlink_to(folder)
    (folder / "nowhere.json").symlink_to(tmp_path / "absent")
    out = crawl(source=SOURCE, path=str(folder))
    assert (counts(out)["documents"], counts(out)["duplicate"]) == (56, 0)


def test_a_zip_that_was_joined_badly_beside_its_parts_does_no_harm(tree: Path, crawl: Crawl, tmp_path: Path) -> None:
    folder = in_parts(tree, tmp_path / "parts")
    first, second = (path.relative_to(tree) for path in label_zips(tree)[:2])
    (folder / first).write_bytes(b"")
    shutil.copy(tree / second, folder / second)
    out = crawl(source=SOURCE, path=str(folder))
    assert (counts(out)["documents"], counts(out)["duplicate"]) == (56, 0)


def test_parts_that_do_not_meet_are_one_clear_line(tree: Path, crawl: Crawl, tmp_path: Path) -> None:
    folder = in_parts(tree, tmp_path / "parts")
    name = label_zips(tree)[0].name
    (second,) = folder.rglob(f"{name}.part700")
    content = second.read_bytes()
    second.unlink()
    with pytest.raises(RequestError, match=r"part1400: the 700 bytes before this part are missing; .*download again"):
        crawl("a", source=SOURCE, path=str(folder))
    second.write_bytes(content + b"x")
    with pytest.raises(RequestError, match=r"part1400: begins 1 bytes before the end of .*\.part700; .*remove all"):
        crawl("b", source=SOURCE, path=str(folder))
    second.write_bytes(content)
    second.with_suffix(".part0").unlink()
    with pytest.raises(RequestError, match=r"part700: the 700 bytes before this part are missing; .*\.part0"):
        crawl("c", source=SOURCE, path=str(folder))


def test_the_last_part_missing_is_told(tree: Path, crawl: Crawl, tmp_path: Path) -> None:
    folder = in_parts(tree, tmp_path / "parts")
    name = label_zips(tree)[5].name
    max(folder.rglob(f"{name}.part*"), key=lambda path: int(path.suffix[5:])).unlink()
    (row,) = (row for row in rejected(crawl(source=SOURCE, path=str(folder))) if row["reason"] == "not_a_zip")
    assert row["where"].endswith(name)
    assert "may be missing" in row["detail"]


@pytest.mark.parametrize(
    ("options", "keeps"),
    [
        ({"occupation": ["ARD", "MM"]}, lambda meta: meta["occupation"] in ("ARD", "MM")),
        (
            {"experience": "NEW", "gender": "MALE"},
            lambda meta: meta["experience"] == "NEW" and meta["gender"] == "MALE",
        ),
        ({"aihub_split": "validation"}, lambda meta: meta["split"] == "validation"),
    ],
)
def test_filters(options: dict[str, Any], keeps: Callable[[Any], bool], tree: Path, crawl: Crawl) -> None:
    everything = documents(crawl("all", source=SOURCE, path=str(tree)))
    out = crawl("some", source=SOURCE, path=str(tree), **options)
    expected = [document for document in everything if keeps(document["meta"])]
    assert 0 < len(expected) < 56
    assert documents(out) == expected
    assert counts(out)["filtered"] == 56 - len(expected)


def test_a_limit_takes_the_first_and_counts_the_rest(tree: Path, crawl: Crawl) -> None:
    everything = documents(crawl("all", source=SOURCE, path=str(tree)))
    out = crawl("few", source=SOURCE, path=str(tree), max_documents=5, gender="MALE")
    assert documents(out) == [document for document in everything if document["meta"]["gender"] == "MALE"][:5]
    found = counts(out)
    assert found["listed"] == 57 == found["fetched"] + found["beyond_limit"]


def test_an_unknown_occupation_is_kept_and_counted(crawl: Crawl, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, occupation in enumerate(["PM", "PM", "05.ICT", None]):
        (tmp_path / "in" / f"ckmk_d_xx_f_n_{number}.json").write_bytes(label("답", occupation=occupation))
    out = crawl(source=SOURCE, path=str(tmp_path / "in"))
    assert [document["meta"]["occupation"] for document in documents(out)] == ["PM", "PM", "ICT", None]
    assert counts(out)["unknown_occupation"] == {"PM": 2}


def test_it_is_made_again_only_when_something_changed(
    tree: Path, crawl: Crawl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = unpacked(tree, tmp_path / "in")
    crawl(source=SOURCE, path=str(folder))
    capsys.readouterr()
    crawl(source=SOURCE, path=str(folder))
    assert "complete, nothing to do" in capsys.readouterr().err
    next(folder.rglob("ckmk_d_ict_*.json")).write_bytes(label("다른 답"))
    out = crawl(source=SOURCE, path=str(folder))
    assert "because path (input): " in capsys.readouterr().err
    assert "다른 답" in (out / "documents.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "config key 'path' is not set: .*; add path=<the folder or zip>, or download=true"),
        ({"path": "nowhere"}, "nowhere: no such file or folder; check path="),
        ({"path": "bad.zip"}, r"bad\.zip: not a whole zip .*; download it again"),
        ({"path": "TL_1.zip.part0"}, r"is one part of a zip; give the folder"),
        ({"path": "note.txt"}, r"note\.txt: is no zip and no folder"),
        ({"path": "only-audio"}, "holds no label .* 1 files of audio and 1 others; give the folder of 02"),
        ({"path": "good", "aihub_split": "training"}, r"none of 1 interviews is left by aihub_split=training"),
        ({"path": "x", "download": True}, "path and download=true are both given; give one of them"),
        ({"path": "x", "occupation": ["PM"]}, "config key 'occupation': 'PM' is unknown; .*known: BM"),
        ({"path": "x", "experience": "OLD"}, "config key 'experience': 'OLD' is unknown"),
        ({"path": "x", "gender": "X"}, "config key 'gender': 'X' is unknown"),
        ({"path": "x", "aihub_split": "test"}, "config key 'aihub_split': 'test' is unknown"),
        ({"path": "x", "max_documents": 0}, "config key 'max_documents': is 0; give 1 or more"),
        ({"path": "x", "filekeys": [0]}, "config key 'filekeys'"),
    ],
)
def test_a_wrong_request_is_told(
    options: dict[str, Any], message: str, crawl: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("only-audio", "good"):
        Path(folder).mkdir()
    Path("bad.zip").write_bytes(b"PK")
    for name in ("note.txt", "TL_1.zip.part0", "only-audio/TS_1.zip", "only-audio/package.json"):
        Path(name).write_bytes(b"x")
    Path("good/ckmk_d_bm_f_n_1.json").write_bytes(label("답"))
    with pytest.raises(RequestError, match=message):
        crawl(source=SOURCE, **options)
    assert not (tmp_path / "out").exists()


def test_nothing_but_bad_zips_names_the_first(crawl: Crawl, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "TL_a.zip").write_bytes(b"PK")
    (tmp_path / "in" / "TL_b.zip").write_bytes(b"")
    with pytest.raises(RequestError, match=r"not one document was found, 2 dropped \(not_a_zip 2\), .* TL_a\.zip: "):
        crawl(source=SOURCE, path=str(tmp_path / "in"))


def test_on_the_command_line_with_blanks_and_hangul(jaso: Jaso, tree: Path, tmp_path: Path) -> None:
    folder = next(tree.iterdir())
    assert " " in folder.name
    ran = jaso("crawl", f"source={SOURCE}", f"path={folder}", "occupation=[ICT,MM]", f"out={tmp_path / 'out'}")
    assert ran.code == 0, ran.err
    assert {document["meta"]["occupation"] for document in documents(tmp_path / "out")} == {"ICT", "MM"}


def test_no_broken_archive_ends_a_run_or_harms_another(tmp_path: Path) -> None:
    chance = random.Random(2)
    inner, outer = tmp_path / "inner.zip", tmp_path / "TL_outer.zip"
    for path, extra in ((inner, None), (outer, inner)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"/면접/ckmk_d_bm_f_n_{path.stem}.json", label("답"))
            if extra is not None:
                archive.write(extra, "inner.zip")
    content = outer.read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(inner, folder / "whole.zip")
    reasons = Counter[str]()
    for _ in range(1500):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(broken))
            broken[at : at + chance.choice((1, 1, 1, 4, 30))] = chance.randbytes(chance.choice((0, 1, 1, 1, 2, 4)))
        (folder / "TL_broken.zip").write_bytes(broken)
        with closing(shelf.LabelIndex(scan(folder), tmp_path / "scratch")) as found:
            read = set()
            for entry in found.entries:
                try:
                    parse_label(found.read(entry), entry.stem, SOURCE, recording=True)
                    read.add(entry.where)
                except (BadMemberError, BadLabelError) as error:
                    reasons[error.reason] += 1
            reasons.update(rejection.reason for rejection in found.rejections)
            json.dumps([rejection.to_json() for rejection in found.rejections], ensure_ascii=False).encode()
        assert "whole.zip:면접/ckmk_d_bm_f_n_inner.json" in read
    assert {"not_a_zip", "damaged"} <= set(reasons)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["TL_outer.zip", "in", "inner.zip", "scratch"]
