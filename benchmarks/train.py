"""How fast jaso trains, beside the seeds' recipe, transformers' run_clm.py and TRL: same examples, weights, optimiser.

    python benchmarks/train.py [--shape both] [--steps N] [--rounds 3] [--device cpu] [--trl-python PYTHON]

What is compared, and what the columns mean, is said in benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from shutil import which
from statistics import median
from typing import Any, TypeVar

from processes import keep_to
from train_inputs import CONTEXT, SEED, SHAPES, Shape, compare_with_plain, look_at_device, write_inputs

from jaso_core.console import result, say
from jaso_core.errors import JasoError, WorkError

PLAIN = Path(__file__).parent / "train_plain.py"
CLOSE = 1e-4
LIKE = 0.03

NAMES = {
    "packed": "jaso, packed",
    "grouped": "jaso, grouped",
    "padded": "(a) Trainer, padded to 1,024",
    "longest": "(a') Trainer, longest of batch",
    "blocks": "(b) run_clm.py, blocks",
    "trl": "(c) TRL SFTTrainer, packing",
    "trl-lean": "(c') TRL, no checkpointing",
}
# These learn the same tokens of the same examples, so that they must arrive at about the same place.
ALIKE = ("packed", "grouped", "longest", "trl", "trl-lean")

T = TypeVar("T")
Run = dict[str, Any]
"""What train_watch.Watch.answer gives."""

BATCH = {"cpu": 8, "cuda": 64}


def main() -> None:
    """Prints a table for each shape."""
    asked = _arguments()
    keep_to(asked.cores)
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    with tempfile.TemporaryDirectory(prefix="jaso-train-") as folder:
        for name in SHAPES if asked.shape == "both" else [asked.shape]:
            race = Race(SHAPES[name], asked, Path(folder) / name)
            race.prepare()
            race.run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=[*SHAPES, "both"], default="both")
    parser.add_argument("--steps", type=int, help="of jaso's; the first fifth is not timed")
    parser.add_argument("--rounds", type=int, default=3, help="all take turns; the median of each is shown")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--batch", type=int, help="examples a step (CPU 8, CUDA 64)")
    parser.add_argument("--cores", type=int, help="how many to use; default: all")
    parser.add_argument("--only", nargs="+", choices=list(NAMES), help="leave the others out")
    parser.add_argument("--trl-python", help="interpreter of an environment that has trl")
    parser.add_argument("--trl-attention", help="attn_implementation for TRL; default: transformers' own choice")
    asked = parser.parse_args()
    if min(asked.rounds, asked.cores or 1, asked.batch or 1) < 1 or (asked.steps is not None and asked.steps < 2):
        parser.error("give 2 steps or more, and at least one round, core and example")
    if asked.trl_python and not which(asked.trl_python):
        parser.error(f"--trl-python {asked.trl_python}: no such interpreter")
    return asked


class Race:
    """All contenders on one shape."""

    def __init__(self, shape: Shape, asked: argparse.Namespace, folder: Path) -> None:
        self.shape = shape
        self.asked = asked
        self.folder = folder
        self.steps: int = asked.steps or shape.steps[asked.device]
        self.batch: int = asked.batch or BATCH[asked.device]
        self.tokens = self.learned = self.squares = 0
        self.bf16 = False
        self.peak: float | None = None

    def prepare(self) -> None:
        """Data and initial weights, once for all; tells what they are, and that jaso's loss is the plain one."""
        self.bf16, self.peak, device = apart(look_at_device, self.asked.device)
        told = apart(write_inputs, self.folder, self.shape, self.steps * self.batch)
        rows = [json.loads(line) for line in (self.folder / "train.jsonl").read_text("utf-8").splitlines()]
        lengths = [len(row["input_ids"]) for row in rows]
        self.tokens, self.squares = sum(lengths), sum(length**2 for length in lengths)
        self.learned = sum(label >= 0 for row in rows for label in row["labels"])
        result(f"\n{self.shape.name}: {told}")
        result(
            f"{len(rows):,} examples, {self.tokens:,} tokens ({self.learned:,} in answers), median "
            f"{median(lengths):.0f}, longest {max(lengths)}; {self.batch} examples a step; "
            f"{'bf16 autocast' if self.bf16 else 'fp32'}; {device}"
        )
        loss, gradient, untrained = apart(compare_with_plain, self.folder, self.asked.device)
        result(
            f"jaso's loss and transformers' at the initial weights, fp32: {loss:.1e} apart, gradients {gradient:.1e} "
            f"of their norm; held-out loss there {untrained:.3f}"
        )
        if not (loss < CLOSE and gradient < CLOSE):
            raise WorkError(f"jaso's loss or gradient is not the plain one ({loss:.1e}, {gradient:.1e})", "mend that")

    def run(self) -> None:
        """The rounds, then the table."""
        names = [name for name in NAMES if self.asked.only is None or name in self.asked.only]
        if not self.asked.trl_python:
            names = [name for name in names if not name.startswith("trl")]
            result("no TRL: --trl-python names no interpreter that has it")
        found: dict[str, list[Run]] = defaultdict(list)
        for turn in range(self.asked.rounds):
            for name in names:
                say(f"{self.shape.name}, round {turn + 1} of {self.asked.rounds}: {NAMES[name]}")
                found[name].append(self._one(name, measured=turn == 0))
        self._report(found)
        _check_alike({name: runs[0] for name, runs in found.items() if name in ALIKE}, self.tokens)

    def _one(self, name: str, *, measured: bool) -> Run:
        with_trl = name.startswith("trl")
        job = {
            "name": name, "model": str(self.folder / "model"), "data": str(self.folder / "train.jsonl"),
            "held_out": str(self.folder / "held_out.jsonl"), "batch": self.batch, "bf16": self.bf16,
            "rows": max(1, round(self.tokens / self.steps / CONTEXT)), "warm_up": math.ceil(self.steps / 5),
            "device": self.asked.device, "seed": SEED, "measured": measured,
            "attention": self.asked.trl_attention if with_trl else None,
        }  # fmt: skip
        python = self.asked.trl_python if with_trl else sys.executable
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            job |= {"out": out, "started": time.monotonic()}
            done = subprocess.run([python, str(PLAIN), json.dumps(job)], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise WorkError(f"{NAMES[name]} ended with {done.returncode}: {last}", "its command is in train_plain.py")
        answer: Run = json.loads(done.stdout.splitlines()[-1])
        return answer

    def _flops(self) -> float:
        """Floating-point operations that a token of these examples needs, on average: blocks for every token, causal
        attention within its example, the head for tokens of answers; forward, and twice as much backward."""
        shape = self.shape
        blocks = 6 * 12 * shape.layers * shape.width**2 * self.tokens
        attention = 6 * shape.layers * shape.width * self.squares
        return (blocks + attention + 6 * shape.vocabulary * shape.width * self.learned) / self.tokens

    def _report(self, found: dict[str, list[Run]]) -> None:
        rates = {name: median(run["rate"] for run in runs) for name, runs in found.items()}
        own = rates.get("packed")
        result(
            f"{'':<32}{'useful tokens/s':>16}{'all rounds':>19}{'packed/it':>11}{'padding':>9}{'MiB peak':>10}"
            f"{'start-up s':>12}{'steps':>7}{'held-out':>10}" + ("" if self.peak is None else f"{'MFU':>8}")
        )
        for name, runs in found.items():
            each = [run["rate"] for run in runs]
            ratio = "" if own is None else f"{own / rates[name]:.2f}x"
            spread = f"{min(each):,.0f}–{max(each):,.0f}"
            used = "" if self.peak is None else f"{rates[name] * self._flops() / self.peak:>8.1%}"
            result(
                f"{NAMES[name]:<32}{rates[name]:>16,.0f}{spread:>19}{ratio:>11}{runs[0]['padding']:>9.1%}"
                f"{max(run['mebibytes'] for run in runs):>10,.0f}{median(run['start_up'] for run in runs):>12.1f}"
                f"{runs[0]['steps']:>7}{runs[0]['held_out']:>10.3f}{used}"
            )
        result("; ".join(sorted({runs[0]["versions"] for runs in found.values()})))
        if self.peak is not None:
            result(
                f"MFU: of {self.peak / 1e12:,.0f} TFLOP/s, measured here (bf16, 8192³); {self._flops():,.0f} a token"
            )


def _check_alike(runs: dict[str, Run], tokens: int) -> None:
    """WorkError where rows that are to learn the same did not see all tokens once, or end at other held-out losses."""
    middle = median(run["held_out"] for run in runs.values()) if runs else 0.0
    for name, run in runs.items():
        if run["tokens"] != tokens:
            raise WorkError(f"{NAMES[name]} saw {run['tokens']:,} of {tokens:,} tokens", "mend that")
        if abs(run["held_out"] - middle) > LIKE * middle:
            raise WorkError(
                f"{NAMES[name]}: held-out loss {run['held_out']:.3f}, the median of its like is {middle:.3f}",
                "no speed counts for other learning; with very few steps it may be chance: give more --steps",
            )


def apart(work: Callable[..., T], *given: Any) -> T:
    """What `work` returns, made in a process that is gone afterwards with all its memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


if __name__ == "__main__":
    try:
        main()
    except JasoError as error:
        say(str(error))
        sys.exit(int(error.exit_code))
