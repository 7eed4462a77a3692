"""The synthetic corpus, crawled from a site of our own on loopback and read from zips in AI Hub's layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.files import write_jsonl
from jaso_core.records import Document
from jaso_core.stage import StageRun, volatile
from jaso_crawl.aihub import read_zip
from jaso_crawl.fetch.manners import Manners, user_agent
from jaso_crawl.harvest import RENDER, Harvest
from jaso_crawl.pages import Rejection, natural
from jaso_crawl.sample.aihub_zip import write_aihub
from jaso_crawl.sample.corpus import generate
from jaso_crawl.sample.model import SYNTHETIC_LICENCE, Corpus
from jaso_crawl.sample.quality import quality
from jaso_crawl.sample.server import serving
from jaso_crawl.sample.site import BASE, SampleSite
from jaso_crawl.sample.truth import truth_records
from jaso_crawl.sites.jobkorea import JobKorea
from jaso_crawl.sources import SOURCES

_META: Mapping[str, Any] = {"synthetic": True}


@dataclass(frozen=True)
class SampleOptions:
    """`letters` are crawled, `interviews` read from zips. `delay` in seconds between two requests."""

    letters: int = 1200
    interviews: int = 300
    seed: int = 0
    render: str = "auto"
    delay: float = volatile(0.0)
    hazards: bool = True

    def __post_init__(self) -> None:
        if self.letters < 0 or self.interviews < 0 or self.letters + self.interviews == 0:
            raise RequestError("letters and interviews must be 0 or more, and not both 0", "try letters=100")
        if self.render not in RENDER:
            raise RequestError(
                f"config key 'render': '{self.render}' is unknown", did_you_mean(self.render, list(RENDER))
            )


@SOURCES.register("sample", SampleOptions)
class Sample:
    """Synthetic cover letters and interviews with planted truth. Needs no network and no user data."""

    def __init__(self, options: SampleOptions) -> None:
        self._options = options

    def inputs(self) -> Mapping[str, Path]:
        """It reads nothing of the user's."""
        return {}

    def collect(self, run: StageRun) -> Iterator[Document | Rejection]:
        """Letters by number, then interviews by id. Writes truth.jsonl."""
        options = self._options
        run.seeds["sample"] = options.seed
        with run.timed("generate"):
            corpus = generate(letters=options.letters, interviews=options.interviews, seed=options.seed)
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
        shown = SampleSite(corpus.letters, self._options.hazards)
        store = run.out / "cache" / f"sample-{shown.digest()[:16]}.sqlite"
        _forget_others(store)
        site = JobKorea(BASE, "sample", SYNTHETIC_LICENCE, meta=_META)
        with serving(shown.answer) as proxy:
            manners = Manners(user_agent("sample site"), self._options.delay, throttle=False, proxy=proxy)
            yield from Harvest(site, manners, store, self._options.render, run).collect()


def _forget_others(store: Path) -> None:
    """The pages of another seed or size are of no use to anyone: they can be made again."""
    for path in store.parent.glob("sample-*.sqlite*"):
        if not path.name.startswith(store.name):
            path.unlink()


def _letters_quality(corpus: Corpus) -> dict[str, float]:
    """How varied the letters' clean answers are, planted copies left out."""
    own = (letter for letter in corpus.letters if letter.near_duplicate_of is None)
    measured = quality([item.clean_answer for letter in own for item in letter.items])
    return {name: round(value, 4) for name, value in measured.items()}


def _interviews(corpus: Corpus, run: StageRun) -> Iterator[Document | Rejection]:
    found: list[Document | Rejection] = []
    for path in write_aihub(corpus, run.scratch / "aihub"):
        found += read_zip(path, "sample", SYNTHETIC_LICENCE, _META) if path.suffix == ".zip" else []
    run.counts["interviews"] = sum(isinstance(result, Document) for result in found)
    yield from sorted(found, key=lambda result: natural(result.id if isinstance(result, Document) else result.where))
