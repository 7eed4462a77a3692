"""The blessed baseline: every change of it has a line that says why, and nothing of the machine is in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError, WorkError
from jaso_core.io.files import (
    read_json,
    read_jsonl,
    sha256_file,
    sha256_json,
    write_json,
    write_jsonl,
)
from jaso_core.stage.runner import Outcome
from jaso_evaluate import run as evaluate
from jaso_evaluate import score
from jaso_evaluate.regression import bless, regress
from jaso_evaluate.regression.baseline import read_baseline, verify
from jaso_evaluate.regression.changed_texts import edit_distance
from jaso_evaluate.regression.lineage import first_change, is_retrained, strip_paths, trace
from jaso_preprocess import run as preprocess
from jaso_synthetic.corpus import generate

REASON = "the first run that learned anything"
FILES = ("baseline.json", "scores.jsonl", "predictions.jsonl")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two score folders, for tests that do not ask how they were made."""
    root = tmp_path_factory.mktemp("plain")
    return scored(root, "가", " 안녕"), scored(root, "나", " 안녕하세")


def scored(folder: Path, name: str, ending: str) -> Path:
    lines = [{"id": f"a{i}", "prediction": f"{i}{ending}", "reference": f"{i} 안녕하세요"} for i in range(6)]
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    metrics = {"chrf": {"name": "chrf"}}
    score.run(
        score.settings({"predictions": str(file), "out": str(folder / name), "resamples": 100, "metrics": metrics})
    )
    return folder / name


def blessing(run: Path, out: Path, reason: str = REASON) -> Outcome:
    return bless.run(bless.settings({"run": str(run), "out": str(out), "reason": reason}))


def gate(run: Path, baseline: Path, folder: Path) -> regress.RegressSettings:
    return regress.settings({"run": str(run), "baseline": str(baseline), "out": str(folder / "gate")})


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_blessing_adds_a_line(
    plain: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = plain
    out = tmp_path / "baseline"
    assert blessing(first, out) is Outcome.MADE
    before = content(out)
    assert blessing(first, out, "the same run once more") is Outcome.UNCHANGED
    assert content(out) == before
    capsys.readouterr()
    assert blessing(second, out, "  the model   writes\nlonger now ") is Outcome.REMADE
    assert "bless: chrf " in capsys.readouterr().err
    lines = [line for _, line in read_jsonl(out / "reasons.jsonl")]
    assert [line["reason"] for line in lines] == [REASON, "the model writes longer now"]
    assert (lines[0]["before"], lines[1]["before"]) == (None, lines[0]["digest"])
    assert sorted(content(out)) == sorted([*FILES, "reasons.jsonl"])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["edited", "removed"])
def test_an_unexplained_change_is_found(plain: tuple[Path, Path], tmp_path: Path, name: str, how: str) -> None:
    run, out = plain[0], tmp_path / "baseline"
    blessing(run, out)
    path = out / name
    if how == "edited":
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    else:
        path.unlink()
    with pytest.raises(WorkError, match=rf"{name}: .*no line of reasons.jsonl says why; take it back"):
        regress.run(gate(run, out, tmp_path))
    assert not (tmp_path / "gate").exists()
    assert blessing(run, out, "the same run once more") is Outcome.UNCHANGED  # which puts the file right
    verify(out)


@pytest.mark.parametrize("spoil", ["reason", "first line", "order", "no object"])
def test_the_reasons_cannot_be_rewritten(plain: tuple[Path, Path], tmp_path: Path, spoil: str) -> None:
    out = tmp_path / "baseline"
    for run in plain:
        blessing(run, out, f"the run that is called {run.name}")
    path = out / "reasons.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    spoiled = {
        "reason": [lines[0], lines[1].replace("called", "dubbed")],
        "first line": lines[1:],
        "order": [lines[1], lines[0]],
        "no object": [*lines, "3\n"],
    }[spoil]
    path.write_text("".join(spoiled), encoding="utf-8")
    with pytest.raises(WorkError, match=r"reasons.jsonl:\d: is not the line that `jaso bless` wrote here"):
        verify(out)
    with pytest.raises(WorkError, match="is not the line"):
        blessing(plain[0], out, "to cover it all up again")


