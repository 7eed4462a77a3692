"""The notebooks run on a tiny study, a scored folder and a small round of sheets; they only read, and are kept bare."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sheet_support import fill, make_round, read_round
from support import run_here

from jaso_core.config import config_folder
from jaso_core.io.files import read_json
from jaso_core.report.number_format import digits, number, p_value

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FEW = {
    "prompts": ("prompt", ["question_answer", "question_summary", "occupation_experience_question_answer"]),
    "freezing": ("freeze", ["all", "last block"]),
}
TINY = (
    "interviews=60", "clean.length.min_answer=230", "trainer.max_steps=4", "trainer.validate_every=2", "trainer.log_every=2", "model.hidden_size=32",
    "tokenizer.vocabulary=600", "generate.max_new_tokens=12", "metrics=[bits_per_character,chrf,rouge]",
)  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What the notebooks read, all of it below `root`."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """By variable, its folder."""
        return {
            "JASO_STUDIES": str(self.root / "studies"),
            "JASO_HUMAN": str(self.root / "human"),
            "JASO_RUN": self.report("prompts")["inputs"]["question_answer"][0],
            "JASO_COMPARISON": str(self.root / "studies" / "compare" / "prompts"),
        }

    def report(self, study: str) -> Any:
        """The study's report.json."""
        return read_json(self.root / "studies" / study / "report.json")


