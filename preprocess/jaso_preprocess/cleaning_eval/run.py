"""`jaso score-cleaning`: evaluate the steps on planted defects, a row a kind.

The input is a synthetic corpus, whose planted defects are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import Lines, progress, result
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, read_documents, read_jsonl, write_json, write_jsonl
from jaso_core.masking.organisations.company_field import company_names
from jaso_core.records import Document, Item
from jaso_core.report.number_format import NONE
from jaso_core.report.tables import Table, markdown
from jaso_core.stage.runner import Outcome, StageRun, run_stage
from jaso_core.text.edits import Edit
from jaso_preprocess.cleaning_eval.scores import (
    COUNTS,
    Score,
    StepTrace,
    Truth,
    core_span,
    is_found,
    is_wrong,
    score_step,
    trace_steps,
)
from jaso_preprocess.dedup.minhash import comparable, near_pairs, signatures, similarity
from jaso_preprocess.execution.worker import build_steps, request_with_code, steps_of
from jaso_preprocess.sentences import SPLITTERS, Splitter
from jaso_preprocess.steps import Step

# Kinds with the same token count as one: a target company that was taken for another employer is masked as well.
EQUIVALENT_KINDS = (frozenset({"company_name", "other_company"}),)
MAX_MISTAKES = 20
CONTEXT = 30
NEAR, FAR = 0.8, 0.5


@dataclass(frozen=True)
class ScoreCleaningSettings:
    """Settings of `jaso score-cleaning`.

    `input`: a crawl folder of the synthetic corpus, with documents.jsonl and truth.jsonl.
    """

    out: str = REQUIRED
    input: str = REQUIRED
    clean: dict[str, Any] = REQUIRED
    sentences: dict[str, Any] = REQUIRED


@dataclass
class Scores:
    """Scores by kind, the steps that made each kind's edits, and some mistakes."""

    rows: dict[str, Score] = field(default_factory=dict)
    steps: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    mistakes: defaultdict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Score) -> None:
        """Add a score to the row of the same kind."""
        self.rows[row.kind] = self.rows[row.kind] + row if row.kind in self.rows else row

    def add_mistake(self, kind: str, what: str, document_id: str, name: str, text: str, span: tuple[int, int]) -> None:
        """Record a mistake with its context; at most MAX_MISTAKES a kind."""
        examples = self.mistakes[kind, what]
        if len(examples) < MAX_MISTAKES:
            start, end = span
            before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
            context = {"before": before, "text": text[start:end], "after": after}
            examples.append({"kind": kind, "mistake": what, "document_id": document_id, "field": name, **context})


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ScoreCleaningSettings:
    """Validate the configuration, the steps' options included."""
    del strict  # its YAML holds all that preprocess knows, so that the steps are the same
    checked = to_settings(pick(config, ScoreCleaningSettings), ScoreCleaningSettings)
    build_steps(checked.clean)
    SPLITTERS.build(checked.sentences, "sentences")
    return checked


def run(settings: ScoreCleaningSettings) -> Outcome:
    """Write settings.out and print the table."""
    request = request_with_code(settings)
    inputs = {"input": Path(settings.input)}
    outcome = run_stage("score-cleaning", Path(settings.out), request, inputs, lambda stage: _work(settings, stage))
    result(Lines((Path(settings.out) / "cleaning.md").read_text(encoding="utf-8").rstrip()))
    return outcome


def _work(settings: ScoreCleaningSettings, stage: StageRun) -> None:
    pairs = list(_read_with_truth(Path(settings.input)))
    if not pairs:
        raise RequestError(f"{settings.input}: no document that the truth knows", "crawl source=sample once more")
    companies = dict.fromkeys(document.company for document, _ in pairs if document.company)
    steps = steps_of(settings.clean, tuple(companies))
    splitter = SPLITTERS.build(settings.sentences, "sentences")
    scores = Scores()
    cleaned = [
        _score_document(document, truth, steps, splitter, scores)
        for document, truth in progress(pairs, len(pairs), "scoring", "documents")
    ]
    for row in _score_near_duplicates(cleaned, [truth for _, truth in pairs]):
        scores.add(row)
    rows = [_row(scores.rows[kind], scores.steps[kind]) for kind in sorted(scores.rows)]
    write_json(stage.add("cleaning.json"), {"documents": len(pairs), "kinds": rows})
    with atomic_text(stage.add("cleaning.md")) as stream:
        stream.write(_table(rows))
    mistakes = [mistake for key in sorted(scores.mistakes) for mistake in scores.mistakes[key]]
    write_jsonl(stage.add("mistakes.jsonl", len(mistakes)), mistakes)
    stage.counts.update(documents=len(pairs), kinds=len(rows))


def _read_with_truth(folder: Path) -> Iterator[tuple[Document, dict[str, Any]]]:
    path = folder / "truth.jsonl"
    if not path.is_file():
        raise RequestError(
            f"{path}: no such file", "give a crawl folder of source=sample: only there is the truth known"
        )
    truths = {record["id"]: record for _, record in read_jsonl(path)}
    for document in read_documents(folder / "documents.jsonl"):
        truth = truths.get(document.id)
        if truth is not None and _matches_truth(document, truth):
            yield document, truth


