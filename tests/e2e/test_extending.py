"""docs/extending.md as it stands: its files are written, its commands run one after the other."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest
import yaml
from support import ROOT, Jaso

from jaso_core.registry import Registry
from jaso_pipeline.inspect.list_show_status import REGISTRIES, registry
from jaso_pipeline.study.plan.spec import read_spec

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
FILES = {
    first.removeprefix("# "): body
    for language, text in BLOCKS
    if language in ("python", "yaml")
    for first, _, body in [text.partition("\n")]
}
COMMANDS = [line for language, text in BLOCKS if language == "bash" for line in text.splitlines()]


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's files, named in JASO_EXTENSIONS; what they register is forgotten afterwards."""
    for group in REGISTRIES:
        known = registry(group)
        assert isinstance(known, Registry)
        known.names()
        monkeypatch.setattr(known, "_entries", dict(known._entries))
        monkeypatch.setattr(known, "_loaded_for", known._loaded_for)
    for name, body in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body, encoding="utf-8")
    (tmp_path / "notes").mkdir()
    tasks = ("서버", "설비", "매장", "예산", "광고", "회계", "물류", "교육")
    for i in range(48):
        work = f"{tasks[i % 8]} {tasks[i // 8]}"
        lines = f"{work} 일을 {i + 1}년 동안 했습니다. 😀\n그 {work}에서 배운 것을 적었습니다.\n{work} 일을 더 하고 싶습니다."
        (tmp_path / "notes" / f"{i:02}.txt").write_text(f"{work} 경험을 말씀해 주세요.\n{lines}\n", encoding="utf-8")
    (tmp_path / "notes" / "empty.txt").write_text("답이 없는 질문\n", encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_is_a_file_or_a_command() -> None:
    assert all(name.startswith("mine/") for name in FILES)
    assert all(command.startswith("jaso ") for command in COMMANDS)


@pytest.mark.slow
def test_the_page_runs(jaso: Jaso, mine: Path) -> None:
    for command in COMMANDS:
        ran = jaso(*shlex.split(command)[1:])
        assert ran.code == 0, f"{command}\n{ran.err}"
        if command.startswith("jaso show changes"):
            assert "😀" in ran.out
    runpy.run_path(str(mine / "mine" / "try_board.py"))

    asked = jaso("crawl", "source=board", "out=board")
    assert asked.code == 2
    assert "ask before you copy" in asked.error
    assert '"missing_answer"' in (mine / "runs/crawl/rejected.jsonl").read_text(encoding="utf-8")
    assert "😀" not in (mine / "runs/clean/sentences.txt").read_text(encoding="utf-8")
    assert '"ends_whole"' in (mine / "runs/again/scores.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("mine/configs/")])
def test_a_yaml_of_the_page_has_a_choice_of_that_name(jaso: Jaso, mine: Path, name: str) -> None:
    group, choice = Path(name).parts[-2], Path(name).stem
    assert jaso("show", group, choice).code == 0


def test_the_study_that_docs_walk_through_is_one() -> None:
    page = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    spec = read_spec(yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]))
    assert [level for one in spec.factors.values() for level in one] == [128, 256, "all", "top two"]