@pytest.mark.parametrize(
    "reason", ["", "update", "  bless  ", "update baseline", "New Baseline!", "aaaaaaaaaaaa", "기준 갱신 업데이트"]
)
def test_an_empty_reason_is_refused(reason: str) -> None:
    with pytest.raises(RequestError, match="'reason'"):
        bless.settings({"run": "x", "out": "y", "reason": reason})


def test_a_short_reason_in_korean_is_one() -> None:
    assert bless.settings({"run": "x", "out": "y", "reason": "채점 오류 수정"}).reason == "채점 오류 수정"


def test_what_cannot_be_blessed(tmp_path: Path) -> None:
    run = scored(tmp_path, "run", " 안녕")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("x")
    for source, out, message in (
        (run, tmp_path / "mine", "holds what `jaso bless` did not make"),
        (tmp_path / "absent", tmp_path / "out", "no such file or folder"),
        (tmp_path / "mine", tmp_path / "out", "not complete"),
    ):
        with pytest.raises(RequestError, match=message):
            blessing(source, out)
    with pytest.raises(RequestError, match="no baseline there"):
        regress.run(gate(run, tmp_path / "mine", tmp_path))
    (tmp_path / "run.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(RequestError, match=r"the predictions that it scored .* are gone or changed; run `jaso score`"):
        blessing(run, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_baseline_is_the_same_wherever_it_was_made(tmp_path: Path) -> None:
    place = tmp_path / "one"
    place.mkdir()
    blessing(scored(place, "run", " 안녕"), tmp_path / "first")
    shutil.move(place, tmp_path / "two")
    blessing(tmp_path / "two/run", tmp_path / "second")
    assert content(tmp_path / "first") == content(tmp_path / "second")
    assert not any(str(tmp_path).encode() in body for body in content(tmp_path / "first").values())


def test_paths_are_told_from_texts() -> None:
    request = {
        "path": "/data/letters.csv",
        "list": ["~/a/b", "C:\\data\\x.csv", "file:///a/c"],
        "phrase": "및/또는",
        "n": 1,
    }
    assert strip_paths(request) == {"path": "letters.csv", "list": ["b", "x.csv", "c"], "phrase": "및/또는", "n": 1}


STEPS = ("unicode", "comments", "counters", "whitespace", "length")


def chain(compose: Any, root: Path, train: Path, steps: tuple[str, ...], letters: int = 40) -> Path:
    """A pipeline of real folders below `root`: letters, preprocessed, and a model's answers to them."""
    root.mkdir()
    lines = [
        {
            "schema": 1,
            "id": f"sample:{letter.id}",
            "source": "sample",
            "kind": "letter",
            "items": [{"question": item.question, "answer": item.answer} for item in letter.items],
        }
        for letter in generate(letters, 0, seed=1).letters
    ]
    (root / "documents.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    shutil.copytree(train, root / "train")
    config = {
        "out": str(root / "preprocess"),
        "input": [str(root / "documents.jsonl")],
        "clean": {name: {"name": name} for name in steps},
        "sentences": {"name": "rules"},
        "split": {"validation": 0.2, "test": 0.2},
        "seed": 0,
        "workers": 1,
    }
    preprocess.run(preprocess.settings(config))
    values = {"model_dir": root / "train", "input": root / "preprocess", "generate__max_new_tokens": 4}
    metrics = {"metrics": "[chrf,length]", "resamples": 100}
    evaluate.run(evaluate.settings(compose("evaluate", out=root / "evaluate", **values, **metrics)))
    return root / "evaluate"


@pytest.mark.slow
def test_the_first_stage_that_changed_is_named(compose: Any, train_dir: Path, tmp_path: Path) -> None:
    run = chain(compose, tmp_path / "a", train_dir, STEPS)
    baseline = tmp_path / "baseline"
    blessing(run, baseline)
    steps = read_baseline(baseline).steps
    assert [step["name"] for step in steps] == ["preprocess", "train", "evaluate"]
    assert steps[0]["files"]["examples/test.parquet"]["rows"] > 0
    assert str(tmp_path) not in (baseline / "baseline.json").read_text(encoding="utf-8")

    again = chain(compose, tmp_path / "b", train_dir, STEPS)
    assert first_change(steps, trace(again)) is None
    shutil.move(tmp_path / "b", tmp_path / "moved")
    assert trace(tmp_path / "moved/evaluate") == list(steps)

    changed = chain(compose, tmp_path / "c", train_dir, (*STEPS[:3], "subheadings", *STEPS[3:]))
    with pytest.raises(WorkError, match=r"first change: preprocess \(.*clean.subheadings.name: \(none\) → subheadings"):
        regress.run(gate(changed, baseline, tmp_path))
    found = read_json(tmp_path / "gate/regress.json")["first_change"]
    names = {file["name"]: file["what"] for file in found["files"]}
    assert names["examples/test.parquet"] == "changed"
    assert "stats.json" in names
    page = (tmp_path / "gate/regress.md").read_text(encoding="utf-8")
    assert "**preprocess** gave something else:" in page
    assert "- `clean.subheadings.name: (none) → subheadings`" in page


def test_a_stage_whose_folder_is_gone_is_not_taken_for_equal() -> None:
    def step(name: str, digest: str) -> dict[str, Any]:
        files = {"x": {"sha256": digest, "rows": None}}
        return {"name": name, "stage": name, "request": {}, "inputs": {}, "files": files, "versions": {"torch": digest}}

    before = [step("crawl", "1"), step("preprocess", "1"), step("train", "1")]
    found = first_change(before, [step("preprocess", "1"), step("train", "2")])
    assert found is not None
    assert found["step"] == "train"
    assert found["unknown"] == ["crawl (only known of the baseline)"]
    assert found["versions"] == ["torch 1 → 2"]


def test_a_model_that_was_trained_anew_is_told_from_the_same_one() -> None:
    def steps(weights: str, model: str | None = None) -> list[dict[str, Any]]:
        train = {"stage": "train", "inputs": {}, "files": {"model/model.safetensors": weights}}
        return [train] if model is None else [{"stage": "evaluate", "inputs": {"model": model}, "files": {}}]

    assert not is_retrained(steps("1"), steps("1"))
    assert is_retrained(steps("1"), steps("2"))
    assert not is_retrained(steps("", "a"), steps("", "a"))  # the folders of training are gone, their digests known
    assert is_retrained(steps("", "a"), steps("", "b"))
    assert not is_retrained([], [])  # texts of some other program's


def test_edit_distance_is_levenshteins() -> None:
    def plain(a: str, b: str) -> int:
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            last, row[0] = row[0], i
            for j, y in enumerate(b, 1):
                last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
        return row[-1]

    words = [
        "",
        "가",
        "kitten",
        "sitting",
        "꼼꼼한 사람",
        "꼼꼼히 살펴",
        "🙂가나다라",
        "나가다라마",
        "ab" * 70,
        "ba" * 66 + "c",
    ]
    assert edit_distance("kitten", "sitting") == 3
    for a in words:
        for b in words:
            assert edit_distance(a, b) == plain(a, b)


def test_another_schema_is_refused(plain: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "baseline"
    blessing(plain[0], out)
    write_json(out / "baseline.json", {**read_json(out / "baseline.json"), "schema": 9})
    line = next(line for _, line in read_jsonl(out / "reasons.jsonl"))
    line["files"]["baseline.json"] = sha256_file(out / "baseline.json")
    body = {key: line[key] for key in ("reason", "files", "before")}
    write_jsonl(out / "reasons.jsonl", [{**body, "digest": sha256_json(body)}])
    with pytest.raises(RequestError, match="schema 9, this jaso reads 1"):
        read_baseline(out)


def test_a_scored_text_that_is_gone_is_named(plain: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "baseline"
    blessing(plain[0], out)
    texts = out / "predictions.jsonl"
    texts.write_text(texts.read_text("utf-8").replace('"a3"', '"../../x"'), encoding="utf-8")
    (line,) = [row for _, row in read_jsonl(out / "reasons.jsonl")]
    line = {**line, "files": {**line["files"], texts.name: sha256_file(texts)}}
    del line["digest"]
    write_jsonl(out / "reasons.jsonl", [{**line, "digest": sha256_json(line)}])
    with pytest.raises(RequestError, match=r"predictions\.jsonl: has no 'a3', which scores\.jsonl has"):
        regress.run(gate(plain[0], out, tmp_path))
