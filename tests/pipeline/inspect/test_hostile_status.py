"""`jaso status` and `jaso forget` on manifests and Parquet files that a stranger prepared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import Jaso

from jaso_core.io import parquet


def prepared(folder: Path, **parts: Any) -> Path:
    folder.mkdir()
    body = {"stage": "preprocess", "request": {}, "inputs": {}, "files": {}, "licences": [], **parts}
    (folder / "manifest.json").write_text(json.dumps(body), encoding="utf-8")
    return folder


ODD: dict[str, dict[str, Any]] = {
    "rows as text": {"files": {"a": {"sha256": "0", "bytes": 1, "rows": "viel"}}},
    "counts as text": {"stage": "crawl", "counts": {"forgotten": "\x1b]52;c;x"}},
    "a path of half a character": {"inputs": {"a": {"path": "\ud800", "sha256": "y"}}},
    "a path with a NUL": {"inputs": {"a": {"path": "a\0b", "sha256": "y"}}},
}


@pytest.mark.parametrize("name", ODD)
def test_values_of_another_type_are_no_manifest(name: str, jaso: Jaso, tmp_path: Path) -> None:
    folder = prepared(tmp_path / "o", **ODD[name])
    shown = jaso("status", folder)
    assert shown.code == 0
    assert "its manifest.json is not jaso's" in shown.out
    assert "\x1b" not in shown.out + shown.err


@pytest.mark.parametrize("path", ["/proc/kmsg", "/proc/kcore", "/dev/zero", "/" + "a" * 5000])
def test_an_input_without_an_end_is_not_read(path: str, jaso: Jaso, tmp_path: Path) -> None:
    folder = prepared(tmp_path / "o", inputs={"input": {"path": path, "sha256": "y"}})
    shown = jaso("status", folder)
    assert shown.code == 0
    assert str(folder) in shown.out


def test_a_parquet_that_is_none_is_named_by_forget(jaso: Jaso, tmp_path: Path) -> None:
    folder = prepared(tmp_path / "runs", files={"train.parquet": {"sha256": "0", "bytes": 3}})
    (folder / "train.parquet").write_bytes(b"PAR")
    ran = jaso("forget", "아무개", folder)
    assert ran.code == 2
    assert f"{folder / 'train.parquet'}: not a Parquet file" in ran.err
    assert "Traceback" not in ran.err


def test_a_parquet_of_one_text_in_all_rows_is_refused(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_HARMLESS_BYTES", 2**26)  # 2^30 take ten seconds
    folder = prepared(tmp_path / "runs", files={"train.parquet": {"sha256": "0", "bytes": 3}})
    names = pa.DictionaryArray.from_arrays(pa.array([0] * 65_536, pa.int32()), ["x" * 10_000])
    pq.write_table(pa.table({"document_id": names, "company": names}), folder / "train.parquet", store_schema=False)
    assert (folder / "train.parquet").stat().st_size < 50_000
    ran = jaso("forget", "아무개", folder)
    assert ran.code == 2
    assert "train.parquet: unpacks to more than 64 MB; run `jaso preprocess` again" in ran.err
