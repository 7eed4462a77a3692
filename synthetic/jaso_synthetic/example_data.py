"""`jaso example-data`: a small synthetic example of each form of input."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_text, write_json, write_jsonl
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_synthetic.corpus import generate
from jaso_synthetic.documents.docx import write_docx
from jaso_synthetic.documents.hwpx import write_hwpx
from jaso_synthetic.interviews.aihub_zip import write_aihub
from jaso_synthetic.records import SYNTHETIC_LICENCE, Corpus, SampleLetter

_MARK = "합성 데이터"
_SYSTEM = "합성 데이터: 면접관과 지원자의 대화입니다."
_MORE = "조금 더 구체적으로 말씀해 주시겠습니까?"
_SHORTEST_CORPUS = 10


@dataclass(frozen=True)
class ExampleDataSettings:
    """Settings: `rows` of each table, and how many `letters`."""

    out: str = REQUIRED
    rows: int = 120
    letters: int = 12
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("rows", "letters"):
            if getattr(self, name) < _SHORTEST_CORPUS:
                raise RequestError(f"config key '{name}': {getattr(self, name)}", f"give {_SHORTEST_CORPUS} or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> ExampleDataSettings:
    """Validate the configuration."""
    return to_settings(config if strict else pick(config, ExampleDataSettings), ExampleDataSettings)


def run(settings: ExampleDataSettings) -> Outcome:
    """Write settings.out: equal settings give equal bytes."""
    return run_stage("example-data", Path(settings.out), request_of(settings), {}, lambda run: _write(settings, run))


def _write(settings: ExampleDataSettings, run: StageRun) -> None:
    run.seeds["example-data"] = settings.seed
    run.licences.add(SYNTHETIC_LICENCE)
    corpus = generate(settings.letters, settings.rows, settings.seed)
    _write_tables(corpus, run)
    _write_aihub(corpus, run)
    for number, letter in enumerate(corpus.letters, 1):
        write, suffix = (write_docx, "docx") if number % 2 else (write_hwpx, "hwpx")
        path = run.add(f"letters/letter-{number:02d}.{suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, list(_paragraphs(letter)))
    run.counts.update(rows=settings.rows, letters=settings.letters)


def _write_tables(corpus: Corpus, run: StageRun) -> None:
    talks = corpus.interviews
    with atomic_text(run.add("talks.csv", len(talks))) as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(["질문", "답변", "직무", "경력", "주제", "출처"])
        for talk in talks:
            rows.writerow([talk.question, talk.clean_answer, talk.occupation, talk.experience, talk.topic, _MARK])
    write_jsonl(
        run.add("talks.jsonl", len(talks)),
        (
            {"question": talk.question, "answer": talk.clean_answer, "topic": talk.topic, "source": _MARK}
            for talk in talks
        ),
    )
    conversations = [
        {
            "messages": [
                {"role": "system", "content": _SYSTEM},
                {"role": "user", "content": talk.question},
                {"role": "assistant", "content": talk.clean_answer},
                {"role": "user", "content": _MORE},
                {"role": "assistant", "content": talk.summary},
            ],
            "topic": talk.topic,
            "source": _MARK,
        }
        for talk in talks
    ]
    write_json(run.add("chat.json", len(talks)), {"data": conversations})


def _write_aihub(corpus: Corpus, run: StageRun) -> None:
    scratch = run.scratch / "aihub"
    shutil.rmtree(scratch, ignore_errors=True)
    for path in write_aihub(corpus, scratch):
        target = run.add(f"aihub/{path.relative_to(scratch).as_posix()}")
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


def _paragraphs(letter: SampleLetter) -> Iterator[str]:
    yield f"자기소개서 ({_MARK})"
    yield f"지원 직무: {letter.role or letter.occupation}"
    for number, item in enumerate(letter.items, 1):
        yield f"{number}. {' '.join(item.clean_question.split())}"
        yield from item.clean_answer.split("\n")
