"""What `jaso score` takes for 100,000 predictions: seconds and peak memory, beside a tenth of them.

    python benchmarks/evaluate_many.py [--pairs 100000] [--metrics bleu,chrf,length,repetition,diversity]

Pairs of synthetic answers (median 120 어절). Memory is that of all processes together, shared pages counted in each. It
must grow with the file and not with what is computed from it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from evaluate_scoring import records, run_command

from jaso_core.console import result
from jaso_core.io.files import write_jsonl
from jaso_core.parallel.cpu_count import cpu_count

METRICS = "bleu,chrf,length,repetition,diversity"


def main() -> None:
    """Prints a line for each number of pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--metrics", default=METRICS)
    asked = parser.parse_args()
    result(f"metrics {asked.metrics}, {cpu_count()} core(s)")
    for pairs in (asked.pairs // 10, asked.pairs):
        with tempfile.TemporaryDirectory() as temporary:
            file, out = Path(temporary) / "predictions.jsonl", Path(temporary) / "scores"
            write_jsonl(file, records(pairs))
            options = [f"predictions={file}", f"out={out}", f"metrics=[{asked.metrics}]"]
            run = run_command([sys.executable, "-m", "jaso_pipeline", "score", *options], out / "scores.json")
            result(
                f"{pairs:,} pairs, {file.stat().st_size / 2**20:,.0f} MiB: {run.seconds:,.0f} s, "
                f"{pairs / run.seconds:,.0f} pairs/s, peak {run.mebibytes:,.0f} MiB"
            )


if __name__ == "__main__":
    main()
