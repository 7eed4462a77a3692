"""Predictions for a table of questions; a killed run continues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.generation.generate import GenerationOptions, require_engine
from jaso_core.io.files import write_jsonl
from jaso_core.model_sources import find_model
from jaso_core.modeling.checkpoint import Checkpoint
from jaso_core.modeling.encode import encode_context
from jaso_core.modeling.pretrained_checkpoint import load_any_checkpoint
from jaso_core.records import Example, Prediction
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_crawl.tables.read_table import TableOptions, check_table_file, read_table
from jaso_evaluate.predict.predictions import generate_texts, to_device
from jaso_pipeline.talk.fields import FIELDS

_COLUMNS = {*FIELDS, "id", "answer"}


def answer_table(
    model: str,
    revision: str | None,
    prompt: Mapping[str, Any] | None,
    options: GenerationOptions,
    fields: Mapping[str, str],
    table: Path,
    out: Path,
) -> Outcome:
    """Write predictions.jsonl for the rows of a table into the folder `out`.

    Columns are named as the fields; `id` and `answer`, the reference, may be there too. `fields`: for rows that lack
    them. RequestError for a row that still lacks a field, or whose prompt is too long, before the first text.
    """
    check_table_file(table)
    require_engine(options)
    folder = find_model(model, revision)
    request = {"prompt": dict(prompt) if prompt else None, "generate": request_of(options), "fields": dict(fields)}

    def work(stage: StageRun) -> None:
        checkpoint, notes = load_any_checkpoint(folder, prompt)
        for note in notes:
            say(f"generate: {note}")
        checkpoint = replace(checkpoint, model=to_device(checkpoint.model))
        examples = list(_examples(table, fields, checkpoint))
        contexts = [encode_context(example, checkpoint.prompt, checkpoint.tokenizer) for example in examples]
        _check_lengths(examples, contexts, checkpoint.max_length)
        keys = [example.id for example in examples]
        texts = generate_texts(checkpoint, folder, options, contexts, keys, stage.scratch)
        rows = (
            _prediction(example, candidates, checkpoint).to_json()
            for example, candidates in zip(examples, texts, strict=True)
        )
        stage.counts["predictions"] = len(examples)
        stage.seeds["generate"] = options.seed
        write_jsonl(stage.add("predictions.jsonl", len(examples)), rows)

    return run_stage("generate", out, request, {"model": folder, "input": table}, work)


def _examples(table: Path, fields: Mapping[str, str], checkpoint: Checkpoint) -> Iterator[Example]:
    reads = checkpoint.prompt.reads
    needed = [name for name in reads if name not in fields]
    rows = read_table(table, _COLUMNS, set(needed), TableOptions())
    for name in needed:
        if name not in rows.columns:
            raise RequestError(f"{table}: has no column '{name}'", f"rename a column to {name}, or add {name}=…")
    places: dict[str, str] = {}
    for number, row in enumerate(rows.rows, start=1):
        if row.problem is not None:
            raise RequestError(f"{row.where}: {row.problem[1]}", "mend or remove the row")
        values = {
            **fields,
            **{name: text for name, text in row.cells.items() if name in _COLUMNS and text and text.strip()},
        }
        missing = [name for name in reads if name not in values]
        if missing:
            raise RequestError(f"{row.where}: '{missing[0]}' is empty", f"fill it in, or add {missing[0]}=…")
        name = values.pop("id", str(number))
        if name in places:
            raise RequestError(f"{row.where}: id '{name}' is also at {places[name]}", "make the ids unique")
        places[name] = row.where
        yield Example(
            id=name, document_id=name, group=name, split="test",
            question=values.get("question"), answer=values.get("answer"), summary=values.get("summary"),
            occupation=values.get("occupation"), experience=values.get("experience"),
            role=values.get("role"), company=values.get("company"),
        )  # fmt: skip


def _check_lengths(examples: list[Example], contexts: list[list[int]], limit: int) -> None:
    for example, context in zip(examples, contexts, strict=True):
        if len(context) >= limit:
            raise RequestError(
                f"row '{example.id}': its prompt has {len(context)} tokens, the model takes {limit} with the text",
                "shorten or remove the row",
            )


def _prediction(example: Example, texts: Any, checkpoint: Checkpoint) -> Prediction:
    first = texts[0]
    meta = {name: value for name in FIELDS if (value := getattr(example, name)) is not None}
    meta |= {"stop": first["stop"], "tokens": first["tokens"]}
    if len(texts) > 1:
        meta["candidates"] = [dict(text) for text in texts]
    return Prediction(
        example.id, first["text"], example.answer or "", checkpoint.prompt.shown(example), checkpoint.prompt.name, meta
    )
