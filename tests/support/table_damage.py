"""How a table's bytes are damaged, and what the commands that read tables say of it. Alone: a count of outcomes.

python tests/support/table_damage.py [how many] [first seed]
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from sheet_support import fill, make_round, read_round, scoring, write_run

from jaso_core.errors import JasoError
from jaso_crawl.run import run as crawl
from jaso_crawl.run import settings as crawl_settings
from jaso_evaluate import score

FORMATS = ("xlsx", "parquet", "csv", "jsonl")
COMMANDS = ("source=csv", "sheet read", "score")
COLUMNS = {"question": "Q", "answer": "A", "company": "회사"}
METRICS = {"length": {"name": "length"}}
ROWS: list[dict[str, Any]] = [
    {"id": f"{n}", "Q": f"질문 {n}\n둘째 줄", "A": f'답변 {n}, "인용"과 쉼표, 😀', "회사": "가상전자", "prediction": f"답 {n}", "reference": f"답변 {n}"}
    for n in range(12)
]  # fmt: skip
JUNK = [
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xa4", b"\r", b"\n", b"\x85", b"\xe2\x80\xa8", b'"', b'""', b'"\n', b"'", b",", b";", b"\t", b"|",
    b"[" * 100_000, b"{" * 5000, b'{"Q":' * 3000, b"9" * 5000, b"1e999", b"-1e400", b"NaN", b"null", b"\\ud800", b'"\\ud800"', b'{"Q": []}',
    b"}", b"]", b"<", b">", b"<a>", b"</c>", b"<fill/>", b"&#0;", b"&x;", b"<!DOCTYPE a>", b"_x000D_", b"=1+1", b"#N/A", b"sep=;\n", b"PK\x03\x04",
    b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b'"Q"', b'"A": 1, ', b'"id": "0", ', b"\xef\xbb\xbf", b"A1:XFD1048576", b"9e99",
]  # fmt: skip

_FOLDER = tempfile.TemporaryDirectory(prefix="jaso-damage-")
Damage = Callable[[bytes, Random], bytes]


def cut(data: bytes, chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def dropped(data: bytes, chance: Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.choice((1, 4, 40, 400)) :]


def repeated(data: bytes, chance: Random) -> bytes:
    start = chance.randint(0, len(data))
    end = start + chance.choice((1, 4, 40, 400))
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def swapped(data: bytes, chance: Random) -> bytes:
    a, b, c, d = sorted(chance.randint(0, len(data)) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def flipped(data: bytes, chance: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 30)) if data else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def littered(data: bytes, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 3))):
        at = chance.randint(0, len(data))
        data = data[:at] + chance.choice(JUNK) + data[at:]
    return data


def overwritten(data: bytes, chance: Random) -> bytes:
    at, junk = chance.randint(0, len(data)), chance.choice(JUNK)[:200]
    return data[:at] + junk + data[at + len(junk) :]


def renumbered(data: bytes, chance: Random) -> bytes:
    """With another number in place of a digit."""
    places = [n for n, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return data
    at = chance.choice(places)
    return data[:at] + chance.choice((b"-1", b"999999999", b"9" * 400, b"1e5", b"x", b"")) + data[at + 1 :]


DAMAGES: list[Damage] = [cut, dropped, repeated, swapped, flipped, littered, littered, overwritten, renumbered]


def in_a_part(data: bytes, chance: Random) -> bytes:
    """A workbook that is a whole archive of a damaged part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        wanted = chance.choice([*old.namelist(), *["xl/worksheets/sheet1.xml", "xl/styles.xml"] * 3])
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, chance.choice(DAMAGES)(part, chance) if name == wanted else part)
    return made.getvalue()


@cache
def sheets() -> tuple[Path, Path]:
    """A round of ratings and a filled folder of it."""
    folder = Path(_FOLDER.name)
    made = make_round(folder, [write_run(folder / f"{n}.jsonl", {i: f"답변 {i} {n}" for i in "abc"}) for n in "xy"])
    return made, fill(made, folder / "filled", lambda row: [0, 1, 2])


@cache
def whole(suffix: str, command: str) -> bytes:
    """A table without damage, for a command."""
    file = io.BytesIO()
    if command == "sheet read" and suffix in ("xlsx", "csv"):
        workbook = sheets()[1] / "rater1.xlsx"
        if suffix == "xlsx":
            return workbook.read_bytes()
        lines = io.StringIO()
        csv.writer(lines).writerows(scoring(openpyxl.load_workbook(workbook)).iter_rows(values_only=True))
        return lines.getvalue().encode("utf-8-sig")
    if suffix == "xlsx":
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for row in [list(ROWS[0]), *(list(row.values()) for row in ROWS)]:
            sheet.append(row)
        sheet["C5"], sheet["B7"] = "=A1&A2", 1.5
        sheet.merge_cells("B9:B10")
        book.save(file)
        return file.getvalue()
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), file)
        return file.getvalue()
    if suffix == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
        return text.getvalue().encode()
    keys = ("id", "prediction", "reference") if command == "score" else ("Q", "A", "회사")
    rows = [{key: row[key] for key in keys} for row in ROWS]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def damaged(seed: int, suffix: str, command: str) -> bytes:
    """The table, damaged as the seed says."""
    chance, data = Random(seed), whole(suffix, command)
    if suffix == "xlsx" and chance.random() < 0.7:
        return in_a_part(data, chance)
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(DAMAGES)(data, chance)
    return data


def outcome(seed: int, suffix: str, command: str, folder: Path) -> str:
    """What a command makes of a damaged table: "read" or "refused". Everything else is raised."""
    file, out = folder / f"rater1.{suffix}", folder / f"{seed}-{COMMANDS.index(command)}"
    file.write_bytes(damaged(seed, suffix, command))
    try:
        if command == "source=csv":
            crawl(crawl_settings({"source": "csv", "path": str(file), "out": str(out), "columns": COLUMNS}))
        elif command == "sheet read":
            read_round(file, sheets()[0], out, missing="skip")
        else:
            wanted = {"predictions": str(file), "out": str(out), "metrics": METRICS, "resamples": 100, "workers": 1}
            score.run(score.settings(wanted))
    except JasoError as error:
        told = error
    else:
        return "read"
    if "\n" in str(told) or not told.cure:
        raise AssertionError(f"no line with a cure: {told}")
    return "refused"


def main() -> None:
    """Prints how many were read and refused, and every traceback."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    outcomes, faults = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(first, first + count):
            suffix = FORMATS[seed % len(FORMATS)]
            for command in COMMANDS:
                try:
                    with contextlib.redirect_stderr(io.StringIO()):
                        outcomes[f"{command} {suffix} {outcome(seed, suffix, command, Path(folder))}"] += 1
                except Exception:
                    faults += 1
                    print(f"seed {seed} {suffix} {command}\n{traceback.format_exc()[-1500:]}")  # noqa: T201
    for name, number in sorted(outcomes.items()):
        print(f"{number:6} {name}")  # noqa: T201
    print(f"{faults} tracebacks in {count} files, each through {', '.join(COMMANDS)}")  # noqa: T201


if __name__ == "__main__":
    main()
