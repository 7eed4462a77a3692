"""The notebooks run on a small scored folder, read results only, and are kept without outputs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest
from support import Jaso

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("notebooks") / "predictions.jsonl"
    rows = [
        {
            "id": f"{i:03}",
            "prediction": f"저는 고객의 목소리를 {i % 5}번 더 들었습니다.",
            "reference": f"고객의 목소리를 {i % 3}번 들었습니다.",
            "meta": {"occupation": ("ICT", "BM")[i % 2]},
        }
        for i in range(8)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_a_scored_folder(
    path: Path, jaso: Jaso, predictions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    for name in ("a", "b"):
        ran = jaso("score", f"predictions={predictions}", f"out={tmp_path / name}", "metrics=[chrf,rouge]")
        assert ran.code == 0, ran.err
    assert (
        jaso("compare", f"runs={tmp_path / 'a'},{tmp_path / 'b'}", f"out={tmp_path / 'c'}", "resamples=200").code == 0
    )
    monkeypatch.setenv("JASO_RUN", str(tmp_path / "a"))
    monkeypatch.setenv("JASO_COMPARISON", str(tmp_path / "c"))
    before = {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()}
    notebook = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.get("text", "") for output in outputs)
    assert "missing from font" not in printed
    assert any("rouge1_kiwi" in str(output) for output in outputs)
    assert {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()} == before


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
