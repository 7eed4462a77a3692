"""Serves the sample site on loopback, as a proxy for its host.

As a proxy, because then the addresses of its pages do not hold the port, which differs from run to run: stored pages
stay valid, records stay equal. Any other host is refused, so that nothing that uses this proxy can leave the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from jaso_crawl.sample.site import HOST, Answer

Respond = Callable[[str, bool], Answer]
"""(path with query, first visit) → answer; `SampleSite.answer` is one."""

_SEEN = "seen=1"


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """Yields the proxy's URL; the server ends with the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.respond = respond
    thread = Thread(target=server.serve_forever, name="jaso-sample-site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    respond: Respond

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news; anything else is a defect of the site and must be seen."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Only http://<HOST>/… is answered."""
        url = urlsplit(self.path)
        if url.scheme != "http" or url.netloc != HOST:
            self._send(HTTPStatus.FORBIDDEN, b"only the sample site is served here", [])
            return
        first_visit = _SEEN not in (self.headers.get("Cookie") or "")
        answer = self.server.respond(url._replace(scheme="", netloc="").geturl(), first_visit)
        headers = [("Content-Type", answer.content_type), ("Date", answer.date), ("Set-Cookie", f"{_SEEN}; Path=/")]
        self._send(answer.status, answer.body.encode(), [*headers, *answer.headers])

    def do_CONNECT(self) -> None:
        """There is no tunnel out of here."""
        self._send(HTTPStatus.FORBIDDEN, b"", [])

    def _send(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        lines = [f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in [*headers, ("Content-Length", str(len(body)))]]
        # One write, so that no packet waits for another.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: the crawl has its own log."""
