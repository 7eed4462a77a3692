"""The live sites: what a user must have said before anything is asked, and what is said to the user."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sample_webs import Crawler, sample_web

from jaso_core.errors import RequestError, WorkError
from jaso_core.stage.runner import request_of
from jaso_crawl.run import settings
from jaso_crawl.sites.saramin.parser import Saramin
from jaso_crawl.source_registry import SOURCES

Crawl = Callable[..., Path]
LIVE = ("eduss", "jobkorea", "linkareer", "saramin")
SAID = {"live": True, "contact": "someone@university.example"}


@pytest.mark.parametrize("name", LIVE)
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "with their written consent add live=true contact=<your e-mail>; source=sample needs none"),
        ({"live": True}, "needs a contact for its User-Agent; add contact=<your e-mail or web address>"),
        ({"live": True, "contact": "me"}, "needs a real contact; add contact="),
        ({"live": True, "contact": "누구@대학.example"}, "needs a real contact; add contact="),
        ({**SAID, "delay": 0.1}, "delay=0.1 is too short for a live site; give 1 second or more"),
        ({**SAID, "delay": float("nan")}, "delay=nan is too short for a live site"),
        ({**SAID, "period": "yesterday"}, "'yesterday' is no period; write 2021-2023, 2021-, or 2022"),
        ({**SAID, "max_documents": 0}, "config key 'max_documents': 0 is too few"),
        ({**SAID, "refresh": "pages"}, "'pages' is unknown; known: none, lists, all"),
        ({**SAID, "browsers": 40}, "config key 'browsers': 40; give 1 to 4"),
        ({"offline": True, "refresh": "all"}, "offline=true asks for nothing, refresh=all asks anew"),
    ],
)
def test_a_live_site_is_never_asked_by_accident(name: str, config: dict[str, Any], message: str, crawl: Crawl) -> None:
    with pytest.raises(RequestError) as caught:
        crawl(source=name, **config)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"source": "jobkorea", "categories": ["개발"]}, "'개발' is no job group of JobKorea"),
        ({"source": "eduss", "tenant": "x", "categories": ["1008"]}, "this layout has no lists by category"),
        ({"source": "eduss", "layout": "old"}, "'old' is unknown; known: new, popup"),
        ({"source": "eduss"}, "needs your university's part of the address; add tenant="),
        ({"source": "eduss", "tenant": "x"}, "log in, then put the Cookie header into $EDUSS_COOKIE"),
    ],
)
def test_what_a_site_does_not_know_is_refused(
    config: dict[str, Any], message: str, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDUSS_COOKIE", raising=False)
    with pytest.raises(RequestError) as caught:
        crawl(**SAID, **config)
    assert message in str(caught.value)


def test_the_terms_are_said_before_anything_is_asked(crawl: Crawl, capsys: pytest.CaptureFixture[str]) -> None:
    # The tests' network ends at loopback: the site cannot be reached, which is the point.
    with pytest.raises(WorkError):
        crawl(source="saramin", **SAID)
    said = capsys.readouterr().err
    assert "www.saramin.co.kr: Saramin grants no licence to its letters" in said
    assert "its terms: linked at the foot of https://www.saramin.co.kr/" in said


@pytest.mark.parametrize("name", LIVE)
def test_every_live_source_says_whose_terms_apply(name: str) -> None:
    terms = SOURCES.get(name).make.terms  # type: ignore[attr-defined]
    assert "https://" in terms.address
    assert terms.licence.startswith("unlicensed: ")
    law = (Path(__file__).parents[3] / "docs" / "law.md").read_text("utf-8")
    assert f"`{name}`" in law


def test_a_users_session_stays_in_the_environment(
    crawl: Crawl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDUSS_COOKIE", "session=do-not-tell")
    with pytest.raises(WorkError):
        crawl(source="eduss", tenant="jobsample", **SAID)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"do-not-tell" in path.read_bytes() for path in kept)


def test_stored_pages_of_a_live_site_are_parsed_again_offline(tmp_path: Path, crawl: Crawl) -> None:
    """What a crawl of the live site would have stored, made from the sample's pages under the live addresses."""
    web = sample_web("saramin", 12, "none")
    Crawler(web, tmp_path / "sample").crawl()
    store = tmp_path / "out" / "cache" / "saramin.sqlite"
    store.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "sample" / "pages.sqlite", store)
    with sqlite3.connect(store) as db:
        db.execute("UPDATE page SET url = replace(url, 'http://saramin.sample.invalid', ?)", (Saramin().base,))
    shutil.rmtree(tmp_path / "sample")
    (tmp_path / "out" / ".state").mkdir()
    out = crawl(source="saramin", offline=True)
    lines = (out / "documents.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 12
    assert all('"source": "saramin"' in line and "unlicensed: rights stay with the writers" in line for line in lines)


def test_limits_are_checked_and_join_a_request_only_where_they_are_changed(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"config key 'limits\.page_requests': 0; give more than 0"):
        settings({"out": str(tmp_path), "source": "saramin", "limits": {"page_requests": 0}})
    plain = settings({"out": str(tmp_path), "source": "saramin"}).options
    assert "limits" not in request_of(plain)
    raised = settings({"out": str(tmp_path), "source": "saramin", "limits": {"page_requests": 900}}).options
    assert request_of(raised)["limits"]["page_requests"] == 900
