"""`jaso sheet make`: blind, shuffled, balanced score sheets, and the key that tells who wrote what."""

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
from jaso_evaluate.human.cell_text import Shown, digest, shown
from jaso_evaluate.human.key import NAME, Key, KeyRow
from jaso_evaluate.human.make.assignment import Showing, deal, draw, order, repeat
from jaso_evaluate.human.make.workbook import SheetRow, make_sheet
from jaso_evaluate.human.rubric import Rubric, read_rubric
from jaso_evaluate.scoring.scorer import group_of, read_predictions

_PREDICTIONS = "predictions.jsonl"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of codes: without vowels there are no words, and without digits no dates and no 1E5."""

_NOTHING = "(빈 답변)"


@dataclass(frozen=True)
class SheetMakeSettings:
    """`runs`: folders with predictions.jsonl, or such files. `items`, `per_rater`: None for all. `rubric`: its node."""

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
    """Checks the configuration, the rubric included. `runs` and `raters` may be texts with commas."""
    config = dict(config if strict else pick(config, SheetMakeSettings))
    if isinstance(config.get("runs"), str) and config["runs"] != "???":
        config["runs"] = [part for part in config["runs"].split(",") if part]
    config["raters"] = _raters(config.get("raters"))
    checked = to_settings(config, SheetMakeSettings)
    if not checked.runs:
        raise RequestError("config key 'runs' is empty", "give runs=<dir>,<dir>")
    read_rubric(checked.rubric)
    return checked


def _raters(given: object) -> list[str]:
    """Names, each fit for a file's name. A number n stands for rater1 … rater<n>."""
    if isinstance(given, str) and given.strip().isdigit():
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool):
        given = [f"rater{number}" for number in range(1, given + 1)]
    names = given.split(",") if isinstance(given, str) else list(given) if isinstance(given, list) else []
    found = [unicodedata.normalize("NFC", str(name).strip()) for name in names]
    if not found:
        raise RequestError("config key 'raters' names nobody", "give a number, or names: raters=가람,나래")
    for name in found:
        if not re.fullmatch(r"\w[\w .-]{0,39}", name):
            raise RequestError(f"config key 'raters': '{name}' is no name", "use letters, digits, blanks, '.' and '-'")
        if [other.casefold() for other in found].count(name.casefold()) > 1:
            raise RequestError(f"config key 'raters': '{name}' occurs twice", "give each rater a name of their own")
    return found


def run(settings: SheetMakeSettings) -> Outcome:
    """Fills settings.out. RequestError when it holds a round already that other sheets would take the place of."""
    files = [_file(Path(path)) for path in settings.runs]
    names = labels([str(f.parent if f.name == _PREDICTIONS else f) for f in files])
    inputs = {f"runs[{i}]": file for i, file in enumerate(files)}
    request = {**request_of(settings), "runs": names}
    _refuse_to_replace(Path(settings.out), request)
    work = lambda stage: _work(stage, settings, dict(zip(names, files, strict=True)))  # noqa: E731
    return run_stage("sheet-make", Path(settings.out), request, inputs, work)


def _refuse_to_replace(out: Path, request: Mapping[str, Any]) -> None:
    """Sheets may have been handed out, or filled in where they lie: only their key can tell what is on them."""
    made = read_manifest(out)
    if made is None or made.stage != "sheet-make":
        return
    for name, entry in made.files.items():
        if (out / name).is_file() and sha256_file(out / name) != entry.sha256:
            cure = "move it away, or give another out="
            raise RequestError(f"{out / name}: was changed since it was made, perhaps filled in", cure)
    if dict(made.request) != request:
        raise RequestError(f"{out}: holds another round of sheets", "give another out=; its key belongs to its sheets")


def _file(path: Path) -> Path:
    return path / _PREDICTIONS if path.is_dir() else path


def _work(stage: StageRun, settings: SheetMakeSettings, files: Mapping[str, Path]) -> None:
    runs = {name: {p.id: p for p in read_predictions(file)} for name, file in files.items()}
    rubric = read_rubric(settings.rubric)
    items = _items(runs, files, settings, stage)
    texts = {(name, i): _shown_answer(found[i]) for name, found in runs.items() for i in items}
    round_id = _round(texts, items, rubric, settings)
    rows = _rows(list(items.values()), len(runs), settings, f"{settings.seed}:{round_id}")
    key, sheets = _key(rows, settings, rubric, round_id, items, texts, files)
    overflowing = 0
    for rater in settings.raters:
        made = make_sheet(sheets[rater], rubric, rater, round_id)
        overflowing = max(overflowing, made.overflowing)
        for suffix, content in (("xlsx", made.xlsx), ("csv", made.csv)):
            with atomic_path(stage.add(f"sheets/{rater}.{suffix}", len(sheets[rater]))) as temporary:
                temporary.write_bytes(content)
    write_json(stage.add(NAME, len(key.rows)), key.to_json())
    stage.seeds["sheets"] = settings.seed
    stage.counts |= _counts(key, texts, overflowing)
    _tell(stage.counts, settings)


