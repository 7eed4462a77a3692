"""Headless Chromium for pages filled in by scripts; without network access."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
    UnexpectedAlertPresentException,
    WebDriverException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from urllib3.exceptions import HTTPError

from jaso_crawl.browser.cdp import DevTools, RequestHandler, refuse_all
from jaso_crawl.browser.find_chromium import BrowserInstallation
from jaso_crawl.browser.launch import launch, remove_profile
from jaso_crawl.browser.page_limits import OverLimitError, PageBudget, PageLimits
from jaso_crawl.types import (
    Clicks,
    Pager,
)

T = TypeVar("T")

# What Selenium raises when the browser or the driver is gone.
_DRIVER_ERRORS = (WebDriverException, HTTPError, OSError)
_ATTEMPTS = 12  # per page: browsers crash at random, new ones too
_POLL_SECONDS = 0.02
_MAX_CLICKS = 200
_LAST_PAGE_SECONDS = 1.0
_BLANK = "about:blank"
_LOADED = "return document.URL.split('#')[0] === new URL(arguments[0]).href && document.readyState !== 'loading'"
_FILLED = (
    "const all = [...document.querySelectorAll(arguments[0])];"
    "return all.length > 0 && all.every(element => element.textContent.trim() !== '')"
)
_SIZE = "return document.documentElement.outerHTML.length"
_MATCHES = "return arguments[0].matches(arguments[1])"


class NoBrowserError(Exception):
    """There is no browser, or it does not start."""


class RenderError(Exception):
    """A page that cannot be rendered; `reason` as in rejected.jsonl."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Browser:
    """One browser, started at the first page and restarted when it dies.

    Not thread-safe. `wait` in seconds: how long a page may be idle before it is given up; time spent fetching does not
    count. `limits`: what a page may cost that is never idle.
    """

    def __init__(
        self,
        installed: BrowserInstallation,
        user_agent: str,
        wait: float = 15.0,
        limits: PageLimits = PageLimits(),  # noqa: B008 - immutable
    ) -> None:
        self._installed = installed
        self._user_agent = user_agent
        self._wait = wait
        self._limits = limits
        self._budget = PageBudget(limits, refuse_all)
        self._driver: Chrome | None = None
        self._devtools: DevTools | None = None
        self._folder: Path | None = None

    def render(self, url: str, clicks: Clicks, serve: RequestHandler) -> str:
        """Return the page's HTML after opening everything folded.

        `serve` answers the requests that the page makes. RenderError; NoBrowserError; any error of `serve`. A browser
        that died is restarted.
        """
        return self._with_driver(url, serve, lambda driver: self._render(driver, url, clicks))

    def walk(self, url: str, pager: Pager, serve: RequestHandler) -> list[str]:
        """Return the HTML of each page of a paged list, in order.

        Ends where the pager no longer moves. Raises as `render`.
        """
        return self._with_driver(url, serve, lambda driver: list(self._walk(driver, url, pager)))

    def close(self) -> None:
        """Quit the browser; it may be used again."""
        if self._devtools is not None:
            self._devtools.close()
        if self._driver is not None:
            with suppress(*_DRIVER_ERRORS):
                self._driver.quit()
        if self._folder is not None:
            remove_profile(self._folder)
        self._driver = self._devtools = self._folder = None

    def _with_driver(self, url: str, serve: RequestHandler, work: Callable[[Chrome], T]) -> T:
        failure, has_started = "", False
        for _ in range(_ATTEMPTS):
            try:
                driver, devtools = self._ensure_started()
            except _DRIVER_ERRORS as error:
                failure = _first_line(error)
                self.close()
                continue
            has_started = True
            self._budget = PageBudget(self._limits, serve)
            devtools.serve, devtools.error = _restrict_to_host(url, self._budget.serve), None
            is_clean = False
            try:
                result = work(driver)
                self._raise_error()
                is_clean = True
                return result
            except OverLimitError as error:
                raise RenderError(error.reason, str(error)) from None
            except UnexpectedAlertPresentException as error:
                raise RenderError("missing", f"the page shows an alert: {error.alert_text}") from None
            except TimeoutException:
                self._raise_page_error()
                raise RenderError("render_timeout", f"text was still missing after {self._wait:.0f} s") from None
            except _DRIVER_ERRORS as error:
                self._raise_page_error()
                failure = _first_line(error)
            finally:
                devtools.serve = refuse_all
                # No timer and no alert of this page may reach the next one.
                if not (is_clean and self._leave_page(driver)):
                    self.close()
        if not has_started:
            raise NoBrowserError(f"{self._installed.chromium} does not start ({failure})")
        raise RenderError("render_failed", failure)

    def _leave_page(self, driver: Chrome) -> bool:
        """Open a blank page; return whether the last page is gone with its scripts.

        False when it shows alerts or has opened windows.
        """
        try:
            self._open(driver, _BLANK)
            return len(driver.window_handles) == 1
        except _DRIVER_ERRORS:
            return False

    def _raise_error(self) -> None:
        if self._devtools is not None and self._devtools.error is not None:
            raise self._devtools.error

    def _raise_page_error(self) -> None:
        try:
            self._raise_error()
        except OverLimitError as error:
            raise RenderError(error.reason, str(error)) from None

    def _read_html(self, driver: Chrome) -> str:
        """Return the page's HTML, after a look at its size in the browser."""
        self._budget.check_size(int(driver.execute_script(_SIZE)))
        return driver.page_source

    def _render(self, driver: Chrome, url: str, clicks: Clicks) -> str:
        self._open(driver, url)
        self._dismiss(driver, clicks.dismiss)
        for _ in range(_MAX_CLICKS):
            # A script may still be making the buttons, and the elements that are to be filled.
            self._wait_until(driver, partial(_open_or_filled, clicks))
            fold_buttons = driver.find_elements(By.CSS_SELECTOR, clicks.open)
            if not fold_buttons:
                break
            with suppress(StaleElementReferenceException):  # replaced by a script: it is found again
                self._click(driver, fold_buttons[0], clicks.dismiss)
            self._wait_until(driver, partial(_has_stopped_matching, fold_buttons[0], clicks.open))
        self._wait_until(driver, lambda chrome: chrome.execute_script(_FILLED, clicks.filled))
        return self._read_html(driver)

    def _walk(self, driver: Chrome, url: str, pager: Pager) -> Iterator[str]:
        self._open(driver, url)
        self._wait_until(driver, lambda chrome: chrome.find_elements(By.CSS_SELECTOR, pager.current))
        with suppress(TimeoutException):  # a list may be empty
            self._wait_until(driver, lambda chrome: _pager_state(chrome, pager)[1], _LAST_PAGE_SECONDS)
        self._dismiss(driver, pager.dismiss)
        yield self._read_html(driver)
        while self._go_to_next_page(driver, pager):
            self._budget.turn_page()
            yield self._read_html(driver)

    def _go_to_next_page(self, driver: Chrome, pager: Pager) -> bool:
        """Go to the next page of a list; return False at its end."""
        before = _pager_state(driver, pager)
        button = next(iter(driver.find_elements(By.CSS_SELECTOR, pager.next)), None)
        if button is None or not button.is_enabled():
            return False
        self._click(driver, button, pager.dismiss)
        try:
            # The rows of the next page, not only its number.
            self._wait_until(
                driver, lambda chrome: _has_turned(before, _pager_state(chrome, pager)), _LAST_PAGE_SECONDS
            )
        except TimeoutException:
            return False  # the same number again is the end
        return True

    def _open(self, driver: Chrome, url: str) -> None:
        driver.get(url)
        self._wait_until(driver, lambda chrome: chrome.execute_script(_LOADED, url.partition("#")[0]))

    def _dismiss(self, driver: Chrome, selector: str) -> None:
        """Close layers that cover the page; most pages have none."""
        for button in driver.find_elements(By.CSS_SELECTOR, selector):
            with suppress(StaleElementReferenceException, ElementNotInteractableException):
                try:
                    button.click()
                except ElementClickInterceptedException:  # one layer lies upon another
                    driver.execute_script("arguments[0].click()", button)

    def _click(self, driver: Chrome, button: Any, dismiss: str) -> None:
        try:
            button.click()
        except (ElementClickInterceptedException, ElementNotInteractableException):
            # A late layer covers it, or it has no size: neither matters to a script's click.
            self._dismiss(driver, dismiss)
            driver.execute_script("arguments[0].click()", button)

    def _wait_until(self, driver: Chrome, condition: Callable[[Chrome], Any], patience: float | None = None) -> None:
        """Wait for a condition: while requests go on, then `patience` seconds.

        TimeoutException.
        """
        patience = self._wait if patience is None else patience

        def is_met(chrome: Chrome) -> Any:
            self._raise_error()
            self._budget.check_time()
            return condition(chrome)

        while True:
            try:
                WebDriverWait(driver, patience, poll_frequency=_POLL_SECONDS).until(is_met)
                return
            except TimeoutException:
                self._raise_error()
                if self._devtools is None or self._devtools.idle_seconds() >= patience:
                    raise

    def _ensure_started(self) -> tuple[Chrome, DevTools]:
        if self._driver is None or self._devtools is None:
            self._folder = Path(tempfile.mkdtemp(prefix="jaso-browser-"))
            self._driver = launch(self._installed, self._user_agent, self._folder)
            self._driver.set_script_timeout(self._wait)  # an endless script of the page blocks ours
            self._devtools = DevTools(self._driver.capabilities["goog:chromeOptions"]["debuggerAddress"])
        return self._driver, self._devtools


