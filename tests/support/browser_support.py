"""A real Chromium, without a window."""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from jaso_crawl.browser.find_chromium import find_installed

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


def open_chrome(profile: Path) -> Chrome:
    """Start the installed Chromium with logs of the network and the console."""
    installed = find_installed()
    assert installed is not None
    options = ChromeOptions()
    options.binary_location = installed.chromium
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    return Chrome(options=options, service=Service(installed.driver))


def set_width(driver: Chrome, width: int) -> None:
    """Give the window a width in CSS pixels."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
