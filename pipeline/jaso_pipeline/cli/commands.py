"""Command table: purpose, usage, outputs and module of every command."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from jaso_core.console import result
from jaso_core.parallel.thread_spin import read_cpu_times, set_thread_spin
from jaso_core.stage.runner import Outcome

_START = read_cpu_times()
"""When the command began: from then on the load of the machine is known."""


class StageModule(Protocol):
    """Protocol of a stage's run.py."""

    def settings(self, config: Mapping[str, Any], *, strict: bool = True) -> Any:
        """Check the resolved configuration.

        With `strict` a key that is not this stage's is an error.
        """

    def run(self, settings: Any) -> Outcome:
        """Run the stage and fill settings.out."""


@dataclass(frozen=True)
class Verb:
    """One command. `result` is the file below `out` whose path is printed last."""

    name: str
    module: str
    usage: str
    summary: str
    writes: str
    example: str
    result: str = ""

    @property
    def command(self) -> str:
        """The name as typed: `jaso sheet make`, though its config is sheet-make.yaml."""
        return self.name.replace("sheet-", "sheet ")

    def load(self) -> StageModule:
        """Import the stage; only now, so that `jaso --help` is fast."""
        return cast(StageModule, importlib.import_module(self.module))


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "crawl",
            "jaso_crawl.run",
            "source=<name> out=<dir>",
            "gather documents from a source",
            "documents.jsonl  rejected.jsonl  manifest.json  (source=sample: also truth.jsonl)",
            "jaso crawl source=csv path=talks.csv columns.question=Q columns.answer=A out=runs/talks",
        ),
        Verb(
            "example-data",
            "jaso_synthetic.example_data",
            "out=<dir> [rows=120] [letters=12]",
            "a small synthetic example of each form of input",
            "talks.csv  talks.jsonl  chat.json  letters/*.{docx,hwpx}  aihub/**/*.zip  manifest.json",
            "jaso example-data out=data/examples",
        ),
        Verb(
            "preprocess",
            "jaso_preprocess.run",
            "input=<file|dir>[,…] out=<dir>",
            "clean, split into sentences, split into train/validation/test",
            "examples/{train,validation,test}.parquet  sentences.parquet  sentences.txt  dropped.jsonl  stats.json",
            "jaso preprocess input=runs/talks out=runs/talks-clean",
        ),
        Verb(
            "score-cleaning",
            "jaso_preprocess.cleaning_eval.run",
            "input=<crawl dir of source=sample> out=<dir>",
            "precision and recall of each cleaning step against planted truth",
            "cleaning.md  cleaning.json  mistakes.jsonl  manifest.json",
            "jaso score-cleaning input=runs/demo/crawl out=runs/cleaning-scores",
            "cleaning.md",
        ),
        Verb(
            "train",
            "jaso_train.run",
            "input=<preprocess dir> out=<dir>",
            "train or fine-tune a causal language model",
            "model/ (safetensors, tokenizer, prompt.json)  log.jsonl  freeze_report.json  manifest.json",
            "jaso train input=runs/talks-clean model=tiny prompt=question_answer out=runs/talks-model",
        ),
        Verb(
            "evaluate",
            "jaso_evaluate.run",
            "model=<train dir> input=<preprocess dir> out=<dir>",
            "generate on held-out examples and score",
            "predictions.jsonl  scores.jsonl  scores.json  report.html  manifest.json",
            "jaso evaluate model=runs/talks-model input=runs/talks-clean out=runs/talks-scores",
            "report.html",
        ),
        Verb(
            "generate",
            "jaso_pipeline.talk.generate",
            "model=<train dir|folder|hub name> [question=…] [n=5] [generate=sampling] [input=<file> out=<dir>]",
            "talk to a model: its text as it comes, or texts for a table of questions",
            "nothing; with input= and out=: predictions.jsonl  manifest.json",
            "jaso generate model=runs/talks-model question='지원 동기를 말씀해 주세요.'",
            "predictions.jsonl",
        ),
        Verb(
            "chat",
            "jaso_pipeline.talk.chat",
            "model=<train dir|folder|hub name> [system=…] [generate=greedy]",
            "talk to a chat model, turn by turn",
            "nothing",
            "jaso chat model=runs/chat-model",
        ),
        Verb(
            "score",
            "jaso_evaluate.score",
            "predictions=<file> out=<dir>",
            "score a predictions file, whoever made it",
            "scores.jsonl  scores.json  report.html  manifest.json",
            "jaso score predictions=predictions.jsonl out=runs/scores",
            "report.html",
        ),
        Verb(
            "compare",
            "jaso_evaluate.comparison.run",
            "runs=<dir>,<dir>[,…] out=<dir>",
            "compare runs on the same examples: intervals and paired tests",
            "comparison.{md,csv,tex,html,json}  comparison-pairs.csv  manifest.json",
            "jaso compare runs=runs/a,runs/b out=runs/a-b",
            "comparison.html",
        ),
        Verb(
            "sheet-make",
            "jaso_evaluate.human.sheet_make",
            "runs=<dir|file>[,…] out=<dir> [raters=…] [items=…] [rubric=<name>]",
            "blind score sheets for raters: xlsx and CSV, one for each",
            "sheets/*.xlsx  sheets/*.csv  key.json (never hand it out)  manifest.json",
            "jaso sheet make runs=runs/a,runs/b out=runs/sheets raters=5 items=30",
            "sheets",
        ),
        Verb(
            "sheet-read",
            "jaso_evaluate.human.sheet_read",
            "sheets=<dir|file>[,…] key=<dir> out=<dir> [runs=<dir>[,…]]",
            "check the filled sheets; scores, agreement, drift, and which metric agrees with the raters",
            "human.json  human.csv  human.md  human.html  manifest.json",
            "jaso sheet read sheets=filled key=runs/sheets out=runs/human runs=runs/a,runs/b",
            "human.html",
        ),
        Verb(
            "validity",
            "jaso_evaluate.validity.run",
            "pairs=<file> out=<dir>",
            "how well each metric agrees with people, on any file of pairs with human scores",
            "validity.md  validity.csv  validity.json  manifest.json",
            "jaso validity pairs=pairs.jsonl out=runs/validity",
            "validity.md",
        ),
        Verb(
            "regress",
            "jaso_evaluate.regression.regress",
            "run=<dir> baseline=<dir> out=<dir>",
            "hold a run against a blessed baseline; exit 1 when a metric got worse",
            "regress.md  regress.json  manifest.json",
            "jaso regress run=runs/new/evaluate baseline=baseline out=runs/regress",
            "regress.md",
        ),
        Verb(
            "bless",
            "jaso_evaluate.regression.bless",
            "run=<dir> out=<baseline dir> reason='…'",
            "make a run the baseline that later runs are held against, and write down why",
            "baseline.json  scores.jsonl  predictions.jsonl  reasons.jsonl",
            "jaso bless run=runs/new/evaluate out=baseline reason='the first one'",
            "baseline.json",
        ),
        Verb(
            "curves",
            "jaso_train.curves.run",
            "runs=<train dir>,<train dir>[,…] out=<dir>",
            "how several trainings went: curves on common axes, and what differs between them",
            "curves.html  curves.md  curves.csv  curves.json  manifest.json",
            "jaso curves runs=runs/sweep out=runs/sweep-curves",
            "curves.html",
        ),
        Verb(
            "export",
            "jaso_preprocess.export",
            "input=<preprocess dir> out=<dir> [hub=owner/name] [private=true]",
            "hand on a corpus as a Hugging Face data set with its card, where its licences allow it",
            "dataset/ (datasets.load_from_disk)  examples/*.parquet  README.md  card.html  manifest.json",
            "jaso export input=runs/talks-clean out=runs/talks-export",
            "README.md",
        ),
        Verb(
            "export-model",
            "jaso_train.publish.export_model",
            "input=<train dir> out=<dir> [hub=owner/name] [private=true] [revision=main]",
            "hand on a trained model with its card, where the licences of its base and its data allow it",
            "model/ (transformers.AutoModelForCausalLM, README.md)  manifest.json",
            "jaso export-model input=runs/talks-model out=runs/talks-model-export",
            "model/README.md",
        ),
        Verb(
            "study",
            "jaso_pipeline.study.run",
            "<name> out=<dir> [size=smallest] [seeds=3] [model=…] [source=…] [plan=true]",
            "run a grid of cells, compare them, report",
            "<name>/report.{html,md,tex,json}  crawl/  preprocess/  train/  evaluate/  ledger.jsonl  hypotheses.jsonl",
            "jaso study prompts out=runs/studies",
        ),
        Verb(
            "pipeline",
            "jaso_pipeline.pipeline",
            "source=<name> [experiment=<name>] out=<dir> [plan=true]",
            "all stages, in <dir>/{crawl,preprocess,train,evaluate}",
            "crawl/  preprocess/  train/  evaluate/ (with report.html)",
            "jaso pipeline source=sample experiment=demo out=runs/demo",
            "evaluate/report.html",
        ),
    )
}

INSPECT_COMMANDS = {
    "list": ("<group>", "what can be chosen in a config group (no group: the groups)"),
    "show": (
        "<group> <name> | prompt <name> [input=<dir>] [model=<dir>] | changes <dir> [step] [n]",
        "one choice: its options, its file, its YAML; a prompt format on your data; or what cleaning changed",
    ),
    "status": ("<dir>", "which folders below <dir> are complete, out of date, broken off or changed"),
    "doctor": ("", "what this machine has: versions, browser, CUDA, fonts, disk"),
}

MAINTENANCE_COMMANDS = {
    "forget": (
        "<url|company|document id> [dir]",
        "remove a record and its stored pages for good, and list what was made from it",
    ),
}


def run_stage(verb: str, config: dict[str, Any]) -> None:
    """Run the stage of a verb and print the path of its result.

    `config` is the resolved configuration.
    """
    stage = VERBS[verb].load()
    settings = stage.settings(config)
    set_thread_spin(_START)
    stage.run(settings)
    is_plan = verb == "pipeline" and settings.plan
    if is_plan or getattr(settings, "out", None) is None:  # all of it is on the screen
        return
    output = getattr(settings, "result", Path(settings.out) / VERBS[verb].result)
    result(str(output if output.exists() else settings.out))
