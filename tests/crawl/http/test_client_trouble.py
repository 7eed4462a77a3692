"""The client against servers that break off, hang up, stall or ask for patience, and a user who breaks off."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from pathlib import Path

import fetch_support
import pytest
from fetch_support import BASE, SmallWeb, html, raw_server, requests_in, visiting

from jaso_core.errors import WorkError
from jaso_crawl.http.client import RefusedError
from jaso_crawl.http.page_store import PageStore
from jaso_synthetic.web.site import Response

PAGE = ("<html><body>" + "지원동기를 쓰시오. " * 400 + "</body></html>").encode()
PACKED = gzip.compress(PAGE)


def response(body: bytes, *headers: str) -> bytes:
    """A whole answer, whose end the closed connection marks."""
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *headers, "", ""]).encode() + body


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


CHUNK = f"{len(PAGE):x}\r\n".encode() + PAGE
BROKEN = {
    "reset before anything is said": None,
    "closed before anything is said": b"",
    "broken off in the headers": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "half of what its length promises": response(PAGE[: len(PAGE) // 2], length(PAGE)),
    "half without a length": response(PAGE[: len(PAGE) // 2]),
    "a chunk that is too short": response(CHUNK[: len(CHUNK) // 2], "Transfer-Encoding: chunked"),
    "chunks without an end": response(CHUNK + b"\r\n", "Transfer-Encoding: chunked"),
    "half of a packed page, with its length": response(
        PACKED[: len(PACKED) // 2], length(PACKED), "Content-Encoding: gzip"
    ),
    "half of a packed page, without one": response(PACKED[: len(PACKED) // 2], "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("trouble", BROKEN)
def test_what_breaks_off_is_asked_for_again_and_comes_whole(trouble: str, tmp_path: Path) -> None:
    with (
        raw_server(lambda path, times: BROKEN[trouble] if times <= 2 else response(PAGE, length(PAGE))) as server,
        visiting(server.url, tmp_path) as client,
    ):
        assert client.get(f"{BASE}/1", "page").body == PAGE
    assert server.targets() == ["/1"] * 3
    assert client.requests == 1


@pytest.mark.parametrize("body", [PAGE, b"<p>a fragment", b""])
def test_a_whole_answer_without_a_length_is_as_good_as_any(body: bytes, tmp_path: Path) -> None:
    with raw_server(lambda path, times: response(body)) as server, visiting(server.url, tmp_path) as client:
        assert client.get(f"{BASE}/1", "page").body == body
    assert server.targets() == ["/1"]


@pytest.mark.parametrize("trouble", ["reset before anything is said", "half without a length"])
def test_a_page_that_always_breaks_is_given_up_and_the_others_are_not(trouble: str, tmp_path: Path) -> None:
    def reply(path: str, times: int) -> bytes | None:
        return BROKEN[trouble] if "bad" in path else response(PAGE, length(PAGE))

    with raw_server(reply) as server, visiting(server.url, tmp_path, retries=1) as client:
        for path in ("bad1", "bad2", "good1", "bad3", "bad4", "good2"):
            if "good" in path:
                client.get(f"{BASE}/{path}", "page")
            else:
                with pytest.raises(RefusedError) as raised:
                    client.get(f"{BASE}/{path}", "page")
                assert raised.value.rejection.reason == "unreachable"
                assert raised.value.rejection.detail
    with PageStore(tmp_path / "pages.sqlite") as store:
        assert store.urls("page") == [f"{BASE}/good1", f"{BASE}/good2"]
    assert server.targets().count("/bad1") == 2


def test_three_broken_pages_in_a_row_are_not_the_pages_fault(tmp_path: Path) -> None:
    with raw_server(lambda path, times: None) as server, visiting(server.url, tmp_path, retries=0) as client:
        for number in (1, 2):
            with pytest.raises(RefusedError):
                client.get(f"{BASE}/{number}", "page")
        with pytest.raises(
            WorkError, match=r"/3: cannot be reached \(.+\); check the network and run it again, it continues"
        ):
            client.get(f"{BASE}/3", "page")
    assert server.targets() == ["/1", "/2", "/3"]


def test_a_server_that_stalls_is_asked_again(tmp_path: Path) -> None:
    released = threading.Event()

    def reply(path: str, times: int) -> bytes | None:
        if times == 1:
            released.wait(10)
        return response(PAGE, length(PAGE))

    with raw_server(reply) as server, visiting(server.url, tmp_path, timeout=0.3) as client:
        assert client.get(f"{BASE}/1", "page").body == PAGE
        released.set()
    assert server.targets() == ["/1"] * 2


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_gets_it(form: str, status: int, tmp_path: Path) -> None:
    def busy(times: int) -> Response:
        # A date is in whole seconds: two of them are more than one.
        pause = "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)
        return html("", status, Retry_After=pause) if times == 1 else html("one")

    with visiting(SmallWeb({"/1": busy, "/2": html("two")}), tmp_path) as client:
        assert b"one" in client.get(f"{BASE}/1", "page").body
        client.get(f"{BASE}/2", "page")
    _, first, second, other = requests_in(tmp_path)
    assert second["at"] - first["until"] >= 0.999
    assert other["at"] - second["until"] < 0.9, "the pause was for once"


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_an_hour_is_left_alone(status: int, tmp_path: Path) -> None:
    web = SmallWeb({"/1": html("one"), "/2": html("", status, Retry_After="3600"), "/3": html("three")})
    with visiting(web, tmp_path) as client:
        client.get(f"{BASE}/1", "page")
        for path in ("/2", "/3"):
            with pytest.raises(
                WorkError, match=r"the site asks for a pause of 3,600 s; run it again then, it continues"
            ):
                client.get(f"{BASE}{path}", "page")
        client.get(f"{BASE}/1", "page")  # what is stored may still be read
    assert web.asked == ["/robots.txt", "/1", "/2"]


def test_the_session_goes_with_each_page_and_no_address_tells_where_we_came_from(tmp_path: Path) -> None:
    def reply(path: str, times: int) -> bytes | None:
        if path == "/1":
            return b"HTTP/1.1 302 Found\r\nLocation: /2\r\nSet-Cookie: other=1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        return response(PAGE, length(PAGE))

    with raw_server(reply) as server, visiting(server.url, tmp_path, cookie="session=secret") as client:
        for number in (1, 3):
            client.get(f"{BASE}/{number}", "page")
    asked = server.requests
    assert len(asked) == 4
    for request in asked:
        lines = [line.lower() for line in request.splitlines()]
        session = [] if "/robots.txt" in lines[0] else ["cookie: session=secret"]
        assert [line for line in lines if line.startswith("cookie:")] == session
        assert not any(line.startswith("referer:") for line in lines)
        assert any(line.startswith("user-agent: jaso/") for line in lines)
        assert any(line.startswith("accept-language: ko") for line in lines)


# A crawl in a process of its own; what it does once its client is there is given as an argument.
CRAWL = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fetch_support import BASE, visiting
with visiting(sys.argv[2], Path(sys.argv[3])) as client:
    client.get(f"{BASE}/1", "page")
    print("begun", flush=True)
    exec(sys.argv[4])
"""


