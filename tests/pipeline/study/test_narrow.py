"""Studies on a corpus that lacks fields, and with fewer levels than their file has."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import Jaso

from jaso_core.stage.manifest import read_manifest
from jaso_pipeline.study.plan.narrow import FIELDS, lacking_fields


def corpus_with(folder: Path, *fields: str) -> Path:
    """A preprocess folder of two training examples that have these fields alone."""
    columns = {name: pa.array(["가", "나"] if name in fields else [None, None], pa.string()) for name in FIELDS}
    (folder / "examples").mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "examples" / "train.parquet")
    return folder


def test_fields_that_no_example_has(tmp_path: Path) -> None:
    assert lacking_fields(corpus_with(tmp_path, "question", "answer", "role")) == {
        "summary", "occupation", "experience", "company",
    }  # fmt: skip


def cells(jaso: Jaso, *arguments: str) -> tuple[list[str], str]:
    ran = jaso("study", *arguments, "plan=true")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.endswith(" cells:"))
    return [line.strip().removesuffix(", seed=0") for line in lines[begin + 1 :] if line.startswith("  ")], ran.err


def test_levels_whose_fields_the_corpus_lacks_are_left_out(jaso: Jaso, tmp_path: Path) -> None:
    corpus = corpus_with(tmp_path / "corpus", "question", "answer", "occupation")
    assert read_manifest(corpus) is None  # a plan reads none
    names, said = cells(jaso, "prompts", f"corpus={corpus}", f"out={tmp_path / 'out'}", "seeds=1")
    assert names == ["question_answer", "occupation_question_answer"]
    (line,) = (line for line in said.splitlines() if "the corpus has no" in line)
    assert line.startswith(
        "study: left out, as the corpus has no experience, summary: question_summary, summary_answer, "
    )
    assert "occupation_experience_question_answer" in line
    assert " claims are about cells that are left out, and are not tested" in said


def test_one_level_is_no_study(jaso: Jaso, tmp_path: Path) -> None:
    corpus = corpus_with(tmp_path / "corpus", "question", "answer")
    ran = jaso("study", "prompts", f"corpus={corpus}", f"out={tmp_path / 'out'}", "plan=true")
    assert ran.code == 2
    assert "has no experience, occupation, summary, which all levels of 'prompts' but one read (" in ran.error
    assert "; give a corpus with these fields, or another study" in ran.error


def test_claims_about_cells_that_a_person_leaves_out(jaso: Jaso, tmp_path: Path) -> None:
    narrowed = "study.factors.prompt=[question_answer,occupation_question_answer]"
    names, said = cells(jaso, "prompts", narrowed, f"out={tmp_path / 'out'}", "seeds=1")
    assert names == ["question_answer", "occupation_question_answer"]
    assert "study: 3 claims are about cells that are left out, and are not tested" in said


@pytest.mark.parametrize("key", ["study.claims", "study.former"])
def test_a_cell_that_the_file_has_not_is_an_error(jaso: Jaso, tmp_path: Path, key: str) -> None:
    claim = "[{better: question_answer, than: questoin_answer, measure: chrf}]"
    table = "[{title: t, source: s, columns: [a], measures: [chrf], rows: {questoin_answer: [1.0]}}]"
    wrong = claim if key == "study.claims" else table
    ran = jaso("study", "prompts", f"{key}={wrong}", f"out={tmp_path / 'out'}", "plan=true")
    assert ran.code == 2
    assert "no cell 'questoin_answer'; did you mean 'question_answer'?" in ran.error
