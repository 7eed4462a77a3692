"""An OpenAI-compatible endpoint on loopback, with a judge whose habits a test plants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, str, float]
"""Status, text of the answer, seconds until it comes."""


@dataclass
class JudgeEndpoint:
    """`decide` gets the last message of the user and how often it was asked before; `asked`: bodies and headers."""

    decide: Callable[[str, int], Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def judge_endpoint(decide: Callable[[str, int], Reply]) -> Iterator[JudgeEndpoint]:
    """Serve POST /v1/chat/completions."""
    endpoint = JudgeEndpoint(decide)
    counts: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = body["messages"][1]["content"]
            with endpoint.lock:
                endpoint.asked.append(body)
                endpoint.keys.append(self.headers["Authorization"])
                before = counts.get(text, 0)
                counts[text] = before + 1
            status, answer, seconds = decide(text, before)
            time.sleep(seconds)
            reply: dict[str, Any] = {"error": {"message": answer, "type": "e", "code": None}}
            if status == 200:
                reply = {
                    "id": "1", "object": "chat.completion", "created": 0, "model": body["model"],
                    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": answer}}],
                }  # fmt: skip
            data = json.dumps(reply).encode()
            try:
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After-Ms", "10")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client has given up waiting

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield endpoint
    server.shutdown()
    server.server_close()
