"""Source of the synthetic corpus: loopback sites, zips in AI Hub's layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.files import write_jsonl
from jaso_core.records import Document
from jaso_core.stage.runner import StageRun, implied, volatile
from jaso_crawl.aihub import read_zip
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.crawl_site import CrawlOptions, crawl_site
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.crawler.live_source import parsers_digest
from jaso_crawl.crawler.options import WebOptions
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.source_registry import SOURCES
from jaso_crawl.sources.sample_sites import META, expand_site_names, site_of, webs_of
from jaso_crawl.types import (
    Rejection,
    natural_sort_key,
)
from jaso_synthetic.corpus import generate
from jaso_synthetic.diversity import quality
from jaso_synthetic.interviews.aihub_zip import write_aihub
from jaso_synthetic.records import SYNTHETIC_LICENCE, Corpus
from jaso_synthetic.truth import truth_records
from jaso_synthetic.web.hazards import hazards_of
from jaso_synthetic.web.server import serving
from jaso_synthetic.web.site import digest

REQUEST_LOG = Path("cache") / "requests.jsonl"
"""Below `out`: log of all requests to the sample sites, also from killed runs."""


@dataclass(frozen=True)
class SampleOptions(WebOptions):
    """Options of the sample corpus.

    `letters` are crawled from `sites`, `interviews` read from zips. `named_employers`: each letter that speaks of a
    former employer names it. `odd_companies`: names without a trade, odd company columns. `delay` in seconds between
    two requests.
    """

    letters: int = 1200
    interviews: int = 300
    seed: int = 0
    sites: list[str] = field(default_factory=lambda: ["jobkorea"])
    hazards: list[str] = field(default_factory=lambda: ["usual"])
    named_employers: bool = False
    odd_companies: bool = implied(False)
    browsers: int = volatile(2)

    def __post_init__(self) -> None:
        if self.letters < 0 or self.interviews < 0 or self.letters + self.interviews == 0:
            raise RequestError("letters and interviews must be 0 or more, and not both 0", "try letters=100")
        super().__post_init__()
        if not 0 <= self.delay < float("inf"):
            raise RequestError(f"config key 'delay': {self.delay:g} is no pause", "give 0 seconds or more")
        expand_site_names(self.sites)
        hazards_of(self.hazards)


@SOURCES.register("sample", SampleOptions)
class Sample:
    """Synthetic cover letters and interviews with planted truth. Needs no network and no user data."""

    def __init__(self, options: SampleOptions) -> None:
        self._options = options
        self._hazards = hazards_of(options.hazards)

    def inputs(self) -> Mapping[str, Path]:
        """Return no input files."""
        return {}

    def parsers_digest(self) -> str:
        """Return a hash of the parser code, as for a live site."""
        return parsers_digest(*(site_of(name) for name in expand_site_names(self._options.sites)))

    def refresh_reason(self) -> str | None:
        """Return why a complete folder is updated, as for a live site."""
        return self._options.refresh_reason()

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Yield letters by site and number, then interviews by id. Writes truth.jsonl."""
        options = self._options
        run.seeds["sample"] = options.seed
        with run.timed("generate"):
            corpus = generate(
                options.letters,
                options.interviews,
                options.seed,
                named_employers=options.named_employers,
                odd_companies=options.odd_companies,
            )
            truth = run.scratch / "truth.jsonl"
            rows = write_jsonl(truth, truth_records(corpus))
            truth.replace(run.add(truth.name, rows))
            run.counts["letters_quality"] = _letters_quality(corpus)
        if corpus.letters:
            yield from self._letters(corpus, run)
        if corpus.interviews:
            with run.timed("interviews"):
                yield from _interviews(corpus, run)

    def _letters(self, corpus: Corpus, run: StageRun) -> Iterator[Document | Rejection]:
        options = self._options
        webs = webs_of(corpus.letters, expand_site_names(options.sites), self._hazards)
        stores = {web.name: run.out / "cache" / f"sample-{web.name}-{digest(web)[:16]}.sqlite" for web in webs}
        _remove_other_stores(run.out / "cache", set(stores.values()))
        filters = Filters(options.period, options.company, max_documents=options.max_documents)
        agent_name = user_agent("sample site")
        with (
            serving(webs, self._hazards, run.out / REQUEST_LOG) as proxy,
            BrowserPool(agent_name, options.browsers, options.render != "never", options.limits) as browsers,
        ):
            politeness = Politeness(
                agent_name,
                options.delay,
                proxy=proxy,
                timeout=1.5,
                initial_backoff=0.02,
                largest_page=options.limits.page_bytes,
            )
            crawl_options = CrawlOptions(
                politeness, filters, options.refresh, options.offline, options.limits.list_pages
            )
            for web in webs:
                yield from crawl_site(
                    site_of(web.name, options.company), stores[web.name], crawl_options, browsers, run
                )


def _remove_other_stores(folder: Path, current_stores: set[Path]) -> None:
    """Remove page stores of other seeds or sizes; they can be made again."""
    names = {path.name for path in current_stores}
    for path in folder.glob("sample-*.sqlite*"):
        if not any(path.name.startswith(name) for name in names):
            path.unlink()


def _letters_quality(corpus: Corpus) -> dict[str, float]:
    """Measure the diversity of clean answers, without planted near-duplicates."""
    originals = (letter for letter in corpus.letters if letter.near_duplicate_of is None)
    metrics = quality([item.clean_answer for letter in originals for item in letter.items])
    return {name: round(value, 4) for name, value in metrics.items()}


def _interviews(corpus: Corpus, run: StageRun) -> Iterator[Document | Rejection]:
    results: list[Document | Rejection] = []
    for path in write_aihub(corpus, run.scratch / "aihub"):
        results += read_zip(path, "sample", SYNTHETIC_LICENCE, META) if path.suffix == ".zip" else []
    run.counts["interviews"] = sum(isinstance(result, Document) for result in results)
    yield from sorted(
        results, key=lambda result: natural_sort_key(result.id if isinstance(result, Document) else result.where)
    )
