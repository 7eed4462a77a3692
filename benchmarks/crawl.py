"""How fast stored pages are parsed, site by site, and what a polite crawl adds to the waiting that nobody can avoid.

    python benchmarks/crawl.py [--letters 200] [--asked 40] [--delay 0.25]

First each site of the sample's web is crawled into a page store. Its letters are then read in three ways, in turn: by
a whole crawl with offline=true, by the parser alone over pages in memory, and as a user would do it without jaso,
with html.parser over HTML files. `crawl_polite.py` is the second part.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from crawl_plain import Pairs, read_plainly
from crawl_polite import measure_politeness

from jaso_core.console import result
from jaso_core.io.files import atomic_text, json_line
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.crawl_site import CrawlOptions, crawl_site
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.sources.sample_sites import SAMPLE_SITES, site_of
from jaso_crawl.types import Page
from jaso_synthetic.corpus import generate
from jaso_synthetic.records import SampleLetter
from jaso_synthetic.web.server import serving
from jaso_synthetic.web.site import Web, base_of

HAZARDS = frozenset({"layer", "advert", "duplicates", "bare"})
"""An ordinary day, without what only a browser can read and without entries that lead to no letter."""
ROUNDS = 5
AGENT = user_agent("benchmark")


@dataclass(frozen=True)
class LabelIndex:
    """A site's letters as each of the contenders finds them, and what is planted in them, by address."""

    name: str
    store: Path
    pages: tuple[Page, ...]
    files: Mapping[str, Path]
    truth: Mapping[str, Pairs]


def fill(name: str, letters: Sequence[SampleLetter], folder: Path) -> LabelIndex:
    """Crawls a site of the sample's web, once and without a delay."""
    web = web_of(name, letters, HAZARDS)
    store = folder / f"{name}.sqlite"
    with serving([web], HAZARDS) as proxy:
        crawl(name, store, CrawlOptions(Politeness(AGENT, 0.0, proxy=proxy), Filters()), folder / f"{name}-online")
    with PageStore(store) as stored:
        answers = [answer for url in stored.urls("page") if (answer := stored.get(url)) is not None]
    pages = [Page(answer.url, decode_page(answer.body, answer.headers.get("content-type"))) for answer in answers]
    files = {page.url: folder / f"{name}-html" / f"{number}.html" for number, page in enumerate(pages)}
    (folder / f"{name}-html").mkdir()
    for page in pages:
        files[page.url].write_text(page.html, "utf-8", newline="")
    return LabelIndex(name, store, tuple(pages), files, truth_of(web))


def web_of(name: str, letters: Sequence[SampleLetter], hazards: frozenset[str]) -> Web:
    """The sample's site with those letters that its structure can hold."""
    kind = SAMPLE_SITES[name]
    return kind.web(tuple(letter for letter in letters if kind.can_show(letter)), hazards)


def truth_of(web: Web) -> dict[str, Pairs]:
    """{address: what stands in its letter}."""
    return {web.address(letter.id): [(item.question, item.answer) for item in letter.items] for letter in web.letters}


def crawl(name: str, store: Path, ways: CrawlOptions, out: Path) -> dict[str, Pairs]:
    """A whole crawl as the stage does it, up to documents.jsonl; its progress is not shown."""
    found: dict[str, Pairs] = {}
    run = StageRun("crawl", out, continued=False)
    with (
        redirect_stderr(io.StringIO()),
        BrowserPool(AGENT, 1, allowed=not ways.offline) as browsers,
        atomic_text(run.out / "documents.jsonl") as stream,
    ):
        for document in crawl_site(site_of(name), store, ways, browsers, run):
            if isinstance(document, Document):
                stream.write(json_line(document.to_json()))
                found[str(document.url)] = pairs_of(document)
    return found


def pairs_of(document: Document) -> Pairs:
    """As the truth has them."""
    return [(item.question or "", item.answer or "") for item in document.items]


def read_whole(shelf: LabelIndex) -> dict[str, Pairs]:
    """Store, decoding, lists, parser, documents.jsonl in a folder of its own."""
    out = Path(tempfile.mkdtemp(dir=shelf.store.parent))
    return crawl(shelf.name, shelf.store, CrawlOptions(Politeness(AGENT, 0.0), Filters(), offline=True), out)