def _first_line(error: Exception) -> str:
    return next(iter((getattr(error, "msg", None) or str(error)).splitlines()), type(error).__name__)


def _restrict_to_host(page: str, serve: RequestHandler) -> RequestHandler:
    """Restrict `serve` to the page's own host; other hosts serve advertising."""
    host = urlsplit(page).hostname
    return lambda url: serve(url) if urlsplit(url).hostname == host else None


def _open_or_filled(clicks: Clicks, driver: Chrome) -> Any:
    return driver.find_elements(By.CSS_SELECTOR, clicks.open) or driver.execute_script(_FILLED, clicks.filled)


def _has_stopped_matching(element: Any, selector: str, driver: Chrome) -> bool:
    try:
        return not driver.execute_script(_MATCHES, element, selector)
    except StaleElementReferenceException:
        return True  # it is gone altogether


def _pager_state(driver: Chrome, pager: Pager) -> tuple[str, str]:
    """Return the pager's current number and the rows' text."""
    script = (
        "return [arguments[0], arguments[1]].map(s => [...document.querySelectorAll(s)].map(e => e.textContent).join())"
    )
    number, rows = driver.execute_script(script, pager.current, pager.rows)
    return number, rows


def _has_turned(before: tuple[str, str], now: tuple[str, str]) -> bool:
    return now[0] != before[0] and now[1] not in ("", before[1])
