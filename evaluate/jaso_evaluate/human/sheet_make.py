"""`jaso sheet make`: blind, shuffled, balanced score sheets, and their key."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaso_core.config import REQUIRED, pick, to_settings
from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_core.io.files import atomic_path, sha256_file, sha256_json, write_json
from jaso_core.records import Prediction
from jaso_core.stage.manifest import read_manifest
from jaso_core.stage.runner import Outcome, StageRun, request_of, run_stage
from jaso_evaluate.comparison.inputs import labels
from jaso_evaluate.human.cell_text import CellText, digest, sanitize
from jaso_evaluate.human.key import NAME, Key, KeyRow
from jaso_evaluate.human.make.assignment import Assignment, add_repeats, assign_items, order_rows, sample_items
from jaso_evaluate.human.make.workbook import SheetRow, make_sheet
from jaso_evaluate.rubric import Rubric, read_rubric
from jaso_evaluate.scoring.scorer import read_predictions
from jaso_evaluate.scoring.text_rows import group_of

_PREDICTIONS = "predictions.jsonl"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of codes. Without vowels: no words; without digits: no dates and no 1E5."""

_EMPTY_ANSWER = "(빈 답변)"


@dataclass(frozen=True)
class SheetMakeSettings:
    """Settings of `jaso sheet make`.

    `runs`: folders with predictions.jsonl, or such files. `items`, `per_rater`: None for all. `rubric`: its node.
    """

    out: str = REQUIRED
    runs: list[str] = REQUIRED
    rubric: dict[str, Any] = REQUIRED
    raters: list[str] = REQUIRED
    items: int | None = 30
    per_rater: int | None = None
    duplicates: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.items is not None and self.items < 1:
            raise ValueError(f"items is {self.items}, give 1 or more, or null for all")
        if self.per_rater is not None and self.per_rater < 1:
            raise ValueError(f"per_rater is {self.per_rater}, give 1 or more, or null for no limit")
        if self.duplicates < 0:
            raise ValueError(f"duplicates is {self.duplicates}, give 0 or more")


