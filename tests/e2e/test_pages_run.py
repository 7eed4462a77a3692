"""Every command of README and docs, typed one after the other as people would, on small inputs and in few steps.

`test_readme.py` sees to it that every command is understood; here they do their work, each with what the ones before it
left. What cannot run here is named in `page_trial.NOT_HERE`; `docs/extending.md` brings its own files (`test_extending.py`).
"""

from __future__ import annotations

import pytest
from browser_support import open_chrome, set_width
from page_trial import Trial, prepare
from support import ROOT, Jaso, page_commands

from jaso_crawl.browser.find_chromium import find_installed

FIRST = ("README.md", "docs/tour.md")
"""Pages whose results the others go on with."""
ELSEWHERE = ("docs/extending.md",)
PAGES = [page for page in ("README.ko.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
         if page not in (*ELSEWHERE, *FIRST) and page_commands(page)]  # fmt: skip


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial"))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [*FIRST, *PAGES])
def test_the_commands_of_a_page_do_their_work(
    jaso: Jaso, trial: Trial, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trial.root)
    monkeypatch.setenv("JASO_CACHE", str(trial.root / "cache"))
    if not trial.read:
        prepare(trial.root, jaso)
    for one in (*FIRST, page):
        trial.type_page(one, jaso)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")
def test_no_page_is_wider_than_a_phone(jaso: Jaso, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages that the commands of README and docs have left; after them, being the last of this file."""
    monkeypatch.chdir(trial.root)
    monkeypatch.setenv("JASO_CACHE", str(trial.root / "cache"))
    if not trial.read:
        prepare(trial.root, jaso)
    for page in FIRST:
        trial.type_page(page, jaso)
    pages = sorted(path for path in trial.root.rglob("*.html") if path.is_file())
    assert {"report.html", "comparison.html", "card.html"} <= {path.name for path in pages}
    driver = open_chrome(trial.root / "profile")
    try:
        set_width(driver, 400)
        wide = []
        for path in pages:
            driver.get(path.as_uri())
            # What is folded counts, too.
            driver.execute_script("for (const fold of document.querySelectorAll('details')) fold.open = true")
            if (width := driver.execute_script("return document.documentElement.scrollWidth")) > 400:
                wide.append(f"{path.relative_to(trial.root)}: {width}")
        assert wide == []
    finally:
        driver.quit()
