"""`jaso crawl`: a source becomes documents.jsonl, with rejected.jsonl for whatever did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.files import atomic_text, json_line
from jaso_core.records import Document, typename
from jaso_core.stage.code_digest import equal_code
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_crawl.crawler.live_source import EQUAL_PARSERS
from jaso_crawl.crawler.summary import table
from jaso_crawl.crawler.tombstones import Tombstones
from jaso_crawl.source_registry import (
    REPLACED,
    SOURCES,
    Source,
    StoredSource,
)
from jaso_crawl.types import Rejection

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
    _refuse_flat(config, options)
    return CrawlSettings(door.out, door.source, to_settings(_listed(pick(config, options), options), options))


def _listed(config: Mapping[str, Any], options: type) -> dict[str, Any]:
    """Where a list is wanted a single text will do, or several with commas: sites=saramin,eduss."""
    lists = {option.name for option in fields(options) if str(option.type).startswith("list")}
    return {
        key: [part.strip() for part in value.split(",")] if key in lists and isinstance(value, str) else value
        for key, value in config.items()
    }


def _refuse_flat(config: Mapping[str, Any], options: type) -> None:
    """RequestError for a single value where a group of keys belongs, as columns=Q."""
    for group in fields(options):
        schema: Any = group.default_factory
        if group.name not in config or not is_dataclass(schema) or isinstance(config[group.name], Mapping):
            continue
        raise RequestError(
            f"config key '{group.name}': is {typename(config[group.name])}, not a group of keys",
            f"write {group.name}.{fields(schema)[0].name}=…",
        )


def run(settings: CrawlSettings) -> Outcome:
    """Brings `settings.out` to completeness."""
    source = SOURCES.get(settings.source).make(settings.options)
    request = {"source": settings.source, **request_of(settings.options)}  # the keys as the user writes them
    out, again = Path(settings.out), None
    if isinstance(source, StoredSource):
        request["parsers"] = equal_code(out, "parsers", source.parsers(), EQUAL_PARSERS)
        again = source.again()
    return run_stage("crawl", out, request, source.inputs(), lambda stage_run: _work(source, stage_run), again)


def _work(source: Source, run: StageRun) -> None:
    counts = Counter[str]()
    reasons = Counter[str]()
    first: Rejection | None = None
    with ExitStack() as stack:
        documents = stack.enter_context(atomic_text(run.scratch / DOCUMENTS))
        rejected = stack.enter_context(atomic_text(run.scratch / REJECTED))
        forgotten = Tombstones(run.out)
        for found in source.collect(run):
            if isinstance(found, Document) and (found.id in forgotten or found.url in forgotten):
                counts.update(forgotten=1)
            elif isinstance(found, Document):
                documents.write(json_line(found.to_json()))
                counts.update(documents=1, items=len(found.items))
                run.licences.update([found.licence] if found.licence else [])
            else:
                rejected.write(json_line(found.to_json()))
                reasons[found.reason] += 1
                first = first or found
    if not counts["documents"] and not counts["forgotten"]:
        raise RequestError(*_nothing(reasons, first, run.counts.get("filtered", 0)))
    for name, rows in ((DOCUMENTS, counts["documents"]), (REJECTED, reasons.total())):
        (run.scratch / name).replace(run.add(name, rows))
    run.counts.update(rejected=dict(sorted(reasons.items())), **counts)
    for line in table(run.counts, run.counts["rejected"]):
        say(line)
    say(
        f"crawl: {counts['documents']:,} documents, {counts['items']:,} items, "
        f"{_dropped(reasons)}{_replaced(run.counts.get(REPLACED, 0))}"
    )


def _nothing(reasons: Counter[str], first: Rejection | None, filtered: int) -> tuple[str, str]:
    if filtered:
        what = f"not one document is left by the filters, which took {filtered:,} away"
        return what, "widen them: period=, company=, categories= and the like"
    example = f", the first at {first.where}: {first.detail}" if first is not None else ""
    cure = "see what the source reads and which columns it takes"
    return f"not one document was found, {_dropped(reasons)}{example}", cure


def _replaced(rows: int) -> str:
    return f", rows with bytes replaced by �: {rows:,}" if rows else ""


def _dropped(reasons: Counter[str]) -> str:
    if not reasons:
        return "nothing dropped"
    listing = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{reasons.total():,} dropped ({listing})"
