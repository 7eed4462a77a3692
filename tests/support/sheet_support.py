"""Rounds of score sheets for tests: made, filled in as a rater would, read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from jaso_core.config import config_folder
from jaso_core.io.files import read_json
from jaso_evaluate.human import sheet_make as make
from jaso_evaluate.human import sheet_read as read
from jaso_evaluate.human.make.workbook import SCORING

Row = dict[str, Any]
CRITERIA = ("sentence_accuracy", "relevance", "coherence")


def write_run(file: Path, texts: Mapping[str, str], questions: Mapping[str, str] | None = None) -> Path:
    """A predictions file: {id: text}."""
    rows = [
        {
            "id": i,
            "prediction": text,
            "reference": "모범 답변",
            "meta": {"question": (questions or {}).get(i, f"{i}번 질문입니까?"), "group": f"group {i}"},
        }
        for i, text in texts.items()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def rubric(name: str = "interview") -> Row:
    """A shipped rubric's config node."""
    found: Row = yaml.safe_load((config_folder() / "rubric" / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def make_round(folder: Path, runs: Sequence[Path], **more: Any) -> Path:
    """Makes sheets in folder/round."""
    given: Row = {"raters": 2, "items": None, "rubric": rubric(), "out": str(folder / "round"), **more}
    make.run(make.settings({"runs": [str(r) for r in runs], **given}))
    return folder / "round"


def read_round(sheets: Path | Sequence[Path], key: Path, out: Path, **more: Any) -> Row:
    """Reads filled sheets; returns human.json."""
    files = [str(p) for p in ([sheets] if isinstance(sheets, Path) else sheets)]
    read.run(read.settings({"sheets": files, "key": str(key), "out": str(out), "resamples": 200, **more}))
    found: Row = read_json(out / "human.json")
    return found


def key_rows(folder: Path) -> dict[str, Row]:
    """{code: its row in key.json}."""
    return {row["code"]: row for row in read_json(folder / "key.json")["rows"]}


def scoring(book: Workbook) -> Worksheet:
    """The page with the scores."""
    sheet = book[SCORING]
    assert isinstance(sheet, Worksheet)
    return sheet


def fill(made: Path, filled: Path, score: Callable[[Row], Sequence[int]], raters: Sequence[str] | None = None) -> Path:
    """Fills the sheets of `raters` (None: all): `score` gives the scores of a row of the key."""
    rows = key_rows(made)
    filled.mkdir(parents=True, exist_ok=True)
    for file in sorted((made / "sheets").glob("*.xlsx")):
        if raters is not None and file.stem not in raters:
            continue
        book = load_workbook(file)
        sheet = scoring(book)
        for line in sheet.iter_rows(min_row=2):
            for cell, value in zip(line[3:], score(rows[str(line[0].value)]), strict=False):
                cell.value = value
        book.save(filled / file.name)
    return filled


def spread(total: int, raters: int = 5, highest: int = 2) -> list[int]:
    """Scores of single raters that sum to `total`."""
    base, rest = divmod(total, raters)
    found = [base + (n < rest) for n in range(raters)]
    assert sum(found) == total
    assert max(found) <= highest
    return found