def crawl(server: str, folder: Path, then: str) -> subprocess.Popen[str]:
    here = str(Path(fetch_support.__file__).parent)
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWL, here, server, str(folder), then],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def test_ctrl_c_while_a_server_stalls_ends_the_process_and_keeps_what_is_stored(tmp_path: Path) -> None:
    stalled, released = threading.Event(), threading.Event()

    def reply(path: str, times: int) -> bytes | None:
        if path == "/2":
            stalled.set()
            released.wait(30)
        return response(PAGE, length(PAGE))

    with raw_server(reply) as server:
        process = crawl(server.url, tmp_path, 'client.get(f"{BASE}/2", "page")')
        assert stalled.wait(20)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - pressed < 5
        released.set()
    assert process.returncode == -signal.SIGINT or "KeyboardInterrupt" in errors
    with PageStore(tmp_path / "pages.sqlite") as store:
        assert store.urls("page") == [f"{BASE}/1"]


@pytest.mark.parametrize(("then", "code"), [("pass", 0), ("1 / 0", 1), ("sys.exit(3)", 3)])
def test_however_a_crawl_ends_no_thread_keeps_its_process_alive(then: str, code: int, tmp_path: Path) -> None:
    with raw_server(lambda path, times: response(PAGE, length(PAGE))) as server:
        process = crawl(server.url, tmp_path, then)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == code, errors
    assert ("ZeroDivisionError" in errors) == (then == "1 / 0")
