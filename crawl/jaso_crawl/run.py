"""`jaso crawl`: a source becomes documents.jsonl, with rejected.jsonl for whatever did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.files import atomic_text, json_line
from jaso_core.records import Document
from jaso_core.say import say
from jaso_core.stage import Outcome, StageRun, request_of, run_stage
from jaso_crawl.sources import SOURCES, Source

DOCUMENTS = "documents.jsonl"
REJECTED = "rejected.jsonl"
# Every command's configuration has these; a source without chance has no use for them.
_COMMON = ("seed",)


@dataclass(frozen=True)
class CrawlSettings:
    """`options` is an instance of the options dataclass that the source registered."""

    out: str
    source: str
    options: Any


@dataclass(frozen=True)
class _Door:
    out: str = REQUIRED
    source: str = REQUIRED


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CrawlSettings:
    """Checks a plain, resolved configuration. With `strict` a key that the source does not know is refused."""
    door = to_settings(pick(config, _Door), _Door)
    options = SOURCES.get(door.source).options
    known = sorted({f.name for f in (*fields(_Door), *fields(options))})
    unknown = [str(key) for key in config if key not in (*known, *_COMMON)]
    if strict and unknown:
        raise RequestError(
            f"config key '{unknown[0]}' is unknown to source={door.source}", did_you_mean(unknown[0], known)
        )
    return CrawlSettings(door.out, door.source, to_settings(pick(config, options), options))


def run(settings: CrawlSettings) -> Outcome:
    """Brings `settings.out` to completeness."""
    source = SOURCES.get(settings.source).make(settings.options)
    return run_stage(
        "crawl",
        Path(settings.out),
        {"source": settings.source, **request_of(settings.options)},  # the keys as the user writes them
        source.inputs(),
        lambda stage_run: _work(source, stage_run),
    )


def _work(source: Source, run: StageRun) -> None:
    counts = Counter[str]()
    reasons = Counter[str]()
    with ExitStack() as stack:
        documents = stack.enter_context(atomic_text(run.scratch / DOCUMENTS))
        rejected = stack.enter_context(atomic_text(run.scratch / REJECTED))
        for found in source.collect(run):
            if isinstance(found, Document):
                documents.write(json_line(found.to_json()))
                counts.update(documents=1, items=len(found.items))
                run.licences.update([found.licence] if found.licence else [])
            else:
                rejected.write(json_line(found.to_json()))
                reasons[found.reason] += 1
    if not counts["documents"]:
        raise RequestError(*_nothing(reasons))
    for name, rows in ((DOCUMENTS, counts["documents"]), (REJECTED, reasons.total())):
        (run.scratch / name).replace(run.add(name, rows))
    run.counts.update(rejected=dict(sorted(reasons.items())), documents=counts["documents"], items=counts["items"])
    say(f"crawl: {counts['documents']:,} documents, {counts['items']:,} items, {_dropped(reasons)}")


def _nothing(reasons: Counter[str]) -> tuple[str, str]:
    return f"not one document was found, {_dropped(reasons)}", "see what the source reads and which columns it takes"


def _dropped(reasons: Counter[str]) -> str:
    if not reasons:
        return "nothing dropped"
    listing = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{reasons.total():,} dropped ({listing})"
