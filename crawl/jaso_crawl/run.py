"""`jaso crawl`: write a source's documents.jsonl, and rejected.jsonl for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_core.io.files import atomic_text, json_line
from jaso_core.records import Document, typename
from jaso_core.stage.code_digest import equal_code
from jaso_core.stage.data_description import CardOptions
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
# Keys of every command's configuration; sources without randomness ignore them.
_SHARED_KEYS = ("seed",)


@dataclass(frozen=True)
class CrawlSettings:
    """Settings of the stage.

    `options` is an instance of the options dataclass that the source registered.
    """

    out: str
    source: str
    options: Any
    card: CardOptions = field(default_factory=CardOptions)


@dataclass(frozen=True)
class _BaseKeys:
    out: str = REQUIRED
    source: str = REQUIRED
    card: CardOptions = field(default_factory=CardOptions)


def settings(config: Mapping[str, Any], *, strict: bool = True) -> CrawlSettings:
    """Validate a plain, resolved configuration.

    With `strict` a key unknown to the source is refused.
    """
    _check_groups(config, _BaseKeys)
    base = to_settings(pick(config, _BaseKeys), _BaseKeys)
    options = SOURCES.get(base.source).options
    known = sorted({f.name for f in (*fields(_BaseKeys), *fields(options))})
    unknown = [str(key) for key in config if key not in (*known, *_SHARED_KEYS)]
    if strict and unknown:
        raise RequestError(
            f"config key '{unknown[0]}' is unknown to source={base.source}", did_you_mean(unknown[0], known)
        )
    _check_groups(config, options)
    chosen: Any = to_settings(_split_lists(pick(config, options), options), options)
    return CrawlSettings(base.out, base.source, chosen, base.card)


def _split_lists(config: Mapping[str, Any], options: type) -> dict[str, Any]:
    """Split text at commas where an option is a list: sites=saramin,eduss."""
    list_keys = {option.name for option in fields(options) if str(option.type).startswith("list")}
    return {
        key: [part.strip() for part in value.split(",")] if key in list_keys and isinstance(value, str) else value
        for key, value in config.items()
    }


def _check_groups(config: Mapping[str, Any], options: type) -> None:
    """Raise RequestError for a value where a group of keys belongs, as columns=Q."""
    for group in fields(options):
        schema: Any = group.default_factory
        if group.name not in config or not is_dataclass(schema) or isinstance(config[group.name], Mapping):
            continue
        raise RequestError(
            f"config key '{group.name}': is {typename(config[group.name])}, not a group of keys",
            f"write {group.name}.{fields(schema)[0].name}=…",
        )


def run(settings: CrawlSettings) -> Outcome:
    """Run the stage until `settings.out` is complete."""
    source = SOURCES.get(settings.source).make(settings.options)
    request = {"source": settings.source, **request_of(settings.options)}  # the keys as the user writes them
    if card := settings.card.given():
        request["card"] = card
    out, refresh_reason = Path(settings.out), None
    if isinstance(source, StoredSource):
        request["parsers"] = equal_code(out, "parsers", source.parsers_digest(), EQUAL_PARSERS)
        refresh_reason = source.refresh_reason()
    return run_stage(
        "crawl", out, request, source.inputs(), lambda stage_run: _write_records(source, stage_run), refresh_reason
    )


def _write_records(source: Source, run: StageRun) -> None:
    counts = Counter[str]()
    reasons = Counter[str]()
    first_rejection: Rejection | None = None
    with ExitStack() as stack:
        documents = stack.enter_context(atomic_text(run.scratch / DOCUMENTS))
        rejected = stack.enter_context(atomic_text(run.scratch / REJECTED))
        forgotten = Tombstones(run.out)
        for result in source.collect(run):
            if isinstance(result, Document) and (result.id in forgotten or result.url in forgotten):
                counts.update(forgotten=1)
            elif isinstance(result, Document):
                documents.write(json_line(result.to_json()))
                counts.update(documents=1, items=len(result.items))
                run.licences.update([result.licence] if result.licence else [])
            else:
                rejected.write(json_line(result.to_json()))
                reasons[result.reason] += 1
                first_rejection = first_rejection or result
    if not counts["documents"] and not counts["forgotten"]:
        raise RequestError(*_no_documents_error(reasons, first_rejection, run.counts.get("filtered", 0)))
    for name, rows in ((DOCUMENTS, counts["documents"]), (REJECTED, reasons.total())):
        (run.scratch / name).replace(run.add(name, rows))
    run.counts.update(rejected=dict(sorted(reasons.items())), **counts)
    for line in table(run.counts, run.counts["rejected"]):
        say(line)
    say(
        f"crawl: {counts['documents']:,} documents, {counts['items']:,} items, "
        f"{_format_rejected(reasons)}{_format_replaced(run.counts.get(REPLACED, 0))}"
    )


def _no_documents_error(reasons: Counter[str], first_rejection: Rejection | None, filtered: int) -> tuple[str, str]:
    if filtered:
        what = f"not one document is left by the filters, which took {filtered:,} away"
        return what, "widen them: period=, company=, categories= and the like"
    example = f", the first at {first_rejection.where}: {first_rejection.detail}" if first_rejection is not None else ""
    cure = "see what the source reads and which columns it takes"
    return f"not one document was found, {_format_rejected(reasons)}{example}", cure


def _format_replaced(rows: int) -> str:
    return f", rows with bytes replaced by �: {rows:,}" if rows else ""


def _format_rejected(reasons: Counter[str]) -> str:
    if not reasons:
        return "nothing dropped"
    listing = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{reasons.total():,} dropped ({listing})"
