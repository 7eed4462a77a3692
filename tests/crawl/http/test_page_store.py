"""The page store: whole pages or none, damage told, and what is forgotten is gone from the disk."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from jaso_core.errors import WorkError
from jaso_crawl.http.page_store import PageStore, RenderedPage, StoredPage

PAGE = StoredPage(
    "http://small.invalid/글?a=1", "page", "http://small.invalid/moved", 200, {"content-type": "text/html"},
    "<p>지원동기</p>".encode("cp949"), 1000.0, "allowed by robots.txt 0123456789abcdef",
)  # fmt: skip
RENDERED = RenderedPage(PAGE.url, "page", "<p>한글 😀</p>", 1000.0, "2026-01-05T00:00:00Z", PAGE.robots)

# Writes pages of very different sizes until it is killed; says when the first is there.
WRITER = """
import os, sys, time
from pathlib import Path
from jaso_crawl.http.page_store import PageStore, RenderedPage, StoredPage
with PageStore(Path(sys.argv[1])) as store:
    for number in range(10**9):
        body = os.urandom(number * 7919 % 300_000)
        store.put(StoredPage(f"http://small.invalid/{number % 50}", "page", "x", 200, {}, body, time.time()))
        store.put_rendered(RenderedPage(f"http://small.invalid/{number % 50}", "page", body.hex(), time.time(), None))
        if number == 0:
            print("begun", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "small.sqlite"


def change(path: Path, statement: str, *values: object) -> None:
    """Something else than the store lays hands on the file."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, values)


def test_what_is_stored_comes_back_in_the_same_run_and_in_the_next(path: Path) -> None:
    with PageStore(path) as store:
        store.put(PAGE)
        store.put_rendered(RENDERED)
        assert (store.get(PAGE.url), store.get_rendered(PAGE.url)) == (PAGE, RENDERED)
        assert (store.get("http://small.invalid/"), store.get_rendered("http://small.invalid/")) == (None, None)
    with PageStore(path) as store:
        assert (store.get(PAGE.url), store.get_rendered(PAGE.url)) == (PAGE, RENDERED)


def test_a_page_stored_again_replaces_the_old_one(path: Path) -> None:
    newer = replace(PAGE, body=b"new", stored_at=2000.0)
    with PageStore(path) as store:
        store.put(PAGE)
        store.put(newer)
        assert store.get(PAGE.url) == newer
        assert store.urls("page") == [PAGE.url]


def test_pages_older_than_what_is_asked_for_count_as_absent(path: Path) -> None:
    with PageStore(path) as store:
        store.put(PAGE)
        store.put_rendered(RENDERED)
        assert (store.get(PAGE.url, 1000.0), store.get_rendered(PAGE.url, 1000.0)) == (PAGE, RENDERED)
        assert (store.get(PAGE.url, 1000.1), store.get_rendered(PAGE.url, 1000.1)) == (None, None)


def test_addresses_are_told_by_kind_in_order(path: Path) -> None:
    with PageStore(path) as store:
        for number, kind in ((3, "page"), (1, "page"), (2, "list")):
            store.put(replace(PAGE, url=f"http://small.invalid/{number}", kind=kind))
        assert store.urls("page") == ["http://small.invalid/1", "http://small.invalid/3"]
        assert store.urls("robots") == []


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_whole_pages_only(path: Path) -> None:
    moments = random.Random(0)
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        time.sleep(moments.uniform(0, 0.1))
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        with PageStore(path) as store:
            pages = [store.get(url) for url in store.urls("page")]
            assert pages
            assert None not in pages
            for url in store.urls("page"):
                store.get_rendered(url)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            for packed, digest in database.execute("SELECT body, sha256 FROM page"):
                assert hashlib.sha256(zlib.decompress(packed)).hexdigest() == digest


@pytest.mark.parametrize("table", ["page", "rendered"])
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (zlib.compress(b"another page"), "no longer has its hash"),
        (b"not packed at all", "is damaged: Error -3"),
        (b"", "is damaged: Error -5"),
    ],
)
def test_a_damaged_page_is_told_and_never_given_out(table: str, damage: bytes, told: str, path: Path) -> None:
    with PageStore(path) as store:
        store.put(PAGE)
        store.put_rendered(RENDERED)
    change(path, f"UPDATE {table} SET {'body' if table == 'page' else 'html'} = ?", damage)
    with PageStore(path) as store, pytest.raises(WorkError) as raised:
        (store.get if table == "page" else store.get_rendered)(PAGE.url)
    assert str(path) in raised.value.what
    assert f"{PAGE.url} {told}" in raised.value.what
    assert "remove this file when it is damaged" in raised.value.cure


@pytest.mark.parametrize("content", [b"no database at all" * 500, b"SQLite format 3\x00" + bytes(5000)])
def test_a_file_that_is_no_database_is_told(content: bytes, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(WorkError, match=r"small\.sqlite: the page store failed \(.*\); .*remove this file"):
        PageStore(path)
    assert path.read_bytes() == content, "what a user put there is not ours to change"


def test_a_folder_in_the_stores_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(WorkError, match=r"small\.sqlite: the page store failed"):
        PageStore(path)


def test_a_letter_is_forgotten_with_all_that_quotes_it_and_the_bytes_are_gone(path: Path) -> None:
    letter, other, many = "http://small.invalid/marker-letter", "http://small.invalid/other", range(300)
    with PageStore(path) as store:
        store.put(replace(PAGE, url=letter, headers={"x": "marker-header"}))
        store.put(replace(PAGE, url="http://small.invalid/marker-part", kind="part", needed_by=letter))
        store.put(replace(PAGE, url="http://small.invalid/part", kind="part", needed_by=other))
        store.put(replace(PAGE, url="http://small.invalid/marker-list", kind="list"))
        store.put(replace(PAGE, url="http://small.invalid/robots.txt", kind="robots"))
        store.put(replace(PAGE, url=other))
        store.put_rendered(replace(RENDERED, url=letter, robots="marker-robots"))
        store.put_rendered(replace(RENDERED, url="http://small.invalid/marker-list", kind="list"))
        store.put_rendered(replace(RENDERED, url=other))
        for number in many:  # long enough that SQLite moves pages about
            store.put(
                replace(PAGE, url=f"{letter}/{number}", body=os.urandom(3000), headers={"x": "marker-header" * 9})
            )
        assert b"marker" in on_disk(path)

        assert store.forget([letter, *(f"{letter}/{number}" for number in many), "http://small.invalid/never"]) == 305

        assert b"marker" not in on_disk(path)
        assert (store.get(letter), store.get_rendered(letter)) == (None, None)
        assert store.urls("page") == [other]
        assert store.urls("part") == ["http://small.invalid/part"]
        assert (store.urls("list"), store.urls("robots")) == ([], ["http://small.invalid/robots.txt"])
        assert store.get_rendered(other) is not None
    assert b"marker" not in on_disk(path)


def on_disk(path: Path) -> bytes:
    """Every byte of the store: the database, its log, its index."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_several_threads_may_read_and_write_at_once(path: Path) -> None:
    def work(number: int) -> None:
        page = replace(
            PAGE, url=f"http://small.invalid/{number % 20}", body=os.urandom(2000), headers={"n": str(number)}
        )
        store.put(page)
        store.put_rendered(replace(RENDERED, url=page.url))
        found = store.get(page.url)
        assert found is not None
        assert store.get_rendered(page.url) is not None

    with PageStore(path) as store, ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(400)))
        assert len(store.urls("page")) == 20


def test_a_second_process_may_read_while_one_writes(path: Path) -> None:
    with PageStore(path) as store:
        store.put(PAGE)
        with PageStore(path) as reader:
            assert reader.get(PAGE.url) == PAGE
            store.put(replace(PAGE, body=b"new"))
            found = reader.get(PAGE.url)
            assert found is not None
            assert found.body == b"new"
