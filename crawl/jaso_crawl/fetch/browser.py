"""Headless Chromium for the pages whose text a script fills in. One browser is started and used for all."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from selenium.common.exceptions import NoSuchElementException, TimeoutException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from urllib3.exceptions import HTTPError

from jaso_crawl.fetch.engine import iso_date
from jaso_crawl.pages import Clicks, Link, Page, Rejection

HOW_TO_INSTALL = "install Chromium and its driver (Debian: apt-get install chromium chromium-driver)"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
# What Selenium raises when the browser, or the driver, has gone.
_DEAD = (WebDriverException, HTTPError)
_OWN_SESSION = {"start_new_session": True}
_ALL_FILLED = """
return [...document.querySelectorAll(arguments[0])].every(element => element.textContent.trim() !== "");
"""


# 1 is PR_SET_PDEATHSIG, 9 is SIGKILL. A parent that died before the call sends nothing: then we are alone already.
_LEASH_VARIABLE = "JASO_LEASH"
_LEASH = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(os.environ["{_LEASH_VARIABLE}"]):
    sys.exit(1)
os.environ["{_LEASH_VARIABLE}"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Installed:
    """Where the browser and its driver are."""

    chromium: str
    driver: str


def find_browser() -> str | None:
    """From $CHROME, else the first of BROWSERS in $PATH."""
    return os.environ.get("CHROME") or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def find_driver() -> str | None:
    """From $CHROMEDRIVER, else from $PATH."""
    return os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")


def find_installed() -> Installed | None:
    """The browser with its driver; None when either is absent."""
    chromium, driver = find_browser(), find_driver()
    return Installed(chromium, driver) if chromium and driver else None


class Browser:
    """A context: `with Browser(...) as browser: browser.render(...)`. Started at the first page, again if it dies.

    `unusable` says why there is none: because nothing is `installed` (then it is `reason`) or it does not start.
    """

    def __init__(
        self,
        installed: Installed | None,
        reason: str,
        user_agent: str,
        proxy: str | None,
        profile: Path,
        wait: float = 15.0,
    ) -> None:
        self._installed = installed
        self.unusable = reason if installed is None else None
        self._user_agent = user_agent
        self._proxy = proxy
        self._profile = profile
        self._wait = wait
        self._driver: Chrome | None = None

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._quit()

    def render(self, link: Link, clicks: Clicks) -> Page | Rejection:
        """The page after everything on it was opened. A browser that died is started once more."""
        failed = ""
        for _ in range(2):
            driver = self._started()
            if driver is None:
                return Rejection(link.url, "needs_browser", "its text is filled in by a script, and no browser ran")
            try:
                return self._render(driver, link, clicks)
            except TimeoutException:
                return Rejection(link.url, "render_timeout", f"text was still missing after {self._wait:.0f} s")
            except _DEAD as error:
                failed = _first_line(error)
                self._quit()
        return Rejection(link.url, "render_failed", failed)

    def _started(self) -> Chrome | None:
        if self._driver is None and self._installed is not None and self.unusable is None:
            try:
                self._driver = self._start(self._installed)
            except (*_DEAD, OSError) as error:
                self.unusable = f"{self._installed.chromium} does not start ({_first_line(error)})"
        return self._driver

    def _render(self, driver: Chrome, link: Link, clicks: Clicks) -> Page | Rejection:
        _network_log(driver)  # empties it: what follows belongs to this page
        driver.get(link.url)
        status, date = _response_of(_network_log(driver), link.url)
        if status != 200:
            return Rejection(link.url, f"http_{status}", f"the server answered {status}")
        with suppress(NoSuchElementException):
            driver.find_element(By.CSS_SELECTOR, clicks.dismiss).click()
        for button in driver.find_elements(By.CSS_SELECTOR, clicks.open):
            button.click()
        WebDriverWait(driver, self._wait, poll_frequency=0.05).until(
            lambda waited: waited.execute_script(_ALL_FILLED, clicks.filled)
        )
        return Page(link.url, driver.page_source, iso_date(date), link.context, rendered=True)

    def _start(self, installed: Installed) -> Chrome:
        options = ChromeOptions()
        options.binary_location = str(_leashed(installed.chromium, self._profile.with_suffix(".sh")))
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        options.unhandled_prompt_behavior = "dismiss"
        with warnings.catch_warnings():
            # $http_proxy is not the way to a driver on this machine. Deprecated for what Chrome() does not take yet.
            warnings.simplefilter("ignore", DeprecationWarning)
            options.ignore_local_proxy_environment_variables()
        for flag in (*_FLAGS, f"--user-agent={self._user_agent}", f"--user-data-dir={self._profile}"):
            options.add_argument(flag)
        if self._proxy is not None:
            # Even loopback goes through the proxy, and no name is ever looked up elsewhere.
            options.add_argument(f"--proxy-server={urlsplit(self._proxy).netloc}")
            options.add_argument("--proxy-bypass-list=<-loopback>")
        shutil.rmtree(self._profile, ignore_errors=True)  # a killed browser leaves its lock behind
        # In a session of its own the driver gets no Ctrl-C; it ends with us.
        leashed = _leashed(installed.driver, self._profile.with_suffix(".driver.sh"))
        environment = {**os.environ, _LEASH_VARIABLE: str(os.getpid())}
        service = Service(str(leashed), env=environment, popen_kw=_OWN_SESSION)
        driver = Chrome(options=options, service=service)
        driver.set_page_load_timeout(self._wait)
        return driver

    def _quit(self) -> None:
        if self._driver is not None:
            with suppress(*_DEAD, OSError):
                self._driver.quit()
            self._driver = None


def _first_line(error: Exception) -> str:
    return next(iter((getattr(error, "msg", None) or str(error)).splitlines()), type(error).__name__)


def _network_log(driver: Chrome) -> list[dict[str, Any]]:
    """Chromium's network events since the last call."""
    entries: Any = driver.get_log("performance")  # type: ignore[no-untyped-call]
    return [json.loads(entry["message"])["message"] for entry in entries]


def _response_of(log: list[dict[str, Any]], url: str) -> tuple[int, str | None]:
    """Status and Date of the page itself, from Chromium's performance log; (0, None) when it got none."""
    for message in log:
        if message["method"] != "Network.responseReceived" or message["params"]["type"] != "Document":
            continue
        response = message["params"]["response"]
        if response["url"] == url:
            headers = {name.lower(): value for name, value in response["headers"].items()}
            return int(response["status"]), headers.get("date")
    return 0, None


def _leashed(program: str, script: Path) -> Path:
    """A script that runs `program` so that the kernel ends it with the process that started it.

    A killed crawl would else leave its browser behind: the driver does not notice that we are gone, nor the browser
    that the driver is. Only Linux can do this; elsewhere the program itself is given back.
    """
    if sys.platform != "linux":
        return Path(program)
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-IS", "-c", _LEASH, program])} "$@"\n')
    script.chmod(0o700)
    return script
