"""`jaso pipeline … plan=true`: what each stage would do, and nothing is done."""

from __future__ import annotations

from pathlib import Path

from support import Jaso


def test_a_plan_names_stages_folders_and_settings_and_writes_nothing(jaso: Jaso, tmp_path: Path) -> None:
    table, out = tmp_path / "talks.csv", tmp_path / "out"
    table.write_text("Q,A\n장점은?,성실합니다.\n", encoding="utf-8")
    arguments = ("source=csv", f"path={table}", "columns.question=Q", "columns.answer=A", f"out={out}", "plan=true")
    ran = jaso("pipeline", *arguments, "model=tiny", "trainer.max_steps=70", "limit=9", "clean=[unicode,length]")
    assert ran.code == 0
    crawl, preprocess, train, evaluate = ran.out.splitlines()
    assert crawl == f"crawl: {out / 'crawl'}: not begun; source=csv path={table}"
    assert preprocess == f"preprocess: {out / 'preprocess'}: not begun; 2 cleaning steps"
    assert train.endswith("not begun; model=tiny prompt=question_answer freeze=all, 70 steps of 16 examples")
    assert evaluate.endswith("not begun; at most 9 examples of test, generate=greedy, 15 metrics")
    assert not out.exists()


def test_a_plan_refuses_what_the_run_would_refuse(jaso: Jaso, tmp_path: Path) -> None:
    ran = jaso("pipeline", "source=sample", f"out={tmp_path / 'out'}", "plan=true", "limit=-1")
    assert ran.code == 2
    assert "limit is -1" in ran.error
