"""A crawl that is killed, again and again, and what it gives in the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sample_webs import asked_twice, gaps, read_log

from jaso_crawl.browser.find_chromium import find_installed

Crawl = Callable[..., Path]
FILES = ("documents.jsonl", "rejected.jsonl", "truth.jsonl")
DELAY = 0.05
needs_browser = pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")


def config(**more: Any) -> dict[str, Any]:
    return {
        "source": "sample", "letters": 40, "interviews": 12, "seed": 3, "sites": ["jobkorea", "eduss", "linkareer"],
        "hazards": ["all"], **more,
    }  # fmt: skip


def start(out: Path, **more: Any) -> subprocess.Popen[bytes]:
    program = f"from jaso_crawl.run import run, settings; run(settings({config(out=str(out), **more)!r}))"
    return subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_killing_a_crawl_changes_nothing_and_asks_for_nothing_again(crawl: Crawl, tmp_path: Path) -> None:
    undisturbed = crawl("undisturbed", **config())
    killed, chance = tmp_path / "killed", random.Random(0)
    for _ in range(4):
        process = start(killed, delay=DELAY)
        time.sleep(chance.uniform(1.0, 3.0))
        process.kill()
        process.wait()
    assert start(killed, delay=DELAY).wait() == 0
    for name in FILES:
        assert (killed / name).read_bytes() == (undisturbed / name).read_bytes()
    requests = read_log(killed / "cache" / "requests.jsonl")
    # Only what was under way at a kill may have been answered without anyone having stored it.
    assert len(asked_twice(requests)) <= 4
    assert min(gaps(requests)) >= DELAY


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_killing_its_browsers_changes_nothing(crawl: Crawl, tmp_path: Path) -> None:
    quiet = {"letters": 90, "sites": ["eduss", "linkareer"], "hazards": ["script"], "interviews": 0}
    undisturbed = crawl("undisturbed", **config(**quiet))
    out, chance, kills = tmp_path / "killed", random.Random(1), 0
    process = start(out, delay=0.1, **quiet)
    while process.poll() is None:
        time.sleep(chance.uniform(0.8, 2.0))
        kills += kill_one_browser(process.pid, chance) if kills < 4 else 0
    assert process.returncode == 0
    assert kills > 0
    assert (out / "documents.jsonl").read_bytes() == (undisturbed / "documents.jsonl").read_bytes()


def kill_one_browser(session: int, chance: random.Random) -> int:
    """Kills a browser (or its driver) of the crawl; returns how many."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parents = ancestors(int(folder.name))
        except (OSError, ValueError, IndexError):
            continue
        is_main = b"--user-data-dir=" in command and b"--type=" not in command
        if session in parents and b"crashpad" not in command and (is_main or b"chromedriver\0" in command):
            found.append(int(folder.name))
    if not found:
        return 0
    os.kill(chance.choice(found), signal.SIGKILL)
    return 1


def ancestors(pid: int) -> list[int]:
    """The processes that this one comes from."""
    found = []
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        found.append(pid)
    return found