def _items(
    runs: Mapping[str, Mapping[str, Prediction]],
    files: Mapping[str, Path],
    settings: SheetMakeSettings,
    stage: StageRun,
) -> dict[str, dict[str, str]]:
    """The examples that are drawn: {id: {"question", "group"}}."""
    first = next(iter(runs.values()))
    common = {i: group_of(p) for i, p in first.items() if all(i in found for found in runs.values())}
    if not common:
        cure = "give runs on the same input"
        raise RequestError(f"{' and '.join(map(str, files.values()))}: no example id is in all of them", cure)
    if len(common) < max(map(len, runs.values())):
        say(f"sheet make: {len(common):,} examples are in all runs; the others are left out")
    if settings.items is not None and settings.items > len(common):
        say(f"sheet make: items={settings.items}, but only {len(common)} examples are in all runs: all are taken")
    drawn = draw(common, settings.items, settings.seed)
    stage.counts["common_examples"] = len(common)
    return {i: {"question": _question(i, runs, files), "group": common[i]} for i in drawn}


def _question(i: str, runs: Mapping[str, Mapping[str, Prediction]], files: Mapping[str, Path]) -> str:
    """What all runs were asked. A prompt would tell the raters its format, so that it only serves where it is one."""
    asked = {str(found[i].meta["question"]) for found in runs.values() if found[i].meta.get("question")}
    asked = asked or {found[i].prompt or "" for found in runs.values()}
    if len(asked) != 1 or "" in asked:
        file = next(iter(files.values()))
        what = "no question" if "" in asked else "different questions in the runs"
        raise RequestError(f"{file}: example '{i}': {what}", "write the question into meta.question in each run")
    return shown(asked.pop()).text


def _shown_answer(prediction: Prediction) -> Shown:
    found = shown(prediction.prediction)
    return found if found.text.strip() else Shown(_NOTHING, found.altered, found.cut)


def _round(
    texts: Mapping[tuple[str, str], Shown], items: Mapping[str, Any], rubric: Rubric, settings: SheetMakeSettings
) -> str:
    """Eight letters that name this round: other texts, raters or settings have other ones."""
    content = [[*key, text.text] for key, text in texts.items()]
    request = {**request_of(settings), "runs": [], "rubric": rubric.to_json()}
    chance = random.Random(sha256_json([content, dict(items), request]))
    return "".join(chance.choices(_LETTERS, k=8))


def _rows(items: Sequence[Mapping[str, str]], runs: int, settings: SheetMakeSettings, seed: str) -> list[list[Showing]]:
    """`seed` holds the round: who saw the key of one round must not know the order of the next."""
    questions = [item["question"] for item in items]
    raters = len(settings.raters)
    dealt = deal(len(items), runs, raters, settings.per_rater, settings.duplicates, seed)
    ordered = [order(each, runs, rater, questions, seed) for rater, each in enumerate(dealt)]
    return [repeat(each, settings.duplicates, rater, seed) for rater, each in enumerate(ordered)]


def _key(
    rows: Sequence[Sequence[Showing]],
    settings: SheetMakeSettings,
    rubric: Rubric,
    round_id: str,
    items: Mapping[str, Mapping[str, str]],
    texts: Mapping[tuple[str, str], Shown],
    files: Mapping[str, Path],
) -> tuple[Key, dict[str, list[SheetRow]]]:
    codes = _codes(sum(map(len, rows)), round_id)
    ids, runs = list(items), list(files)
    found: list[KeyRow] = []
    sheets: dict[str, list[SheetRow]] = {}
    for rater, showings in zip(settings.raters, rows, strict=True):
        first: dict[tuple[int, int], str] = {}
        for position, row in enumerate(showings, start=1):
            code, example, name = codes.pop(), ids[row.item], runs[row.run]
            text, question = texts[name, example].text, items[example]["question"]
            before = first.get((row.item, row.run)) if row.again else None
            first.setdefault((row.item, row.run), code)
            found.append(KeyRow(code, rater, position, name, example, digest(question), digest(text), before))
            sheets.setdefault(rater, []).append(SheetRow(code, question, text))
    hashes = {name: sha256_file(file) for name, file in files.items()}
    return Key(round_id, rubric, tuple(settings.raters), hashes, items, tuple(found)), sheets


def _codes(count: int, round_id: str) -> list[str]:
    """Different codes of six letters in an order that tells nothing."""
    chance = random.Random(round_id)
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(_LETTERS, k=6))] = None
    return list(found)


def _counts(key: Key, texts: Mapping[tuple[str, str], Shown], overflowing: int) -> dict[str, Any]:
    return {
        "items": len(key.items),
        "texts": len(texts),
        "rows": len(key.rows),
        "raters_a_text": round(sum(row.duplicate_of is None for row in key.rows) / len(texts), 3),
        "altered_texts": sum(bool(t.altered) for t in texts.values()),
        "cut_texts": sum(bool(t.cut) for t in texts.values()),
        "overflowing_rows": overflowing,
    }


def _tell(counts: Mapping[str, Any], settings: SheetMakeSettings) -> None:
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
