"""`jaso forget`: a person asks to be left out, and is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import Jaso

CRAWL = ("crawl", "source=sample", "letters=24", "interviews=6", "seed=3", "sites=saramin,linkareer", "render=never")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def crawled(jaso: Jaso, tmp_path: Path) -> Path:
    """A crawl, and a corpus that was made from it."""
    out = tmp_path / "runs" / "a" / "crawl"
    assert jaso(*CRAWL, f"out={out}").code == 0
    corpus = tmp_path / "runs" / "a" / "preprocess"
    assert jaso("preprocess", f"input={out}", f"out={corpus}").code == 0
    return out


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_record_is_gone_with_its_pages_and_stays_away(crawled: Path, jaso: Jaso, tmp_path: Path) -> None:
    victim, *others = rows(crawled / "documents.jsonl")
    path = victim["url"].partition(".invalid")[2]
    assert path.encode() in bytes_below(crawled / "cache")
    (crawled / "cache" / "requests.jsonl").unlink()  # the sample's own log, which real sites do not give us
    ran = jaso("forget", victim["id"], tmp_path / "runs")
    assert ran.code == 0, ran.err
    assert f"{crawled}: forgot {victim['id']}; " in ran.out
    assert f"{crawled.parent / 'preprocess'}: preprocess made from it; run it again" in ran.out
    assert [row["id"] for row in rows(crawled / "documents.jsonl")] == [row["id"] for row in others]
    assert victim["id"] not in {row["id"] for row in rows(crawled / "truth.jsonl")}
    assert f"{path}\n".encode() not in bytes_below(crawled / "cache").replace(b"\0", b"\n")
    assert jaso("status", crawled).out.startswith("complete") or "complete" in jaso("status", crawled).out
    assert "nothing to do" in jaso(*CRAWL, f"out={crawled}").err
    again = jaso(*CRAWL, "refresh=all", f"out={crawled}")
    assert again.code == 0, again.err
    assert [row["id"] for row in rows(crawled / "documents.jsonl")] == [row["id"] for row in others]
    asked = {row["target"] for row in rows(crawled / "cache" / "requests.jsonl")}
    assert path not in asked
    assert (
        "is made again, because" in jaso("preprocess", f"input={crawled}", f"out={crawled.parent / 'preprocess'}").err
    )


def test_an_address_and_a_company_are_understood(crawled: Path, jaso: Jaso, tmp_path: Path) -> None:
    first, second, *_ = rows(crawled / "documents.jsonl")
    by_address = jaso("forget", first["url"].replace("http:", "https:"), tmp_path / "runs")
    assert f"forgot {first['id']};" in by_address.out
    company = second["company"].replace("(주)", "").replace("㈜", "").strip()
    same = [row for row in rows(crawled / "documents.jsonl") if company in (row["company"] or "")]
    by_company = jaso("forget", f"주식회사 {company}", tmp_path / "runs")
    assert f"forgot {second['id'] if len(same) == 1 else len(same)}" in by_company.out
    assert not any(company in (row["company"] or "") for row in rows(crawled / "documents.jsonl"))
    manifest = json.loads((crawled / "manifest.json").read_text("utf-8"))
    assert manifest["counts"]["forgotten"] == 1 + len(same)
    assert manifest["counts"]["documents"] == len(rows(crawled / "documents.jsonl"))


def test_a_record_without_pages_is_forgotten_too(jaso: Jaso, tmp_path: Path) -> None:
    table, out = tmp_path / "talks.csv", tmp_path / "runs" / "talks"
    table.write_text("question,answer,company\n가,나,(주)가상\n다,라,예시\n", encoding="utf-8")
    crawl = ("crawl", "source=csv", f"path={table}", "columns.company=company", f"out={out}")
    assert jaso(*crawl).code == 0
    ran = jaso("forget", "가상", tmp_path / "runs")
    assert "forgot csv:talks:1; 0 stored pages" in ran.out
    assert "nothing else below" in ran.out
    table.write_text(table.read_text("utf-8") + "마,바,다른\n", encoding="utf-8")
    assert jaso(*crawl).code == 0
    assert [row["id"] for row in rows(out / "documents.jsonl")] == ["csv:talks:2", "csv:talks:3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "needs an id, an address or a company, and perhaps a folder; for example: jaso forget"),
        (("x", "nowhere-at-all"), "nowhere-at-all: no such folder; say where: jaso forget <what> <dir>"),
        (("nobody", "."), "no crawl there holds 'nobody'; give a document's id, its address or a company"),
    ],
)
def test_a_wrong_request_is_told(
    arguments: tuple[str, ...], message: str, jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso("forget", *arguments)
    assert ran.code == 2
    assert message in ran.error


def test_after_forgetting_the_rest_can_be_read_again_offline(crawled: Path, jaso: Jaso, tmp_path: Path) -> None:
    victim, *others = rows(crawled / "documents.jsonl")
    assert jaso("forget", victim["id"], tmp_path / "runs").code == 0
    again = jaso(*CRAWL, "offline=true", f"out={crawled}")
    assert again.code == 0, again.err
    assert sorted(row["id"] for row in rows(crawled / "documents.jsonl")) == sorted(row["id"] for row in others)


def test_a_stored_page_that_is_no_record_is_forgotten_by_its_address(crawled: Path, jaso: Jaso, tmp_path: Path) -> None:
    url = rows(crawled / "documents.jsonl")[0]["url"]
    assert jaso(*CRAWL, "max_documents=3", f"out={crawled}").code == 0
    assert url not in {row["url"] for row in rows(crawled / "documents.jsonl")}
    assert "forgot a page that was no record" in jaso("forget", url, tmp_path / "runs").out
    assert jaso(*CRAWL, f"out={crawled}").code == 0
    assert url not in {row["url"] for row in rows(crawled / "documents.jsonl")}


def test_a_damaged_or_unfinished_folder_loses_nothing_and_stops_no_other(jaso: Jaso, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("good", "bad"):
        table = tmp_path / f"{name}.csv"
        table.write_text("question,answer\n가,나\u2028다\n라,마\n", encoding="utf-8")
        assert jaso("crawl", "source=csv", f"path={table}", f"out={runs / name}").code == 0
    manifest = (runs / "bad" / "manifest.json").read_bytes()
    (runs / "bad" / "rejected.jsonl").write_text("{broken\n", encoding="utf-8")
    (runs / "half" / ".state").mkdir(parents=True)
    (runs / "half" / ".state" / "request.json").write_text('{"stage": "crawl"}', encoding="utf-8")
    ran = jaso("forget", "csv:good:1", runs)
    assert ran.code == 0, ran.err
    assert f"not searched: {runs / 'half'}: not complete" in ran.err
    assert f"not searched: {runs / 'bad' / 'rejected.jsonl'}: is damaged" in ran.err
    assert [row["id"] for row in rows(runs / "good" / "documents.jsonl")] == ["csv:good:2"]
    assert (runs / "bad" / "manifest.json").read_bytes() == manifest
