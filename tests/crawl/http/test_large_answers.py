"""Answers without a bound: each costs no more than `limits.page_mb`, and the crawl goes on."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fetch_support import BASE, raw_server, visiting

from jaso_crawl.http.client import RefusedError

MB = 2**20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
BODIES = {
    "/announced": HEAD + f"Content-Length: {400 * MB}\r\n\r\n".encode() + b"x" * 1000,
    "/endless": HEAD + b"\r\n" + b"x" * (3 * MB),
    "/packed": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * (40 * MB), 9),
    "/small": HEAD + b"\r\n<html><body>x</body></html>",
}


def test_answers_that_are_too_large_are_dropped_with_the_key(tmp_path: Path) -> None:
    with (
        raw_server(lambda path, times: BODIES[path]) as server,
        visiting(server.url, tmp_path, largest_page=MB) as client,
    ):
        for path in ("/announced", "/endless", "/packed"):
            with pytest.raises(RefusedError) as refused:
                client.get(f"{BASE}{path}", "page")
            rejection = refused.value.rejection
            assert (rejection.where, rejection.reason) == (f"{BASE}{path}", "too_large")
            assert rejection.detail == "its answer has more than 1,048,576 bytes; limits.page_mb= raises the limit"
        assert client.get(f"{BASE}/small", "page").status == 200
    assert server.targets() == ["/announced", "/endless", "/packed", "/small"], "each asked for once"
