"""Where the browser and its driver are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaso_crawl.browser.find_chromium import BROWSERS, BrowserInstallation, find_browser, find_driver, find_installed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in $PATH; still empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROME", raising=False)
    monkeypatch.delenv("CHROMEDRIVER", raising=False)
    return tmp_path


def program(path: Path) -> str:
    path.touch(mode=0o755)
    return str(path)


def test_nothing_is_found_where_nothing_is(folder: Path) -> None:
    assert (find_browser(), find_driver(), find_installed()) == (None, None, None)


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_is_found_under_each_of_its_names(name: str, folder: Path) -> None:
    browser = program(folder / name)
    assert (find_browser(), find_installed()) == (browser, None)
    driver = program(folder / "chromedriver")
    assert (find_driver(), find_installed()) == (driver, BrowserInstallation(browser, driver))


def test_the_environment_goes_before_the_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(folder / "chromium")
    monkeypatch.setenv("CHROME", "/opt/mine")
    monkeypatch.setenv("CHROMEDRIVER", "/opt/driver")
    assert find_installed() == BrowserInstallation("/opt/mine", "/opt/driver")