def _matches_truth(document: Document, truth: Mapping[str, Any]) -> bool:
    """Return whether the planted spans are where the truth says.

    Some files of interviews have a character too many.
    """
    pairs = zip(document.items, truth["items"], strict=False)
    return len(document.items) == len(truth["items"]) and all(
        (getattr(item, span["field"]) or "")[span["start"] : span["end"]] == span["text"]
        for item, item_truth in pairs
        for span in item_truth["planted"]
    )


def _score_document(
    document: Document, truth: Mapping[str, Any], steps: Mapping[str, Step], splitter: Splitter, scores: Scores
) -> Document:
    items = []
    for item, item_truth in zip(document.items, truth["items"], strict=True):
        planted = [_expected_span(Truth.from_record(record), document) for record in item_truth["planted"]]
        trace = trace_steps(item, steps, document)
        for step, kinds in trace.by_step.items():
            for kind in kinds:
                scores.steps[kind].add(step)
        for name, edits in trace.edits.items():
            here = [span for span in planted if span.field == name and span.kind not in ("sentence_end", "quotation")]
            _score_text(document.id, name, getattr(item, name), edits, here, scores)
        _score_parts(trace, item_truth["segments"] or [], item, document.id, scores)
        _score_sentence_ends(trace, [span for span in planted if span.kind == "sentence_end"], splitter, scores)
        items += [Item(item.question, trail.text) for trail in trace.answers]
    return Document(document.id, document.source, document.kind, tuple(items))


def _expected_span(span: Truth, document: Document) -> Truth:
    """Return the span with the kind by which it is scored.

    A company that no field of the document names counts as any other employer.
    """
    if span.kind == "company_name" and not company_names(document.company or ""):
        return replace(span, kind="other_company")
    return span


def _score_text(
    document_id: str, name: str, text: str, edits: Sequence[Edit], planted: Sequence[Truth], scores: Scores
) -> None:
    for row in score_step(edits, planted, EQUIVALENT_KINDS):
        scores.add(row)
    for span in planted:
        if not is_found(span, edits, EQUIVALENT_KINDS):
            scores.add_mistake(span.kind, "missed", document_id, name, text, core_span(span))
    for edit in edits:
        if is_wrong(edit, planted, EQUIVALENT_KINDS):
            scores.add_mistake(edit.kind, "wrong", document_id, name, text, (edit.start, edit.end))


def _score_parts(
    trace: StepTrace, segments: Sequence[Mapping[str, Any]], item: Item, document_id: str, scores: Scores
) -> None:
    """Score the split of a blob.

    It is right when all its answers begin and end where they were planted, white space aside.
    """
    text = item.answer or ""
    expected = [_strip_span(text, segment["start"], segment["end"]) for segment in segments]
    actual = [_strip_span(text, *part) for part in trace.parts]
    right = bool(expected) and actual == expected
    scores.add(Score("blob", bool(expected), right, right, bool(actual), bool(actual) and not right))
    if actual != expected:
        what = "wrong" if actual else "missed"
        scores.add_mistake("blob", what, document_id, "answer", text, (0, 2 * CONTEXT))
    if actual:
        scores.steps["blob"].add("blobs")


def _strip_span(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def _score_sentence_ends(trace: StepTrace, planted: Sequence[Truth], splitter: Splitter, scores: Scores) -> None:
    """Score left-out full stops: found where the splitter ends a sentence.

    Sentences are those of the cleaned text.
    """
    if not planted:
        return
    ends = set[int]()
    for trail, spans in zip(trace.answers, splitter.split(trail.text for trail in trace.answers), strict=True):
        ends |= {trail.raw_span(start, end)[1] for start, end in spans}
    hits = sum(span.start in ends for span in planted)
    scores.add(Score("sentence_end", len(planted), hits, hits, 0, 0))


def _score_near_duplicates(documents: Sequence[Document], truths: Sequence[Mapping[str, Any]]) -> list[Score]:
    """Score near-duplicate detection on planted copies.

    Those with a Jaccard index of NEAR or more count; a pair below FAR is wrong.
    """
    texts = [comparable(document.items) for document in documents]
    rows = {document.id: row for row, document in enumerate(documents)}
    linked = {(left, right): share for left, right, share in near_pairs(signatures(texts), texts.__getitem__)}
    planted = matched = 0
    for truth in truths:
        left, right = rows.get(truth["near_duplicate_of"] or "", -1), rows.get(truth["id"], -1)
        if min(left, right) >= 0 and similarity(texts[left], texts[right]) >= NEAR:
            planted += 1
            matched += (min(left, right), max(left, right)) in linked
    wrong = sum(similarity(texts[left], texts[right]) < FAR for left, right in linked)
    return [Score("near_duplicate", planted, matched, matched, len(linked), wrong)]


def _row(score: Score, steps: set[str]) -> dict[str, Any]:
    counts = score.counts()
    shares = {"precision": score.precision, "recall": score.recall}
    return {"kind": score.kind, "steps": sorted(steps), **counts, **shares}


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ("kind", "step", *COUNTS, "precision", "recall")
    lines = [
        (
            row["kind"],
            ", ".join(row["steps"]) or NONE,
            *(f"{row[name]:,}" for name in head[2:7]),
            *(NONE if row[name] is None else f"{row[name]:.4f}" for name in head[7:]),
        )
        for row in rows
    ]
    return markdown(Table(head, lines, align="ll"), str, layout="padded") + "\n"
