"""How fast `jaso score` is, beside sacrebleu and rouge_score called as their manuals say.

    python benchmarks/evaluate_scoring.py [--pairs 10000] [--resamples 1000] [--each] [--one-core]

Both sides read the same file of synthetic pairs (answers joined from the sample's, median 120 어절) and give BLEU on
characters and on mecab-ko's morphemes, chrF, and ROUGE-1, -2 and -L on Kiwi's content morphemes and on characters, each
with an interval by as many resamples: jaso draws groups (here of two), the libraries single texts. Each side is a
process of its own, timed from start to end, imports included; jaso's also writes scores of single texts and the report.
Values must agree to 1e-6, or no time is shown. HF `evaluate` calls the same libraries.

--each also runs the metrics one by one. --one-core keeps both sides on one core; else jaso takes all there are.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import Watch
from train_inputs import answers

from jaso_core.console import result
from jaso_core.errors import WorkError
from jaso_core.io.files import read_json, write_jsonl
from jaso_core.parallel.cpu_count import cpu_count

PLAIN = Path(__file__).parent / "evaluate_scoring_plain.py"
METRICS = ("bleu", "chrf", "rouge")
# What both sides measure, beside the metrics' defaults.
OPTIONS = {
    "bleu": ["metrics.bleu.tokenizers=[char,ko-mecab]"],
    "chrf": ["metrics.chrf.word_orders=[0]"],
    "rouge": ["metrics.rouge.types=[rouge1,rouge2,rougeL]", "metrics.rouge.tokenizers=[kiwi,character]"],
}
CLOSE = 1e-6


@dataclass(frozen=True)
class Run:
    """One command: seconds from start to end; of all its processes: seconds of processor, peak memory in MiB."""

    seconds: float
    processor: float
    mebibytes: float
    values: dict[str, float]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--each", action="store_true", help="also metric by metric")
    parser.add_argument("--one-core", action="store_true", help="both sides on one core")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "predictions.jsonl"
        write_jsonl(file, records(asked.pairs))
        cores = ["taskset", "-c", "0"] if asked.one_core else []
        result(f"{asked.pairs:,} pairs, {asked.resamples:,} resamples, {_machine(asked.one_core)}")
        result(f"{'':<22}{'seconds':>9}{'processor':>11}{'MiB peak':>10}{'pairs/s':>9}")
        for metrics in [METRICS, *((name,) for name in METRICS if asked.each)]:
            _race(file, metrics, asked.pairs, asked.resamples, cores)


def records(pairs: int) -> Iterator[dict[str, object]]:
    for i, (mine, theirs) in enumerate(zip(answers(pairs, 7), answers(pairs, 8), strict=True)):
        yield {"id": str(i), "prediction": mine.answer, "reference": theirs.answer, "meta": {"group": str(i // 2)}}


def _machine(one_core: bool) -> str:
    return f"{1 if one_core else cpu_count()} core(s)"


def _race(file: Path, metrics: Sequence[str], pairs: int, resamples: int, cores: Sequence[str]) -> None:
    out = file.parent / "-".join(metrics)
    asked = [f"predictions={file}", f"out={out}", f"resamples={resamples}", f"metrics=[{','.join(metrics)}]"]
    options = [option for name in metrics for option in OPTIONS[name]]
    # The libraries first: what the disk holds by then is held for both.
    plain = run_command([*cores, sys.executable, str(PLAIN), str(file), str(resamples), *metrics])
    jaso = run_command([*cores, sys.executable, "-m", "jaso_pipeline", "score", *asked, *options], out / "scores.json")
    if set(plain.values) != set(jaso.values):
        raise WorkError(f"measures differ: {sorted(set(plain.values) ^ set(jaso.values))}", "mend the benchmark")
    for name, value in plain.values.items():
        if abs(value - jaso.values[name]) > CLOSE:
            raise WorkError(
                f"{name}: {value} by the library, {jaso.values[name]} by jaso", "no speed is reported for that"
            )
    what = " ".join(metrics) if len(metrics) == 1 else "all"
    for side, run in (("libraries", plain), ("jaso", jaso)):
        result(
            f"{what + ', ' + side:<22}{run.seconds:>9.1f}{run.processor:>11.1f}{run.mebibytes:>10,.0f}"
            f"{pairs / run.seconds:>9,.0f}"
        )
    result(
        f"{what}: {len(plain.values)} values equal; jaso is {plain.seconds / jaso.seconds:.1f} x as fast, "
        f"{plain.processor / jaso.processor:.1f} x by processor, {plain.mebibytes / jaso.mebibytes:.2f} x less memory"
    )


def run_command(command: list[str], scores: Path | None = None) -> Run:
    """`scores`: where the values are, for a command that does not print them last."""
    with tempfile.TemporaryFile("w+") as said:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, text=True)
        watch = Watch(process.pid)
        process.wait()
        seconds = time.monotonic() - started
        said.seek(0)
        lines = said.read().strip().splitlines()
    if process.returncode:
        raise WorkError(f"{' '.join(command)} failed: {lines[-1:]}", "run it by hand")
    if scores is None:
        values = json.loads(lines[-1])
    else:
        values = {name: entry["value"] for name, entry in read_json(scores)["metrics"].items()}
    return Run(seconds, watch.processor(), watch.peak / 2**20, values)


if __name__ == "__main__":
    main()
