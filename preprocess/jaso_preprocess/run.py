"""`jaso preprocess`: folders of documents in, a folder of examples and sentences out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError
from jaso_core.files import (
    EXAMPLE_SCHEMA,
    SENTENCE_SCHEMA,
    atomic_text,
    read_documents,
    write_json,
    write_jsonl,
    write_parquet,
)
from jaso_core.records import SPLITS, Document, Example, Sentence
from jaso_core.say import progress
from jaso_core.stage import Outcome, StageRun, request_of, run_stage
from jaso_preprocess.cleaning import Account, clean
from jaso_preprocess.grouping import groups
from jaso_preprocess.splitters import SPLITTERS
from jaso_preprocess.splitting import SplitOptions, split_of
from jaso_preprocess.statistics import statistics
from jaso_preprocess.steps import STEPS, Step


@dataclass(frozen=True)
class PreprocessSettings:
    """`input`: crawl folders or documents.jsonl files. `clean`: steps by name, in order, each a config node."""

    out: str = REQUIRED
    input: list[str] = REQUIRED
    clean: dict[str, Any] = REQUIRED
    sentences: dict[str, Any] = REQUIRED
    split: SplitOptions = REQUIRED
    seed: int = 0


def settings(config: Mapping[str, Any], *, strict: bool = True) -> PreprocessSettings:
    """Checks the configuration, the steps' options included."""
    given = dict(config if strict else pick(config, PreprocessSettings))
    if isinstance(given.get("input"), str) and given["input"] != REQUIRED:
        given["input"] = [given["input"]]
    checked = to_settings(given, PreprocessSettings)
    _steps(checked)
    SPLITTERS.build(checked.sentences, "sentences")
    return checked


def run(settings: PreprocessSettings) -> Outcome:
    """Fills settings.out."""
    inputs = {f"input[{i}]": Path(path) for i, path in enumerate(settings.input)}
    request = {key: value for key, value in request_of(settings).items() if key != "input"}
    return run_stage("preprocess", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))


def _steps(settings: PreprocessSettings) -> dict[str, Step]:
    return {name: STEPS.build(node, f"clean.{name}") for name, node in settings.clean.items()}


def _work(settings: PreprocessSettings, stage: StageRun) -> None:
    stage.seeds["split"] = settings.seed
    account = Account()
    with stage.timed("clean_seconds"):
        raw = list(_documents(settings.input, stage))
        documents = list(clean(progress(raw, len(raw), "cleaning", "documents"), _steps(settings), account))
    if not documents:
        raise RequestError(
            f"{settings.input[0]}: nothing is left after cleaning ({_listing(account.reasons)})",
            "check the source: which of its columns are question and answer?",
        )
    with stage.timed("sentence_seconds"):
        sentences = list(_sentences(settings, documents))
    assigned = groups(_by_document(documents, sentences), _whole_items(documents))
    examples = [example for document in documents for example in _examples(document, assigned[document.id], settings)]
    _refuse_empty_splits(examples, settings)
    _write(stage, examples, sentences, account)
    facts = statistics(len(raw), len(documents), examples, sentences, account)
    write_json(stage.add("stats.json"), facts)
    stage.counts.update({key: facts[key] for key in ("documents", "items", "examples", "sentences", "dropped")})


def _documents(inputs: list[str], stage: StageRun) -> Iterator[Document]:
    seen: dict[str, str] = {}
    for given in inputs:
        path = Path(given) / "documents.jsonl" if Path(given).is_dir() else Path(given)
        for document in read_documents(path):
            if document.id in seen:
                raise RequestError(
                    f"{path}: document id '{document.id}' is also in {seen[document.id]}",
                    "rename one of the files, set columns.id, or remove one of the two",
                )
            seen[document.id] = str(path)
            if document.licence:
                stage.licences.add(document.licence)
            yield document


def _sentences(settings: PreprocessSettings, documents: list[Document]) -> Iterator[Sentence]:
    answers = [
        (document.id, place, item.answer)
        for document in documents
        for place, item in enumerate(document.items)
        if item.answer
    ]
    splitter = SPLITTERS.build(settings.sentences, "sentences")
    found = splitter.split(answer for _, _, answer in answers)
    for (document_id, place, answer), spans in progress(
        zip(answers, found, strict=True), len(answers), "splitting sentences", "answers"
    ):
        for start, end in spans:
            yield Sentence(document_id, place, "answer", start, end, answer[start:end])


def _by_document(documents: list[Document], sentences: list[Sentence]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {document.id: [] for document in documents}
    for sentence in sentences:
        texts[sentence.document_id].append(sentence.text)
    return texts


def _whole_items(documents: list[Document]) -> dict[str, list[str]]:
    return {
        document.id: [f"{item.question}\n{item.answer}" for item in document.items if item.answer]
        for document in documents
    }


def _examples(document: Document, group: str, settings: PreprocessSettings) -> Iterator[Example]:
    for place, item in enumerate(document.items):
        if item.answer:
            yield Example(
                id=f"{document.id}#{place}",
                document_id=document.id,
                group=group,
                split=split_of(group, settings.seed, settings.split),
                question=item.question,
                answer=item.answer,
                summary=item.summary,
                occupation=document.meta.get("occupation"),
                experience=document.meta.get("experience"),
                role=document.role,
                company=document.company,
                source=document.source,
            )


def _refuse_empty_splits(examples: list[Example], settings: PreprocessSettings) -> None:
    counts = Counter(example.split for example in examples)
    shares = {"train": 1.0, "validation": settings.split.validation, "test": settings.split.test}
    for split in SPLITS:
        if shares[split] > 0 and not counts[split]:
            count = len({example.group for example in examples})
            raise RequestError(
                f"{settings.input[0]}: no example for {split}, there are only {count} groups",
                "give more documents, another seed=, or larger split.validation and split.test",
            )


def _write(stage: StageRun, examples: list[Example], sentences: list[Sentence], account: Account) -> None:
    for split in SPLITS:
        rows = [example for example in examples if example.split == split]
        write_parquet(stage.add(f"examples/{split}.parquet", len(rows)), rows, EXAMPLE_SCHEMA)
    write_parquet(stage.add("sentences.parquet", len(sentences)), sentences, SENTENCE_SCHEMA)
    with atomic_text(stage.add("sentences.txt", len(sentences))) as stream:
        before = None
        for sentence in sentences:
            place = sentence.document_id, sentence.item
            if before not in (None, place):
                stream.write("\n")
            stream.write(sentence.text + "\n")
            before = place
    write_jsonl(stage.add("dropped.jsonl", len(account.dropped)), account.dropped)


def _listing(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items())) or "no items at all"
