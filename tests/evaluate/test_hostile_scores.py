"""Files of a scored folder that a stranger wrote: one line that names the file and the key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Jaso

from jaso_core.stage.manifest import fingerprint, read_manifest
from jaso_core.stage.runner import StageRun, run_stage

REASON = "answers are cut at whole sentences now, since the limit is kept"
SHAPES = ["[]", "7", "null", '"text"', "{}", "[[1]]"]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of `jaso score`."""
    from jaso_evaluate import score

    folder = tmp_path_factory.mktemp("scored")
    rows = [{"id": f"a{i}", "prediction": f"저는 {i}번", "reference": f"저는 {i}번 했습니다."} for i in range(4)]
    (folder / "p.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    values = {
        "predictions": folder / "p.jsonl",
        "out": folder / "run",
        "resamples": 100,
        "metrics": {"chrf": {"name": "chrf"}},
    }
    score.run(score.settings({key: str(v) if isinstance(v, Path) else v for key, v in values.items()}))
    return folder / "run"


def changed(scored: Path, folder: Path, name: str, change: Callable[[str], str]) -> Path:
    """A copy with one file changed, and a manifest that fits it."""
    out, texts = folder / "strange", {path.name: path.read_text("utf-8") for path in scored.iterdir() if path.is_file()}
    manifest = read_manifest(scored)
    assert manifest is not None
    texts[name] = change(texts[name])

    def work(run: StageRun) -> None:
        for file in manifest.files:
            run.add(file).write_text(texts[file], encoding="utf-8")

    run_stage("score", out, manifest.request, {"predictions": Path(manifest.inputs["predictions"]["path"])}, work)
    assert fingerprint(out)
    return out


@pytest.mark.parametrize("text", SHAPES)
@pytest.mark.parametrize("name", ["run.json", "scores.json", "scores.jsonl"])
def test_shapes_that_jaso_does_not_write(name: str, text: str, scored: Path, jaso: Jaso, tmp_path: Path) -> None:
    strange = changed(scored, tmp_path, name, lambda _: text)
    for command in (["compare", f"runs={scored},{strange}"], ["bless", f"run={strange}", f"reason={REASON}"]):
        ran = jaso(*command, f"out={tmp_path / command[0]}")
        assert ran.code == 2, ran.err
        assert ran.error.startswith(f"error: {strange / name}")
        assert "Traceback" not in ran.err
        assert not (tmp_path / command[0] / "manifest.json").exists()


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("scores.json", replaced('"value": ', '"value": NaN, "was": '), "'metrics.chrf.value' holds nan, not a number"),
        ("scores.json", replaced('"unit": "', '"unit": "\\ud800'), "'metrics.chrf.unit' holds half of a character"),
        ("scores.json", replaced('"chrf"', '"other"'), "run.json: has no reduction of 'other', which scores.json has"),
        ("scores.jsonl", replaced('"stats": {"chrf": [', '"stats": {"chrf": ["x", '), "'stats.chrf[0]' holds 'x', not a number"),
        ("scores.jsonl", replaced('"stats": {"chrf": [', '"stats": {"chrf": [1, '), " statistics of 'chrf'"),
        ("run.json", replaced('"reductions": {', '"reductions": {}, "was": {'), "has no reduction of 'chrf'"),
        ("run.json", replaced('"baselines": [', '"baselines": [7'), "'scoring.baselines[0]' holds 7, not a text"),
    ],
)  # fmt: skip
def test_values_that_jaso_does_not_write(
    name: str, change: Callable[[str], str], fault: str, scored: Path, jaso: Jaso, tmp_path: Path
) -> None:
    strange = changed(scored, tmp_path, name, change)
    ran = jaso("compare", f"runs={scored},{strange}", f"out={tmp_path / 'compare'}")
    assert ran.code == 2, ran.err
    assert fault in ran.error
    assert "Traceback" not in ran.err
