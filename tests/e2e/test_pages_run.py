"""Every command of README and docs, typed one after the other as people would, on small inputs and in few steps.

`test_readme.py` sees to it that every command is understood; here they do their work, each with what the ones before it
left. What cannot run here is named in `page_trial.NOT_HERE`; `docs/extending.md` brings its own files (`test_extending.py`).
"""

from __future__ import annotations

import pytest
from page_trial import Trial, prepare
from support import ROOT, Jaso, page_commands

FIRST = "README.md"
ELSEWHERE = ("docs/extending.md",)
PAGES = [page for page in ("README.ko.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
         if page not in ELSEWHERE and page_commands(page)]  # fmt: skip


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial"))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [FIRST, *PAGES])
def test_the_commands_of_a_page_do_their_work(
    jaso: Jaso, trial: Trial, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trial.root)
    monkeypatch.setenv("JASO_CACHE", str(trial.root / "cache"))
    if not trial.read:
        prepare(trial.root, jaso)
    for one in (FIRST, page):
        trial.type_page(one, jaso)
