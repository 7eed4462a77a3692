"""The export: the rows as they were, the card beside them, and nothing that a licence bars."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import datasets  # type: ignore[import-untyped, unused-ignore]
import pandas as pd
import pytest
import yaml
from hub_stand_in import hub
from support import Jaso

from jaso_core.io.files import EXAMPLE_SCHEMA, read_examples, read_json, write_json, write_jsonl, write_parquet
from jaso_core.records import SPLITS, Example
from jaso_core.stage.runner import StageRun, run_stage

AIHUB = "AI Hub 71592 (채용면접 인터뷰 데이터): text and derived text may not be passed on"


def preprocessed(
    folder: Path,
    licences: Mapping[str | None, int],
    source: str = "csv",
    splits: Sequence[str] = ("train", "train", "validation", "test"),
) -> Path:
    """A folder as `jaso preprocess` writes it, with an example for each of `splits`."""
    rows = [
        Example(
            id=f"site:{i}#0", document_id=f"site:{i}", group=f"site:{i // 2 * 2}", split=split,
            question="지원동기를 쓰시오.\n(500자)", answer=f"{i}번째 답입니다. 😀", occupation="ICT" if i else None,
            role="가상직무", company="가상물산", source=source,
        )
        for i, split in enumerate(splits)
    ]  # fmt: skip

    def work(stage: StageRun) -> None:
        for split in SPLITS:
            share = [row for row in rows if row.split == split]
            write_parquet(stage.add(f"examples/{split}.parquet", len(share)), share, EXAMPLE_SCHEMA)
        write_jsonl(stage.add("dropped.jsonl"), [{"document_id": "x", "answer": "버린 글"}])
        write_json(stage.add("keys.json"), {"[회사]": "가상전자"})
        stats = {
            "examples": {split: splits.count(split) for split in SPLITS},
            "source": dict(Counter(row.source for row in rows)),
            "licences": {licence or "(none)": n for licence, n in licences.items()},
        }
        write_json(stage.add("stats.json"), stats)
        stage.licences.update(licence for licence in licences if licence)

    run_stage("preprocess", folder, {"seed": 3, "clean": {"unicode": {"name": "unicode"}}}, {}, work)
    return folder


def frame(folder: Path, split: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "examples" / f"{split}.parquet")


def test_the_data_set_holds_the_rows_of_the_parquet_files(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(tmp_path / "out" / "README.md")
    loaded = datasets.load_from_disk(str(tmp_path / "out" / "dataset"))
    assert list(loaded) == list(SPLITS)
    for split in SPLITS:
        exported = frame(tmp_path / "out", split)
        assert loaded[split].to_list() == exported.astype(object).where(lambda x: x.notna(), None).to_dict("records")
        given = frame(folder, split).drop(columns=["role", "company"])
        assert list(exported.columns) == list(given.columns)
        ids = ["id", "document_id", "group"]
        assert exported.drop(columns=ids).equals(given.drop(columns=ids))
        assert {feature.dtype for feature in loaded[split].features.values()} == {"string"}
    assert loaded["train"][0]["answer"] == "0번째 답입니다. 😀"
    assert loaded["train"][0]["occupation"] is None


def test_the_head_of_the_card_loads_the_files_beside_it(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    assert jaso("export", f"input={folder}", f"out={tmp_path / 'out'}").code == 0
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    [config] = yaml.safe_load(card.split("---\n")[1])["configs"]
    monkeypatch.chdir(tmp_path / "out")
    files = {entry["split"]: entry["path"] for entry in config["data_files"]}
    by_files = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
    by_folder = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    for split, count in (("train", 2), ("validation", 1), ("test", 1)):
        assert by_files[split].num_rows == by_folder[split].num_rows == count
        assert by_files[split].to_list() == by_folder[split].to_list()


def test_only_examples_and_card_go_out(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    assert jaso("export", f"input={folder}", f"out={tmp_path / 'out'}").code == 0
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith("dataset/")} == {
        "README.md", "card.html", "manifest.json", *(f"examples/{split}.parquet" for split in SPLITS),
    }  # fmt: skip
    everything = b"".join((tmp_path / "out" / name).read_bytes() for name in sorted(files))
    assert "버린 글".encode() not in everything
    assert "가상전자".encode() not in everything
    for name in ("README.md", "card.html"):
        assert str(tmp_path) not in (tmp_path / "out" / name).read_text(encoding="utf-8")


def test_companies_jobs_and_ids_stay_here(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    assert jaso("export", f"input={folder}", f"out={tmp_path / 'out'}").code == 0
    for path in (path for path in (tmp_path / "out").rglob("*") if path.is_file()):
        for word in ("가상물산", "가상직무", "site:"):
            assert word.encode() not in path.read_bytes(), path
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| `company` |" not in card
    assert "Ids are pseudonyms; the company and the job that a text was written for are left out." in " ".join(
        card.split()
    )
    rows = pd.concat([frame(tmp_path / "out", split) for split in SPLITS], ignore_index=True)
    assert rows["id"].tolist() == [f"{name}#0" for name in rows["document_id"]]
    assert rows["document_id"].nunique() == 4
    # groups are documents' names: the same pseudonym in both columns, so that joins within the export hold
    assert rows["group"].tolist() == [rows["document_id"][i] for i in (0, 0, 2, 2)]
    assert [row.company for row in read_examples(tmp_path / "out/examples/train.parquet")] == [None, None]


def test_another_corpus_has_other_pseudonyms(jaso: Jaso, tmp_path: Path) -> None:
    names = []
    for number in (4, 5):
        folder = preprocessed(tmp_path / f"in{number}", {"CC BY 4.0": number})
        assert jaso("export", f"input={folder}", f"out={tmp_path / f'out{number}'}").code == 0
        names.append(set(frame(tmp_path / f"out{number}", "train")["document_id"]))
    assert names[0].isdisjoint(names[1])


def test_an_export_of_a_former_version_is_made_again(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    assert jaso("export", f"input={folder}", f"out={tmp_path / 'out'}").code == 0
    manifest = read_json(tmp_path / "out/manifest.json")
    del manifest["request"]["columns"]
    write_json(tmp_path / "out/manifest.json", manifest)
    assert "is made again, because columns" in jaso("export", f"input={folder}", f"out={tmp_path / 'out'}").err


def test_equal_input_gives_equal_files_and_a_second_run_does_nothing(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    for name in ("a/out", "b/out"):
        assert jaso("export", f"input={folder}", f"out={tmp_path / name}").code == 0
    first, second = (read_json(tmp_path / name / "manifest.json")["files"] for name in ("a/out", "b/out"))
    assert first == second
    assert "nothing to do" in jaso("export", f"input={folder}", f"out={tmp_path / 'a/out'}").err


def test_a_split_without_examples_is_left_out_and_told(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC0-1.0": 1}, splits=("train", "test"))
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0
    assert "validation has no examples and is left out" in ran.err
    loaded = datasets.load_from_disk(str(tmp_path / "out" / "dataset"))
    assert {split: rows.num_rows for split, rows in loaded.items()} == {"train": 1, "test": 1}
    assert datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))["test"].num_rows == 1


@pytest.mark.parametrize("where", [(), ("hub=lab/corpus",)])
def test_a_barred_licence_is_refused_with_source_licence_and_cure(
    jaso: Jaso, tmp_path: Path, where: tuple[str, ...]
) -> None:
    folder = preprocessed(tmp_path / "in", {"CC0-1.0": 1, AIHUB: 3}, source="aihub_interview")
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out'}", *where)
    assert ran.code == 2
    assert "3 documents may not be passed on (source aihub_interview): AI Hub 71592" in ran.error
    assert "run `jaso preprocess` on the sources that are open" in ran.error
    assert not (tmp_path / "out").exists()


def test_text_without_a_licence_may_lie_on_a_disk_but_not_on_the_hub(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {None: 4})
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out'}")
    assert ran.code == 0
    assert "no licence is told; the folder is for your own disk" in ran.err
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out2'}", "hub=lab/corpus")
    assert ran.code == 2
    assert "4 documents may not be passed on (source csv): (none): no licence is told" in ran.error


def test_offline_is_said_in_one_line(jaso: Jaso, tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC0-1.0": 4})
    ran = jaso("export", f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/corpus")
    assert ran.code == 2
    assert ran.error == (
        "error: hub=lab/corpus: HF_HUB_OFFLINE keeps jaso off the hub; put HF_HUB_OFFLINE=0 before the command"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("input=nowhere out=x", "nowhere: no such folder; check the path"),
        ("input=. out=x", ".: no complete folder of `jaso preprocess`; give a folder that"),
        ("input=x out=x hub=corpus", "config key 'hub': 'corpus' is no name on the hub; write hub=owner/name"),
        ("input=x out=x hbu=a/b", "config key 'hbu' is unknown; did you mean 'hub'?"),
    ],
)
def test_mistakes_end_in_one_line(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso("export", *arguments.split())
    assert ran.code == 2
    assert message in ran.error


def pushed(address: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """`jaso export …` in a process of its own: the library reads the hub's address when it is imported."""
    online = {"HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0", "HF_TOKEN": "hf_x", "HF_HUB_DISABLE_XET": "1"}
    paths = {"HF_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "jaso_pipeline", "export", *arguments],
        env={**os.environ, **online, **paths}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_push_brings_the_rows_and_the_card(tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    with hub() as there:
        ran = pushed(
            there.address, f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/corpus", home=tmp_path / "home"
        )
    assert ran.returncode == 0, ran.stderr
    assert there.private is True
    assert sorted(there.files) == ["README.md", *sorted(f"data/{split}-00000-of-00001.parquet" for split in SPLITS)]
    (tmp_path / "train.parquet").write_bytes(there.files["data/train-00000-of-00001.parquet"])
    assert pd.read_parquet(tmp_path / "train.parquet").equals(frame(tmp_path / "out", "train"))
    card = there.files["README.md"].decode()
    assert 'load_dataset("lab/corpus")' in card
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "cc-by-4.0"
    assert yaml.safe_load(card.split("---\n")[1])["configs"][0]["data_files"][0]["path"] == "data/train-*"


def test_private_means_private(tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    with hub(public=True) as there:
        ran = pushed(
            there.address, f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/corpus", home=tmp_path / "home"
        )
    assert ran.returncode == 2
    assert "hub=lab/corpus: is public; make it private on the hub, or say private=false" in ran.stderr
    assert there.files == {}


def test_a_hub_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    folder = preprocessed(tmp_path / "in", {"CC BY 4.0": 4})
    ran = pushed(
        "http://127.0.0.1:9", f"input={folder}", f"out={tmp_path / 'out'}", "hub=lab/corpus", home=tmp_path / "home"
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "check connection and log-in" in ran.stderr
