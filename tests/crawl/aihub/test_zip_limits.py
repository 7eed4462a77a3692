"""Zips that unpack to much more than they are: refused or dropped with the key, and nothing unpacked is left."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jaso_core.errors import RequestError
from jaso_crawl.aihub import zip_limits
from jaso_synthetic.corpus import generate
from jaso_synthetic.interviews.aihub_zip import write_aihub

MB = 2**20
Crawl = Callable[..., Path]
Lines = Callable[[Path], list[dict[str, Any]]]
SOURCE = {"source": "aihub_interview"}


def zipped(members: dict[str, bytes]) -> bytes:
    """A deflated zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A download with real labels."""
    write_aihub(generate(0, 8, 7), tmp_path / "data")
    return tmp_path / "data"


def test_a_zip_that_was_packed_to_nothing_is_dropped_with_the_key(
    folder: Path, crawl: Crawl, read_lines: Lines
) -> None:
    (folder / "bomb.zip").write_bytes(zipped({"inner.zip": b"\0" * 20 * MB}))
    out = crawl(path=str(folder), **SOURCE)
    (row,) = [row for row in read_lines(out / "rejected.jsonl") if row["reason"] == "zip_bomb"]
    assert row["where"] == "bomb.zip:inner.zip"
    assert row["detail"].startswith("20,971,520 bytes, packed to ")
    assert row["detail"].endswith("; limits.zip_ratio= raises the limit")
    assert read_lines(out / "documents.jsonl"), "the real labels are read"


def test_zips_in_zips_stop_at_the_total_and_leave_nothing(folder: Path, crawl: Crawl, tmp_path: Path) -> None:
    inner = zipped({"other.bin": os.urandom(MB)})
    (folder / "many.zip").write_bytes(zipped({f"{n}.zip": inner for n in range(30)}))
    with pytest.raises(RequestError) as refused:
        crawl(path=str(folder), **SOURCE, limits={"unpacked_gb": 0.01})
    assert "zips within zips unpack to 0.0 GB" in str(refused.value)
    assert "limits.unpacked_gb= raises the limit (now 0.01)" in str(refused.value)
    assert not list((tmp_path / "out").rglob("*.zip"))
    assert crawl(path=str(folder), **SOURCE).is_dir(), "30 MB are real"


def test_a_full_disk_is_told_before_it_is_full(
    folder: Path, crawl: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "outer.zip").write_bytes(zipped({"inner.zip": zipped({"a.bin": os.urandom(MB)})}))
    monkeypatch.setattr(zip_limits, "_DISK_RESERVE", 2**60)
    with pytest.raises(
        RequestError, match=r"outer\.zip:inner\.zip: unpacks to 0\.0 GB, the disk of .* left; make room"
    ):
        crawl(path=str(folder), **SOURCE)
    assert not list((tmp_path / "out").rglob("*.zip"))


def test_depth_is_a_key(folder: Path, crawl: Crawl, read_lines: Lines) -> None:
    deep = zipped({"a.bin": b"x"})
    for _ in range(4):
        deep = zipped({"inner.zip": deep})
    (folder / "deep.zip").write_bytes(deep)
    rejected = read_lines(crawl(path=str(folder), **SOURCE) / "rejected.jsonl")
    (row,) = [row for row in rejected if row["reason"] == "nested_too_deep"]
    assert row["detail"] == "lies in 3 zips; limits.zip_depth= raises the limit"
    rejected = read_lines(crawl("deeper", path=str(folder), **SOURCE, limits={"zip_depth": 6}) / "rejected.jsonl")
    assert not [row for row in rejected if row["reason"] == "nested_too_deep"]


def test_members_that_share_their_bytes_are_a_bomb(folder: Path, crawl: Crawl, read_lines: Lines) -> None:
    """As in Fifield's non-recursive bomb: thousands of entries of the directory point to one member."""
    whole = zipped({"a.bin": os.urandom(MB)})
    end = whole.rindex(b"PK\5\6")
    size, start = struct.unpack("<II", whole[end + 12 : end + 20])
    entry = whole[start : start + size]
    entries = b"".join(entry.replace(b"a.bin", f"{n:05}".encode()) for n in range(100))
    tail = struct.pack("<HHIIH", 100, 100, len(entries), start, 0)
    (folder / "shared.zip").write_bytes(whole[:start] + entries + whole[end : end + 8] + tail)
    rejected = read_lines(crawl(path=str(folder), **SOURCE) / "rejected.jsonl")
    (row,) = [row for row in rejected if row["reason"] == "zip_bomb"]
    assert (row["where"], row["detail"][-12:]) == ("shared.zip", "they overlap")