def settings(config: Mapping[str, Any], *, strict: bool = True) -> SheetMakeSettings:
    """Validate the configuration. `runs` and `raters` may be texts with commas."""
    config = dict(config if strict else pick(config, SheetMakeSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != "???":
        config["runs"] = [part for part in config["runs"].split(",") if part]
    config["raters"] = _rater_names(config.get("raters"))
    checked = to_settings(config, SheetMakeSettings)
    if not checked.runs:
        raise RequestError("config key 'runs' is empty", "give runs=<dir>,<dir>")
    read_rubric(checked.rubric)
    return checked


def _rater_names(value: object) -> list[str]:
    """Return names, each fit for a file name; a number n means rater1 … rater<n>."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = [f"rater{number}" for number in range(1, value + 1)]
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, list) else []
    names = [unicodedata.normalize("NFC", str(name).strip()) for name in parts]
    if not names:
        raise RequestError("config key 'raters' names nobody", "give a number, or names: raters=가람,나래")
    for name in names:
        if not re.fullmatch(r"\w[\w .-]{0,39}", name):
            raise RequestError(f"config key 'raters': '{name}' is no name", "use letters, digits, blanks, '.' and '-'")
        if [other.casefold() for other in names].count(name.casefold()) > 1:
            raise RequestError(f"config key 'raters': '{name}' occurs twice", "give each rater a name of their own")
    return names


def run(settings: SheetMakeSettings) -> Outcome:
    """Make the sheets in settings.out. RequestError when it holds another round."""
    files = [_predictions_file(Path(path)) for path in settings.runs]
    names = labels([str(f.parent if f.name == _PREDICTIONS else f) for f in files])
    inputs = {f"runs[{i}]": file for i, file in enumerate(files)}
    request = {**request_of(settings), "runs": names}
    _refuse_to_replace(Path(settings.out), request)
    work = lambda stage: _work(stage, settings, dict(zip(names, files, strict=True)))  # noqa: E731
    return run_stage("sheet-make", Path(settings.out), request, inputs, work)


def _refuse_to_replace(out: Path, request: Mapping[str, Any]) -> None:
    """Refuse to replace sheets that may be handed out, or filled in where they are.

    Only their key can tell what is on them.
    """
    manifest = read_manifest(out)
    if manifest is None or manifest.stage != "sheet-make":
        return
    for name, entry in manifest.files.items():
        if (out / name).is_file() and sha256_file(out / name) != entry.sha256:
            cure = "move it away, or give another out="
            raise RequestError(f"{out / name}: was changed since it was made, perhaps filled in", cure)
    if dict(manifest.request) != request:
        raise RequestError(f"{out}: holds another round of sheets", "give another out=; its key belongs to its sheets")


def _predictions_file(path: Path) -> Path:
    return path / _PREDICTIONS if path.is_dir() else path


def _work(stage: StageRun, settings: SheetMakeSettings, files: Mapping[str, Path]) -> None:
    runs = {name: {p.id: p for p in read_predictions(file)} for name, file in files.items()}
    rubric = read_rubric(settings.rubric)
    items = _items(runs, files, settings, stage)
    texts = {(name, i): _cell_answer(predictions[i]) for name, predictions in runs.items() for i in items}
    round_id = _round_id(texts, items, rubric, settings)
    rows = _rows(list(items.values()), len(runs), settings, f"{settings.seed}:{round_id}")
    key, sheets = _key(rows, settings, rubric, round_id, items, texts, files)
    overflowing = 0
    for rater in settings.raters:
        sheet_files = make_sheet(sheets[rater], rubric, rater, round_id)
        overflowing = max(overflowing, sheet_files.overflowing)
        for suffix, content in (("xlsx", sheet_files.xlsx), ("csv", sheet_files.csv)):
            with atomic_path(stage.add(f"sheets/{rater}.{suffix}", len(sheets[rater]))) as temporary:
                temporary.write_bytes(content)
    write_json(stage.add(NAME, len(key.rows)), key.to_json())
    stage.seeds["sheets"] = settings.seed
    stage.counts |= _counts(key, texts, overflowing)
    _report_counts(stage.counts, settings)


def _items(
    runs: Mapping[str, Mapping[str, Prediction]],
    files: Mapping[str, Path],
    settings: SheetMakeSettings,
    stage: StageRun,
) -> dict[str, dict[str, str]]:
    """Sample the examples: {id: {"question", "group"}}."""
    first = next(iter(runs.values()))
    common = {i: group_of(p) for i, p in first.items() if all(i in predictions for predictions in runs.values())}
    if not common:
        cure = "give runs on the same input"
        raise RequestError(f"{' and '.join(map(str, files.values()))}: no example id is in all of them", cure)
    if len(common) < max(map(len, runs.values())):
        say(f"sheet make: {len(common):,} examples are in all runs; the others are left out")
    if settings.items is not None and settings.items > len(common):
        say(f"sheet make: items={settings.items}, but only {len(common)} examples are in all runs: all are taken")
    sampled = sample_items(common, settings.items, settings.seed)
    stage.counts["common_examples"] = len(common)
    return {i: {"question": _question(i, runs, files), "group": common[i]} for i in sampled}


def _question(i: str, runs: Mapping[str, Mapping[str, Prediction]], files: Mapping[str, Path]) -> str:
    """Return the question of all runs; the prompt only where there is none.

    A prompt would tell the raters its format.
    """
    questions = {
        str(predictions[i].meta["question"]) for predictions in runs.values() if predictions[i].meta.get("question")
    }
    questions = questions or {predictions[i].prompt or "" for predictions in runs.values()}
    if len(questions) != 1 or "" in questions:
        file = next(iter(files.values()))
        what = "no question" if "" in questions else "different questions in the runs"
        raise RequestError(f"{file}: example '{i}': {what}", "write the question into meta.question in each run")
    return sanitize(questions.pop()).text


def _cell_answer(prediction: Prediction) -> CellText:
    cell_text = sanitize(prediction.prediction)
    return cell_text if cell_text.text.strip() else CellText(_EMPTY_ANSWER, cell_text.altered, cell_text.cut)


def _round_id(
    texts: Mapping[tuple[str, str], CellText], items: Mapping[str, Any], rubric: Rubric, settings: SheetMakeSettings
) -> str:
    """Return eight letters of this round; other texts, raters or settings change them."""
    content = [[*key, text.text] for key, text in texts.items()]
    request = {**request_of(settings), "runs": [], "rubric": rubric.to_json()}
    rng = random.Random(sha256_json([content, dict(items), request]))
    return "".join(rng.choices(_LETTERS, k=8))


def _rows(
    items: Sequence[Mapping[str, str]], runs: int, settings: SheetMakeSettings, seed: str
) -> list[list[Assignment]]:
    """Return each rater's rows; `seed` holds the round: no key tells the next order."""
    questions = [item["question"] for item in items]
    raters = len(settings.raters)
    items_of_rater = assign_items(len(items), runs, raters, settings.per_rater, settings.duplicates, seed)
    rows_of_rater = [
        order_rows(rater_items, runs, rater, questions, seed) for rater, rater_items in enumerate(items_of_rater)
    ]
    return [
        add_repeats(rater_items, settings.duplicates, rater, seed) for rater, rater_items in enumerate(rows_of_rater)
    ]


def _key(
    rows: Sequence[Sequence[Assignment]],
    settings: SheetMakeSettings,
    rubric: Rubric,
    round_id: str,
    items: Mapping[str, Mapping[str, str]],
    texts: Mapping[tuple[str, str], CellText],
    files: Mapping[str, Path],
) -> tuple[Key, dict[str, list[SheetRow]]]:
    codes = _codes(sum(map(len, rows)), round_id)
    ids, runs = list(items), list(files)
    key_rows: list[KeyRow] = []
    sheets: dict[str, list[SheetRow]] = {}
    for rater, showings in zip(settings.raters, rows, strict=True):
        first: dict[tuple[int, int], str] = {}
        for position, row in enumerate(showings, start=1):
            code, example, name = codes.pop(), ids[row.item], runs[row.run]
            text, question = texts[name, example].text, items[example]["question"]
            before = first.get((row.item, row.run)) if row.is_repeat else None
            first.setdefault((row.item, row.run), code)
            key_rows.append(KeyRow(code, rater, position, name, example, digest(question), digest(text), before))
            sheets.setdefault(rater, []).append(SheetRow(code, question, text))
    hashes = {name: sha256_file(file) for name, file in files.items()}
    return Key(round_id, rubric, tuple(settings.raters), hashes, items, tuple(key_rows)), sheets


def _codes(count: int, round_id: str) -> list[str]:
    """Return different codes of six letters in an order that tells nothing."""
    rng = random.Random(round_id)
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes["".join(rng.choices(_LETTERS, k=6))] = None
    return list(codes)


def _counts(key: Key, texts: Mapping[tuple[str, str], CellText], overflowing: int) -> dict[str, Any]:
    return {
        "items": len(key.items),
        "texts": len(texts),
        "rows": len(key.rows),
        "raters_a_text": round(sum(row.duplicate_of is None for row in key.rows) / len(texts), 3),
        "altered_texts": sum(bool(t.altered) for t in texts.values()),
        "cut_texts": sum(bool(t.cut) for t in texts.values()),
        "overflowing_rows": overflowing,
    }


def _report_counts(counts: Mapping[str, Any], settings: SheetMakeSettings) -> None:
    rows = counts["rows"] / len(settings.raters)
    say(f"sheet make: {counts['items']} items, {rows:,.0f} texts a rater, {counts['raters_a_text']:g} raters a text")
    if counts["raters_a_text"] < 2:
        say("sheet make: one rater a text: their agreement cannot be told; give more raters, or raise per_rater")
    if counts["cut_texts"]:
        say(f"sheet make: {counts['cut_texts']} texts are longer than a cell can be and are cut, with a note in them")
    if counts["altered_texts"]:
        say(f"sheet make: {counts['altered_texts']} texts held control characters, which are shown as ␀ or �")
    if tall := counts["overflowing_rows"]:
        say(f"sheet make: {tall} texts are taller than a row can be; raters read on in the edit line")
