"""HTTP proxy on loopback that serves the sample sites and logs every request.

It is a proxy so that the addresses of its pages do not hold the port, which differs from run to run: stored pages stay
valid, records stay equal. Any other host is refused, so that nothing that uses this proxy can leave the machine.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from select import select
from socket import MSG_PEEK
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from jaso_synthetic.web.faults import Delivery, FaultInjector
from jaso_synthetic.web.site import Web

_VISITED_COOKIE = "seen=1"
_POLL_SECONDS = 0.02  # until it notices the shutdown


@contextmanager
def serving(webs: Sequence[Web], hazards: frozenset[str] = frozenset(), log: Path | None = None) -> Iterator[str]:
    """Serve the sites until the block ends; yield the proxy's URL.

    `log` gets one JSON line per request, see `RequestLog`.
    """
    requests = RequestLog(log)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.webs = {web.host: web for web in webs}
    server.fault_injector = FaultInjector(hazards, blocks="block" not in requests.hazards())
    server.log = requests
    thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="jaso-sample-site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class RequestLog:
    """Request log in JSON lines.

    Keys: {"at", "until", "host", "target", "status", "whole", "hazard", "agent"}. `at` is when the request arrived,
    `until` when its response was about to be complete, in seconds since 1970.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, **line: Any) -> None:
        """Append one line, flushed at once: the crawl may be killed at any moment."""
        if self._path is not None:
            with self._lock, self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def hazards(self) -> set[str]:
        """Return the hazards that have occurred in this log so far."""
        if self._path is None or not self._path.is_file():
            return set()
        lines = self._path.read_text("utf-8").splitlines()
        return {json.loads(line)["hazard"] for line in lines if line.endswith("}")} - {None}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    webs: dict[str, Web]
    fault_injector: FaultInjector
    log: RequestLog

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that hang up; anything else is a defect of the site to report."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer http://<a host of the sample>/… only."""
        started_at, url = time.time(), urlsplit(self.path)
        web = self.server.webs.get(url.netloc) if url.scheme == "http" else None
        if web is None:
            self._send(HTTPStatus.FORBIDDEN, b"only the sample's web is served here", [])
            return
        target = url._replace(scheme="", netloc="").geturl()
        response = web.answer(target, first_visit=_VISITED_COOKIE not in (self.headers.get("Cookie") or ""))
        delivery = self.server.fault_injector.deliver(web.host, target, response)
        waited = self._wait(delivery.wait)
        self.server.log.add(
            at=started_at, until=time.time(), host=web.host, target=target, status=delivery.response.status,
            whole=delivery.whole and waited, hazard=delivery.hazard, agent=self.headers.get("User-Agent"),
        )  # fmt: skip
        if waited:
            self._deliver(delivery)
        else:
            self.close_connection = True

    def _wait(self, seconds: float) -> bool:
        """Wait; return False when the client hangs up meanwhile."""
        if seconds and select([self.connection], [], [], seconds)[0]:
            return bool(self.connection.recv(1, MSG_PEEK))
        return True

    def _deliver(self, delivery: Delivery) -> None:
        response = delivery.response
        headers = [("Date", response.date), ("Set-Cookie", f"{_VISITED_COOKIE}; Path=/"), *response.headers]
        headers += [("Content-Type", response.content_type)] if response.content_type else []
        body = response.body.encode() if isinstance(response.body, str) else response.body
        self._send(response.status, body, headers, delivery.whole, delivery.with_length)

    def do_CONNECT(self) -> None:
        """Refuse: there is no tunnel out of here."""
        self._send(HTTPStatus.FORBIDDEN, b"", [])

    def _send(
        self, status: int, body: bytes, headers: list[tuple[str, str]], whole: bool = True, with_length: bool = True
    ) -> None:
        lines = [f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}"]
        length = [("Content-Length", str(len(body)))] if with_length else []
        lines += [f"{name}: {value}" for name, value in [*headers, *length]]
        # One write, so that no packet waits for another (Nagle).
        payload = body if whole else body[: len(body) // 2]
        self.close_connection = self.close_connection or not whole
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Print nothing: requests have their own log."""
