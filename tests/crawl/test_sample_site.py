"""Generator → site → Scrapy (and a browser) → documents: the round trip, and how the crawl behaves on the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from jaso_core.errors import WorkError
from jaso_core.records import Document
from jaso_core.stage import StageRun
from jaso_crawl.fetch.browser import Browser, find_installed
from jaso_crawl.fetch.engine import Job, fetch
from jaso_crawl.fetch.manners import Manners, retry_after, user_agent
from jaso_crawl.harvest import Harvest
from jaso_crawl.pages import Link, NeedsBrowser, Page, Rejection
from jaso_crawl.sample.corpus import generate
from jaso_crawl.sample.model import Corpus
from jaso_crawl.sample.server import serving
from jaso_crawl.sample.site import BASE, FORBIDDEN, GONE, Answer, SampleSite
from jaso_crawl.sites.jobkorea import JobKorea
from jaso_crawl.sites.jobkorea_parts import occupation_of

SITE = JobKorea(BASE, "sample", "CC0")
BLOCK = "<html><body><h1>보안정책 서비스 이용 안내</h1><p>접속이 일시적으로 제한되었습니다.</p></body></html>"
needs_browser = pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return generate(letters=30, interviews=0, seed=7)


@dataclass
class Server:
    """The sample site with a record of what was asked, and answers that a test may put in front of it."""

    site: SampleSite
    asked: list[str] = field(default_factory=list)
    first: Callable[[str, int], Answer | None] = lambda target, times: None

    def respond(self, target: str, first_visit: bool) -> Answer:
        self.asked.append(target)
        return self.first(target, self.asked.count(target)) or self.site.answer(target, first_visit)

    @contextmanager
    def manners(self) -> Iterator[Manners]:
        with serving(self.respond) as proxy:
            yield Manners(user_agent("test"), 0.0, throttle=False, proxy=proxy)


@pytest.fixture
def server(corpus: Corpus) -> Server:
    return Server(SampleSite(corpus.letters))


def harvest(server: Server, folder: Path, render: str = "never") -> list[Document | Rejection]:
    with server.manners() as manners:
        run = StageRun("crawl", folder, continued=False)
        return list(Harvest(SITE, manners, folder / "pages.sqlite", render, run).collect())


def texts(documents: list[Document]) -> dict[str, list[tuple[str | None, str | None]]]:
    return {document.id: [(item.question, item.answer) for item in document.items] for document in documents}


def test_every_letter_comes_back_as_it_was_written(corpus: Corpus, server: Server, tmp_path: Path) -> None:
    results = harvest(server, tmp_path)
    documents = [result for result in results if isinstance(result, Document)]
    plain = [letter for letter in corpus.letters if not server.site.is_scripted(letter.id)]
    assert texts(documents) == {
        f"sample:{letter.id}": [(item.question, item.answer) for item in letter.items] for letter in plain
    }
    for document, letter in zip(documents, plain, strict=True):
        assert (document.company, document.role, document.season) == (letter.company, letter.role, letter.season)
        assert (document.meta["occupation"], document.meta["experience"]) == (letter.occupation, letter.experience)
        assert document.meta["parts"] == sorted({letter.part, *letter.also_listed_in})
        assert document.meta["specs"] == list(letter.specs[:-1])


def test_what_cannot_be_had_is_told(corpus: Corpus, server: Server, tmp_path: Path) -> None:
    rejected = [result for result in harvest(server, tmp_path) if isinstance(result, Rejection)]
    scripted = next(letter.id for letter in corpus.letters if server.site.is_scripted(letter.id))
    assert {(int(result.where.rsplit("/", 1)[-1]), result.reason) for result in rejected} == {
        (GONE, "missing"), (FORBIDDEN, "robots"), (scripted, "needs_browser"),
    }  # fmt: skip
    assert not any("/user/" in target or str(FORBIDDEN) in target for target in server.asked)


def test_a_page_is_asked_for_once_even_by_the_next_run(server: Server, tmp_path: Path) -> None:
    first = harvest(server, tmp_path)
    again = Server(server.site)
    assert harvest(again, tmp_path) == first
    assert set(again.asked) == {"/robots.txt"}
    assert [target for target, times in Counter(server.asked).items() if times > 1] == ["/robots.txt"]


@pytest.mark.browser
@needs_browser
def test_a_browser_reads_what_scripts_fill_in(corpus: Corpus, server: Server, tmp_path: Path) -> None:
    letter = next(letter for letter in corpus.letters if server.site.is_scripted(letter.id))
    plain = SITE.read_detail(Page(f"{BASE}/starter/PassAssay/View/{letter.id}", server.site.answer(
        f"/starter/PassAssay/View/{letter.id}", True).body))  # fmt: skip
    assert isinstance(plain, NeedsBrowser)
    documents = [result for result in harvest(server, tmp_path, "auto") if isinstance(result, Document)]
    found = next(document for document in documents if document.id == f"sample:{letter.id}")
    assert [(item.question, item.answer) for item in found.items] == [(i.question, i.answer) for i in letter.items]
    minutes = letter.id - 900_000
    assert found.fetched_at == f"2026-01-05T00:{minutes:02}:00Z"
    again = Server(server.site)
    assert found in harvest(again, tmp_path, "auto")
    assert not any("Answer" in target for target in again.asked)


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("victim", ["chromedriver", "chromium"])
def test_a_browser_that_died_is_started_again(victim: str, corpus: Corpus, server: Server, tmp_path: Path) -> None:
    link = Link(f"{BASE}/starter/PassAssay/View/{corpus.letters[0].id}")
    with server.manners() as manners:
        browser = Browser(find_installed(), "", manners.user_agent, manners.proxy, tmp_path / "profile")
        with browser:
            first = browser.render(link, SITE.clicks)
            _kill(victim, str(tmp_path))
            second = browser.render(link, SITE.clicks)
    assert isinstance(first, Page)
    assert isinstance(second, Page)
    assert SITE.read_detail(first) == SITE.read_detail(second)


def _kill(victim: str, folder: str) -> None:
    """Kills what runs under `folder`: the browser names its profile there; its parent is the driver."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if f"--user-data-dir={folder}" in command and "--type=" not in command and "crashpad" not in command:
            os.kill(int(process.name) if victim == "chromium" else parent, signal.SIGKILL)


