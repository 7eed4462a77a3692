"""`jaso forget` in a narrow folder hides nothing of what a wider one holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Jaso, run_here


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two crawls of one table, a corpus of each, and one of both; the second crawl lacks the first record."""
    monkeypatch.chdir(tmp_path)
    names = [f"가상{mark}" for mark in "가나다라마바사아자차카타"]
    rows = [f"질문 {i}은 무엇입니까?,{i}번째로 한 일을 적은 답입니다.,{names[i % 12]},w{i}" for i in range(40)]
    head = "question,answer,company,id\n"
    Path("a.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    Path("b.csv").write_text(head + "\n".join(rows[1:]) + "\n", encoding="utf-8")
    for name in ("a", "b"):
        run_here(
            "crawl", "source=csv", f"path={name}.csv", "columns.company=company", "columns.id=id", f"out=runs/{name}/crawl"
        )  # fmt: skip
        run_here("preprocess", "sentences=rules", f"input=runs/{name}/crawl", f"out=runs/{name}/clean")
    return tmp_path / "runs"


ONLY_A = "csv:w0"
BOTH = "csv:w1"


def held(crawl: Path) -> set[str]:
    return {json.loads(line)["id"] for line in (crawl / "documents.jsonl").read_text("utf-8").splitlines()}


@pytest.mark.parametrize("root", ["runs", "runs/a", "runs/a/crawl"])
def test_what_was_made_from_it_is_listed_from_however_narrow_a_folder(jaso: Jaso, runs: Path, root: str) -> None:
    ran = jaso("forget", ONLY_A, root)
    assert ran.code == 0, ran.err
    assert "runs/a/crawl: forgot csv:w0" in ran.out
    assert "runs/a/clean: preprocess made from it" in ran.out
    assert "runs/b" not in ran.out


@pytest.mark.parametrize("narrow", ["runs/a", "runs/a/crawl"])
def test_the_wider_command_still_says_what_holds_it(jaso: Jaso, runs: Path, narrow: str) -> None:
    jaso("forget", ONLY_A, narrow)
    for root in ("runs", "runs/a", "runs/a/crawl"):
        ran = jaso("forget", ONLY_A, root)
        assert ran.code == 0, ran.err
        assert f"runs/a/crawl: '{ONLY_A}' was forgotten before" in ran.out
        assert "runs/a/clean: preprocess made before it was forgotten; run it again" in ran.out
    run_here("preprocess", "sentences=rules", "input=runs/a/crawl", "out=runs/a/clean")
    assert "nothing else below runs was made from it" in jaso("forget", ONLY_A, "runs").out


def test_another_crawl_that_holds_it_is_named_and_left_alone(jaso: Jaso, runs: Path) -> None:
    ran = jaso("forget", BOTH, "runs/a")
    assert f"runs/b/crawl: also holds it; jaso forget '{BOTH}' runs/b/crawl removes it there" in ran.out
    assert BOTH in held(runs / "b" / "crawl")
    assert BOTH not in held(runs / "a" / "crawl")
    ran = jaso("forget", BOTH, "runs")
    assert "runs/b/crawl: forgot csv:w1" in ran.out
    for name in ("a", "b"):
        assert f"runs/{name}/clean: preprocess made" in ran.out
    assert BOTH not in held(runs / "b" / "crawl")


def test_a_company_that_was_forgotten_is_found_by_what_still_names_it(jaso: Jaso, runs: Path) -> None:
    assert "forgot 4 records" in jaso("forget", "가상가", "runs/a/crawl").out
    ran = jaso("forget", "(주)가상가", "runs/a")
    assert "'(주)가상가' was forgotten before" in ran.out
    assert "runs/a/clean: preprocess made before it was forgotten" in ran.out
    assert "runs/b/crawl: also holds it" in ran.out


@pytest.mark.parametrize("target", ["csv:w999", "없는회사", "https://example.org/1"])
@pytest.mark.parametrize("root", ["runs", "runs/a", "runs/a/crawl"])
def test_what_was_never_there_is_refused_also_after_others_were_forgotten(
    jaso: Jaso, runs: Path, target: str, root: str
) -> None:
    jaso("forget", ONLY_A, "runs")
    ran = jaso("forget", target, root)
    assert (ran.code, ran.out) == (2, "")
    assert f"{root}: no crawl there holds '{target}'" in ran.error


def test_a_record_of_another_crawl_only_is_not_of_this_one(jaso: Jaso, runs: Path) -> None:
    ran = jaso("forget", ONLY_A, "runs/b")
    assert ran.code == 2
    assert ONLY_A in held(runs / "a" / "crawl")
    assert "runs/a" in ran.err


def test_status_counts_what_was_forgotten_and_what_is_out_of_date(jaso: Jaso, runs: Path) -> None:
    jaso("forget", ONLY_A, "runs")
    out = jaso("status", "runs").out
    assert "runs/a/crawl: crawl, complete (documents.jsonl 39, rejected.jsonl 0, forgotten 1)" in out
    assert "runs/a/clean: preprocess, out of date (input[0] runs/a/crawl has changed: " in out
    assert "runs/b/clean: preprocess, complete" in out
