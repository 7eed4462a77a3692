"""How fast `jaso preprocess` is as a whole, beside Kiwi alone, kss and a plain datasets.map.

    python benchmarks/preprocess.py [--sentences 100000] [--rounds 3] [--kss-python PYTHON] [--keep FOLDER]

What is compared, and what the columns mean, is said in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from processes import Watch

from jaso_core.console import result
from jaso_core.errors import WorkError
from jaso_core.io.files import write_jsonl
from jaso_core.stage.manifest import read_manifest
from jaso_synthetic.corpus import generate

PLAIN = Path(__file__).parent / "preprocess_plain.py"
# Sentences that a letter and an interview of the sample have together, a little less than there are.
A_PAIR = 23
# kss needs minutes for what Kiwi does in seconds.
KSS_DOCUMENTS = 40


@dataclass(frozen=True)
class Run:
    """One process and its children: seconds from start to end, seconds of processor, peak memory in MiB, its answer."""

    name: str
    seconds: float
    processor: float
    mebibytes: float
    answer: str


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=100_000, help="about so many")
    parser.add_argument("--rounds", type=int, default=3, help="all take turns; the median of each is shown")
    parser.add_argument("--kss-python", help="interpreter of an environment that has kss")
    parser.add_argument("--keep", type=Path, help="a folder for the corpus, to be used again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        corpus = folder / f"documents-{asked.sentences}.jsonl"
        if not corpus.is_file():
            write_jsonl(corpus, _records(asked.sentences // A_PAIR))
        rounds = [_race(corpus, Path(temporary) / str(turn)) for turn in range(asked.rounds)]
        _report([_median(runs) for runs in zip(*(runs for runs, _ in rounds), strict=True)], rounds[0][1])
        if asked.kss_python:
            _kss(corpus, Path(temporary), asked.kss_python)


def _records(pairs: int) -> Iterator[dict[str, object]]:
    corpus = generate(pairs, pairs, seed=1)
    for letter in corpus.letters:
        items = [{"question": item.question, "answer": item.answer} for item in letter.items]
        yield _record(f"l{letter.id}", "letter", letter.company, letter.occupation, letter.experience, items)
    for talk in corpus.interviews:
        items = [{"question": talk.question, "answer": talk.answer}]
        yield _record(talk.id, "interview", None, talk.occupation, talk.experience, items)


def _record(
    name: str, kind: str, company: str | None, occupation: str, experience: str, items: list[dict[str, str]]
) -> dict[str, object]:
    meta = {"occupation": occupation, "experience": experience}
    head = {"id": name, "source": "sample", "kind": kind, "company": company}
    return {**head, "items": items, "meta": meta, "licence": "CC0-1.0 (synthetic, jaso sample corpus)"}


def _median(runs: Sequence[Run]) -> Run:
    """The run of the middle time; with the largest memory of all."""
    middle = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    return replace(middle, mebibytes=max(run.mebibytes for run in runs))


def _race(corpus: Path, folder: Path) -> tuple[list[Run], int]:
    jaso = [sys.executable, "-m", "jaso_pipeline", "preprocess", f"input={corpus}"]
    plain = [sys.executable, str(PLAIN)]
    runs = [
        _timed("Kiwi alone, one core", [*plain, "kiwi", str(corpus)], one_core=True),
        _timed("jaso, one core", [*jaso, "workers=1", f"out={folder / 'one'}"], one_core=True),
        _timed("jaso, two cores", [*jaso, "workers=2", f"out={folder / 'two'}"], one_core=False),
        _timed("datasets.map, one core", [*plain, "map", str(corpus), str(folder / "map")], one_core=True),
    ]
    made = [read_manifest(folder / name) for name in ("one", "two")]
    if None in made or made[0].files != made[1].files:  # type: ignore[union-attr]
        raise WorkError("one process and two made different files", "no speed is reported for that")
    return runs, made[0].counts["sentences"]  # type: ignore[union-attr]


def _timed(name: str, command: list[str], one_core: bool) -> Run:
    pinned = ["taskset", "-c", "0", *command] if one_core else command
    started = time.monotonic()
    process = subprocess.Popen(pinned, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    out, errors = process.communicate()
    seconds = time.monotonic() - started
    if process.returncode:
        raise WorkError(f"{name} failed: {errors.strip().splitlines()[-1:]}", "run its command by hand")
    return Run(name, seconds, watch.processor(), watch.peak / 2**20, out.strip())


def _report(runs: list[Run], sentences: int) -> None:
    kiwi, one, two, _ = runs
    result(f"{sentences:,} sentences come out of jaso; Kiwi finds {json.loads(kiwi.answer):,} in the raw answers")
    result(f"{'':<26}{'seconds':>9}{'processor':>11}{'sentences/s':>13}{'MiB peak':>10}{'x Kiwi':>8}")
    for run in runs:
        rate = sentences / run.seconds
        result(
            f"{run.name:<26}{run.seconds:>9.1f}{run.processor:>11.1f}{rate:>13,.0f}{run.mebibytes:>10,.0f}"
            f"{run.seconds / kiwi.seconds:>8.2f}"
        )
    result(f"one core: {one.seconds / kiwi.seconds:.2f} x Kiwi alone; two cores: {one.seconds / two.seconds:.2f} x one")


def _kss(corpus: Path, folder: Path, python: str) -> None:
    """kss on a few documents, beside Kiwi and jaso on the same."""
    few = folder / "few.jsonl"
    few.write_text("".join(corpus.read_text(encoding="utf-8").splitlines(keepends=True)[:KSS_DOCUMENTS]), "utf-8")
    for name in ("kiwi", "kss"):
        interpreter = python if name == "kss" else sys.executable
        run = _timed(name, [interpreter, str(PLAIN), name, str(few), "timed"], one_core=True)
        result(f"{name}, {KSS_DOCUMENTS} documents, without start-up: {run.answer}")


if __name__ == "__main__":
    main()
