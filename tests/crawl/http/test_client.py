"""The client that fetches everything: what it asks for, how often and when, and what it makes of the answers."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from fetch_support import BASE, BLOCK_PAGE, DATE, HOST, SmallWeb, html, moved, requests_in, visiting

from jaso_core import __version__
from jaso_core.errors import WorkError
from jaso_crawl.http.client import Client, Freshness, RefusedError, iso_date
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.politeness import user_agent
from jaso_synthetic.web.site import Response


def refusal(client: Client, path: str) -> tuple[str, str]:
    """Reason and detail of the refusal of a page."""
    url = path if "://" in path else f"{BASE}{path}"
    with pytest.raises(RefusedError) as raised:
        client.get(url, "page")
    assert raised.value.rejection.where == url
    return raised.value.rejection.reason, raised.value.rejection.detail


def test_a_page_comes_as_it_was_sent_with_all_that_is_known_about_it(tmp_path: Path) -> None:
    web = SmallWeb({"/글?a=1": html("never"), "/1?a=b": html("지원동기", X_Extra="here")})
    before = time.time()
    with visiting(web, tmp_path) as client:
        page = client.get(f"{BASE}/1?a=b", "part", needed_by=f"{BASE}/0")
    assert page.body == "<html><body>지원동기</body></html>".encode()
    assert (page.url, page.final_url, page.kind, page.status) == (f"{BASE}/1?a=b", f"{BASE}/1?a=b", "part", 200)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-extra"] == "here"
    assert iso_date(page.headers["date"]) == "2026-01-05T00:00:00Z"
    assert page.needed_by == f"{BASE}/0"
    assert before <= page.stored_at <= time.time()


def test_a_stored_page_is_not_asked_for_again_not_even_by_a_later_run(tmp_path: Path) -> None:
    web = SmallWeb({"/1": html("one"), "/2": html("two")})
    with visiting(web, tmp_path) as client:
        first = client.get(f"{BASE}/1", "page")
        assert client.get(f"{BASE}/1", "page") == first
        assert client.requests == 1
    with visiting(web, tmp_path) as client:
        assert client.get(f"{BASE}/1", "page") == first
        assert client.requests == 0
        client.get(f"{BASE}/2", "page")
        assert client.requests == 1
    assert web.asked == ["/robots.txt", "/1", "/2"]


def test_lists_and_pages_may_be_asked_for_anew_from_a_moment_on(tmp_path: Path) -> None:
    web = SmallWeb({"/list": html("list"), "/1": html("one")})
    with visiting(web, tmp_path) as client:
        client.get(f"{BASE}/list", "list")
        client.get(f"{BASE}/1", "page")
    with visiting(web, tmp_path, Freshness(lists=time.time())) as client:
        for _ in range(2):
            client.get(f"{BASE}/list", "list")
            client.get(f"{BASE}/1", "page")
    assert web.asked[1:] == ["/list", "/1", "/list"]


def test_offline_gives_what_is_stored_and_opens_no_socket(tmp_path: Path) -> None:
    web = SmallWeb({"/1": html("one")})
    with visiting(web, tmp_path) as client:
        first = client.get(f"{BASE}/1", "page")
        refusal(client, "/404")
    asked = list(web.asked)
    with visiting(web, tmp_path, offline=True) as client:
        assert client.get(f"{BASE}/1", "page") == first
        assert refusal(client, "/404")[0] == "http_404"
        assert refusal(client, "/2") == ("not_stored", "the store does not hold this page, and offline=true")
        assert refusal(client, "http://elsewhere.invalid/")[0] == "not_stored"
    assert web.asked == asked
    assert client.requests == 0


@pytest.mark.parametrize(("status", "kept"), [(404, True), (410, True), (403, False), (401, False), (500, False)])
def test_only_an_answer_that_will_stay_what_it_is_is_kept(status: int, kept: bool, tmp_path: Path) -> None:
    web = SmallWeb({"/x": html("", status)})
    for _ in range(2):
        with visiting(web, tmp_path, retries=0) as client:
            assert refusal(client, "/x") == (f"http_{status}", f"the server answered {status}")
    assert web.asked.count("/x") == (1 if kept else 2)
    with PageStore(tmp_path / "pages.sqlite") as store:
        assert (store.get(f"{BASE}/x") is not None) == kept


def test_a_redirection_within_the_site_is_followed_and_kept_under_the_address_that_was_asked(tmp_path: Path) -> None:
    web = SmallWeb({"/old": moved("/middle"), "/middle": moved(f"{BASE}/new"), "/new": html("here")})
    with visiting(web, tmp_path) as client:
        page = client.get(f"{BASE}/old", "page")
        assert (page.url, page.final_url) == (f"{BASE}/old", f"{BASE}/new")
        assert b"here" in page.body
        assert client.get(f"{BASE}/old", "page") == page
    assert web.asked == ["/robots.txt", "/old", "/middle", "/new"]
    assert client.requests == 1, "a redirection is no request of ours"


OTHER = "other.invalid"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/user/login?back=1", "login"),
        (f"http://{OTHER}/login", "login"),
        (f"http://{OTHER}/", "redirected"),
        (f"//{OTHER}/", "redirected"),
        (f"///{OTHER}/", "redirected"),
        (f"http://{HOST}@{OTHER}/", "redirected"),
        ("file:///etc/passwd", "redirected"),
        (f"file://{HOST}/etc/passwd", "redirected"),
    ],
)
@pytest.mark.parametrize("hops", [1, 2])
def test_a_redirection_off_the_site_or_to_its_log_in_is_not_followed(
    location: str, reason: str, hops: int, tmp_path: Path
) -> None:
    web = SmallWeb({"/1": moved(location) if hops == 1 else moved("/2"), "/2": moved(location)})
    other = SmallWeb({"/": html("other"), "/login": html("log in")}, host=OTHER)
    with visiting(web, tmp_path, others=[other], cookie="session=secret") as client:
        assert refusal(client, "/1")[0] == reason
    assert web.asked == ["/robots.txt", "/1", "/2"][: hops + 1]
    assert other.asked == []


def test_a_refresh_written_into_a_page_leads_nowhere(tmp_path: Path) -> None:
    web = SmallWeb({"/1": html(f'<meta http-equiv="refresh" content="0; url=http://{OTHER}/">')})
    other = SmallWeb({"/": html("other")}, host=OTHER)
    with visiting(web, tmp_path, others=[other], cookie="session=secret") as client:
        assert b"refresh" in client.get(f"{BASE}/1", "page").body
    assert other.asked == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://{OTHER}/",
        "http://127.0.0.1:1/",
        f"http://sub.{HOST}/",
        f"file://{HOST}/etc/passwd",
        f"ftp://{HOST}/",
        "data:,x",
        "/1",
    ],
)
def test_nothing_but_the_sites_own_pages_is_ever_asked_for(url: str, tmp_path: Path) -> None:
    web, other = SmallWeb({}), SmallWeb({"/": html("other")}, host=OTHER)
    with visiting(web, tmp_path, others=[other]) as client:
        with pytest.raises(RefusedError) as raised:
            client.get(url, "page")
        assert raised.value.rejection.reason == "robots"
        assert raised.value.rejection.detail == f"not on {HOST}"
    assert web.asked == other.asked == []
    assert client.requests == 0


def test_a_ring_of_redirections_comes_to_an_end(tmp_path: Path) -> None:
    web = SmallWeb({"/a": moved("/b"), "/b": moved("/a"), "/1": html("one")})
    with visiting(web, tmp_path) as client:
        assert refusal(client, "/a")[0] == "redirected"
        client.get(f"{BASE}/1", "page")
    assert len(web.asked) <= 8


def test_a_block_page_is_told_is_not_kept_and_is_the_last_that_is_asked_for(tmp_path: Path) -> None:
    web = SmallWeb(
        {"/1": html("one"), "/2": Response(200, BLOCK_PAGE, DATE), **{f"/{n}": html("x") for n in range(3, 20)}}
    )
    with visiting(web, tmp_path, delay=0.01) as client, ThreadPoolExecutor(4) as threads:
        client.get(f"{BASE}/1", "page")
        results = [threads.submit(client.get, f"{BASE}/2", "page")]
        while "/2" not in web.asked:
            time.sleep(0.001)
        results += [threads.submit(client.get, f"{BASE}/{number}", "page") for number in range(3, 20)]
        for result in results:
            with pytest.raises(
                WorkError, match=r"/2: the site has blocked us; wait a day, raise delay=, then run it again"
            ):
                result.result()
    assert web.asked == ["/robots.txt", "/1", "/2"]
    with PageStore(tmp_path / "pages.sqlite") as store:
        assert store.urls("page") == [f"{BASE}/1"]
    with visiting(replace(web, pages={"/2": html("two")}), tmp_path) as client:
        assert b"two" in client.get(f"{BASE}/2", "page").body


def test_four_threads_get_one_answer_at_a_time_with_the_delay_between(tmp_path: Path) -> None:
    web = SmallWeb({f"/{number}": html(str(number)) for number in range(10)})
    with visiting(web, tmp_path, delay=0.1) as client, ThreadPoolExecutor(4) as threads:
        urls = [f"{BASE}/{number % 10}" for number in range(40)]
        pages = list(threads.map(lambda url: client.get(url, "page"), urls))
    assert [page.url for page in pages] == urls
    assert client.requests == 10
    log = requests_in(tmp_path)
    assert len(log) == 11
    gaps = [after["at"] - before["until"] for before, after in pairwise(log)]
    assert min(gaps) >= 0.099, "robots.txt is a request like any other"


def test_the_server_learns_who_asks_and_whom_to_write_to(tmp_path: Path) -> None:
    with visiting(SmallWeb({"/1": html("one")}), tmp_path, user_agent=user_agent("me@example.com")) as client:
        client.get(f"{BASE}/1", "page")
    agents = {line["agent"] for line in requests_in(tmp_path)}
    assert agents == {f"jaso/{__version__} (Korean writing research; me@example.com)"}


def test_a_packed_answer_is_unpacked_and_a_binary_one_is_left_as_it_is(tmp_path: Path) -> None:
    packed = Response(200, gzip.compress("<html>자소서</html>".encode()), DATE, headers=(("Content-Encoding", "gzip"),))
    binary = Response(200, bytes(range(256)) * 40, DATE, "application/octet-stream")
    with visiting(SmallWeb({"/gzip": packed, "/binary": binary}), tmp_path) as client:
        assert client.get(f"{BASE}/gzip", "page").body.decode() == "<html>자소서</html>"
        assert client.get(f"{BASE}/binary", "part").body == bytes(range(256)) * 40


@pytest.mark.parametrize(
    "header", [None, "", "yesterday", "Mon, 99 Jan 2026 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1200"]
)
def test_a_date_that_is_none_is_no_date(header: str | None) -> None:
    assert iso_date(header) is None
