"""A small site on loopback, and a client for it: what the tests of fetching share."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaso_core.records import Document
from jaso_crawl.http.client import Client, Freshness
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.types import (
    Clicks,
    Link,
    Listing,
    NeedsBrowser,
    Page,
    Pager,
    Rejection,
)
from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.server import serving
from jaso_synthetic.web.site import Response

HOST = "small.invalid"
BASE = f"http://{HOST}"
DATE = "Mon, 05 Jan 2026 00:00:00 GMT"
BLOCK_PAGE = "<html><body><h1>보안정책 서비스 이용 안내</h1><p>접속이 일시적으로 제한되었습니다.</p></body></html>"
NOT_FOUND = Response(404, "", DATE)


def html(body: str, status: int = 200, **headers: str) -> Response:
    """An HTML answer; `Retry_After="1"` is the header Retry-After."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, f"<html><body>{body}</body></html>", DATE, headers=named)


def moved(location: str) -> Response:
    """A redirection."""
    return html("", 302, Location=location)


Reply = Response | Callable[[int], Response]
"""An answer, or one for the first, second … time (beginning with 1)."""


@dataclass
class SmallWeb:
    """A site made of a few answers, by path. What it lacks is 404. `asked` holds what was asked, in order."""

    pages: Mapping[str, Reply]
    host: str = HOST
    asked: list[str] = field(default_factory=list)
    name: str = "small"
    letters: tuple[SampleLetter, ...] = ()

    def answer(self, target: str, first_visit: bool) -> Response:
        """The answer to GET `target`."""
        self.asked.append(target)
        reply = self.pages.get(target, NOT_FOUND)
        return reply(self.asked.count(target)) if callable(reply) else reply

    def targets(self) -> Iterable[str]:
        """Every address that shows something."""
        return self.pages

    def address(self, letter_id: int) -> str:
        """There are no letters."""
        raise KeyError(letter_id)

    def bad_pages(self) -> Mapping[str, str]:
        """Nothing is listed."""
        return {}


@dataclass(frozen=True)
class SmallSite:
    """The site as a crawl knows it."""

    name: str = "small"
    host: str = HOST
    clicks: Clicks = Clicks(dismiss=".layer button", open="button.more:not(.on)", filled=".text")  # noqa: RUF009 - immutable
    pager: Pager | None = None

    def start(self) -> Sequence[Link]:
        """One list."""
        return [Link(f"{BASE}/list")]

    def read_list(self, page: Page) -> Listing:
        """Nothing is read in these tests."""
        raise NotImplementedError

    def merge(self, links: Sequence[Link]) -> Link:
        """Any of them."""
        return links[0]

    def read_detail(self, page: Page) -> Document | Rejection | NeedsBrowser:
        """Nothing is read in these tests."""
        raise NotImplementedError

    def is_login(self, url: str) -> bool:
        """Whether we are asked to log in."""
        return "/login" in url


@contextmanager
def visiting(
    web: SmallWeb | str,
    folder: Path,
    since: Freshness = Freshness(),  # noqa: B008 - immutable
    offline: bool = False,
    others: Sequence[SmallWeb] = (),
    **manners: Any,
) -> Iterator[Client]:
    """A client in front of `web`, or of the proxy of that address; requests are logged in folder/requests.jsonl."""
    with serving([] if isinstance(web, str) else [web, *others], log=folder / "requests.jsonl") as proxy:
        chosen = {
            "user_agent": user_agent("test@example.com"),
            "delay": 0.0,
            "proxy": web if isinstance(web, str) else proxy,
            "initial_backoff": 0.01,
        }
        with (
            PageStore(folder / "pages.sqlite") as store,
            Client(SmallSite(), Politeness(**{**chosen, **manners}), store, folder / "log", since, offline) as client,
        ):
            yield client


def requests_in(folder: Path) -> list[dict[str, Any]]:
    """What the server of `visiting` logged."""
    return [json.loads(line) for line in (folder / "requests.jsonl").read_text("utf-8").splitlines()]


@dataclass
class RawServer:
    """A proxy that says on the wire, byte by byte, what a test wants; `requests` holds the requests' text."""

    url: str
    requests: list[str] = field(default_factory=list)

    def targets(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        paths = [request.split(" ", 2)[1].removeprefix(BASE) for request in self.requests]
        return [path for path in paths if path != "/robots.txt"]


@contextmanager
def raw_server(reply: Callable[[str, int], bytes | None]) -> Iterator[RawServer]:
    """`reply(path, times)` gives the bytes after which the connection is closed; None resets it. No robots.txt."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            received = b""
            while b"\r\n\r\n" not in received:
                chunk = self.request.recv(65536)
                if not chunk:
                    return
                received += chunk
            raw.requests.append(received.decode("latin-1"))
            path = raw.requests[-1].split(" ", 2)[1].removeprefix(BASE)
            if path == "/robots.txt":
                answer: bytes | None = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            else:
                answer = reply(path, raw.targets().count(path))
            if answer is None:  # closed with what is unsent thrown away: a reset
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            self.request.sendall(answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

        def shutdown_request(self, request: Any) -> None:
            request.close()  # without a FIN of its own, so that a reset is one

    with Server(("127.0.0.1", 0), Handler) as server:
        raw = RawServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield raw
        finally:
            server.shutdown()
            thread.join()