def shortened(study: str, folder: Path) -> None:
    """The shipped study with few of its cells, as an extension: its name, its claims and its table stay."""
    spec = yaml.safe_load((config_folder() / "study" / f"{study}.yaml").read_text(encoding="utf-8"))
    factor, levels = FEW[study]
    given = spec["factors"][factor]
    spec["factors"][factor] = {k: given[k] for k in levels} if isinstance(given, dict) else levels
    spec["claims"] = [claim for claim in spec["claims"] if {claim["better"], claim["than"]} <= set(levels)]
    for former in spec["former"]:
        former["rows"] = {label: row for label, row in former["rows"].items() if label in levels}
    assert spec["claims"]
    assert all(former["rows"] for former in spec["former"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"few_{study}.yaml").write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")


def write_predictions(file: Path, shift: int) -> Path:
    """Twelve answers between a word and the whole of their reference."""
    reference = "저는 고객의 목소리를 먼저 듣고 그 다음에 일의 순서를 정했습니다."
    rows = [
        {
            "id": f"{i:03}",
            "prediction": reference[: 4 + (5 * i + shift) % 30],
            "reference": reference,
            "meta": {
                "question": f"{i}번째 질문입니까?",
                "group": f"g{i}",
                "occupation": ("ICT", "BM")[i % 2],
                "experience": "NEW",
            },
        }
        for i in range(12)
    ]
    file.parent.mkdir(parents=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    root = tmp_path_factory.mktemp("notebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JASO_EXTENSIONS", str(root / "mine"))
        for study in FEW:
            shortened(study, root / "mine" / "configs" / "study")
            run_here("study", f"few_{study}", f"out={root / 'studies'}", "launcher=basic", *TINY)
    files = [write_predictions(root / name / "predictions.jsonl", shift) for name, shift in (("a", 0), ("b", 9))]
    scored = [root / f"{file.parent.name}-scores" for file in files]
    for file, out in zip(files, scored, strict=True):
        run_here("score", f"predictions={file}", f"out={out}", "metrics=[chrf,rouge]", "resamples=100")

    lengths = {
        (file.parent.name, line["id"]): len(line["prediction"])
        for file in files
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    }

    def score(row: dict[str, Any]) -> list[int]:
        """Longer texts get more; the second rater gives more and more down the sheet."""
        luck = random.Random(f"{row['rater']} {row['example']} {row['run']}")
        drift = row["position"] // 10 if row["rater"] == "rater2" else 0
        base = lengths[row["run"], row["example"]] // 20
        return [min(2, base + int(luck.random() < 0.2) + drift) for _ in range(3)]

    made = make_round(root, [file.parent for file in files], raters=3, duplicates=2)
    filled = fill(made, root / "filled", score)
    read_round(filled, made, root / "human", runs=[str(out) for out in scored])
    return Material(root)


def of_scores(material: Material) -> list[str]:
    folder = Path(material.environment["JASO_RUN"])
    value = read_json(folder / "scores.json")["metrics"]["bits_per_character"]["value"]
    return ["rouge1_kiwi", "chrF (0–100)", f"{value:.6f}", "occupation_experience_question_answer"]


def of_corpus(material: Material) -> list[str]:
    (folder,) = (material.root / "studies" / "preprocess").iterdir()
    stats = read_json(folder / "stats.json")
    lengths = [f"{stats[unit]['answer']['mean']:.2f}" for unit in ("characters", "bytes", "form_bytes")]
    counts = [f"<td>{count}</td>" for count in (stats["examples"]["train"], stats["items"]["dropped"])]
    first = json.loads((folder / "dropped.jsonl").read_text(encoding="utf-8").splitlines()[0])
    return [folder.name, *lengths, *counts, first["reason"], first["answer"], "fillers", "mask_companies", "[회사]"]


def of_study(name: str, material: Material) -> list[str]:
    """Cells, claims and the earlier table's numbers, as they stand in report.json."""
    found = material.report(name)
    entries = [cell["values"][found["primary"]] for cell in found["cells"]]
    values = [number(one["value"], digits(one["ci95"])) for one in entries]
    earlier = [f"{value:.4g}" for former in found["former"] for row in former["rows"].values() for value in row]
    claims = [text for one in found["claims"] for text in (p_value(one["p_holm"]), one["verdict"])]
    return [*(cell["label"] for cell in found["cells"]), *values, *earlier, *claims]


def of_prompts(material: Material) -> list[str]:
    found = material.report("prompts")
    first = found["families"][0]
    comparison = read_json(material.root / "studies" / "compare" / "prompts" / "comparison.json")
    text = comparison["texts"]["texts"][0]
    pair = next(row for row in comparison["measures"] if row["name"] == found["primary"])["pairs"][0]
    assert [first["comparison"]["n"], len(found["families"])] == [comparison["n"], 2]
    return [*of_study("prompts", material), text["reference"], text["prompt"], p_value(pair["p"])]


def of_freezing(material: Material) -> list[str]:
    costs = [cell["cost"] for cell in material.report("freezing")["cells"]]
    assert costs[0]["trainable"] > costs[1]["trainable"]
    return [*of_study("freezing", material), *(str(cost["trainable"]) for cost in costs)]


def of_human(material: Material) -> list[str]:
    human = read_json(material.root / "human" / "human.json")
    finals = [number(run["final"]["value"], digits(run["final"]["ci95"])) for run in human["runs"]]
    drifting = next(row for row in human["raters"] if row["rater"] == "rater2")
    best = human["metrics"][0]
    assert drifting["drift_p"] < 0.05 < best["tau"]
    return [
        *finals,
        f"{human['agreement']['total']['ordinal']:.3f}",
        f"{drifting['drift_per_10']:.2f}",
        p_value(drifting["drift_p"]),
        f"{best['tau']:.6f}",
        *("문장 정확도", "합계", human["verdict"]["sentence"], human["least_agreed"][0]["question"]),
    ]


EXPECTED: dict[str, tuple[Callable[[Material], list[str]], int]] = {
    "scores": (of_scores, 1),
    "corpus": (of_corpus, 2),
    "prompts": (of_prompts, 1),
    "freezing": (of_freezing, 2),
    "human": (of_human, 3),
}
"""By notebook: what its outputs have to say, and how many figures it draws."""


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_the_files_say_and_changes_none(
    path: Path, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    for variable, folder in material.environment.items():
        monkeypatch.setenv(variable, folder)
    before = {file: file.read_bytes() for file in sorted(material.root.rglob("*")) if file.is_file()}
    notebook = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.get("text", "") for output in outputs)
    assert "missing from font" not in printed
    assert "Warning" not in printed
    tables = "\n".join(output.data.get("text/html", "") for output in outputs if "data" in output)
    wanted, figures = EXPECTED[path.stem]
    assert [text for text in wanted(material) if text not in tables.replace("&lt;", "<")] == []
    assert sum("image/png" in output.get("data", {}) for output in outputs) == figures
    assert {file: file.read_bytes() for file in sorted(material.root.rglob("*")) if file.is_file()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "making"),
    [
        ("corpus", "jaso study prompts out="),
        ("prompts", "jaso study prompts out="),
        ("freezing", "jaso study freezing out="),
        ("human", "jaso sheet read sheets="),
    ],
)
def test_a_missing_folder_is_one_line_with_the_command_that_makes_it(
    name: str, making: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib as mpl
    import pandas as pd

    for variable in ("JASO_STUDIES", "JASO_HUMAN"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    cells = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))
    with mpl.rc_context(), pd.option_context("display.max_colwidth", 50), pytest.raises(Exception, match=making) as no:
        exec(code, {"__name__": "notebook"})
    (line,) = no.value._render_traceback_()  # type: ignore[attr-defined]
    assert line == str(no.value)
    assert "\n" not in line
    assert str(tmp_path / "none") in line


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    for place, cell in enumerate(notebook["cells"]):
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert (cell["id"], cell["metadata"]) == (f"c{place}", {})
    assert text == json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