def read_with_parser(shelf: LabelIndex) -> dict[str, Pairs]:
    """Text in memory → Document."""
    site = site_of(shelf.name)
    documents = (read_detail(site, page) for page in shelf.pages)
    return {str(document.url): pairs_of(document) for document in documents if isinstance(document, Document)}


def read_files(shelf: LabelIndex) -> dict[str, Pairs]:
    """HTML file → questions and answers."""
    return {url: read_plainly(shelf.name, path.read_text("utf-8")) for url, path in shelf.files.items()}


WAYS: dict[str, Callable[[LabelIndex], dict[str, Pairs]]] = {
    "whole": read_whole,
    "alone": read_with_parser,
    "plain": read_files,
}


def right_without_hazards(name: str, letters: Sequence[SampleLetter]) -> float:
    """The share that the plain parser gets right on pages with nothing in its way."""
    web = web_of(name, letters, frozenset())
    found = {}
    for url in truth_of(web):
        body = web.answer(url.removeprefix(base_of(name)), False).body
        found[url] = read_plainly(name, body if isinstance(body, str) else decode_page(body))
    return share_right(found, truth_of(web))


def share_right(found: Mapping[str, Pairs], truth: Mapping[str, Pairs]) -> float:
    """Of the letters in `truth` those of which every pair is right, white space aside."""
    return sum(_bare(found.get(url, [])) == _bare(pairs) for url, pairs in truth.items()) / len(truth)


def _bare(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [tuple("".join(text.split()) for text in pair) for pair in pairs]


def measure_parsing(letters: int, folder: Path) -> None:
    """The table of the first part: rates and ratios of one and the same run."""
    corpus = generate(letters=letters, interviews=0, seed=0).letters
    names = [name for name in SAMPLE_SITES if site_of(name).pager is None or find_installed() is not None]
    shelves = [fill(name, corpus, folder) for name in names]
    seconds: dict[tuple[str, str], list[float]] = {(name, way): [] for name in names for way in WAYS}
    right: dict[str, float] = {}
    for _ in range(ROUNDS):
        for shelf in shelves:
            for way, work in WAYS.items():
                started = time.perf_counter()
                found = work(shelf)
                seconds[shelf.name, way].append(time.perf_counter() - started)
                if way == "plain":
                    right[shelf.name] = share_right(found, shelf.truth)
                elif found != shelf.truth:
                    raise SystemExit(f"{shelf.name}: jaso ({way}) did not read what is planted")
    result(f"Parsing from the store, letters a second: medians of {ROUNDS} rounds in turn, all on this machine\n")
    result(f"{'':<20}{'jaso':>21}{'html.parser':>18}{'jaso / html.parser':>22}{'all pairs right, html.parser':>32}")
    result(
        f"{'site':<12}{'letters':>8}{'whole':>12}{'parser':>9}{'over files':>18}{'whole':>12}{'parser':>10}"
        f"{'as parsed':>18}{'no hazards':>14}"
    )
    for shelf in shelves:
        name, count = shelf.name, len(shelf.truth)
        whole, alone, plain = (median(seconds[name, way]) for way in WAYS)
        result(
            f"{name:<12}{count:>8}{count / whole:>12,.0f}{count / alone:>9,.0f}{count / plain:>18,.0f}"
            f"{plain / whole:>11.2f}x{plain / alone:>9.2f}x"
            f"{right[name]:>18.0%}{right_without_hazards(name, corpus):>14.0%}"
        )
    result("jaso has every question and answer of every letter right, character for character.")
    for name in SAMPLE_SITES.keys() - set(names):
        result(f"{name} is left out: its list needs a browser, see jaso doctor")


def main() -> None:
    """Both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=200, help="a site, for parsing")
    parser.add_argument("--asked", type=int, default=40, help="letters of the polite crawls")
    parser.add_argument("--delay", type=float, default=0.25, help="seconds between two requests of the polite crawls")
    given = parser.parse_args()
    if min(given.letters, given.asked) < 1 or given.delay <= 0:
        parser.error("give at least one letter, and a delay above 0")
    folder = Path(tempfile.mkdtemp(prefix="jaso-crawl-"))
    try:
        measure_parsing(given.letters, folder)
        letters = generate(letters=given.asked, interviews=0, seed=0).letters
        measure_politeness(web_of("saramin", letters, frozenset()), given.delay, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