def test_a_missing_browser_costs_only_its_pages(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jaso_crawl.harvest.find_installed", lambda: None)
    results = harvest(server, tmp_path, "auto")
    assert [result.reason for result in results if isinstance(result, Rejection)].count("needs_browser") == 1
    assert "apt-get install chromium chromium-driver" in capsys.readouterr().err


@pytest.mark.browser
@needs_browser
def test_a_browser_that_does_not_start_costs_only_its_pages(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMEDRIVER", "/bin/false")
    results = harvest(server, tmp_path, "auto")
    assert [result.reason for result in results if isinstance(result, Rejection)].count("needs_browser") == 1
    assert "does not start" in capsys.readouterr().err


def test_a_block_page_stops_the_crawl_and_is_not_believed_later(server: Server, tmp_path: Path) -> None:
    blocked = replace(server, first=lambda target, times: _html(BLOCK) if len(blocked.asked) > 40 else None)
    with pytest.raises(WorkError, match="the site has blocked this address; wait a day"):
        harvest(blocked, tmp_path)
    asked = len(blocked.asked)
    assert asked <= 42
    assert any(isinstance(result, Document) for result in harvest(server, tmp_path))


def _html(body: str, status: int = 200, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, body, "Mon, 05 Jan 2026 00:00:00 GMT", "text/html", named)  # no charset, as real ones


def test_a_stumbling_server_is_asked_again(corpus: Corpus, server: Server, tmp_path: Path) -> None:
    undisturbed = harvest(Server(server.site), tmp_path / "a")
    server.first = lambda target, times: _html("", 503) if times == 1 and target != "/robots.txt" else None
    assert harvest(server, tmp_path / "b") == undisturbed


def test_a_server_that_asks_for_patience_gets_it(server: Server, tmp_path: Path) -> None:
    moments: list[float] = []

    def busy(target: str, times: int) -> Answer | None:
        if not target.endswith("/900003"):
            return None
        moments.append(time.monotonic())
        return _html("", 429, Retry_After="1") if times == 1 else None

    server.first = busy
    assert any(isinstance(result, Document) and result.id.endswith("900003") for result in harvest(server, tmp_path))
    assert moments[1] - moments[0] > 0.9


def test_a_server_that_asks_for_an_hour_is_left_alone(server: Server, tmp_path: Path) -> None:
    server.first = lambda target, times: _html("", 429, Retry_After="3600") if "View" in target else None
    with pytest.raises(WorkError, match=r"the site asks for a pause of 3,600 s; run it again then, it continues"):
        harvest(server, tmp_path)
    assert sum("View" in target for target in server.asked) <= 2


def test_a_page_that_stays_broken_is_dropped_and_a_list_is_not(server: Server, tmp_path: Path) -> None:
    server.first = lambda target, times: _html("", 500) if target.endswith("/900003") else None
    rejected = [result for result in harvest(server, tmp_path) if isinstance(result, Rejection)]
    assert [result.reason for result in rejected if result.where.endswith("900003")] == ["http_500"]
    server.first = lambda target, times: _html("", 404) if "schPart=10031" in target else None
    with pytest.raises(WorkError, match=r"schPart=10031.*a list page is needed"):
        harvest(server, tmp_path / "b")


@pytest.mark.parametrize("status", [500, 503])
def test_without_robots_txt_nothing_is_allowed(status: int, server: Server, tmp_path: Path) -> None:
    server.first = lambda target, times: _html("", status) if target == "/robots.txt" else None
    with pytest.raises(WorkError, match=r"robots\.txt of this site cannot be read"):
        harvest(server, tmp_path)
    assert set(server.asked) == {"/robots.txt"}


def test_a_damaged_page_store_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "pages.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(WorkError, match=r"pages\.sqlite: the page store failed .*remove this file"):
        harvest(server, tmp_path)


def test_only_the_sites_own_host_is_reached(server: Server, tmp_path: Path) -> None:
    rejected: list[Rejection] = []
    pages: list[Page] = []

    def follow(page: Page) -> list[Link]:
        pages.append(page)
        return [Link("http://elsewhere.invalid/"), Link("http://127.0.0.1:1/")]

    with server.manners() as manners:
        job = Job(SITE, [Link(f"{BASE}/starter/PassAssay")], follow, rejected.append)
        fetch(job, manners, tmp_path / "pages.sqlite", tmp_path / "log")
    assert [page.url for page in pages] == [f"{BASE}/starter/PassAssay"]
    assert server.asked == ["/robots.txt", "/starter/PassAssay"]


def test_an_error_in_a_parser_ends_the_crawl_as_itself(server: Server, tmp_path: Path) -> None:
    def broken(page: Page) -> list[Link]:
        raise ZeroDivisionError("parser")

    with server.manners() as manners, pytest.raises(ZeroDivisionError):
        fetch(Job(SITE, SITE.start(), broken, print), manners, tmp_path / "pages.sqlite", tmp_path / "log")


def test_a_crawl_can_be_run_from_any_thread(server: Server, tmp_path: Path) -> None:
    found: list[Document | Rejection] = []
    thread = threading.Thread(target=lambda: found.extend(harvest(server, tmp_path)))
    thread.start()
    thread.join()
    assert len(found) == 32


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b"Mon, 05 Jan 2026 00:01:00 GMT", 60.0),
        (b"Sun, 04 Jan 2026 00:00:00 GMT", 0.0),
        (b"soon", None),
        (None, None),
    ],
)
def test_retry_after(header: bytes | None, seconds: float | None) -> None:
    assert retry_after(header, now=1767571200.0) == seconds


def test_the_sites_digest_changes_with_what_it_shows(corpus: Corpus) -> None:
    digests = {SampleSite(letters).digest() for letters in (corpus.letters, corpus.letters[:29])}
    assert len(digests | {SampleSite(generate(letters=30, interviews=0, seed=8).letters).digest()}) == 3


def test_the_part_table_agrees_with_the_generator() -> None:
    letters = generate(letters=300, interviews=0, seed=1).letters
    assert all(occupation_of([letter.part, *letter.also_listed_in]) == letter.occupation for letter in letters)
