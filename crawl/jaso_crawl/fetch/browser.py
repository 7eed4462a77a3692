"""Headless Chromium for the pages whose text a script fills in. It has no network of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from urllib3.exceptions import HTTPError

from jaso_crawl.fetch.devtools import DevTools, Serve, refuse_all
from jaso_crawl.fetch.installed import LEASH_VARIABLE, Installed, leashed
from jaso_crawl.pages import Clicks, Pager

T = TypeVar("T")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # A dead end: what is not handed to us (there should be no such thing) reaches nobody, and no name is looked up.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
)
# What Selenium raises when the browser, or the driver, has gone.
_DEAD = (WebDriverException, HTTPError, OSError)
_ATTEMPTS = 5  # a page: browsers die, and so do new ones
_POLL_SECONDS = 0.02
_MOST_CLICKS = 200
_LAST_PAGE_SECONDS = 1.0
_BLANK = "about:blank"
_LOADED = "return document.URL.split('#')[0] === arguments[0] && document.readyState !== 'loading'"
_FILLED = "return [...document.querySelectorAll(arguments[0])].every(element => element.textContent.trim() !== '')"
_MATCHES = "return arguments[0].isConnected && arguments[0].matches(arguments[1])"


class NoBrowserError(Exception):
    """There is no browser, or it does not start."""


class PageTroubleError(Exception):
    """A page that a browser cannot bring to an end; `reason` as in rejected.jsonl."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Browser:
    """One browser, started at the first page and again when it dies. Not for two threads at a time.

    `wait` in seconds: how long a page may stand still before it is given up; time spent fetching does not count.
    """

    def __init__(self, installed: Installed, user_agent: str, wait: float = 15.0) -> None:
        self._installed = installed
        self._user_agent = user_agent
        self._wait = wait
        self._driver: Chrome | None = None
        self._devtools: DevTools | None = None
        self._folder: Path | None = None

    def render(self, url: str, clicks: Clicks, serve: Serve) -> str:
        """The page's HTML after all that is folded on it was opened; `serve` answers the requests it makes.

        PageTroubleError; NoBrowserError; whatever `serve` raises. A browser that died is started again.
        """
        return self._with_driver(serve, lambda driver: self._render(driver, url, clicks))

    def walk(self, url: str, pager: Pager, serve: Serve) -> list[str]:
        """The HTML of each page of a list, in their order. Ends where the pager no longer moves. Raises as `render`."""
        return self._with_driver(serve, lambda driver: list(self._walk(driver, url, pager)))

    def close(self) -> None:
        """Ends the browser; it may be used again."""
        if self._devtools is not None:
            self._devtools.close()
        if self._driver is not None:
            with suppress(*_DEAD):
                self._driver.quit()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._driver = self._devtools = self._folder = None

    def _with_driver(self, serve: Serve, work: Callable[[Chrome], T]) -> T:
        failure, came_up = "", False
        for _ in range(_ATTEMPTS):
            try:
                driver, devtools = self._started()
            except _DEAD as error:
                failure = _first_line(error)
                self.close()
                continue
            came_up = True
            devtools.serve, devtools.error = serve, None
            try:
                found = work(driver)
                self._raise_error()
                self._open(driver, _BLANK)  # its scripts and timers end here
                return found
            except UnexpectedAlertPresentException as error:
                raise PageTroubleError("missing", f"the page shows an alert: {error.alert_text}") from None
            except TimeoutException:
                self._raise_error()
                raise PageTroubleError("render_timeout", f"text was still missing after {self._wait:.0f} s") from None
            except _DEAD as error:
                self._raise_error()
                failure = _first_line(error)
                self.close()
            finally:
                devtools.serve = refuse_all
        if not came_up:
            raise NoBrowserError(f"{self._installed.chromium} does not start ({failure})")
        raise PageTroubleError("render_failed", failure)

    def _raise_error(self) -> None:
        if self._devtools is not None and self._devtools.error is not None:
            raise self._devtools.error

    def _render(self, driver: Chrome, url: str, clicks: Clicks) -> str:
        self._open(driver, url)
        self._dismiss(driver, clicks.dismiss)
        for _ in range(_MOST_CLICKS):
            folded = driver.find_elements(By.CSS_SELECTOR, clicks.open)
            if not folded:
                break
            self._click(driver, folded[0], clicks.dismiss)
            self._until(driver, partial(_no_longer, folded[0], clicks.open))
        self._until(driver, lambda waited: waited.execute_script(_FILLED, clicks.filled))
        return driver.page_source

    def _walk(self, driver: Chrome, url: str, pager: Pager) -> Iterator[str]:
        self._open(driver, url)
        self._until(driver, lambda waited: waited.find_elements(By.CSS_SELECTOR, pager.current))
        self._dismiss(driver, pager.dismiss)
        yield driver.page_source
        while self._turn(driver, pager):
            yield driver.page_source

    def _turn(self, driver: Chrome, pager: Pager) -> bool:
        """To the next page of a list; False at its end."""
        before = _state(driver, pager)
        button = next(iter(driver.find_elements(By.CSS_SELECTOR, pager.next)), None)
        if button is None or not button.is_enabled():
            return False
        self._click(driver, button, pager.dismiss)
        try:
            # The rows of the next page, not only its number.
            self._until(driver, lambda waited: _turned(before, _state(waited, pager)), _LAST_PAGE_SECONDS)
        except TimeoutException:
            return False  # the same number again is the end
        return True

    def _open(self, driver: Chrome, url: str) -> None:
        driver.get(url)
        self._until(driver, lambda waited: waited.execute_script(_LOADED, url.partition("#")[0]))

    def _dismiss(self, driver: Chrome, selector: str) -> None:
        """Closes what covers the page; on most pages there is nothing."""
        for button in driver.find_elements(By.CSS_SELECTOR, selector):
            with suppress(StaleElementReferenceException, ElementNotInteractableException):
                button.click()

    def _click(self, driver: Chrome, button: Any, dismiss: str) -> None:
        try:
            button.click()
        except (ElementClickInterceptedException, ElementNotInteractableException):
            # Something came late and covers it, or it has no size: a script's click needs neither.
            self._dismiss(driver, dismiss)
            driver.execute_script("arguments[0].click()", button)

    def _until(self, driver: Chrome, condition: Callable[[Chrome], Any], patience: float | None = None) -> None:
        """Waits while the page is still asking for things, and `patience` seconds beyond. TimeoutException."""
        patience = self._wait if patience is None else patience
        while True:
            try:
                WebDriverWait(driver, patience, poll_frequency=_POLL_SECONDS).until(condition)
                return
            except TimeoutException:
                self._raise_error()
                if self._devtools is None or self._devtools.idle_seconds() >= patience:
                    raise

    def _started(self) -> tuple[Chrome, DevTools]:
        if self._driver is None or self._devtools is None:
            self._driver = self._start()
            self._devtools = DevTools(self._driver.capabilities["goog:chromeOptions"]["debuggerAddress"])
        return self._driver, self._devtools

    def _start(self) -> Chrome:
        self._folder = Path(tempfile.mkdtemp(prefix="jaso-browser-"))
        options = ChromeOptions()
        options.binary_location = str(leashed(self._installed.chromium, self._folder / "chromium.sh"))
        options.unhandled_prompt_behavior = "dismiss and notify"
        options.page_load_strategy = "none"  # how long a page may take is ours to say: see _until
        with warnings.catch_warnings():
            # $http_proxy is not the way to a driver on this machine. Deprecated for what Chrome() does not take yet.
            warnings.simplefilter("ignore", DeprecationWarning)
            options.ignore_local_proxy_environment_variables()
        for flag in (*_FLAGS, f"--user-agent={self._user_agent}", f"--user-data-dir={self._folder / 'profile'}"):
            options.add_argument(flag)
        # In a session of its own the driver gets no Ctrl-C; it ends with us.
        driver = leashed(self._installed.driver, self._folder / "driver.sh")
        environment = {**os.environ, LEASH_VARIABLE: str(os.getpid())}
        return Chrome(
            options=options, service=Service(str(driver), env=environment, popen_kw={"start_new_session": True})
        )


def _first_line(error: Exception) -> str:
    return next(iter((getattr(error, "msg", None) or str(error)).splitlines()), type(error).__name__)


def _no_longer(element: Any, selector: str, driver: Chrome) -> bool:
    return not driver.execute_script(_MATCHES, element, selector)


def _state(driver: Chrome, pager: Pager) -> tuple[str, str]:
    """The number that the pager shows, and the rows' text."""
    script = (
        "return [arguments[0], arguments[1]].map(s => [...document.querySelectorAll(s)].map(e => e.textContent).join())"
    )
    number, rows = driver.execute_script(script, pager.current, pager.rows)
    return number, rows


def _turned(before: tuple[str, str], now: tuple[str, str]) -> bool:
    return now[0] != before[0] and now[1] not in ("", before[1])
