"""How browsers live and die: killed ones are started again, closed ones leave nothing, several work side by side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fetch_support import BASE

from jaso_crawl.browser.browser import Browser, NoBrowserError
from jaso_crawl.browser.cdp import BrowserResponse
from jaso_crawl.browser.find_chromium import BrowserInstallation, find_installed
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.types import Clicks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver"),
]

CLICKS = Clicks(dismiss=".layer button", open="button.more:not(.on)", filled=".text")
PAGE = """<p class=text></p><script>
fetch('/data').then(a => a.text()).then(t => document.querySelector('.text').textContent = t)</script>"""
READY = '<p class="text">늦은 글</p>'


def serve(url: str) -> BrowserResponse:
    return BrowserResponse(200, "text/html; charset=utf-8", ("늦은 글" if url.endswith("/data") else PAGE).encode())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where browsers put their profiles, so that they are told from those of other tests."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def browser(folder: Path) -> Iterator[Browser]:
    installed = find_installed()
    assert installed is not None
    browser = Browser(installed, "jaso/test", wait=5.0)
    yield browser
    browser.close()
    assert left_behind(folder) == []


def processes(folder: Path) -> dict[int, tuple[int, str]]:
    """{process: (its parent, its command line)} of all that names `folder`, and of the drivers above."""
    known: dict[int, tuple[int, str]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            known[int(path.name)] = (int((path / "stat").read_text().rsplit(")", 1)[1].split()[1]), command)
        except OSError:
            continue
    ours = {number for number, (_, command) in known.items() if str(folder) in command and number != os.getpid()}
    drivers = {known[number][0] for number in ours}
    ours |= {number for number in drivers if number in known and "chromedriver" in known[number][1]}
    return {number: known[number] for number in ours}


def left_behind(folder: Path) -> list[object]:
    """Processes and files that outlive their browser by more than two seconds."""
    deadline = time.monotonic() + 2
    while (left := [*processes(folder).values(), *folder.iterdir()]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def kill(victim: str, folder: Path) -> None:
    """Kills the browser's main process, or the driver."""
    found = [
        number
        for number, (_, command) in processes(folder).items()
        if (victim in command.split(" ")[0] or f"/{victim} " in command)
        and "--type=" not in command
        and "crashpad" not in command
    ]
    assert found, f"there is no {victim} to kill"
    for number in found:
        os.kill(number, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["chromium", "chromedriver"])
def test_a_browser_killed_between_two_pages_is_started_again(victim: str, browser: Browser, folder: Path) -> None:
    first = browser.render(f"{BASE}/page", CLICKS, serve)
    kill(victim, folder)
    assert browser.render(f"{BASE}/page", CLICKS, serve) == first
    assert READY in first


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["chromium", "chromedriver"])
@pytest.mark.parametrize("while_fetching", ["/page", "/data"])
def test_a_browser_killed_in_the_middle_of_a_page_is_started_again(
    while_fetching: str, victim: str, browser: Browser, folder: Path
) -> None:
    killed: list[str] = []

    def deadly(url: str) -> BrowserResponse:
        if url.endswith(while_fetching) and not killed:
            killed.append(url)
            kill(victim, folder)
        return serve(url)

    assert READY in browser.render(f"{BASE}/page", CLICKS, deadly)
    assert killed


@pytest.mark.slow
def test_a_closed_browser_may_be_used_again(browser: Browser, folder: Path) -> None:
    for _ in range(2):
        assert READY in browser.render(f"{BASE}/page", CLICKS, serve)
        assert processes(folder)
        browser.close()
        assert left_behind(folder) == []
    browser.close()


@pytest.mark.slow
def test_a_killed_crawl_leaves_no_browser_running(folder: Path) -> None:
    code = """
import sys, tempfile
from jaso_crawl.browser.browser import Browser
from jaso_crawl.browser.cdp import BrowserResponse
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.types import Clicks
tempfile.tempdir = sys.argv[1]
Browser(find_installed(), "jaso/test").render("http://small.invalid/", Clicks("#a", "#b", "p"), lambda url: BrowserResponse(200, "text/html", b"<p>x"))
print("begun", flush=True)
input()
"""
    crawl = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert crawl.stdout is not None
    assert crawl.stdin is not None
    assert crawl.stdout.readline() == b"begun\n"
    assert len(processes(folder)) > 2
    crawl.kill()
    crawl.communicate()
    deadline = time.monotonic() + 5
    while processes(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes(folder) == {}


@pytest.mark.parametrize("program", [pytest.param("/bin/false", marks=pytest.mark.slow), "/no/such/program"])
@pytest.mark.parametrize("which", ["chromium", "driver"])
def test_a_browser_that_does_not_start_is_told(which: str, program: str, folder: Path) -> None:
    installed = find_installed()
    assert installed is not None
    broken = (
        BrowserInstallation(program, installed.driver)
        if which == "chromium"
        else BrowserInstallation(installed.chromium, program)
    )
    with pytest.raises(NoBrowserError, match="does not start"):
        Browser(broken, "jaso/test").render(f"{BASE}/page", CLICKS, serve)
    assert left_behind(folder) == []


@pytest.mark.slow
def test_two_browsers_of_a_pool_work_side_by_side_and_end_with_it(folder: Path) -> None:
    meeting = threading.Barrier(2)

    def meet(name: str) -> Callable[[str], BrowserResponse]:
        def answer(url: str) -> BrowserResponse:
            if url.endswith("/data"):
                meeting.wait(30)  # passes only when both pages are open at once
                return BrowserResponse(200, "text/html", name.encode())
            return serve(url)

        return answer

    with BrowserPool("jaso/test", 2) as browsers:

        def work(name: str) -> str:
            with browsers.acquire() as browser:
                return browser.render(f"{BASE}/{name}", CLICKS, meet(name))

        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(work, ["a", "b", "c", "d"]))
        assert [f'<p class="text">{name}</p>' in html for name, html in zip("abcd", found, strict=True)] == [True] * 4
        assert browsers.unusable_reason is None
    assert left_behind(folder) == []


@pytest.mark.slow
def test_a_pool_gives_a_browser_back_after_a_failure(folder: Path) -> None:
    def fail(url: str) -> BrowserResponse:
        raise ZeroDivisionError

    with BrowserPool("jaso/test", 1) as browsers:
        with browsers.acquire() as browser, pytest.raises(ZeroDivisionError):
            browser.render(f"{BASE}/page", CLICKS, fail)
        with browsers.acquire() as browser:
            assert READY in browser.render(f"{BASE}/page", CLICKS, serve)


def test_without_a_browser_a_pool_says_why() -> None:
    with (
        BrowserPool("jaso/test", 1, allowed=False) as browsers,
        pytest.raises(NoBrowserError, match="render=never"),
        browsers.acquire(),
    ):
        pass
