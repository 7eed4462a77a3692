"""The browser: what it opens and reads, what it may ask for, and what becomes of it when a page or a kill spoils it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from fetch_support import BASE

from jaso_core.errors import WorkError
from jaso_crawl.browser.browser import Browser, RenderError
from jaso_crawl.browser.cdp import BrowserResponse
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.browser.page_limits import PageLimits
from jaso_crawl.types import (
    Clicks,
    Pager,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver"),
]

CLICKS = Clicks(dismiss=".layer button", open="button.more:not(.on)", filled=".text")
PAGER = Pager(dismiss=".layer button", next="button.next", current=".now", rows=".row")
WAIT = 1.0
PATIENT = 10.0  # where the page itself is busy, on a busy machine


class Pages:
    """Answers a browser's requests out of memory, and remembers them."""

    def __init__(self, **bodies: str) -> None:
        self.bodies = {f"{BASE}/{name}": body for name, body in bodies.items()}
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda url: None

    def __call__(self, url: str) -> BrowserResponse | None:
        self.asked.append(url)
        self.before(url)
        body = self.bodies.get(url)
        return BrowserResponse(200, "text/html; charset=utf-8", body.encode()) if body is not None else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    installed = find_installed()
    assert installed is not None
    browser = Browser(installed, "jaso/test", WAIT)
    yield browser
    browser.close()


@pytest.fixture
def survivor(browser: Browser) -> Iterator[Browser]:
    """The same browser; whatever a test does to it, the next page must come out right."""
    yield browser
    assert "still here" in browser.render(f"{BASE}/ok", CLICKS, Pages(ok="<p class=text>still here</p>"))


def render(browser: Browser, body: str, **others: str) -> str:
    return browser.render(f"{BASE}/page", CLICKS, Pages(page=body, **others))


FETCHED = "<p class=text></p><script>fetch('/data').then(a => a.text()).then(t => document.querySelector('.text').textContent = t)</script>"
# Each button fills its own text and is marked as done, a moment after the click; no two at a time.
FOLDED = """
<button class=more>1</button><p class=text></p><button class=more>2</button><p class=text></p><p id=log></p><script>
let busy = false
document.querySelectorAll('.more').forEach(button => button.onclick = () => {
  if (busy) document.querySelector('#log').textContent += 'two at a time'
  busy = true
  setTimeout(() => {
    button.classList.add('on'); button.nextElementSibling.textContent = '답변 ' + button.textContent; busy = false
    document.querySelector('#log').textContent += button.textContent
  }, 60)
})</script>"""
LAYER = "<div class=layer style='position:fixed;inset:0;background:red'><button onclick='this.parentNode.remove()'>닫기</button></div>"
LATE = f"<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', `{LAYER}`), 30)</script>"


def test_text_that_a_script_fetches_is_there(browser: Browser) -> None:
    assert '<p class="text">늦은 글</p>' in render(browser, FETCHED, data="늦은 글")


def test_text_in_elements_that_a_script_makes_later_is_waited_for(browser: Browser) -> None:
    late = "<div id=a></div><script>setTimeout(() => document.querySelector('#a').innerHTML = '<p class=text>늦은 글</p>', 200)</script>"
    assert '<p class="text">늦은 글</p>' in render(browser, late)


@pytest.mark.parametrize(
    "cover",
    ["", *(pytest.param(cover, marks=pytest.mark.slow) for cover in (LAYER, LAYER + LAYER)), LATE],
    ids=["nothing", "a layer", "two layers", "a late one"],
)
def test_what_is_folded_is_opened_one_by_one_whatever_covers_it(cover: str, browser: Browser) -> None:
    found = render(browser, FOLDED + cover)
    assert '<p class="text">답변 1</p>' in found
    assert '<p class="text">답변 2</p>' in found
    assert '<p id="log">12</p>' in found


@pytest.mark.parametrize("done", ["this.remove()", "this.outerHTML = '<button class=\"more on\">1</button>'"])
def test_a_button_that_goes_when_it_is_done_counts_as_opened(done: str, browser: Browser) -> None:
    body = f"<p class=text></p><button class=more onclick=\"document.querySelector('.text').textContent = '답변'; {done.replace(chr(34), '&quot;')}\">1</button>"
    pages = Pages(page=body)
    assert '<p class="text">답변</p>' in browser.render(f"{BASE}/page", CLICKS, pages)
    assert pages.asked == [f"{BASE}/page"], "it took one attempt"


