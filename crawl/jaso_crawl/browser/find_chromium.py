"""Find Chromium and chromedriver; make them die with their parent process."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HOW_TO_INSTALL = "install Chromium and its driver (Debian: apt-get install chromium chromium-driver)"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

# 1 is PR_SET_PDEATHSIG, 9 is SIGKILL. A parent that died before the call sends no signal: then exit at once.
PARENT_PID_VARIABLE = "JASO_LEASH"
_DEATH_SIGNAL_SCRIPT = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(os.environ["{PARENT_PID_VARIABLE}"]):
    sys.exit(1)
os.environ["{PARENT_PID_VARIABLE}"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class BrowserInstallation:
    """Paths of the browser and its driver."""

    chromium: str
    driver: str


def find_browser() -> str | None:
    """Return the browser from $CHROME, else the first of BROWSERS in $PATH."""
    return os.environ.get("CHROME") or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def find_driver() -> str | None:
    """Return the driver from $CHROMEDRIVER, else from $PATH."""
    return os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")


def find_installed() -> BrowserInstallation | None:
    """Return the browser with its driver; None when either is absent."""
    chromium, driver = find_browser(), find_driver()
    return BrowserInstallation(chromium, driver) if chromium and driver else None


def with_parent_death_signal(program: str, script: Path) -> Path:
    """Write a script that runs `program` and is killed with its parent.

    Uses prctl(PR_SET_PDEATHSIG). Without it a killed crawl leaves its browser behind: the driver does not notice that
    its parent is gone, nor the browser that the driver is. Only Linux supports this; elsewhere the program's own path
    is returned.
    """
    if sys.platform != "linux":
        return Path(program)
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(
        f'#!/bin/sh\nexec {shlex.join([sys.executable, "-IS", "-c", _DEATH_SIGNAL_SCRIPT, program])} "$@"\n'
    )
    script.chmod(0o700)
    return script
