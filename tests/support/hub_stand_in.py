"""A hub on loopback that keeps what is pushed to it: just the answers that `huggingface_hub` waits for."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """`files`: what was committed; `private`: as asked at creation, or `public` from the start."""

    public: bool = False
    private: bool | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""
    card: dict[str, object] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None  # status and X-Error-Code of every answer


@contextmanager
def hub(public: bool = False) -> Iterator[Hub]:
    """Serves until the block ends."""
    state = Hub(public=public)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: object, status: int = 200, **headers: str) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), "X-Repo-Commit": "0" * 40, **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def do_GET(self) -> None:
            state.asked.append(f"{self.command} {self.path}")
            path = self.path.split("?")[0]
            if state.refusal is not None:
                self._answer({"error": "refused"}, state.refusal[0], X_Error_Code=state.refusal[1])
            elif "/resolve/" in path:
                data = state.files.get(path.split("/resolve/")[1].split("/", 1)[1])
                if data is None:
                    self._answer({"error": "Entry not found"}, 404, X_Error_Code="EntryNotFound")
                else:
                    self._answer(data, ETag=f'"{hashlib.sha1(data).hexdigest()}"')
            elif "/tree/" in path:
                folder = "".join(f"{part}/" for part in path.split("/tree/")[1].split("/")[1:])
                below = [name for name in state.files if name.startswith(folder)]
                is_deep = "recursive=true" in self.path.lower()
                names = [name for name in below if is_deep or "/" not in name[len(folder) :]]
                folders = {folder + name[len(folder) :].split("/")[0] for name in below if name not in names}
                if below:
                    sizes = {name: len(state.files[name]) for name in names}
                    entries = [{"type": "file", "path": n, "size": size, "oid": "0"} for n, size in sizes.items()]
                    self._answer([*entries, *({"type": "directory", "path": n, "oid": "0"} for n in sorted(folders))])
                else:
                    self._answer({"error": "Entry not found"}, 404, X_Error_Code="EntryNotFound")
            else:
                siblings = [{"rfilename": name, "size": len(data)} for name, data in state.files.items()]
                private = bool(state.private) and not state.public
                told = {"id": "lab/corpus", "sha": "0" * 40, "private": private, "siblings": siblings}
                self._answer({**told, "cardData": state.card} if state.card else told)

        do_HEAD = do_GET  # noqa: N815

        def do_POST(self) -> None:
            state.asked.append(f"{self.command} {self.path}")
            body = self._body()
            if self.path.endswith("/repos/create"):
                state.private = json.loads(body).get("visibility") == "private"
                self._answer({"url": f"{state.address}/datasets/lab/corpus", "name": "lab/corpus"})
            elif "/paths-info/" in self.path:
                wanted = [name for name in state.files if name in body.decode()]
                sizes = {name: len(state.files[name]) for name in wanted}
                self._answer([{"type": "file", "path": n, "size": size, "oid": "0"} for n, size in sizes.items()])
            elif "/preupload/" in self.path:
                names = [file["path"] for file in json.loads(body)["files"]]
                modes = {name: "lfs" if name.endswith(".parquet") else "regular" for name in names}
                told = [{"path": name, "uploadMode": mode, "shouldIgnore": False} for name, mode in modes.items()]
                self._answer({"files": told})
            elif self.path.endswith("/objects/batch"):
                wanted = json.loads(body)["objects"]
                places = [{"upload": {"href": f"{state.address}/blobs/{blob['oid']}"}} for blob in wanted]
                told = [{**blob, "actions": place} for blob, place in zip(wanted, places, strict=True)]
                self._answer({"transfer": "basic", "objects": told})
            elif "/commit/" in self.path:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        state.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                    elif line["key"] == "deletedFile":
                        state.files.pop(line["value"]["path"])
                    elif line["key"] == "lfsFile":
                        state.files[line["value"]["path"]] = state.blobs[line["value"]["oid"]]
                done = {"commitUrl": f"{state.address}/datasets/lab/corpus/commit/{'0' * 40}", "commitOid": "0" * 40}
                self._answer({"success": True, **done})
            else:
                self._answer({"errors": [], "warnings": []})

        def do_PUT(self) -> None:
            state.blobs[self.path.rsplit("/", 1)[1]] = self._body()
            self._answer({})

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    with serving(Handler) as state.address:
        yield state


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serves on loopback until the block ends; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