def test_an_address_in_korean_is_opened_like_any_other(browser: Browser) -> None:
    pages = Pages()
    pages.bodies = {f"{BASE}/%EA%B8%80?q=%EA%B0%80": "<p class=text>글</p>"}
    assert "글</p>" in browser.render(f"{BASE}/글?q=가#여기", CLICKS, pages)


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_page_that_shows_an_alert_is_missing_and_the_next_one_is_not(times: int, survivor: Browser) -> None:
    with pytest.raises(RenderError, match="the page shows an alert: 없는 글입니다") as raised:
        render(survivor, "<p class=text></p>" + "<script>alert('없는 글입니다')</script>" * times)
    assert raised.value.reason == "missing"


@pytest.mark.slow
def test_a_page_that_alerts_for_ever_does_not_spoil_the_next(survivor: Browser) -> None:
    with pytest.raises(RenderError, match="the page shows an alert"):
        render(survivor, "<p class=text></p><script>setInterval(() => alert('again'), 5)</script>")


@pytest.mark.parametrize(
    "body",
    [
        "<p class=text></p>",
        pytest.param("<p class=text>x</p><button class=more>1</button>", marks=pytest.mark.slow),
        pytest.param("<p>nothing</p>", marks=pytest.mark.slow),
        pytest.param("<script>for (;;);</script>", marks=pytest.mark.slow),
    ],
    ids=["no text", "a button that does nothing", "no element", "a script without an end"],
)
def test_a_page_that_never_fills_is_given_up_in_time(body: str, survivor: Browser) -> None:
    started = time.monotonic()
    with pytest.raises(RenderError, match="text was still missing after 1 s") as raised:
        render(survivor, body)
    assert raised.value.reason == "render_timeout"
    assert time.monotonic() - started < 5 * WAIT


def test_time_that_an_answer_takes_is_no_time_that_a_page_stands_still(browser: Browser) -> None:
    pages = Pages(page=FETCHED, data="늦은 글")
    pages.before = lambda url: time.sleep(1.5 * WAIT if "data" in url else 0)
    assert "늦은 글" in browser.render(f"{BASE}/page", CLICKS, pages)


EVERYTHING = """
<link rel=stylesheet href=/style.css><link rel=preload as=font href=/font><img src=/picture.png>
<iframe src=http://other.invalid/frame></iframe><script src=http://other.invalid/script.js></script>
<script src=/own.js></script><p class=text></p><script>
const quiet = promise => promise.catch(() => null)
Promise.all([
  quiet(fetch('/post', {method: 'POST'})), quiet(fetch('http://other.invalid/data')), quiet(fetch('/own-data')),
  quiet(new Promise((_, no) => new WebSocket('ws://small.invalid/socket').onerror = no)),
]).then(() => document.querySelector('.text').textContent = 'done')</script>"""


def test_it_asks_for_what_text_may_depend_on_and_for_nothing_else(browser: Browser) -> None:
    pages = Pages(page=EVERYTHING)
    browser.render(f"{BASE}/page", CLICKS, pages)
    assert sorted(pages.asked) == [f"{BASE}/{name}" for name in ("own-data", "own.js", "page")]


@pytest.mark.slow
def test_it_has_no_network_of_its_own(survivor: Browser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.settimeout(0.3)
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0.3)
        here, there = tcp.getsockname()[1], udp.getsockname()[1]
        found = render(
            survivor,
            f"""<img src=http://127.0.0.1:{here}/><iframe src=http://localhost:{here}/></iframe><p class=text></p><script>
            const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{there}'}}]}})
            peer.createDataChannel('x'); peer.createOffer().then(offer => peer.setLocalDescription(offer))
            new WebSocket('ws://127.0.0.1:{here}/'); navigator.sendBeacon('http://127.0.0.1:{here}/')
            window.open('http://127.0.0.1:{here}/')
            const worker = `fetch('http://127.0.0.1:{here}/').then(() => postMessage('got it'), () => postMessage('nothing'))`
            new Worker(URL.createObjectURL(new Blob([worker]))).onmessage = event =>
              fetch('http://127.0.0.1:{here}/').catch(() => setTimeout(
                () => document.querySelector('.text').textContent = event.data, 300))
            </script>""",
        )
        assert '<p class="text">nothing</p>' in found
        with pytest.raises(TimeoutError):
            tcp.accept()
        with pytest.raises(TimeoutError):
            udp.recv(1000)


@pytest.mark.parametrize(
    ("where", "error"), [("page", WorkError("blocked")), ("data", WorkError("blocked")), ("data", OSError("disk"))]
)
def test_what_serving_raises_comes_out_as_itself(where: str, error: Exception, survivor: Browser) -> None:
    def fail(url: str) -> None:
        if url.endswith(where):
            raise error

    pages = Pages(page=FETCHED, data="x")
    pages.before = fail
    with pytest.raises(type(error)) as raised:
        survivor.render(f"{BASE}/page", CLICKS, pages)
    assert raised.value is error


