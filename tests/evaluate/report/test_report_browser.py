"""The report in a real browser: hostile texts act on nothing, nothing is fetched, and the filters need no script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser_support import open_chrome, set_width
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from jaso_crawl.browser.find_chromium import find_installed

from .test_report import entry, page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver"),
]


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    driver = open_chrome(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


def hostile(address: str) -> dict[str, str]:
    """Texts by what they try, and how the page must read: {text: what is read}."""
    return {
        "<script>document.title='owned';alert(1)</script>": "<script>document.title='owned';alert(1)</script>",
        f"</div></article></main></body><img src={address}/i.png onerror=alert(2)>": "",
        f"<style>@import '{address}/s.css';body{{display:none}}</style>": "",
        f'<meta http-equiv="refresh" content="0;url={address}/m"><iframe src={address}/f>': "",
        f'"><a href="javascript:alert(3)" autofocus onfocus=alert(4)>{address}</a>': "",
        f'=HYPERLINK("{address}/x","go")': "",
        "왼쪽 \u202e뒤집힌 글": "왼쪽 [U+202E]뒤집힌 글",
        "\u2067격리 끝 없음 \u202b둘": "[U+2067]격리 끝 없음 [U+202B]둘",
        "널\x00벨\x07탈출\x1b[2J": "널[U+0000]벨[U+0007]탈출[U+001B][2J",
        "Z\u0334\u0340\u034e\u0357" * 300 + "끝": "",
        "👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d💻 🏳\ufe0f\u200d🌈 🇰🇷": "",
        "\u0301혼자": "[U+0301]혼자",
        "שלום עולם مرحبا 안녕 123": "",
        "": "empty",
        "가" * 100_000: "가" * 3000 + " … (97,000 more characters)",
        "W" * 1_000_000: "W" * 3000 + " … (997,000 more characters)",
    }


@pytest.fixture(scope="module")
def shown(asked: tuple[str, list[str]], browser: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Chrome:
    """The browser with a page of hostile texts in all fields."""
    rows: list[dict[str, Any]] = []
    for i, text in enumerate(hostile(asked[0])):
        name = text[:300]
        rows.append({"prediction": text, "reference": text[::-1], "prompt": text, "question": name, "id": f"{i} {name}",
                     "candidates": [text], "company": name, "occupation": ("ICT", "BM", name)[i % 3],
                     "experience": ("NEW", "EXPERIENCED")[i % 2], "stop": ("end", "length")[i % 2]})  # fmt: skip
    part = {"chrf": {"value": 1.0, "ci95": [0.5, 2.0], "n": 1}}
    by = {"occupation": {str(row["occupation"]): part for row in rows}}
    scores = {"chrf": [float(i) for i in range(len(rows))], "leak_person": [100.0 * (i == 1) for i in range(len(rows))]}
    share = entry(unit="% of texts", higher_is_better=False, signature="own")
    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(rows, {"chrf": entry(), "leak_person": share}, scores, by), encoding="utf-8")
    browser.get(file.as_uri())
    return browser


def texts(driver: Chrome, selector: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    return [str(text) for text in driver.execute_script(script, selector)]


def visible(driver: Chrome) -> list[int]:
    """The numbers of the texts that are shown, from their ids."""
    script = "return [...document.querySelectorAll('.sample')].filter(e => e.offsetParent).map(e => e.ariaLabel)"
    return sorted(int(str(label).split()[0]) for label in driver.execute_script(script))


def test_nothing_acts(shown: Chrome, asked: tuple[str, list[str]]) -> None:
    with pytest.raises(NoAlertPresentException):
        _ = shown.switch_to.alert.text
    assert shown.title == "Scores of p.jsonl – jaso"
    assert shown.execute_script("return document.querySelectorAll('script, img, iframe, base, article a').length") == 0
    events = [json.loads(line["message"])["message"] for line in shown.get_log("performance")]
    requests = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    # The browser's own first page is not ours.
    assert [url for url in requests if not url.startswith(("file:", "chrome:", "chrome-untrusted:", "data:"))] == []
    assert any(url.startswith("file:") for url in requests)
    assert asked[1] == []
    assert [line for line in shown.get_log("browser") if line["level"] == "SEVERE"] == []


def test_the_texts_are_what_they_are(shown: Chrome, asked: tuple[str, list[str]]) -> None:
    expected = hostile(asked[0])
    found = texts(shown, ".pair > div:last-child > .text")
    assert sorted(found) == sorted(readable or text for text, readable in expected.items())


@pytest.mark.parametrize("width", [1200, 420])
def test_the_page_is_no_wider_than_its_window(shown: Chrome, width: int) -> None:
    set_width(shown, width)
    assert shown.execute_script("return document.documentElement.scrollWidth") <= width
    wide = "return [...document.querySelectorAll('.sample, .sample .text')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert shown.execute_script(wide) == 0


def test_an_override_ends_where_its_text_ends(shown: Chrome) -> None:
    """Latin letters after a text keep their order: the second lies to the right of the first."""
    script = """
    const chips = [...document.querySelectorAll('.sample .chips')];
    return chips.every(list => {
      const node = list.querySelector('li:last-child').firstChild, range = document.createRange();
      const x = i => { range.setStart(node, i); range.setEnd(node, i + 1); return range.getBoundingClientRect().left; };
      return x(0) < x(1);
    });"""
    assert shown.execute_script(script) is True


def test_filters_by_keyboard(shown: Chrome) -> None:
    n = len(visible(shown))
    start = shown.find_element(By.ID, "end-0")
    start.send_keys(Keys.ARROW_RIGHT)
    labels = texts(shown, ".filters fieldset:has(#end-1) label")
    assert [label.split() for label in labels[:2]] == [["all"], ["cut", "at", "the", "token", "limit", str(n // 2)]]
    assert visible(shown) == list(range(1, n, 2))
    shown.find_element(By.ID, "flag-1").send_keys(Keys.SPACE)
    assert visible(shown) == [1]
    shown.find_element(By.ID, "end-1").send_keys(Keys.ARROW_RIGHT)  # ended by itself: text 1 was cut
    assert visible(shown) == []
    for key in ("end", "flag"):
        shown.find_element(By.ID, f"{key}-0").send_keys(Keys.SPACE)
    assert len(visible(shown)) == n


def test_paper_shows_what_is_folded(shown: Chrome) -> None:
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        height = "return document.querySelector('details.signatures dl').getBoundingClientRect().height"
        assert shown.execute_script(height) > 0
        assert shown.execute_script("return document.querySelector('.filters').offsetParent === null")
    finally:
        shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
