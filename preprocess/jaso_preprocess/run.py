"""`jaso preprocess`: documents to a folder of examples and sentences."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import read_json, read_jsonl, write_json
from jaso_core.masking.unmask_key import KeyEntry, check_key_outside, write_key
from jaso_core.parallel.cluster import CLUSTERS
from jaso_core.records import SPLITS
from jaso_core.stage.data_description import about_of_crawls, describe
from jaso_core.stage.manifest import Manifest, read_manifest, versions
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage, volatile
from jaso_core.stage.schema import About
from jaso_preprocess.dedup.link import LinkResult, link
from jaso_preprocess.execution.executors import process_shards
from jaso_preprocess.execution.shards import Plan, plan
from jaso_preprocess.execution.worker import Counts, Task, build_steps, request_with_code
from jaso_preprocess.output.writer import CorpusWriter
from jaso_preprocess.questions.topics import TOPICS
from jaso_preprocess.sentences import SPLITTERS
from jaso_preprocess.split.assign import SplitOptions


@dataclass(frozen=True)
class PreprocessSettings:
    """Settings of `jaso preprocess`.

    `input`: crawl folders or documents.jsonl files. `clean`: steps by name, in order, each a config node. `copies`:
    drop or keep near-duplicates; kept ones stay in one group. `since`: a year; the step of that name comes first.
    `key_file`: where to keep what masking takes out. `workers`: processes, or jobs of the `cluster`; 0 is one for each
    core.
    """

    out: str = REQUIRED
    input: list[str] = REQUIRED
    clean: dict[str, Any] = REQUIRED
    sentences: dict[str, Any] = REQUIRED
    split: SplitOptions = REQUIRED
    seed: int = 0
    copies: str = "drop"
    since: int | None = volatile(None)  # it is in `clean`, once it is checked
    key_file: str | None = None
    workers: int = volatile(0)
    cluster: str | None = volatile(None)
    cluster_options: dict[str, Any] = field(default_factory=dict, metadata={"volatile": True})

    def __post_init__(self) -> None:
        if self.copies not in ("drop", "keep"):
            raise ValueError(f"copies is '{self.copies}'; drop or keep")
        if self.cluster not in (None, *CLUSTERS):
            raise ValueError(f"cluster is '{self.cluster}'; one of {', '.join(CLUSTERS)}, or null")
        if self.workers < 0:
            raise ValueError(f"workers is {self.workers}; 0 for all cores, or a number of processes")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> PreprocessSettings:
    """Validate the configuration, the steps' options included."""
    values = dict(config if strict else pick(config, PreprocessSettings))
    if isinstance(values.get("input"), str) and values["input"] != REQUIRED:
        values["input"] = [values["input"]]
    checked = to_settings(values, PreprocessSettings)
    if checked.since is not None:
        since = {"since": {"name": "since", "year": checked.since}}
        checked = replace(checked, clean={**since, **{k: v for k, v in checked.clean.items() if k != "since"}})
    build_steps(checked.clean)
    SPLITTERS.build(checked.sentences, "sentences")
    if checked.key_file is not None:
        check_key_outside(Path(checked.key_file), Path(checked.out))
    return checked


def run(settings: PreprocessSettings) -> Outcome:
    """Write settings.out."""
    inputs = {f"input[{i}]": Path(path) for i, path in enumerate(settings.input)}
    if settings.split.keep is not None:
        inputs["split.keep"] = Path(settings.split.keep)
    about = about_of_crawls(_crawls(settings.input))
    request = {**request_with_code(settings), **({"about": about} if about else {})}
    return run_stage("preprocess", Path(settings.out), request, inputs, lambda stage: _work(settings, about, stage))


def _crawls(inputs: Iterable[str]) -> list[Manifest]:
    """Return the manifests of the crawl folders that the inputs are, or are in."""
    folders = [Path(name) if Path(name).is_dir() else Path(name).parent for name in inputs]
    manifests = [read_manifest(folder) for folder in dict.fromkeys(folders)]
    return [manifest for manifest in manifests if manifest is not None and manifest.stage == "crawl"]


def _work(settings: PreprocessSettings, about: About, stage: StageRun) -> None:
    keys = None if settings.key_file is None else Path(f"{settings.key_file}.parts")
    try:
        _fill(settings, about, stage, keys)
    except RequestError:  # with another input or other steps nothing of it is reusable
        shutil.rmtree(stage.scratch)
        _remove(keys)
        raise
    _remove(keys)


def _remove(keys: Path | None) -> None:
    if keys is not None:
        shutil.rmtree(keys, ignore_errors=True)