def pager(pages: int, beyond: str) -> str:
    """A list of `pages` pages of two entries; beyond the last, `beyond` happens."""
    return f"""<b class=now></b><div id=rows></div><button class=next>다음</button><script>
    let page = 0
    function show(next) {{
      if (next > {pages}) {{ {beyond} }}
      page = next
      document.querySelector('.now').textContent = page
      document.querySelector('#rows').innerHTML = ''
      setTimeout(() => document.querySelector('#rows').innerHTML = `<p class=row>${{page}}a</p><p class=row>${{page}}b</p>`, 50)
    }}
    document.querySelector('.next').onclick = () => show(page + 1); show(1)</script>"""


@pytest.mark.parametrize(
    "beyond",
    [
        pytest.param("next = page", marks=pytest.mark.slow),
        "return",
        pytest.param("document.querySelector('.next').disabled = true; return", marks=pytest.mark.slow),
        pytest.param("document.querySelector('.next').remove(); return", marks=pytest.mark.slow),
    ],
    ids=["the last page again", "nothing", "the button is grey", "the button goes"],
)
def test_a_list_is_walked_to_its_last_page(beyond: str, browser: Browser) -> None:
    assert walked(browser, pager(3, beyond)) == ["1", "2", "3"]


@pytest.mark.parametrize("cover", [LAYER, pytest.param(LATE, marks=pytest.mark.slow)], ids=["a layer", "a late one"])
def test_a_list_is_walked_whatever_covers_it(cover: str, browser: Browser) -> None:
    assert walked(browser, pager(3, "return") + cover) == ["1", "2", "3"]


def test_an_empty_list_is_one_page(browser: Browser) -> None:
    assert walked(browser, "<b class=now>1</b>") == [""]


def walked(browser: Browser, body: str) -> list[str]:
    """Of each page that came the numbers of all its rows."""
    pages = browser.walk(f"{BASE}/page", PAGER, Pages(page=body))
    return ["".join(re.findall(r'<p class="row">(\d)a</p><p class="row">\1b</p>', html)) for html in pages]


ENDLESS = "<p class=text></p><script>let n = 0; (async () => { for (;;) await fetch(`/data?${n++}`).catch(() => 0) })()</script>"
GROWING = "<p class=text>x</p><script>document.querySelector('.text').textContent = 'x'.repeat(3 << 20)</script>"
# Requests to another host fail at once, and the page is never idle.
RESTLESS = "<p class=text></p><script>let n = 0; (async () => { for (;;) await fetch(`http://other.invalid/${n++}`).catch(() => 0) })()</script>"
LONG_LIST = (
    '<span class=now>1</span><p class=row>1</p><button class=next onclick="for (const e of document.querySelectorAll('
    "'.now, .row')) e.textContent = 1 + +e.textContent\">next</button>"
)


@pytest.mark.parametrize(
    ("body", "limits", "reason", "detail"),
    [
        (ENDLESS, {"page_requests": 20}, "too_many_requests", "its scripts ask for more than 20 addresses; limits.page_requests= raises the limit"),
        (RESTLESS, {"page_seconds": 1.5}, "too_long", "its scripts are not done after 1.5 s; limits.page_seconds= raises the limit"),
        (GROWING, {"page_mb": 2}, "too_large", "characters of HTML; limits.page_mb= raises the limit"),
    ],
)  # fmt: skip
def test_a_page_without_a_bound_is_given_up_with_the_key(
    body: str, limits: dict[str, float], reason: str, detail: str
) -> None:
    installed = find_installed()
    assert installed is not None
    limited = Browser(installed, "jaso/test", PATIENT, PageLimits(**limits))  # type: ignore[arg-type]
    pages = Pages(page=body)
    try:
        with pytest.raises(RenderError) as raised:
            limited.render(f"{BASE}/page", CLICKS, pages)
        asked = len(pages.asked)
        assert "still here" in limited.render(f"{BASE}/ok", CLICKS, Pages(ok="<p class=text>still here</p>"))
    finally:
        limited.close()
    assert raised.value.reason == reason
    assert str(raised.value).endswith(detail)
    assert asked <= 20


def test_a_list_without_an_end_is_given_up_with_the_key() -> None:
    installed = find_installed()
    assert installed is not None
    limited = Browser(installed, "jaso/test", PATIENT, PageLimits(list_pages=5))
    try:
        with pytest.raises(RenderError, match=r"the list has more than 5 pages; limits\.list_pages= raises the limit"):
            limited.walk(f"{BASE}/page", PAGER, Pages(page=LONG_LIST))
    finally:
        limited.close()
