"""How fast `jaso crawl source=aihub_interview` reads a data set of AI Hub 71592's size, on one core.

    python benchmarks/aihub.py [--records 68000] [--keep FOLDER]

Synthetic labels are written in the real layout, 28 zips in the proportions of the real ones, with every quirk that
the reader knows. Then the whole stage runs in a process of its own, pinned to one core, and beside it the plain way:
unzip everything to disk, json.load each file, write the same fields as JSON lines. Both are timed from the start of
the process to its end; peak memory is the kernel's high-water mark of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jaso_core.console import result
from jaso_synthetic.corpus import generate
from jaso_synthetic.interviews.aihub_json import is_validation
from jaso_synthetic.interviews.aihub_zip import PLANTED, write_aihub
from jaso_synthetic.records import Corpus, SampleInterview

# Training labels a zip, in the order female experienced, female new, male experienced, male new.
SIZES = {
    "BM": (1031, 8265, 1360, 4536),
    "SM": (847, 6700, 1104, 3213),
    "PS": (1617, 10294, 899, 4200),
    "RND": (80, 1848, 301, 2532),
    "ICT": (182, 1753, 469, 3440),
    "ARD": (386, 4327, 161, 1651),
    "MM": (210, 3592, 520, 2556),
}
STRATA = [(gender, level) for gender in ("FEMALE", "MALE") for level in ("EXPERIENCED", "NEW")]
TALKS = 400

STAGE = """
import sys
from jaso_pipeline.cli.entry_point import main
try:
    main(["crawl", "source=aihub_interview", f"path={sys.argv[1]}", f"out={sys.argv[2]}"])
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""
PLAIN = """
import json, pathlib, sys, zipfile
source, out = map(pathlib.Path, sys.argv[1:])
for path in sorted(source.rglob("?L_*.zip")):
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        continue
    with archive:
        for name in archive.namelist():
            try:
                archive.extract(name, out / path.stem)
            except Exception:
                pass
bad = 0
with open(out / "documents.jsonl", "w") as stream:
    for path in sorted(out.rglob("*.json")):
        try:
            with open(path, encoding="utf-8-sig") as file:
                data = json.load(file, strict=False)["dataSet"]
            question, answer = data["question"], data["answer"]
            line = {"id": path.stem, "question": question["raw"]["text"], "answer": answer["raw"]["text"],
                    "info": data["info"], **{key: answer.get(key) for key in ("summary", "emotion", "intent")}}
            stream.write(json.dumps(line, ensure_ascii=False) + "\\n")
        except Exception:
            bad += 1
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""


@dataclass(frozen=True)
class Ran:
    """Wall seconds and peak memory (MiB) of a process."""

    seconds: float
    memory: float


def interviews(records: int) -> Iterator[SampleInterview]:
    """Talks in the real proportions, every id once; their texts repeat after TALKS."""
    base = generate(letters=0, interviews=TALKS, seed=0).interviews
    whole = sum(sum(sizes) for sizes in SIZES.values())
    number = 0
    for occupation, sizes in SIZES.items():
        for (gender, level), size in zip(STRATA, sizes, strict=True):
            wanted = max(1, round(size * records / whole))
            while wanted:
                stem = f"ckmk_d_{occupation}_{gender[0]}_{level[0]}_{100000 + number}".lower()
                talk = replace(base[number % TALKS], id=stem, occupation=occupation, gender=gender, experience=level)
                number += 1
                if not is_validation(talk):  # the 68,000 are Training's
                    wanted -= 1
                    yield talk


def write_tree(folder: Path, records: int) -> int:
    """All talks into 28 zips, with all quirks; returns how many there are."""
    talks = tuple(interviews(records))
    zips = write_aihub(Corpus(0, (), talks), folder, quirks="all")
    labels = [path for path in zips if path.name.startswith("TL_") and "(1)" not in path.name]
    size = sum(path.stat().st_size for path in labels)
    result(f"{len(talks):,} labels in {len(labels)} zips, {size / 2**20:,.1f} MiB, and the planted bad members")
    return len(talks)


def run(program: str, *arguments: Path) -> Ran:
    """Runs a Python program pinned to one core."""
    core = min(os.sched_getaffinity(0))
    pinned = f"import os\nos.sched_setaffinity(0, {{{core}}})\n{program}"
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", pinned, *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(done.stderr)
    peak = next(line for line in reversed(done.stderr.splitlines()) if line.startswith("VmHWM"))
    return Ran(seconds, int(peak.split()[1]) / 1024)


def report(name: str, records: int, ran: Ran) -> None:
    """One line of the result."""
    rate = records / ran.seconds
    result(
        f"{name:<34} {records:>7,} records {ran.seconds:>7.1f} s {rate:>8,.0f} records/s {ran.memory:>6,.0f} MiB peak"
    )


def main() -> None:
    """Writes, measures, compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=68_000)
    parser.add_argument("--keep", type=Path, help="write into this folder, and leave it")
    given = parser.parse_args()
    work = given.keep or Path(tempfile.mkdtemp(prefix="jaso-aihub-"))
    try:
        started = time.perf_counter()
        records = write_tree(work / "tree", given.records)
        result(f"written in {time.perf_counter() - started:.1f} s")
        ours = run(STAGE, work / "tree", work / "out")
        plain = run(PLAIN, work / "tree", work / "plain")
        counts = json.loads((work / "out" / "manifest.json").read_text("utf-8"))["counts"]
        report("jaso crawl, whole stage", counts["documents"], ours)
        report("unzip to disk, json.load each", records, plain)
        result(f"ratio (plain / jaso, same run)      {plain.seconds / ours.seconds:.2f} x")
        result(f"documents {counts['documents']:,} of {records:,}; duplicate {counts['duplicate']}")
        result(f"rejected {counts['rejected']}")
        if counts["documents"] != records or counts["rejected"] != PLANTED:
            sys.exit("the stage did not read what was written")
    finally:
        if given.keep is None:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
