"""How fast jaso writes, beside transformers' pipeline("text-generation"), one at a time and batched.

    python benchmarks/evaluate_generation.py [--prompts 64] [--tokens 128] [--batch 32] [--way both] [--device cpu]

What is compared, and what the columns mean, is said in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from processes import keep_to

from jaso_core.console import result, say
from jaso_core.errors import JasoError, WorkError

PLAIN = Path(__file__).parent / "evaluate_generation_plain.py"

NAMES = {
    "jaso": "jaso",
    "single": "pipeline, one at a time",
    "batched": "pipeline, batched",
    "sorted": "pipeline, batched, sorted by length",
}
WAYS = ("greedy", "sampling")
GOALS = {"single": 4.0, "batched": 1.3}


def main() -> None:
    """Prints a table for greedy search and one for sampling."""
    asked = _arguments()
    threads = keep_to(asked.cores)
    # Threads that wait by spinning take the cores from each other where the machine is not alone.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    with tempfile.TemporaryDirectory(prefix="jaso-generation-") as folder:
        run("make", asked, Path(folder), "greedy")
        facts = json.loads((Path(folder) / "facts.json").read_text(encoding="utf-8"))
        result(f"{facts['model']}; {facts['prompts']}; batches of {asked.batch}, {threads} threads, {facts['device']}")
        for way in WAYS if asked.way == "both" else [asked.way]:
            compare(way, asked, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=128, help="new tokens of a text at most")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=1, help="all take turns; the median of each is shown")
    parser.add_argument("--way", choices=[*WAYS, "both"], default="both")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--cores", type=int, help="how many to use; default: all")
    parser.add_argument("--layers", type=int, default=12, help="fewer for a quick look")
    asked = parser.parse_args()
    if min(asked.prompts, asked.tokens, asked.batch, asked.rounds, asked.layers, asked.cores or 1) < 1:
        parser.error("give 1 or more of each")
    return asked


def compare(way: str, asked: argparse.Namespace, folder: Path) -> None:
    """All contenders in turns; their texts are held against each other before their times are shown."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    for turn in range(asked.rounds):
        for name in NAMES:
            say(f"{way}, round {turn + 1}: {NAMES[name]}")
            found[name].append(run(name, asked, folder, way))
    if way == "greedy":
        _same_texts({name: runs[0]["texts"] for name, runs in found.items()})
    rates = {name: median(run["tokens"] / run["seconds"] for run in runs) for name, runs in found.items()}
    result(f"\n{way}")
    result("| | useful tokens | seconds | useful tokens/s | jaso/it | MiB peak |")
    result("|---|---|---|---|---|---|")
    for name, runs in found.items():
        seconds = median(run["seconds"] for run in runs)
        times = f"{rates['jaso'] / rates[name]:.2f}"
        peak = f"{runs[-1]['peak'] / 2**20:,.0f}"
        result(f"| {NAMES[name]} | {runs[0]['tokens']:,} | {seconds:.1f} | {rates[name]:.1f} | {times} | {peak} |")
    for name, goal in GOALS.items():
        met = "met" if rates["jaso"] >= goal * rates[name] else "NOT met"
        result(f"goal: {goal} × {NAMES[name]}: {met}")


def _same_texts(texts: dict[str, list[list[int]]]) -> None:
    for name, theirs in texts.items():
        different = sum(a != b for a, b in zip(theirs, texts["jaso"], strict=True))
        if different:
            raise WorkError(f"{NAMES[name]}: {different} of {len(theirs)} greedy texts are not jaso's")
    lengths = sorted(map(len, texts["jaso"]))
    result(
        f"\nThe {len(lengths)} greedy texts of all are the same, token for token; their lengths: "
        f"{lengths[0]} to {lengths[-1]}, median {median(lengths):.0f}"
    )


def run(name: str, asked: argparse.Namespace, folder: Path, way: str) -> dict[str, Any]:
    """A contender in a process of its own."""
    command = [sys.executable, str(PLAIN), name, way, str(folder), asked.device]
    command += [str(value) for value in (asked.prompts, asked.tokens, asked.batch, asked.layers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorkError(f"{NAMES.get(name, name)} failed: {(done.stderr.strip() or '?').splitlines()[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    try:
        main()
    except JasoError as error:
        sys.exit(f"error: {error}")
