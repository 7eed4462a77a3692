"""docs/python.md runs as it stands, block by block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import ROOT

PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    cleaned, model, comparison = names["cleaned"], names["model"], names["comparison"]
    assert cleaned.text == "[회사]에 지원했습니다. 연락처는 [전화번호] 입니다."  # type: ignore[attr-defined]
    assert [edit.step for edit in cleaned.edits] == ["subheadings", "mask_pii", "mask_companies"]  # type: ignore[attr-defined]
    assert len(names["texts"]) == 3  # type: ignore[arg-type]
    assert comparison.body["runs"] == ["greedy", "sampled"]  # type: ignore[attr-defined]
    assert "| chrf" in capsys.readouterr().out
    model.close()  # type: ignore[attr-defined]