def _fill(settings: PreprocessSettings, about: About, stage: StageRun, keys: Path | None) -> None:
    stage.seeds["split"] = settings.seed
    with stage.timed("plan_seconds"):
        planned = plan(settings.input)
    stage.licences |= planned.licences.keys() - {"(none)"}
    task = _task(settings, stage, planned, keys)
    with stage.timed("clean_seconds"):
        process_shards(
            task, planned.shards, settings.workers, settings.cluster, settings.cluster_options, stage.scratch / "jobs"
        )
    folders = [task.shard_folder(shard) for shard in planned.shards]
    counts = Counts()
    for folder in folders:
        counts.add(read_json(folder / "counts.json"))
    _refuse_nothing(settings, counts)
    with stage.timed("link_seconds"):
        linked = link(folders, settings.split, settings.seed, settings.copies == "drop")
    _refuse_empty_splits(settings, linked)
    corpus = CorpusWriter(linked, counts)
    with stage.timed("write_seconds"):
        corpus.write(stage, folders)
    if settings.key_file is not None and keys is not None:
        write_key(Path(settings.key_file), stage.out, _key_entries(keys, planned))
    facts = _statistics(corpus, planned, settings.clean)
    _describe(settings, stage, {**facts, **({"about": about} if about else {})})
    _report_masked(counts)


def _task(settings: PreprocessSettings, stage: StageRun, planned: Plan, keys: Path | None) -> Task:
    return Task(
        clean=settings.clean,
        sentences=settings.sentences,
        split=settings.split,
        companies=tuple(planned.companies),
        folder=str(stage.scratch / "shards"),
        keys=None if keys is None else str(keys),
    )


def _describe(settings: PreprocessSettings, stage: StageRun, facts: dict[str, Any]) -> None:
    from jaso_preprocess.card import write_card  # imports matplotlib, which validation does not need

    write_json(stage.add("stats.json"), facts)
    write_card(facts, _about(settings, describe(facts).title(list(facts["source"]))), stage.add)
    stage.counts.update({key: facts[key] for key in ("documents", "items", "examples", "sentences", "dropped")})


def _about(settings: PreprocessSettings, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "inputs": [Path(path).name for path in settings.input],
        "config": {key: value for key, value in request_of(settings).items() if key != "input"},
        "seed": settings.seed,
        "versions": versions(),
        "topic_labels": dict(TOPICS),
    }


def _key_entries(parts: Path, planned: Plan) -> Iterator[KeyEntry]:
    for shard in planned.shards:
        for _, record in read_jsonl(parts / f"{shard.number:06d}.jsonl"):
            yield KeyEntry(**record)


def _statistics(corpus: CorpusWriter, planned: Plan, steps: Iterable[str]) -> dict[str, Any]:
    counts, tally = corpus.counts, corpus.tally
    reasons: dict[str, int] = {}
    for step_reasons in counts.reasons.values():
        for reason, count in step_reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    corpus_facts = tally.facts()
    kept_items = sum(corpus_facts["examples"].values())
    return {
        "documents": {"read": counts.documents, "kept": tally.documents},
        "items": {"read": counts.items, "parts": counts.parts, "kept": kept_items, "dropped": counts.dropped},
        **corpus_facts,
        **corpus.linked.facts(),
        "dropped": dict(sorted(reasons.items())),
        "dropped_by_step": {
            step: dict(sorted(by_reason.items())) for step, by_reason in sorted(counts.reasons.items())
        },
        "changed": {step: counts.changed[step] for step in steps},
        "edits": {step: dict(sorted(counts.edits[step].items())) for step in steps if step in counts.edits},
        "licences": dict(sorted(planned.licences.items())),
        **_further_facts(counts),
    }


def _report_masked(counts: Counts) -> None:
    if counts.masked_columns:
        listing = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.masked_columns.items()))
        say(f"preprocess: places masked in further columns: {listing}")


def _further_facts(counts: Counts) -> dict[str, Any]:
    """Return counts of the user's further columns: documents, and masked places.

    A corpus without such columns has the keys that it always had.
    """
    facts = {"columns": counts.columns, "masked_columns": counts.masked_columns}
    conversations = {"conversations": counts.conversations} if counts.conversations else {}
    return {
        **{name: dict(sorted(by_column.items())) for name, by_column in facts.items() if by_column},
        **conversations,
    }


def _refuse_nothing(settings: PreprocessSettings, counts: Counts) -> None:
    if counts.items + counts.parts > counts.dropped:
        return
    reasons = sorted((reason, n) for step_reasons in counts.reasons.values() for reason, n in step_reasons.items())
    listing = ", ".join(f"{reason} {count:,}" for reason, count in reasons) or "no items at all"
    raise RequestError(
        f"{settings.input[0]}: nothing is left after cleaning ({listing})",
        "check the source: which of its columns are question and answer?",
    )


def _refuse_empty_splits(settings: PreprocessSettings, linked: LinkResult) -> None:
    shares = {"train": 1.0, "validation": settings.split.validation, "test": settings.split.test}
    if settings.split.honour or settings.split.keep:
        return  # a given split may leave one empty
    for split in SPLITS:
        if shares[split] > 0 and split not in linked.splits:
            raise RequestError(
                f"{settings.input[0]}: no example for {split}, there are only {len(set(linked.groups))} groups",
                "give more documents, another seed=, or larger split.validation and split.test",
            )
