"""Takes the network away from a browser: each of its requests is handed to us, and gets the answer that we give.

So a browser is as polite as everything else, whatever the scripts of a page ask for: robots.txt, the pace and the
page store are those of the client that answers. Chromium's DevTools protocol, domain Fetch, makes it possible.
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

# What a page's text may depend on. Pictures, fonts and the like are never asked for.
_RESOURCE_TYPES = frozenset({"Document", "Script", "XHR", "Fetch"})


@dataclass(frozen=True, slots=True)
class BrowserResponse:
    """An answer for the browser."""

    status: int
    content_type: str
    body: bytes


_READY_SECONDS = 20.0

RequestHandler = Callable[[str], BrowserResponse | None]
"""URL → answer; None when the request is to fail."""


def refuse_all(url: str) -> None:
    """What a browser gets that has no page to show."""


class DevTools:
    """Listens to one browser in a thread of its own. `serve` answers; what it raises is kept in `error`."""

    def __init__(self, debugger_address: str) -> None:
        # Not through a proxy of the user's: this is a port on this machine.
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
        self._ready_command_id: int | None = None  # the command whose answer says that the first page is in our hands
        self._send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        threading.Thread(target=self._listen, name="jaso-devtools", daemon=True).start()
        if not self._ready.wait(_READY_SECONDS):
            raise OSError("the browser showed no page to listen to")

    def idle_seconds(self) -> float:
        """How long the browser has asked for nothing; 0 while an answer is being fetched."""
        return 0.0 if self._is_busy else time.monotonic() - self._active_at

    def close(self) -> None:
        """Ends the thread."""
        with suppress(WebSocketException, OSError):
            self._socket.close()

    def _send(self, method: str, session: str | None = None, **params: Any) -> None:
        self._command_id += 1
        message = {"id": self._command_id, "method": method, "params": params}
        self._socket.send(json.dumps({**message, "sessionId": session} if session else message))

    def _listen(self) -> None:
        """Until the browser is gone. One request after the other: the next may depend on this one's answer."""
        with suppress(WebSocketException, OSError, ValueError):
            while True:
                message = json.loads(self._socket.recv())
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
            except Exception as error:  # raised again by who waits for the page
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
