"""A hub on loopback that serves one model to the real `huggingface_hub` client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from hub_stand_in import serving

COMMIT = "c0ffee" + "0" * 34


@dataclass
class ModelHub:
    """`requests`: what was asked, in order."""

    address: str
    requests: list[str] = field(default_factory=list)


@contextmanager
def model_hub(folder: Path, name: str = "lab/base", licence: str = "apache-2.0") -> Iterator[ModelHub]:
    """Serve `folder` as the model `name`; `lab/gated` asks for access, every other name is unknown.

    `main` and the commit are its revisions.
    """
    state = ModelHub("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(f"{self.command} {self.path}")
            path = self.path.split("?")[0]
            is_info = path.startswith("/api/models/")
            kind = "tree" if "/tree/" in path else "revision" if is_info else "resolve"
            model, _, rest = path.removeprefix("/api/models/").lstrip("/").partition(f"/{kind}/")
            revision, _, file = rest.partition("/")
            if model == "lab/gated":
                self._answer({"error": "gated"}, 403, "GatedRepo")
            elif model != name:
                self._answer({"error": "not found"}, 404, "RepoNotFound")
            elif revision not in ("", "main", COMMIT):
                self._answer({"error": "no revision"}, 404, "RevisionNotFound")
            elif kind == "tree":
                self._answer([{"type": "file", "oid": "0", "path": n, "size": size} for n, size in self._sizes()])
            elif is_info:
                self._answer(self._info())
            elif (folder / file).is_file():
                self._answer((folder / file).read_bytes())
            else:
                self._answer({"error": "no file"}, 404, "EntryNotFound")

        do_HEAD = do_GET  # noqa: N815

        def _sizes(self) -> list[tuple[str, int]]:
            return [(path.name, path.stat().st_size) for path in sorted(folder.iterdir()) if path.is_file()]

        def _info(self) -> dict[str, object]:
            siblings = [{"rfilename": file, "size": size} for file, size in self._sizes()]
            return {"id": name, "sha": COMMIT, "siblings": siblings, "cardData": {"license": licence}}

        def _answer(self, body: object, status: int = 200, error: str | None = None) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
            if error is not None:
                self.send_header("X-Error-Code", error)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with serving(Handler) as state.address:
        yield state
