"""Intercept all network requests of a browser (DevTools protocol, domain Fetch).

Each request is answered by the crawl's own client, so that robots.txt, throttling and the page store also apply to
requests of a page's scripts.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from websocket import WebSocket, WebSocketException, create_connection

# Resources that a page's text may depend on. Pictures, fonts and the like are never fetched.
_RESOURCE_TYPES = frozenset({"Document", "Script", "XHR", "Fetch"})


@dataclass(frozen=True, slots=True)
class BrowserResponse:
    """A response for the browser."""

    status: int
    content_type: str
    body: bytes


_READY_SECONDS = 20.0

RequestHandler = Callable[[str], BrowserResponse | None]
"""URL → response; None when the request must fail."""


def refuse_all(url: str) -> None:
    """Refuse a request: handler of a browser that has no page to show."""


class DevTools:
    """DevTools connection to one browser, with a listening thread.

    `serve` answers requests; the first error that it raises is kept in `error`.
    """

    def __init__(self, debugger_address: str) -> None:
        # Not through the user's proxy: this is a local port.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{debugger_address}/json/version", timeout=10) as answer:
            url = json.load(answer)["webSocketDebuggerUrl"]
        self._socket: WebSocket = create_connection(
            url, suppress_origin=True, timeout=None, http_no_proxy=["127.0.0.1"]
        )
        self._command_id = 0
        self.serve: RequestHandler = refuse_all
        self.error: Exception | None = None
        self._is_busy = False
        self._active_at = time.monotonic()
        self._ready = threading.Event()
        self._ready_command_id: int | None = None  # its answer: first page is intercepted
        self._send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        threading.Thread(target=self._listen, name="jaso-devtools", daemon=True).start()
        if not self._ready.wait(_READY_SECONDS):
            raise OSError("the browser showed no page to listen to")

    def idle_seconds(self) -> float:
        """Return seconds since the last request; 0 while one is being answered."""
        return 0.0 if self._is_busy else time.monotonic() - self._active_at

    def close(self) -> None:
        """Close the connection, which ends the thread."""
        with suppress(WebSocketException, OSError):
            self._socket.close()

    def _send(self, method: str, session: str | None = None, **params: Any) -> None:
        self._command_id += 1
        message = {"id": self._command_id, "method": method, "params": params}
        self._socket.send(json.dumps({**message, "sessionId": session} if session else message))

    def _listen(self) -> None:
        """Handle messages until the browser is gone.

        One request after the other: the next may depend on this one's answer.
        """
        with suppress(WebSocketException, OSError, ValueError):
            while True:
                message = json.loads(self._socket.recv())
                # attachedToTarget → Fetch.enable, then resume; the answer to the first page's Fetch.enable sets ready.
                if message.get("method") == "Target.attachedToTarget":
                    session = message["params"]["sessionId"]
                    self._send("Fetch.enable", session, patterns=[{"urlPattern": "*"}])
                    if self._ready_command_id is None and message["params"]["targetInfo"]["type"] == "page":
                        self._ready_command_id = self._command_id
                    self._send("Runtime.runIfWaitingForDebugger", session)
                elif message.get("id") is not None and message["id"] == self._ready_command_id:
                    self._ready.set()
                elif message.get("method") == "Fetch.requestPaused":
                    self._answer(message["sessionId"], message["params"])

    def _answer(self, session: str, paused: dict[str, Any]) -> None:
        request, served = paused["request"], None
        if paused["resourceType"] in _RESOURCE_TYPES and request["method"] == "GET":
            self._is_busy = True
            try:
                served = self.serve(request["url"])
            except Exception as error:  # raised again where the page is awaited
                self.error = self.error or error
            self._active_at, self._is_busy = time.monotonic(), False
        if served is None:
            self._send("Fetch.failRequest", session, requestId=paused["requestId"], errorReason="BlockedByClient")
            return
        self._send(
            "Fetch.fulfillRequest", session, requestId=paused["requestId"], responseCode=served.status,
            responseHeaders=[{"name": "Content-Type", "value": served.content_type}],
            body=base64.b64encode(served.body).decode("ascii"),
        )  # fmt: skip
