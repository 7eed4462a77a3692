"""Launch headless Chromium without network access; remove its profile folder."""

from __future__ import annotations

import os
import shutil
import time
import warnings
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from jaso_crawl.browser.find_chromium import PARENT_PID_VARIABLE, BrowserInstallation, with_parent_death_signal

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # A proxy that does not exist: a request that is not intercepted fails, and no host name is looked up.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older Chromiums
)
_REMOVE_TIMEOUT_SECONDS = 3.0
_POLL_SECONDS = 0.02


def launch(installed: BrowserInstallation, user_agent: str, folder: Path) -> Chrome:
    """Start a driver and its browser, with the profile in `folder`.

    Raises Selenium's exceptions and OSError.
    """
    options = ChromeOptions()
    options.binary_location = str(with_parent_death_signal(installed.chromium, folder / "chromium.sh"))
    options.unhandled_prompt_behavior = "dismiss and notify"
    options.page_load_strategy = "none"  # the caller decides how long to wait
    with warnings.catch_warnings():
        # $http_proxy must not be used for the local driver. Deprecated, but Chrome() lacks the replacement.
        warnings.simplefilter("ignore", DeprecationWarning)
        options.ignore_local_proxy_environment_variables()
    for flag in (*_FLAGS, f"--user-agent={user_agent}", f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    # In its own session the driver gets no Ctrl-C; it ends with its parent.
    driver = with_parent_death_signal(installed.driver, folder / "driver.sh")
    environment = {**os.environ, PARENT_PID_VARIABLE: str(os.getpid())}
    return Chrome(options=options, service=Service(str(driver), env=environment, popen_kw={"start_new_session": True}))


def remove_profile(folder: Path) -> None:
    """Remove the profile folder, retrying for a few seconds.

    A browser writes into it until it exits, and some of its processes live a little longer.
    """
    deadline = time.monotonic() + _REMOVE_TIMEOUT_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            time.sleep(_POLL_SECONDS)
